#!/usr/bin/python3
"""Writes the test data of this folder with python3-jwcrypto and python3-cryptography.

usage: generate.py   (in this folder; every run makes new keys)

jwk.json          public JWKs with the thumbprint that jwcrypto computes
jws.json          one token per signature algorithm, signed by jwcrypto
jwe.json          one message per key wrapping, encrypted by jwcrypto, with the private key as PEM
endorsement.json  certificates and chains for endorsed keys
"""
import base64
import datetime
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jwcrypto import jwe, jwk, jws

HERE = pathlib.Path(__file__).resolve().parent
CLAIMS = {"iss": "jwcrypto", "exp": 1800000000, "nested": {"b": [1, 2.5, None], "a": "ä/\\\""}}

KEYS = {
    "rsa2048": dict(kty="RSA", size=2048),
    "p256": dict(kty="EC", crv="P-256"),
    "p384": dict(kty="EC", crv="P-384"),
    "p521": dict(kty="EC", crv="P-521"),
    "ed25519": dict(kty="OKP", crv="Ed25519"),
}
SIGNATURES = [("RS256", "rsa2048"), ("RS384", "rsa2048"), ("RS512", "rsa2048"),
              ("PS256", "rsa2048"), ("PS384", "rsa2048"), ("PS512", "rsa2048"),
              ("ES256", "p256"), ("ES384", "p384"), ("EdDSA", "ed25519")]
WRAPPINGS = [("RSA1_5", "rsa2048"), ("RSA-OAEP-256", "rsa2048"),
             ("ECDH-ES+A256KW", "p256"), ("ECDH-ES+A256KW", "p521")]


def write(name: str, value: object) -> None:
    (HERE / name).write_text(json.dumps(value, indent=1) + "\n")


def flattened(compact: str) -> dict:
    members = compact.split(".")
    return dict(zip(("protected", "encrypted_key", "iv", "ciphertext", "tag"), members))


def encrypted(alg: str, key: jwk.JWK, plaintext: bytes) -> dict:
    header = json.dumps({"alg": alg, "enc": "A256GCM"}, separators=(",", ":"))
    message = jwe.JWE(plaintext, protected=header, algs=[alg, "A256GCM"])
    message.add_recipient(key)
    return flattened(message.serialize(compact=True))


def certificate(subject, key, issuer, issuer_key, ca, days=(-1, 7300)):
    start = datetime.datetime(2026, 1, 1)
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    return (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(start + datetime.timedelta(days=days[0]))
            .not_valid_after(start + datetime.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(issuer_key, hashes.SHA256()))


def endorsement() -> dict:
    keys = {n: ec.generate_private_key(ec.SECP256R1())
            for n in ("root", "decoy", "int-a", "int-b", "leaf")}
    keys["p384"] = ec.generate_private_key(ec.SECP384R1())
    chain = {
        "root": certificate("root", keys["root"], "root", keys["root"], True),
        "decoy": certificate("root", keys["decoy"], "root", keys["decoy"], True),
        "int-a": certificate("int-a", keys["int-a"], "root", keys["root"], True),
        "int-b": certificate("int-b", keys["int-b"], "int-a", keys["int-a"], True),
        "leaf-of-root": certificate("leaf", keys["leaf"], "root", keys["root"], False),
        "leaf-of-int-a": certificate("leaf", keys["leaf"], "int-a", keys["int-a"], False),
        "leaf-of-int-b": certificate("leaf", keys["leaf"], "int-b", keys["int-b"], False),
        "expired-leaf": certificate("leaf", keys["leaf"], "root", keys["root"], False, (0, 30)),
        "p384-leaf": certificate("leaf", keys["p384"], "root", keys["root"], False),
    }
    public = lambda key: json.loads(jwk.JWK.from_pem(key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)).export())
    der = {n: c.public_bytes(serialization.Encoding.DER) for n, c in chain.items()}
    return {
        "now": 1795478400,  # 2026-11-24
        "der": {n: base64.b64encode(d).decode() for n, d in der.items()},
        "jwk": {n: {m: v for m, v in public(keys[n]).items() if m != "kid"}
                for n in ("leaf", "root", "p384")},
    }


def main() -> None:
    keys = {name: jwk.JWK.generate(**form) for name, form in KEYS.items()}
    public = {name: json.loads(key.export_public()) for name, key in keys.items()}
    write("jwk.json", [{"name": n, "jwk": public[n], "thumbprint": keys[n].thumbprint()}
                       for n in keys])
    tokens = []
    for alg, name in SIGNATURES:
        token = jws.JWS(json.dumps(CLAIMS))
        token.allowed_algs = [alg]
        token.add_signature(keys[name], alg, json.dumps({"alg": alg, "kid": name}))
        tokens.append({"alg": alg, "key": name, "jwk": public[name],
                       "token": token.serialize(compact=True)})
    write("jws.json", {"claims": CLAIMS, "tokens": tokens})
    messages = []
    for alg, name in WRAPPINGS:
        plaintext = f"a secret for {name} by {alg}"
        messages.append({"alg": alg, "key": name, "plaintext": plaintext,
                         "pem": keys[name].export_to_pem(private_key=True, password=None).decode(),
                         "jwe": encrypted(alg, keys[name], plaintext.encode())})
    write("jwe.json", messages)
    write("endorsement.json", endorsement())


if __name__ == "__main__":
    main()
