#!/usr/bin/python3
"""Shows what our builders of TPM and Azure test hardware write to tpm2-tools, python3-cryptography and dcap-qvl.

usage: check.py AZURE_TOOL VCEK CARGO_TARGET_DIR

The TD's quote inside the Azure evidence is judged by the crate `dcap-qvl` (../dcap).
"""
import base64
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

HERE = pathlib.Path(__file__).resolve().parent
NONCE = bytes([0xA5]) * 32


def b64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sized(data: bytes, at: int) -> tuple:
    (size,) = struct.unpack_from(">H", data, at)
    return data[at + 2:at + 2 + size], at + 2 + size


def quote_of(message: bytes) -> tuple:
    """Nonce, selection and digest of a TPMS_ATTEST."""
    assert message[:6] == bytes.fromhex("ff5443478018")
    _, at = sized(message, 6)
    nonce, at = sized(message, at)
    at += 17 + 8
    selection = message[at:at + 10]
    digest, at = sized(message, at + 10)
    assert at == len(message)
    return nonce, selection, digest


def check_quote(directory: pathlib.Path, name: str):
    """tpm2-tools read our public area and take our quote; so does python3-cryptography."""
    base = directory / name
    done = subprocess.run(["tpm2_checkquote", "-Q", "-u", f"{base}.tpm2b_public", "-m", f"{base}.msg", "-s", f"{base}.sig",
                           "-q", NONCE.hex(), "-g", "sha256"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    refused = subprocess.run(["tpm2_checkquote", "-Q", "-u", f"{base}.tpm2b_public", "-m", f"{base}.msg", "-s", f"{base}.sig",
                              "-q", "00" * 32, "-g", "sha256"], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    printed = subprocess.run(["tpm2_print", "-t", "TPM2B_PUBLIC", f"{base}.tpm2b_public"], capture_output=True, text=True,
                             check=True).stdout
    for word in ("fixedtpm", "fixedparent", "sensitivedataorigin", "restricted", "sign"):
        assert word in printed, printed
    evidence = json.loads((directory / f"{name}.json").read_text())
    message = base64.b64decode(evidence["tpm_quote"]["message"], validate=True)
    nonce, selection, digest = quote_of(message)
    assert nonce == NONCE and selection == bytes.fromhex("00000001000b03ffffff")
    assert digest == hashlib.sha256(b"".join(map(bytes.fromhex, evidence["tpm_quote"]["pcrs"]))).digest()
    key = serialization.load_der_public_key(base64.b64decode(evidence["ak_public"], validate=True))
    signature = base64.b64decode(evidence["tpm_quote"]["signature"], validate=True)
    if isinstance(key, rsa.RSAPublicKey):
        assert signature[:6] == bytes.fromhex("0014000b0100")
        key.verify(signature[6:], message, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert signature[:4] == bytes.fromhex("0018000b")
        r, at = sized(signature, 4)
        s, at = sized(signature, at)
        assert at == len(signature)
        der = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        key.verify(der, message, ec.ECDSA(hashes.SHA256()))


def azure_parts(evidence: dict, kind: int) -> tuple:
    """Hardware report and variable data of the HCL report."""
    hcl = b64u(evidence["hcl_report"])
    signature, _, size, request, _ = struct.unpack_from("<IIIII", hcl, 0)
    data_size, version, hardware, digest_kind, variable_size = struct.unpack_from("<IIIII", hcl, 0x4C0)
    assert (signature, request, version, hardware, digest_kind) == (0x414C4348, 2, 1, kind, 1)
    assert data_size == 20 + variable_size and size == 0x4C0 + data_size
    return hcl[0x20:0x20 + 1184], hcl[0x4D4:0x4D4 + variable_size]


def check_vtpm_quote(directory: pathlib.Path, evidence: dict, variable: bytes):
    """The quote is signed by the key of the variable data; tpm2-tools and python3-cryptography say so."""
    document = json.loads(variable)
    assert document["user-data"] == (NONCE + bytes(32)).hex().upper()
    jwk = next(key for key in document["keys"] if key["kid"] == "HCLAkPub")
    ak = rsa.RSAPublicNumbers(int.from_bytes(b64u(jwk["e"]), "big"), int.from_bytes(b64u(jwk["n"]), "big")).public_key()
    message = bytes.fromhex(evidence["tpm_quote"]["message"])
    signature = bytes.fromhex(evidence["tpm_quote"]["signature"])
    ak.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    nonce, selection, digest = quote_of(message)
    assert nonce == NONCE and selection == bytes.fromhex("00000001000b03ffffff")
    assert digest == hashlib.sha256(b"".join(map(bytes.fromhex, evidence["tpm_quote"]["pcrs"]))).digest()
    base = directory / "vtpm"
    base.with_suffix(".msg").write_bytes(message)
    base.with_suffix(".sig").write_bytes(bytes.fromhex("0014000b0100") + signature)
    base.with_suffix(".pem").write_bytes(ak.public_bytes(serialization.Encoding.PEM,
                                                         serialization.PublicFormat.SubjectPublicKeyInfo))
    for nonce, wanted in ((NONCE, True), (bytes(32), False)):
        done = subprocess.run(["tpm2_checkquote", "-Q", "-u", f"{base}.pem", "-m", f"{base}.msg", "-s", f"{base}.sig",
                               "-q", nonce.hex(), "-g", "sha256"], capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == wanted, done.stderr


def check_azure_snp(directory: pathlib.Path, vcek: pathlib.Path):
    evidence = json.loads((directory / "az-snp.json").read_text())
    report, variable = azure_parts(evidence, 2)
    assert report[0x50:0x90] == hashlib.sha256(variable).digest() + bytes(32)
    check_vtpm_quote(directory, evidence, variable)
    r, s = (int.from_bytes(report[at:at + 72], "little") for at in (0x2A0, 0x2E8))
    assert b64u(evidence["vcek"]) == vcek.read_bytes()
    key = x509.load_der_x509_certificate(vcek.read_bytes()).public_key()
    key.verify(utils.encode_dss_signature(r, s), report[:0x2A0], ec.ECDSA(hashes.SHA384()))


def check_td_report(report: bytes, body: bytes):
    """The TDREPORT, by the offsets of Intel's structures, against the body of the quote of version 4."""
    assert report[:16] == bytes([0x81]) + bytes(15) and not any(report[1024:])
    info, td = report[256:256 + 239], report[512:1024]
    assert report[32:80] == hashlib.sha384(info).digest() and report[80:128] == hashlib.sha384(td).digest()
    assert report[128:192] == body[520:584]        # REPORTDATA
    assert info[8:128] == body[:120]               # TEE_TCB_SVN, MRSEAM, MRSIGNERSEAM, ATTRIBUTES
    assert td[:400] == body[120:520]               # ATTRIBUTES, XFAM, MRTD … RTMR3


def check_azure_tdx(directory: pathlib.Path, oracle: pathlib.Path):
    base = directory / "az-tdx"
    evidence = json.loads(base.with_suffix(".json").read_text())
    report, variable = azure_parts(evidence, 4)
    quote = b64u(evidence["td_quote"])
    assert struct.unpack_from("<HHI", quote) == (4, 2, 0x81)
    assert quote[48 + 520:48 + 584] == hashlib.sha256(variable).digest() + bytes(32)
    check_td_report(report, quote[48:48 + 584])
    check_vtpm_quote(directory, evidence, variable)
    now = base.with_suffix(".now").read_text()
    changed = bytearray(quote)
    changed[48 + 136] ^= 1  # MRTD
    lines = ""
    for name, data in (("good", quote), ("changed", bytes(changed))):
        (directory / f"{name}.quote").write_bytes(data)
        lines += f"{base}.root.der {directory}/{name}.quote {base}.collateral.json {now}\n"
    said = subprocess.run([oracle], input=lines, text=True, capture_output=True, check=True, timeout=60).stdout
    good, bad = said.splitlines()
    assert good.startswith("ok UpToDate"), good
    assert bad.startswith("bad"), bad


def main() -> int:
    tool, vcek, target = sys.argv[1:]
    subprocess.run(["cargo", "build", "--locked", "--release", "--quiet", "--manifest-path",
                    str(HERE.parent / "dcap" / "Cargo.toml"), "--target-dir", target], check=True)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        subprocess.run([tool, name, vcek], check=True)
        for kind in ("rsa", "ecc"):
            check_quote(directory, kind)
        check_azure_snp(directory, pathlib.Path(vcek))
        check_azure_tdx(directory, pathlib.Path(target) / "release" / "dcap-oracle")
    print("tpm2-tools, python3-cryptography and dcap-qvl take two quotes and two Azure evidences")
    return 0


if __name__ == "__main__":
    sys.exit(main())
