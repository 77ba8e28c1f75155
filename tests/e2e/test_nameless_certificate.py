"""A server certificate that names hosts and nothing else: what cert-manager makes when only dnsNames are given."""
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

import tokens
from support import config, run


@pytest.mark.xfail(strict=True, reason="libcurl 7.88 refuses a certificate whose issuer has no name, and net/client.cc asks nobody else")
def test_a_certificate_without_a_subject_is_trusted(tmp_path, start):
    key, nobody, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(nobody).issuer_name(nobody).public_key(key.public_key())
                   .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(key, hashes.SHA256()))
    (tmp_path / "server.key").write_text(tokens.private_pem(key))
    (tmp_path / "server.pem").write_text(tokens.pem(certificate))
    kbs = start(config(http=f'private_key = "{tmp_path}/server.key"\ncertificate = "{tmp_path}/server.pem"\n'))
    done = run("kbs-client", "--cert-file", tmp_path / "server.pem", "--url", f"https://localhost:{kbs.port}", "attest")
    assert done.returncode == 0, done.stderr
