#!/usr/bin/python3
"""Makes the keys, certificates, lists and ECDSA cases of this folder. Needs python3-cryptography and
the openssl program; run inside the folder. Everything is made anew, so expected.txt, ecdsa_cases.txt
and the files belong together."""
import datetime
import hashlib
import pathlib
import subprocess

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(".")
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PLAIN = serialization.NoEncryption()
EXPECTED = []


def put(name, data):
    (HERE / name).write_bytes(data)


def note(name, field, data):
    EXPECTED.append(f"{name} {field} {data.hex()}")


def spki(key, encoding=DER):
    return key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


# ---- keys

def note_ec(name, pub):
    n, size = pub.public_numbers(), (pub.curve.key_size + 7) // 8
    note(name, "x", n.x.to_bytes(size, "big"))
    note(name, "y", n.y.to_bytes(size, "big"))
    note(name, "spki", spki(pub))


def big(n):
    return n.to_bytes((n.bit_length() + 7) // 8, "big")


def make_keys():
    formats = serialization.PrivateFormat
    for name, curve in [("p256", ec.SECP256R1()), ("p384", ec.SECP384R1()), ("p521", ec.SECP521R1())]:
        key = ec.generate_private_key(curve)
        put(f"{name}.pkcs8.pem", key.private_bytes(PEM, formats.PKCS8, PLAIN))
        put(f"{name}.sec1.pem", key.private_bytes(PEM, formats.TraditionalOpenSSL, PLAIN))
        put(f"{name}.spki.pem", spki(key.public_key(), PEM))
        put(f"{name}.compressed.der", compressed(key.public_key()))
        note_ec(name, key.public_key())
        message = b"signed by another implementation"
        digest = {"p256": hashes.SHA256(), "p384": hashes.SHA384(), "p521": hashes.SHA512()}[name]
        r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
        size = (curve.key_size + 7) // 8
        note(name, "signature", r.to_bytes(size, "big") + s.to_bytes(size, "big"))
        peer = ec.generate_private_key(curve)
        note_ec(name + "-peer", peer.public_key())
        note(name, "shared", key.exchange(ec.ECDH(), peer.public_key()))
        # A key pair of which the public half belongs to another private key.
        wrong = key.private_bytes(DER, formats.PKCS8, PLAIN).replace(
            key.public_key().public_bytes(serialization.Encoding.X962,
                                          serialization.PublicFormat.UncompressedPoint),
            peer.public_key().public_bytes(serialization.Encoding.X962,
                                           serialization.PublicFormat.UncompressedPoint))
        put(f"{name}.mismatched.pem", pem("PRIVATE KEY", wrong))
    key = rsa.generate_private_key(65537, 2048)
    put("rsa2048.pkcs8.pem", key.private_bytes(PEM, formats.PKCS8, PLAIN))
    put("rsa2048.pkcs1.pem", key.private_bytes(PEM, formats.TraditionalOpenSSL, PLAIN))
    put("rsa2048.encrypted.pem", key.private_bytes(PEM, formats.PKCS8,
                                                   serialization.BestAvailableEncryption(b"x")))
    put("rsa2048.encrypted1.pem", key.private_bytes(PEM, formats.TraditionalOpenSSL,
                                                    serialization.BestAvailableEncryption(b"xxxx")))
    put("rsa2048.spki.pem", spki(key.public_key(), PEM))
    put("rsa2048.public-pkcs1.pem",
        key.public_key().public_bytes(PEM, serialization.PublicFormat.PKCS1))
    note("rsa2048", "n", big(key.public_key().public_numbers().n))
    note("rsa2048", "e", big(key.public_key().public_numbers().e))
    note("rsa2048", "spki", spki(key.public_key()))
    message = b"signed by another implementation"
    for bits, h in [(256, hashes.SHA256()), (384, hashes.SHA384()), (512, hashes.SHA512())]:
        note("rsa2048", f"rs{bits}", key.sign(message, padding.PKCS1v15(), h))
        note("rsa2048", f"ps{bits}", key.sign(
            message, padding.PSS(padding.MGF1(h), h.digest_size), h))
    note("rsa2048", "ps256-salt-20", key.sign(
        message, padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256()))
    put("rsa2048.pss-sha384.pem", pem("PUBLIC KEY", restricted_to_pss_sha384(key.public_key())))
    make_lists_of_rsa(key)
    public = key.public_key()
    secret = bytes([11]) * 32
    note("rsa2048", "oaep256", public.encrypt(
        secret, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)))
    note("rsa2048", "oaep1", public.encrypt(
        secret, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)))
    note("rsa2048", "pkcs1", public.encrypt(secret, padding.PKCS1v15()))
    key = ed25519.Ed25519PrivateKey.generate()
    put("ed25519.pkcs8.pem", key.private_bytes(PEM, formats.PKCS8, PLAIN))
    put("ed25519.spki.pem", spki(key.public_key(), PEM))
    note("ed25519", "key", key.public_key().public_bytes(serialization.Encoding.Raw,
                                                         serialization.PublicFormat.Raw))
    note("ed25519", "signature", key.sign(message))
    key = ec.generate_private_key(ec.SECP256K1())
    put("k256.pkcs8.pem", key.private_bytes(PEM, formats.PKCS8, PLAIN))
    put("k256.spki.pem", spki(key.public_key(), PEM))
    openssl("ecparam -name prime256v1 -genkey -out p256.with-parameters.pem")
    openssl("ecparam -name prime256v1 -genkey -noout -param_enc explicit -out p256.explicit.pem")
    openssl("ec -in p256.explicit.pem -param_enc explicit -pubout -out p256.explicit-public.pem")
    openssl("genpkey -algorithm x25519 -out x25519.pkcs8.pem")
    openssl("pkey -in x25519.pkcs8.pem -pubout -out x25519.spki.pem")


