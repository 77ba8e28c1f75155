"""Makes signing keys, certificates and tokens with python3-cryptography."""
import datetime
import ipaddress
import json
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from support import b64u
import base64


def certificate(subject, key, issuer=None, issuer_key=None, ca=False, days=30, start=-1, addresses=()):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(name)
               .issuer_name(issuer.subject if issuer else name).public_key(key.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(now + datetime.timedelta(days=start))
               .not_valid_after(now + datetime.timedelta(days=days))
               .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
    if addresses:
        names = [x509.DNSName(subject)] + [x509.IPAddress(ipaddress.ip_address(a)) for a in addresses]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(*things) -> str:
    return "".join(t.public_bytes(serialization.Encoding.PEM).decode() for t in things)


def private_pem(key) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def public_pem(key) -> str:
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def public_jwk(key, **more) -> dict:
    numbers = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "alg": "RS256", "n": b64u(numbers.n.to_bytes(256, "big")), "e": "AQAB", **more}
    size = (key.curve.key_size + 7) // 8
    return {"kty": "EC", "alg": "ES256", "crv": "P-256", "x": b64u(numbers.x.to_bytes(size, "big")),
            "y": b64u(numbers.y.to_bytes(size, "big")), **more}


def x5c(*certificates) -> list:
    return [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in certificates]


def sign(key, claims, header=None) -> str:
    alg = {ec.EllipticCurvePrivateKey: "ES256", rsa.RSAPrivateKey: "RS256"}
    name = next((v for k, v in alg.items() if isinstance(key, k)), "EdDSA")
    header = {"typ": "JWT", "alg": name, **(header or {})}
    payload = claims if isinstance(claims, str) else json.dumps(claims)
    message = (b64u(json.dumps(header).encode()) + "." + b64u(payload.encode())).encode()
    if name == "ES256":
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    elif name == "RS256":
        signature = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = key.sign(message)
    return message.decode() + "." + b64u(signature)


def admin_token(key=None, **claims) -> str:
    now = int(time.time())
    return sign(key, {"iss": "issuer", "aud": ["kbs"], "role": "admin", "iat": now, "exp": now + 600, **claims})


def new_ed25519():
    return ed25519.Ed25519PrivateKey.generate()
