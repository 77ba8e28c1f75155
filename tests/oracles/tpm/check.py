#!/usr/bin/python3
"""Shows what our builders of TPM and Azure test hardware write to tpm2-tools and python3-cryptography.

usage: check.py AZURE_TOOL VCEK
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


def check_azure(directory: pathlib.Path, vcek: pathlib.Path):
    evidence = json.loads((directory / "az-snp.json").read_text())
    hcl = b64u(evidence["hcl_report"])
    signature, _, size, request, _ = struct.unpack_from("<IIIII", hcl, 0)
    data_size, version, kind, digest_kind, variable_size = struct.unpack_from("<IIIII", hcl, 0x4C0)
    assert (signature, request, version, kind, digest_kind) == (0x414C4348, 2, 1, 2, 1)
    assert data_size == 20 + variable_size and size == 0x4C0 + data_size
    variable = hcl[0x4D4:0x4D4 + variable_size]
    report = hcl[0x20:0x20 + 1184]
    assert report[0x50:0x90] == hashlib.sha256(variable).digest() + bytes(32)
    document = json.loads(variable)
    assert document["user-data"] == (NONCE + bytes(32)).hex().upper()
    jwk = next(key for key in document["keys"] if key["kid"] == "HCLAkPub")
    ak = rsa.RSAPublicNumbers(int.from_bytes(b64u(jwk["e"]), "big"), int.from_bytes(b64u(jwk["n"]), "big")).public_key()
    message = bytes.fromhex(evidence["tpm_quote"]["message"])
    ak.verify(bytes.fromhex(evidence["tpm_quote"]["signature"]), message, padding.PKCS1v15(), hashes.SHA256())
    assert quote_of(message)[0] == NONCE
    r, s = (int.from_bytes(report[at:at + 72], "little") for at in (0x2A0, 0x2E8))
    assert b64u(evidence["vcek"]) == vcek.read_bytes()
    key = x509.load_der_x509_certificate(vcek.read_bytes()).public_key()
    key.verify(utils.encode_dss_signature(r, s), report[:0x2A0], ec.ECDSA(hashes.SHA384()))


def main() -> int:
    tool, vcek = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        subprocess.run([tool, name, vcek], check=True)
        for kind in ("rsa", "ecc"):
            check_quote(directory, kind)
        check_azure(directory, pathlib.Path(vcek))
    print("tpm2-tools and python3-cryptography take two quotes and one Azure evidence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