def openssl(arguments):
    subprocess.run(["openssl"] + arguments.split(), check=True, stderr=subprocess.DEVNULL)


def pem(label, der):
    import base64
    text = base64.encodebytes(der).replace(b"\n", b"")
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (
        label.encode(), b"\n".join(lines), label.encode())


def compressed(pub):
    """SubjectPublicKeyInfo with the compressed point."""
    uncompressed = pub.public_bytes(serialization.Encoding.X962,
                                    serialization.PublicFormat.UncompressedPoint)
    point = pub.public_bytes(serialization.Encoding.X962,
                             serialization.PublicFormat.CompressedPoint)
    der = spki(pub)
    algorithm = der[der.index(b"\x30", 1):der.index(b"\x03", len(der) - len(uncompressed) - 4)]
    body = algorithm + tlv(3, b"\0" + point)
    return tlv(0x30, body)


def tlv(tag, body):
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    size = bytes([len(body)]) if len(body) < 128 else bytes([0x80 | len(length)]) + length
    return bytes([tag]) + size + body


def pss_algorithm(h):
    """AlgorithmIdentifier of RSASSA-PSS, salt as long as the digest. Of SHA-1 nothing is written but
    the salt's length, 20, which would be the default, too."""
    oid = {"sha1": "2b0e03021a", "sha384": "608648016503040202"}[h.name]
    digest = tlv(0x30, tlv(6, bytes.fromhex(oid)) + b"\x05\0")
    mgf = tlv(0x30, tlv(6, bytes.fromhex("2a864886f70d010108")) + digest)
    named = tlv(0xa0, digest) + tlv(0xa1, mgf) if h.name != "sha1" else b""
    parameters = tlv(0x30, named + tlv(0xa2, tlv(2, bytes([h.digest_size]))))
    return tlv(0x30, tlv(6, bytes.fromhex("2a864886f70d01010a")) + parameters)


def restricted_to_pss_sha384(pub):
    """SubjectPublicKeyInfo of a key for RSASSA-PSS with SHA-384 alone."""
    pkcs1 = pub.public_bytes(DER, serialization.PublicFormat.PKCS1)
    return tlv(0x30, pss_algorithm(hashes.SHA384()) + tlv(3, b"\0" + pkcs1))


def make_lists_of_rsa(key):
    for name, h in [("sha1", hashes.SHA1()), ("sha384", hashes.SHA384())]:
        crl(f"crl-rsa-{name}", Ca("RSA", key, h), [])
        der = (HERE / f"crl-rsa-{name}.der").read_bytes()
        tbs, _ = taken_apart(der)
        # Within the list stands the algorithm once more, after the version.
        plain = {"sha1": "2a864886f70d010105", "sha384": "2a864886f70d01010c"}[name]
        plain = tlv(0x30, tlv(6, bytes.fromhex(plain)) + b"\x05\0")
        assert tbs.count(plain) == 1
        tbs = tlv(0x30, tbs.replace(plain, pss_algorithm(h)))
        signature = key.sign(tbs, padding.PSS(padding.MGF1(h), h.digest_size), h)
        made = tlv(0x30, tbs + pss_algorithm(h) + tlv(3, b"\0" + signature))
        put(f"crl-pss-{name}.pem", pem("X509 CRL", made))


