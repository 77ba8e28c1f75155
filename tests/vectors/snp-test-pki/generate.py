#!/usr/bin/python3
"""Makes the test endorsement hierarchy of this folder: roots, endorsement keys, revocation lists and
reports signed by python3-cryptography, so that our own code is not its own oracle.

Certificates are assembled as DER by hand, because some of them are wrong on purpose and because
AMD's have serial number 0, which builders refuse. RSA keys are thrown away; the one EC key stays in
vek-key.pem. Every run makes new keys. usage: generate.py (writes into its own folder)
"""
import datetime
import pathlib
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

HERE = pathlib.Path(__file__).resolve().parent
AMD = "1.3.6.1.4.1.3704.1."
YEAR = lambda y: datetime.datetime(y, 1, 1)
HWID = bytes(range(0x40, 0x80))
HWID_TURIN = bytes.fromhex("1122334455667788")
TCB = {  # fmc, bootloader, tee, snp, microcode
    "Milan": (None, 4, 0, 24, 219),
    "Genoa": (None, 10, 0, 23, 25),
    "Turin": (1, 2, 3, 4, 200),
}
CPUID = {"Milan": (0x19, 0x01, 1), "Genoa": (0x19, 0x11, 1), "Turin": (0x1A, 0x02, 1)}


# --- DER ---------------------------------------------------------------------------------------
def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        head = bytes([size])
    else:
        raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(raw)]) + raw
    return bytes([tag]) + head + body


def seq(*parts):
    return tlv(0x30, *parts)


def integer(n):
    return tlv(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(dotted):
    arcs = [int(a) for a in dotted.split(".")]
    out = [arcs[0] * 40 + arcs[1]]
    for arc in arcs[2:]:
        chunk = [arc & 0x7F]
        while arc := arc >> 7:
            chunk.insert(0, 0x80 | (arc & 0x7F))
        out += chunk
    return tlv(0x06, bytes(out))


def name(common_name):
    return seq(tlv(0x31, seq(oid("2.5.4.3"), tlv(0x0C, common_name.encode()))))


def time(t):
    if t.year < 2050:
        return tlv(0x17, t.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, t.strftime("%Y%m%d%H%M%SZ").encode())


def bits(b):
    return tlv(0x03, b"\0", b)


def spki(key):
    return key.public_bytes(serialization.Encoding.DER,
                            serialization.PublicFormat.SubjectPublicKeyInfo)


SHA384 = seq(oid("2.16.840.1.101.3.4.2.2"), tlv(0x05))
PSS = seq(oid("1.2.840.113549.1.1.10"),
          seq(tlv(0xA0, SHA384), tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), SHA384)),
              tlv(0xA2, integer(48)), tlv(0xA3, integer(1))))


def extension(dotted, value, critical=False):
    return seq(oid(dotted), tlv(0x01, b"\xff") if critical else b"", tlv(0x04, value))


def sign(tbs, key):
    signature = key.sign(tbs, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())
    return seq(tbs, PSS, bits(signature))


def certificate(subject, public, issuer, issuer_key, serial, extensions, start, end):
    tbs = seq(tlv(0xA0, integer(2)), integer(serial), PSS, name(issuer),
              seq(time(start), time(end)), name(subject), spki(public),
              tlv(0xA3, seq(*extensions)))
    return sign(tbs, issuer_key)


def authority(subject, public, issuer, issuer_key, serial, ca=True):
    constraints = seq(tlv(0x01, b"\xff")) if ca else seq()
    return certificate(subject, public, issuer, issuer_key, serial,
                       [extension("2.5.29.19", constraints, critical=True),
                        extension("2.5.29.15", tlv(0x03, b"\x01\x06"), critical=True)],
                       YEAR(2020), YEAR(2045))


def crl(issuer, key, serials, start, end):
    revoked = [seq(integer(s), time(YEAR(2025))) for s in serials]
    return sign(seq(integer(1), PSS, name(issuer), time(start), time(end),
                    *([seq(*revoked)] if revoked else [])), key)


