#!/usr/bin/python3
"""Independent check of SNP reports: the signature over the first 0x2A0 bytes, by python3-cryptography.

usage: check_report.py VEK.der REPORT.bin...   prints one line per report, `ok` or `bad`; fails on bad
"""
import pathlib
import sys
import warnings

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

warnings.simplefilter("ignore")  # AMD's keys have serial number 0


def signed_by(report: bytes, key: ec.EllipticCurvePublicKey) -> bool:
    if len(report) != 0x4A0:
        return False
    r = int.from_bytes(report[0x2A0:0x2E8], "little")
    s = int.from_bytes(report[0x2E8:0x330], "little")
    try:
        key.verify(utils.encode_dss_signature(r, s), report[:0x2A0], ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        return False
    return True


def main() -> int:
    key = x509.load_der_x509_certificate(pathlib.Path(sys.argv[1]).read_bytes()).public_key()
    verdicts = [signed_by(pathlib.Path(p).read_bytes(), key) for p in sys.argv[2:]]
    for path, good in zip(sys.argv[2:], verdicts):
        print(f"{'ok' if good else 'bad'} {path}")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