# ---- certificates

BEGIN, END = datetime.datetime(2025, 1, 1), datetime.datetime(2035, 1, 1)


class Ca:
    def __init__(self, name, key=None, algorithm=hashes.SHA256()):
        self.name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test, Inc."),
                               x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.algorithm = algorithm


def certify(file, subject, issuer, begin=BEGIN, end=END, ca=True, path_length=None, ids=False,
            serial=None, extra=(), usage=None, constraints=True):
    builder = (x509.CertificateBuilder().subject_name(subject.name).issuer_name(issuer.name)
               .public_key(subject.key.public_key()).not_valid_before(begin).not_valid_after(end)
               .serial_number(serial or x509.random_serial_number()))
    if constraints:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    if ids:
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(subject.key.public_key()), False)
    for oid, value, critical in extra:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical)
    certificate = builder.sign(issuer.key, issuer.algorithm)
    put(file + ".pem", certificate.public_bytes(PEM))
    return certificate


def crl(file, issuer, revoked, extension=None, begin=BEGIN, end=datetime.datetime(2027, 1, 1)):
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.name).last_update(
        begin).next_update(end)
    for serial in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(begin).build())
    if extension is not None:
        builder = builder.add_extension(extension, critical=True)
    made = builder.sign(issuer.key, issuer.algorithm)
    put(file + ".pem", made.public_bytes(PEM))
    put(file + ".der", made.public_bytes(DER))


def make_certificates():
    root, int_a, int_b, leaf = Ca("Root"), Ca("Intermediate A"), Ca("Intermediate B"), Ca("Leaf")
    root_pem = certify("root", root, root)
    certify("int-a", int_a, root)
    certify("int-b", int_b, int_a)
    certify("leaf", leaf, int_b, ca=False, serial=0xabcdef0123)
    certify("leaf-of-root", leaf, root, ca=False, serial=0x1000)
    # The same name, another key, no key identifiers to tell them apart by.
    decoy_twin, decoy = Ca("Root"), Ca("Decoy")
    certify("decoy-twin", decoy_twin, decoy_twin)
    certify("decoy", decoy, decoy)
    certify("leaf-of-decoy", leaf, decoy, ca=False)
    certify("leaf-expired", leaf, root, ca=False, end=datetime.datetime(2026, 1, 1))
    certify("leaf-future", leaf, root, ca=False, begin=datetime.datetime(2030, 1, 1))
    certify("int-expired", int_a, root, end=datetime.datetime(2026, 1, 1))
    certify("root-expired", root, root, end=datetime.datetime(2026, 1, 1))
    no_ca = Ca("No CA")
    certify("no-ca", no_ca, root, ca=False)
    certify("no-constraints", no_ca, root, constraints=False)
    certify("leaf-of-no-ca", leaf, no_ca, ca=False)
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certify("no-cert-sign", no_ca, root, usage=usage)
    short, below = Ca("Path length 0"), Ca("Below")
    certify("path-0", short, root, path_length=0)
    certify("below-path-0", below, short)
    certify("leaf-below-path-0", leaf, below, ca=False)
    certify("leaf-critical", leaf, root, ca=False, extra=[("1.2.3.4.5", b"\x05\x00", True)])
    certify("leaf-extensions", leaf, root, ca=False,
            extra=[("1.2.3.4.5", bytes.fromhex("020107"), False), ("1.2.3.4.6", b"raw", False)])
    old, weak = Ca("SHA-1", algorithm=hashes.SHA1()), Ca("RSA 1024", rsa.generate_private_key(65537, 1024))
    certify("sha1-root", old, old)
    certify("leaf-of-sha1", leaf, old, ca=False)
    certify("weak-root", weak, weak)
    certify("leaf-of-weak", leaf, weak, ca=False)
    for file, key, algorithm in [("rsa", rsa.generate_private_key(65537, 2048), hashes.SHA384()),
                                 ("ed", ed25519.Ed25519PrivateKey.generate(), None),
                                 ("p384", ec.generate_private_key(ec.SECP384R1()), hashes.SHA384())]:
        other = Ca("Root " + file, key, algorithm)
        certify(f"{file}-root", other, other, ids=True)
        certify(f"leaf-of-{file}", leaf, other, ca=False, ids=True)
    note("root", "sha256", root_pem.fingerprint(hashes.SHA256()))
    crl("crl", root, [0x1000, 0x1001])
    crl("crl-empty", root, [])
    crl("crl-decoy", decoy, [0x1000])
    crl("crl-twin", decoy_twin, [])
    crl("crl-delta", root, [], x509.DeltaCRLIndicator(1))
    crl("crl-no-next-update", root, [])
    strip_next_update("crl-no-next-update", root)


