#!/usr/bin/python3
"""Makes the PEM files of this folder: what cert-manager would put into TLS Secrets.

usage: make_certificates.py    (writes beside itself; keys are fresh at each run)
All certificates are self-signed, valid from 2026-01-01 to 2026-07-01 UTC.
"""
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).resolve().parent
FORMATS = {"pkcs1": serialization.PrivateFormat.TraditionalOpenSSL,
           "pkcs8": serialization.PrivateFormat.PKCS8}


def make(name: str, key, form: str, dns: list[str], subject: str | None = None) -> None:
    names = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else [])
    builder = (x509.CertificateBuilder().subject_name(names).issuer_name(names)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(datetime.datetime(2026, 1, 1))
               .not_valid_after(datetime.datetime(2026, 7, 1)))
    if dns:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(d) for d in dns]),
                                        critical=not subject)
    certificate = builder.sign(key, hashes.SHA256())
    (HERE / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (HERE / f"{name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, FORMATS[form], serialization.NoEncryption()))


def main() -> None:
    make("https", rsa.generate_private_key(65537, 2048), "pkcs1", ["kbs-service"])
    make("https-renewed", rsa.generate_private_key(65537, 2048), "pkcs1",
         ["example.org", "kbs-service.operators.svc"])
    make("https-route", rsa.generate_private_key(65537, 2048), "pkcs1",
         ["kbs-service-operators.apps.example.org"], "kbs")
    make("https-no-names", ec.generate_private_key(ec.SECP256R1()), "pkcs8", [], "kbs-service")
    make("token", ec.generate_private_key(ec.SECP256R1()), "pkcs8", [], "kbs token")
    make("token-p384", ec.generate_private_key(ec.SECP384R1()), "pkcs8", [], "kbs token")


main()
