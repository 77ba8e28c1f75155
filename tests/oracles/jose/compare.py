#!/usr/bin/python3
"""Compares our JOSE with python3-jwcrypto in both directions, with keys made on the spot.

usage: compare.py JOSE_TOOL
"""
import json
import os
import subprocess
import sys

from jwcrypto import jwe, jwk, jws

TOOL = sys.argv[1]
WRAPPINGS = [("RSA1_5", dict(kty="RSA", size=4096)), ("RSA-OAEP-256", dict(kty="RSA", size=4096)),
             ("ECDH-ES+A256KW", dict(kty="EC", crv="P-256")),
             ("ECDH-ES+A256KW", dict(kty="EC", crv="P-521"))]
SIGNATURES = [("ES256", dict(kty="EC", crv="P-256")), ("ES384", dict(kty="EC", crv="P-384")),
              ("EdDSA", dict(kty="OKP", crv="Ed25519"))]
SIGNATURES += [(f"{kind}{bits}", dict(kty="RSA", size=2048))
               for kind in ("RS", "PS") for bits in (256, 384, 512)]
PLAINTEXT = "shhhhhhh ä\n"


def ours(verb: str, alg: str, **members: object) -> subprocess.CompletedProcess:
    return subprocess.run([TOOL, verb, alg], input=json.dumps(members), text=True, timeout=60,
                          capture_output=True)


def said(result: subprocess.CompletedProcess) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def public(key: jwk.JWK) -> dict:
    return json.loads(key.export_public())


def pem(key: jwk.JWK) -> str:
    return key.export_to_pem(private_key=True, password=None).decode()


def jwcrypto_decrypts(alg: str, key: jwk.JWK) -> None:
    text = said(ours("encrypt", alg, key=public(key), plaintext=PLAINTEXT))
    members = json.loads(text)
    assert list(members) == ["protected", "encrypted_key", "iv", "ciphertext", "tag"], text
    message = jwe.JWE(algs=[alg, "A256GCM"])
    message.deserialize(text, key)
    assert message.payload == PLAINTEXT.encode()
    header = json.loads(message.objects["protected"])
    names = ["alg", "enc"] if key["kty"] == "RSA" else ["alg", "enc", "epk"]
    assert list(header) == names, header


def we_decrypt(alg: str, key: jwk.JWK) -> None:
    header = json.dumps({"alg": alg, "enc": "A256GCM"})
    message = jwe.JWE(PLAINTEXT.encode(), protected=header, algs=[alg, "A256GCM"])
    message.add_recipient(key)
    parts = message.serialize(compact=True).split(".")
    flattened = dict(zip(("protected", "encrypted_key", "iv", "ciphertext", "tag"), parts))
    assert said(ours("decrypt", alg, pem=pem(key), jwe=flattened)) == PLAINTEXT


def jwcrypto_verifies(alg: str, key: jwk.JWK) -> None:
    token = said(ours("sign", alg, pem=pem(key), payload='{"exp":1895478400}'))
    message = jws.JWS()
    message.allowed_algs = [alg]
    message.deserialize(token, key)
    assert message.payload == b'{"exp":1895478400}'
    assert list(message.jose_header) == ["typ", "alg", "jwk"], message.jose_header
    assert jwk.JWK(**message.jose_header["jwk"]).thumbprint() == key.thumbprint()


def we_verify(alg: str, key: jwk.JWK, other: jwk.JWK) -> None:
    message = jws.JWS('{"exp":1895478400,"text":"ä"}')
    message.allowed_algs = [alg]
    message.add_signature(key, alg, json.dumps({"alg": alg}))
    token = message.serialize(compact=True)
    verdict = lambda k: ours("verify", alg, jwk=dict(public(k), alg=alg), token=token, now=1795478400)
    assert json.loads(said(verdict(key))) == {"exp": 1895478400, "text": "ä"}
    refused = verdict(other)
    assert refused.returncode == 1 and "signature_invalid" in refused.stderr, refused


def main() -> None:
    for alg, form in WRAPPINGS:
        key = jwk.JWK.generate(**form)
        jwcrypto_decrypts(alg, key)
        we_decrypt(alg, key)
        print("ok", alg, form.get("crv", "RSA-4096"))
    for alg, form in SIGNATURES:
        key = jwk.JWK.generate(**form)
        jwcrypto_verifies(alg, key)
        we_verify(alg, key, jwk.JWK.generate(**form))
        print("ok", alg)
    if "TRUSTEE_CASES_LOG" in os.environ:
        with open(os.environ["TRUSTEE_CASES_LOG"], "a", encoding="utf-8") as log:
            log.write("KBS-J1\n")


if __name__ == "__main__":
    main()