def taken_apart(der):
    """The content of what is signed, and the algorithm after it."""
    def header(data, at):
        size, n = data[at + 1], 2
        if size & 0x80:
            n, size = 2 + (size & 0x7f), int.from_bytes(data[at + 2:at + 2 + (size & 0x7f)], "big")
        return n, size
    outer, _ = header(der, 0)
    n, size = header(der, outer)
    algorithm = der[outer + n + size:]
    n2, size2 = header(algorithm, 0)
    return der[outer + n:outer + n + size], algorithm[:n2 + size2]


def strip_next_update(file, issuer):
    """The library insists on nextUpdate, so it is cut out and the rest signed again."""
    tbs, algorithm = taken_apart((HERE / (file + ".der")).read_bytes())
    times = [i for i in range(len(tbs) - 14) if tbs[i:i + 2] == b"\x17\x0d"]
    assert len(times) == 2
    tbs = tlv(0x30, tbs[:times[1]] + tbs[times[1] + 15:])
    signature = issuer.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    made = tlv(0x30, tbs + algorithm + tlv(3, b"\0" + signature))
    put(file + ".der", made)
    put(file + ".pem", pem("X509 CRL", made))


# ---- ECDSA cases; the arithmetic is its own, so that the verdict does not come from the library

CURVES = {
    "p256": dict(p=2**256 - 2**224 + 2**192 + 2**96 - 1, a=-3,
                 b=0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
                 n=0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
                 g=(0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
                    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5), size=32),
    "p384": dict(p=2**384 - 2**128 - 2**96 + 2**32 - 1, a=-3,
                 b=0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef,
                 n=0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
                 g=(0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
                    0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f),
                 size=48),
}


def add(c, a, b):
    if a is None or b is None:
        return b if a is None else a
    p = c["p"]
    if a[0] == b[0]:
        if (a[1] + b[1]) % p == 0:
            return None
        slope = (3 * a[0] * a[0] + c["a"]) * pow(2 * a[1], -1, p) % p
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, p) % p
    x = (slope * slope - a[0] - b[0]) % p
    return x, (slope * (a[0] - x) - a[1]) % p


def times(c, k, point):
    out = None
    while k:
        if k & 1:
            out = add(c, out, point)
        point, k = add(c, point, point), k >> 1
    return out


def truncated(c, digest):
    e = int.from_bytes(digest, "big")
    return e >> max(0, len(digest) * 8 - c["n"].bit_length())


def verifies(c, q, digest, r, s):
    n = c["n"]
    if not (0 < r < n and 0 < s < n):
        return False
    w, e = pow(s, -1, n), truncated(c, digest)
    point = add(c, times(c, e * w % n, c["g"]), times(c, r * w % n, q))
    return point is not None and point[0] % n == r


