"""Reads the recorded conversations of tests/transcripts and makes their volatile parts comparable."""
import base64
import email.utils
import json
import os
import re
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from jwcrypto import jwe, jwk

from support import KEYS, ROOT, Guest, b64u, b64u_decode

NAMES = sorted(path.stem for path in (ROOT / "tests/transcripts").glob("*.json"))
PLACEHOLDER = re.compile(r"<upstream policy (\w+), \d+ bytes, sha256 [0-9a-f]{64}>(==|=)?")
ADMIN_TOKEN = (KEYS / "admin-token").read_text().strip()


def load(name: str) -> dict:
    return json.loads((ROOT / f"tests/transcripts/{name}.json").read_text())


def recorded_config(scenario: dict) -> str:
    """The recorded server's configuration with paths and a port of this run."""
    text = re.sub(r"sockets = \[.*\]", 'sockets = ["127.0.0.1:0"]', scenario["server_config_toml"])
    text = re.sub(r'dir_path = ".*"', 'dir_path = "data"', text)
    return text.replace('"keys/', f'"{KEYS}/')


def content(message: dict) -> bytes:
    """The body of a recorded request or response."""
    if message["body_encoding"] == "base64":
        return base64.b64decode(message["body"])
    return message["body"].encode()


def shipped(name: str) -> bytes:
    """Our policy with the decision of the recorded one."""
    return (ROOT / f"policies/resource_{name}.rego").read_bytes()


def with_our_policy(text: str, name=None, encode=b64u) -> str:
    """The recorded text with its policy placeholder filled in."""
    return PLACEHOLDER.sub(lambda match: encode(shipped(name or match.group(1))), text)


def std64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def input_file(step: dict, name: str) -> bytes:
    """The content of a file of the step: recorded, or the bearer token that it was sent as; else empty."""
    text = (step["input_files"] or {}).get(name)
    if text is None and step["exchanges"]:
        bearer = dict(step["exchanges"][0]["request"]["headers"]).get("authorization", "")
        text = bearer.removeprefix("Bearer ") if bearer != f"Bearer {ADMIN_TOKEN}" else ""
    text = text or ""
    return base64.b64decode(text[7:]) if text.startswith("base64:") else text.encode()


class TokenKey:
    """The recorded server's signing key: moves its tokens to the present."""

    def __init__(self):
        self.key = serialization.load_pem_private_key((KEYS / "token.key").read_bytes(), None)

    def signed(self, token: str) -> bool:
        message, _, signature = token.rpartition(".")
        raw = b64u_decode(signature)
        if len(raw) != 64:
            return False
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            self.key.public_key().verify(der, message.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def moved(self, token: str, date: str) -> str:
        """The token as it would look had the exchange of `date` taken place now. One with a wrong
        signature keeps it."""
        header, payload, signature = token.split(".")
        shift = int(time.time()) - int(email.utils.parsedate_to_datetime(date).timestamp())
        text = re.sub(rb'("(?:exp|iat|nbf)": ?)(\d+)', lambda m: m.group(1) + str(int(m.group(2)) + shift).encode(),
                      b64u_decode(payload))
        message = f"{header}.{b64u(text)}"
        if self.signed(token):
            r, s = decode_dss_signature(self.key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
            signature = b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"{message}.{signature}"


def masked(text: str, *values: str) -> str:
    """The text with each value replaced by its length; everything else stays, blanks included."""
    for value in filter(None, values):
        assert value in text, value
        text = text.replace(value, f"<{len(value)}>")
    return text


def token_shape(token: str) -> tuple:
    """Header and payload as they were signed; times, nonce and report data replaced, the life kept."""
    header, text = (b64u_decode(part).decode() for part in token.split(".")[:2])
    payload = json.loads(text)
    life = payload["exp"] - payload["iat"]
    text = re.sub(rf'"(exp|iat)":({payload["exp"]}|{payload["iat"]})(?=[,}}])', r'"\1":<time>', text)
    for submod in payload["submods"].values():
        evidence = submod["ear.veraison.annotated-evidence"]
        volatile = {evidence["report_data"], evidence["runtime_data_claims"]["nonce"]}
        text = masked(text, *sorted(v for v in volatile if v in text))
    return header, text, life


def jwe_shape(body: bytes) -> tuple:
    """The text of the message with the length of each value, and that of the protected header with
    the lengths of the ephemeral key's coordinates."""
    text = body.decode()
    box = json.loads(text)
    protected = b64u_decode(box["protected"]).decode()
    key = json.loads(protected).get("epk", {})
    return masked(protected, *(key[c] for c in ("x", "y") if c in key)), masked(text, *box.values())


def opened(body: bytes, pem: bytes) -> bytes:
    box = jwe.JWE(algs=["RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM"])
    try:
        box.deserialize(body.decode(), jwk.JWK.from_pem(pem))
    except jwe.InvalidJWEData:
        # jwcrypto takes an empty plaintext that it decrypted for a failure.
        if box.decryptlog != ["Success"]:
            raise
        return b""
    return box.payload


def sealed(plain: bytes, key: dict) -> bytes:
    """A server's answer to the holder of the P-256 `key` (RFC 7516, RFC 7518 4.6)."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    x, y = (int.from_bytes(b64u_decode(key[c]), "big") for c in "xy")
    shared = ephemeral.exchange(ec.ECDH(), ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())
    alg = b"ECDH-ES+A256KW"
    other = len(alg).to_bytes(4, "big") + alg + bytes(8) + (256).to_bytes(4, "big")
    wrapping = ConcatKDFHash(hashes.SHA256(), 32, other).derive(shared)
    content_key, iv = os.urandom(32), os.urandom(12)
    point = ephemeral.public_key().public_numbers()
    epk = {"crv": "P-256", "kty": "EC", "x": b64u(point.x.to_bytes(32, "big")), "y": b64u(point.y.to_bytes(32, "big"))}
    protected = b64u(json.dumps({"alg": alg.decode(), "enc": "A256GCM", "epk": epk}, separators=(",", ":")).encode())
    boxed = AESGCM(content_key).encrypt(iv, plain, protected.encode())
    return json.dumps({"protected": protected, "encrypted_key": b64u(aes_key_wrap(wrapping, content_key)),
                       "iv": b64u(iv), "ciphertext": b64u(boxed[:-16]), "tag": b64u(boxed[-16:])}).encode()


def bound(body: bytes, nonce: str) -> bytes:
    """The recorded attestation made again for another nonce, members in the recorded order."""
    out = json.loads(body)
    out["runtime-data"]["nonce"] = nonce
    evidence = out["tee-evidence"]
    evidence["primary_evidence"]["report_data"] = Guest.digest(
        {"additional-evidence": evidence["additional_evidence"], **out["runtime-data"]})
    return json.dumps(out, separators=(",", ":")).encode()