# --- endorsement keys --------------------------------------------------------------------------
def spl_extensions(product, tcb):
    fmc, bootloader, tee, snp, microcode = tcb
    parts = [("3.1", bootloader), ("3.2", tee), ("3.3", snp), ("3.8", microcode)]
    parts += [("3.5", 0), ("3.6", 0), ("3.7", 0)]
    if fmc is None:
        parts.append(("3.4", 0))
    else:
        parts.append(("3.9", fmc))
    return [extension(AMD + suffix, integer(n)) for suffix, n in parts]


def vek_extensions(product, tcb=None, product_name=None, hwid=None, csp=None):
    version = 1 if product == "Turin" else 0
    out = [extension(AMD + "1", integer(version)),
           extension(AMD + "2", tlv(0x16, (product_name or product).encode()))]
    out += spl_extensions(product, tcb or TCB[product])
    if hwid is not None:
        out.append(extension(AMD + "4", hwid))
    if csp is not None:
        out.append(extension(AMD + "5", tlv(0x16, csp)))
    return out


# --- reports -----------------------------------------------------------------------------------
def tcb_bytes(product, tcb):
    fmc, bootloader, tee, snp, microcode = tcb
    if product == "Turin":
        return bytes([fmc, bootloader, tee, snp, 0, 0, 0, microcode])
    return bytes([bootloader, tee, 0, 0, 0, 0, snp, microcode])


def report(key, product, version, chip_id):
    out = bytearray(0x4A0)
    struct.pack_into("<IIQ", out, 0, version, 7, 0x30000 | 0x0102)
    out[0x10:0x20] = b"F" * 16
    out[0x20:0x30] = b"I" * 16
    struct.pack_into("<II", out, 0x30, 0, 1)
    for at in (0x38, 0x180, 0x1E0, 0x1F0):
        out[at:at + 8] = tcb_bytes(product, TCB[product])
    struct.pack_into("<QI", out, 0x40, 0x25, 0)
    out[0x50:0x90] = bytes(range(64))
    out[0x90:0xC0] = b"M" * 48
    out[0xC0:0xE0] = b"H" * 32
    out[0x1A0:0x1A0 + len(chip_id)] = chip_id
    out[0x188:0x18B] = bytes(CPUID[product])
    out[0x1E8:0x1EB] = bytes([40, 55, 1])
    out[0x1EC:0x1EF] = bytes([39, 55, 1])
    if version >= 5:
        struct.pack_into("<QQ", out, 0x1F8, 0x0B, 0x1B)
    r, s = utils.decode_dss_signature(key.sign(bytes(out[:0x2A0]), ec.ECDSA(hashes.SHA384())))
    out[0x2A0:0x2E8] = r.to_bytes(72, "little")
    out[0x2E8:0x330] = s.to_bytes(72, "little")
    return bytes(out)