def point_with_x_above_order(c):
    p, n = c["p"], c["n"]
    for x in range(n + 1, p):
        rhs = (x * x * x + c["a"] * x + c["b"]) % p
        y = pow(rhs, (p + 1) // 4, p)
        if y * y % p == rhs:
            return x, y


def ecdsa_cases(name, lines):
    c = CURVES[name]
    n, size, curve = c["n"], c["size"], {"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}[name]
    h = {"p256": hashlib.sha256, "p384": hashlib.sha384}[name]
    d = int.from_bytes(hashlib.sha512(b"private key " + name.encode()).digest(), "big") % n
    q = times(c, d, c["g"])

    def sign(digest, k):
        r = times(c, k, c["g"])[0] % n
        return r, pow(k, -1, n) * (truncated(c, digest) + r * d) % n

    def case(comment, digest, r, s, key=q, expected=None):
        good = verifies(c, key, digest, r, s)
        assert expected is None or good == expected, comment
        pub = ec.EllipticCurvePublicNumbers(key[0], key[1], curve).public_key()
        prehashed = utils.Prehashed({32: hashes.SHA256(), 48: hashes.SHA384(),
                                     64: hashes.SHA512()}[len(digest)])
        try:
            pub.verify(utils.encode_dss_signature(r, s), digest, ec.ECDSA(prehashed))
            second = True
        except InvalidSignature:
            second = False
        assert second == good, comment
        whole = 1 << (8 * size)
        if r < whole and s < whole:
            lines.append(" ".join([
                name, "valid" if good else "invalid", comment.replace(" ", "-"),
                key[0].to_bytes(size, "big").hex(), key[1].to_bytes(size, "big").hex(), digest.hex(),
                r.to_bytes(size, "big").hex() + s.to_bytes(size, "big").hex()]))

    digest = h(b"message").digest()
    r, s = sign(digest, 0x1234567890abcdef1234567890abcdef)
    case("good", digest, r, s, expected=True)
    case("high or low s", digest, r, n - s, expected=True)
    for other in (hashlib.sha256, hashlib.sha384, hashlib.sha512):
        e = other(b"message").digest()
        case(f"digest of {len(e)} bytes", e, *sign(e, 77), expected=True)
    for label, value in [("0", 0), ("1", 1), ("n-1", n - 1), ("n", n), ("n+1", n + 1), ("p", c["p"]),
                         ("all ones", (1 << (8 * size)) - 1)]:
        case(f"r is {label}", digest, value, s)
        case(f"s is {label}", digest, r, value)
        case(f"r and s are {label}", digest, value, value)
    case("r+n", digest, r + n, s, expected=False)
    case("s+n", digest, r, s + n, expected=False)
    case("r and s swapped", digest, s, r, expected=False)
    case("-r", digest, n - r, s, expected=False)
    zero = bytes(size)
    case("digest 0", zero, *sign(zero, 99), expected=True)
    ones = b"\xff" * size
    case("digest all ones", ones, *sign(ones, 98), expected=True)
    order = n.to_bytes(size, "big")
    case("digest n", order, *sign(order, 97), expected=True)
    # e = -r d: the sum of the two points is the point at infinity.
    infinity = ((-r * d) % n).to_bytes(size, "big")
    case("sum is the point at infinity", infinity, r, s, expected=False)
    # e = r d: both points are equal, so the addition is a doubling.
    doubling = ((r * d) % n).to_bytes(size, "big")
    case("points are equal", doubling, *sign(doubling, 96))
    k = 3
    rr = times(c, k, c["g"])[0] % n
    e = (rr * d) % n
    case("sum is a doubling", e.to_bytes(size, "big"), rr, pow(k, -1, n) * (e + rr * d) % n,
         expected=True)
    # An x coordinate at or above the order: r is x - n. The key is made to fit.
    point = point_with_x_above_order(c)
    r2, s2 = point[0] - n, 0x55aa55aa55aa
    e2 = truncated(c, digest)
    minus_eg = times(c, (-e2) % n, c["g"])
    key = times(c, pow(r2, -1, n), add(c, times(c, s2, point), minus_eg))
    case("x of R above the order", digest, r2, s2, key=key, expected=True)
    case("x of R above the order, r not reduced", digest, r2 + n, s2, key=key, expected=False)
    for bit in range(0, 16 * size, 7):
        flipped = (r << (8 * size) | s) ^ (1 << bit)
        case(f"bit {bit} flipped", digest, flipped >> (8 * size), flipped & ((1 << (8 * size)) - 1),
             expected=False)
    for k in range(100, 120):
        e = h(bytes([k])).digest()
        case(f"signature {k}", e, *sign(e, k * 0x123456789abcdef123456789), expected=True)
        case(f"signature {k} of another digest", digest, *sign(e, k * 0x123456789abcdef123456789),
             expected=False)


def main():
    make_keys()
    make_certificates()
    lines = ["# curve verdict comment x y digest r||s"]
    ecdsa_cases("p256", lines)
    ecdsa_cases("p384", lines)
    put("ecdsa_cases.txt", ("\n".join(lines) + "\n").encode())
    put("expected.txt", ("\n".join(EXPECTED) + "\n").encode())


main()
