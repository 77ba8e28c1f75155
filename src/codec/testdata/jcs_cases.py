#!/usr/bin/python3
"""Writes jcs-cases.json: documents, their canonical form and the SHA-384 that the specification of
the KBS protocol gives for it. The form comes from Python's json module (ASCII names and no
fractions, where it agrees with RFC 8785); it is written only if its digest is the expected one."""
import hashlib
import json
import pathlib

KEY = {"kty": "EC", "crv": "P-256", "alg": "ECDH-ES+A256KW",
       "x": "OhtvIcNPPgIn-KyhZQaFg90kNWMonPctaeor5nnXqfo",
       "y": "HFvnboDqzt4lWUl2LEbF49SJ13h65swCX-H2JVrS5eo"}
NONCE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
DEVICE = ('{"sampledevice":{"report_data":"VDBTMS7dtVNKCE4xQVToXeGUTdukrPTyzMpKea9pEO9QOX8rA3J9Tj1/psVJJfre",'
          '"svn":"2"}}')


def ec(x: int, y: int) -> dict:
    import base64
    b = lambda n: base64.urlsafe_b64encode(bytes([n]) * 32).rstrip(b"=").decode()
    return {"kty": "EC", "crv": "P-256", "alg": "ECDH-ES+A256KW", "x": b(x), "y": b(y)}


CASES = [
    ({"b": 1, "a": "test", "c": {"d": "e"}},
     "e71ce8e70d814ba6639c3612ebee0ff1f76f650f8dbb5e47157e0f3f525cd22c4597480a186427c813ca941da78870c3"),
    ({"tee-pubkey": ec(1, 2), "nonce": NONCE},
     "2b951545aaaf961a11c38406887b6a136f2afc7eede38fd151a3a500c7f005de380139e012d33a1288d8f5eeef97a934"),
    ({"tee-pubkey": ec(1, 2), "nonce": NONCE, "additional-evidence": ""},
     "d934ba73c76ad6ce42e80746cefb42b74c7e0af0f0d30ace51557c3da2a8fe7608b3c6856f09e1f101fd459a86b1c846"),
    ({"tee-pubkey": KEY, "nonce": NONCE},
     "543053312eddb5534a084e314154e85de1944ddba4acf4f2ccca4a79af6910ef50397f2b03727d4e3d7fa6c54925fade"),
    ({"tee-pubkey": KEY, "nonce": NONCE, "additional-evidence": ""},
     "dc25aa2525b7dbb9957811dc8eb589b655a7307bcc49630d4517d66f06e1024aa4c208e2134929e7a086324e999a46e0"),
    ({"tee-pubkey": KEY, "nonce": NONCE, "additional-evidence": DEVICE},
     "0beee0ac88bc0deeefe079cd4756398999ecc4c103d13403f541ef6d6ef208170c4db33002e0ff4eee44211d35e5d1fd"),
]

out = []
for document, expected in CASES:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha384(canonical.encode()).hexdigest() == expected, canonical
    out.append({"document": document, "canonical": canonical, "sha384": expected})
pathlib.Path(__file__).with_name("jcs-cases.json").write_text(json.dumps(out, indent=1) + "\n")
