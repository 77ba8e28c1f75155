"""A guest on Azure with SEV-SNP: a vTPM in software, its report of the test hierarchy's Genoa machine, and the KBS
protocol through a route that passes TLS through. It shares no code with ours.

The layouts are those of verifiers-cpu-x86-tpm.md 9.4, as tests/support/hcl_builder.h and snp_builder.h write them.
"""
import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from guest import Guest, Route, b64u
from objects import ROOT
from software_tpm import ALL, SoftwareTpm

PKI = ROOT / "tests/vectors/snp-test-pki"
TCB = bytes.fromhex("0a00000000001719")


def snp_report(report_data: bytes) -> bytes:
    """A report of version 3, signed with the key of the VCEK."""
    report = bytearray(0x4A0)

    def put(at, data):
        report[at:at + len(data)] = data
    for at, number in ((0x000, 3), (0x004, 7), (0x008, 0x30102), (0x034, 1), (0x040, 0x25)):
        put(at, number.to_bytes(8 if at in (0x008, 0x040) else 4, "little"))
    for at, data in ((0x038, TCB), (0x090, b"M" * 48), (0x0C0, b"H" * 32), (0x180, TCB), (0x188, bytes.fromhex("191101")),
                     (0x1A0, bytes(range(0x40, 0x80))), (0x1E0, TCB), (0x1E8, bytes.fromhex("283701")),
                     (0x1EC, bytes.fromhex("273701")), (0x1F0, TCB), (0x050, report_data)):
        put(at, data)
    key = serialization.load_pem_private_key((PKI / "vek-key.pem").read_bytes(), None)
    r, s = utils.decode_dss_signature(key.sign(bytes(report[:0x2A0]), ec.ECDSA(hashes.SHA384())))
    put(0x2A0, r.to_bytes(48, "little"))
    put(0x2E8, s.to_bytes(48, "little"))
    return bytes(report)


def hcl_report(ak, user_data: bytes) -> bytes:
    """What the paravisor keeps in the vTPM: the hardware's report over a JSON text with the attestation key."""
    numbers = ak.public_numbers()
    text = json.dumps({
        "keys": [{"kid": "HCLAkPub", "key_ops": ["sign"], "kty": "RSA", "e": "AQAB", "n": b64u(numbers.n.to_bytes(256, "big"))}],
        "vm-configuration": {"secure-boot": True, "tpm-enabled": True}, "user-data": user_data.hex().upper()}).encode()
    out = bytearray(2600)
    for at, number in ((0x000, 0x414C4348), (0x004, 2), (0x008, 0x4C0 + 20 + len(text)), (0x00C, 2), (0x4C0, 20 + len(text)),
                       (0x4C4, 1), (0x4C8, 2), (0x4CC, 1), (0x4D0, len(text))):
        out[at:at + 4] = number.to_bytes(4, "little")
    report = snp_report(hashlib.sha256(text).digest() + bytes(32))
    out[0x020:0x020 + len(report)] = report
    out[0x4D4:0x4D4 + len(text)] = text
    return bytes(out)


class AzureMachine:
    """A vTPM that was extended at boot; `initdata` is what the guest's agent measured into PCR 8."""

    def __init__(self, directory: pathlib.Path, initdata: bytes):
        self.tpm = SoftwareTpm(directory)
        self.ak = self.tpm.attestation_key()
        for pcr in (3, 9, 11, 12):
            self.tpm.extend(pcr, hashlib.sha256(b"measured into %d" % pcr).digest())
        self.tpm.extend(8, hashlib.sha256(initdata).digest())

    def pcrs(self) -> list:
        return [pcr.hex() for pcr in self.tpm.pcrs()]

    def evidence(self, report_data: bytes) -> dict:
        public = serialization.load_der_public_key(self.ak.spki)
        quote = self.ak.quote(report_data, ALL)["tpm_quote"]
        signature = base64.b64decode(quote["signature"])[6:]  # behind the algorithms and the size
        return {"version": 2,
                "tpm_quote": {"signature": signature.hex(), "message": base64.b64decode(quote["message"]).hex(), "pcrs": quote["pcrs"]},
                "hcl_report": base64.urlsafe_b64encode(hcl_report(public, report_data.ljust(64, b"\0"))).decode(),
                "vcek": base64.urlsafe_b64encode((PKI / "vcek-genoa.der").read_bytes()).decode()}

    def stop(self):
        self.tpm.stop()


class AzureGuest(Guest):
    """A guest on such a machine."""

    def __init__(self, route: Route, machine: AzureMachine):
        super().__init__(route)
        self.machine = machine

    def auth(self, **overrides):
        return super().auth(tee="az-snp-vtpm", **overrides)

    def attestation(self, nonce=None, additional=None, init_data=None) -> dict:
        body = super().attestation(nonce, additional or "", init_data)
        digest = self.digest({"additional-evidence": additional or "", "nonce": nonce or self.nonce, "tee-pubkey": self.jwk})
        body["tee-evidence"]["primary_evidence"] = self.machine.evidence(base64.b64decode(digest))
        return body