def pem(der):
    import base64
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = "\n".join(body[i:i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def write(filename, data):
    (HERE / filename).write_bytes(data if isinstance(data, bytes) else data.encode())


def rsa_key():
    return rsa.generate_private_key(65537, 3072)


def main():
    vek = ec.generate_private_key(ec.SECP384R1())
    write("vek-key.pem", vek.private_bytes(serialization.Encoding.PEM,
                                           serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    keys = {}
    for n, product in enumerate(TCB):
        ark, ask, asvk = rsa_key(), rsa_key(), rsa_key()
        keys[product] = (ark, ask, asvk)
        low = product.lower()
        base = 0x10000 * (n + 1)
        ark_name, ask_name, asvk_name = (f"ARK-{product}", f"SEV-{product}", f"SEV-VLEK-{product}")
        ark_der = authority(ark_name, ark.public_key(), ark_name, ark, base)
        ask_der = authority(ask_name, ask.public_key(), ark_name, ark, base + 1)
        asvk_der = authority(asvk_name, asvk.public_key(), ark_name, ark, base + 0x101)
        write(f"roots-{low}.pem", pem(ask_der) + pem(ark_der) + pem(asvk_der))
        write(f"ark-{low}.der", ark_der)
        write(f"ask-{low}.der", ask_der)
        write(f"asvk-{low}.der", asvk_der)

    def leaf(filename, product, issuer="ask", key=None, start=YEAR(2024), end=YEAR(2044),
             subject="SEV-VCEK", extra=(), **kwargs):
        issuer_key = keys[product][1 if issuer == "ask" else 2]
        issuer_name = f"SEV-{product}" if issuer == "ask" else f"SEV-VLEK-{product}"
        write(filename, certificate(subject, (key or vek).public_key(), issuer_name, issuer_key, 0,
                                    vek_extensions(product, **kwargs) + list(extra), start, end))

    csp = b"CN=test.example"
    leaf("vcek-milan.der", "Milan", product_name="Milan-B0", hwid=HWID)
    leaf("vcek-genoa.der", "Genoa", hwid=HWID)
    leaf("vcek-turin.der", "Turin", hwid=HWID_TURIN)
    leaf("vlek-milan.der", "Milan", issuer="asvk", subject="SEV-VLEK", csp=csp)
    leaf("vlek-genoa-expired.der", "Genoa", issuer="asvk", subject="SEV-VLEK", csp=csp,
         end=YEAR(2025))
    leaf("vcek-genoa-expired.der", "Genoa", hwid=HWID, end=YEAR(2025))
    leaf("vcek-genoa-future.der", "Genoa", hwid=HWID, start=YEAR(2040))
    leaf("vcek-genoa-octet.der", "Genoa", hwid=tlv(0x04, HWID))
    leaf("vcek-genoa-other-chip.der", "Genoa", hwid=bytes(reversed(HWID)))
    leaf("vcek-genoa-short-hwid.der", "Genoa", hwid=HWID_TURIN)
    leaf("vcek-genoa-odd-hwid.der", "Genoa", hwid=HWID[:40])
    leaf("vcek-genoa-both.der", "Genoa", hwid=HWID, csp=csp)
    leaf("vcek-genoa-neither.der", "Genoa")
    leaf("vcek-genoa-repeated.der", "Genoa", hwid=HWID, extra=[extension(AMD + "3.1", integer(10))])
    leaf("vcek-genoa-wide-spl.der", "Genoa", hwid=HWID, tcb=(None, 10, 0, 256, 25))
    leaf("vcek-genoa-named-milan.der", "Genoa", hwid=HWID, product_name="Milan-B0")
    leaf("vcek-genoa-named-siena.der", "Genoa", hwid=HWID, product_name="Siena-A0")
    leaf("vcek-genoa-p256.der", "Genoa", hwid=HWID, key=ec.generate_private_key(ec.SECP256R1()))
    leaf("vcek-turin-without-fmc.der", "Turin", hwid=HWID_TURIN, tcb=(None, 2, 3, 4, 200))
    leaf("vcek-genoa-with-fmc.der", "Genoa", hwid=HWID, tcb=(1, 10, 0, 23, 25))

    ark, ask, _ = keys["Genoa"]
    write("ask-genoa-not-ca.der",
          authority("SEV-Genoa", ask.public_key(), "ARK-Genoa", ark, 0x20001, ca=False))
    foreign = rsa_key()
    write("ark-genoa-foreign.der",
          authority("ARK-Genoa", foreign.public_key(), "ARK-Genoa", foreign, 0x20000))
    write("crl-genoa-clean.der", crl("ARK-Genoa", ark, [], YEAR(2024), YEAR(2044)))
    write("crl-genoa-revoked.der", crl("ARK-Genoa", ark, [0x20001], YEAR(2024), YEAR(2044)))
    write("crl-genoa-expired.der", crl("ARK-Genoa", ark, [], YEAR(2024), YEAR(2025)))
    write("crl-genoa-forged.der", crl("ARK-Genoa", foreign, [], YEAR(2024), YEAR(2044)))
    write("crl-milan-clean.der", crl("ARK-Milan", keys["Milan"][0], [], YEAR(2024), YEAR(2044)))

    write("report-turin-v5.bin", report(vek, "Turin", 5, HWID_TURIN))
    write("report-genoa-v3.bin", report(vek, "Genoa", 3, HWID))
    write("report-milan-v4.bin", report(vek, "Milan", 4, HWID))


if __name__ == "__main__":
    main()
