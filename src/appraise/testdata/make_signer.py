#!/usr/bin/python3
"""Makes the signing key of the JWKS test: P-256 with a leading zero byte in x, one self-signed
certificate, and the JWK set that jwcrypto derives from them."""
import base64
import datetime
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto import jwk

here = pathlib.Path(__file__).parent
while True:
    key = ec.generate_private_key(ec.SECP256R1())
    if key.public_key().public_numbers().x < 1 << 248:
        break
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "token signer")])
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(1).not_valid_before(datetime.datetime(2026, 1, 1))
    .not_valid_after(datetime.datetime(2046, 1, 1)).sign(key, hashes.SHA256()))
pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                        serialization.NoEncryption())
(here / "signer.key").write_bytes(pem)
(here / "signer.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
public = json.loads(jwk.JWK.from_pem(pem).export_public())
x5c = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
entry = {"alg": "ES256", "x5c": [x5c], "kty": public["kty"], "crv": public["crv"],
         "x": public["x"], "y": public["y"]}
(here / "signer.jwks").write_text(json.dumps({"keys": [entry]}, separators=(",", ":")))
p384 = ec.generate_private_key(ec.SECP384R1())
(here / "p384.key").write_bytes(p384.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
