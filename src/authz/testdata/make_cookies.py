#!/usr/bin/env python3
"""Writes cookies.txt: session cookies made by Python's libraries from the format's description in
session_cookie.h, for session_cookie_test.cc. One `name cookie` per line."""
import base64
import hmac
import pathlib
import zlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RING_KEY = bytes([1]) * 32
EXPIRES = 1_795_000_300 * 1_000_000
INFO = b"trustee session cookie 1: "


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mac(key, data):
    return hmac.digest(key, data, "sha256")


def sealed(kind, content, salt):
    key = HKDF(hashes.SHA256(), 32, salt, INFO + b"seal").derive(RING_KEY)
    iv = mac(key, INFO + b"iv" + salt)[:12]
    head = bytes([1]) + mac(RING_KEY, INFO + b"key id")[:4] + salt
    body = bytes([kind]) + EXPIRES.to_bytes(8, "big") + content
    return b64(head + AESGCM(key).encrypt(iv, body, head))


def deflated(text, window):
    z = zlib.compressobj(1, zlib.DEFLATED, window)
    return z.compress(text.encode()) + z.flush()


PARTS = [b'{"alg":"ES256"}', b'{"iss":"x","exp":1795000300,"pad":"' + bytes(range(97, 123)) * 40 + b'"}',
         bytes(range(64))]
TOKEN = ".".join(b64(p) for p in PARTS)
AS_BYTES = len(PARTS[0]).to_bytes(2, "big") + len(PARTS[1]).to_bytes(2, "big") + b"".join(PARTS)

rows = {"token": TOKEN,
        "deflated_window_15": sealed(2, deflated(TOKEN, -15), bytes([2]) * 24),
        "deflated_window_13": sealed(2, deflated(TOKEN, -13), bytes([3]) * 24),
        "bytes": sealed(4, AS_BYTES, bytes([4]) * 24),
        "bytes_cut": sealed(4, AS_BYTES[:30], bytes([5]) * 24),
        "unknown_kind": sealed(5, AS_BYTES, bytes([6]) * 24)}
pathlib.Path(__file__).with_name("cookies.txt").write_text("".join(f"{k} {v}\n" for k, v in rows.items()))
