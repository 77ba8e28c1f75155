#!/usr/bin/python3
"""Re-encodes a binary SNP report of version 5 and its VCEK as evidence JSON.

usage: derive_evidence.py REPORT.bin VCEK.pem > evidence.json
derived-evidence-milan-v5-gcp-vmpl1.json is made from gcp/sev-gcp-reportdata.bin and
gcp/sev-gcp-vcek.pem; the other derived files came with the vectors.
"""
import json
import pathlib
import struct
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def tcb(b):  # Milan and Genoa
    return {"fmc": None, "bootloader": b[0], "tee": b[1], "snp": b[6], "microcode": b[7]}


def firmware(b):
    return {"major": b[2], "minor": b[1], "build": b[0]}


def evidence(r, vcek_der):
    version, svn, policy = struct.unpack_from("<IIQ", r, 0)
    vmpl, algorithm = struct.unpack_from("<II", r, 0x30)
    platform, key = struct.unpack_from("<QI", r, 0x40)
    launch, current = struct.unpack_from("<QQ", r, 0x1F8)
    part = lambda at, size: list(r[at:at + size])
    report = {
        "version": version, "guest_svn": svn, "policy": policy, "family_id": part(0x10, 16),
        "image_id": part(0x20, 16), "vmpl": vmpl, "sig_algo": algorithm,
        "current_tcb": tcb(r[0x38:]), "plat_info": platform, "key_info": key,
        "report_data": part(0x50, 64), "measurement": part(0x90, 48), "host_data": part(0xC0, 32),
        "id_key_digest": part(0xE0, 48), "author_key_digest": part(0x110, 48),
        "report_id": part(0x140, 32), "report_id_ma": part(0x160, 32),
        "reported_tcb": tcb(r[0x180:]), "cpuid_fam_id": r[0x188], "cpuid_mod_id": r[0x189],
        "cpuid_step": r[0x18A], "chip_id": part(0x1A0, 64), "committed_tcb": tcb(r[0x1E0:]),
        "current": firmware(r[0x1E8:]), "committed": firmware(r[0x1EC:]),
        "launch_tcb": tcb(r[0x1F0:]), "launch_mit_vector": launch, "current_mit_vector": current,
        "signature": {"r": part(0x2A0, 72), "s": part(0x2E8, 72)},
    }
    return {"attestation_report": report,
            "cert_chain": [{"cert_type": "VCEK", "data": list(vcek_der)}]}


if __name__ == "__main__":
    report_bytes = pathlib.Path(sys.argv[1]).read_bytes()
    vcek = x509.load_pem_x509_certificate(pathlib.Path(sys.argv[2]).read_bytes())
    print(json.dumps(evidence(report_bytes, vcek.public_bytes(Encoding.DER)),
                     separators=(",", ":")), end="")
