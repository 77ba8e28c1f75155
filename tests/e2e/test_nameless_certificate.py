"""A server certificate that names hosts and nothing else: what cert-manager makes when only dnsNames are given."""
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

import tokens
from support import config, run


@pytest.fixture
def attest(tmp_path, start):
    def go(host="localhost", until=1, purpose=ExtendedKeyUsageOID.SERVER_AUTH, trusted=True):
        """Of kbs-client against a server with a certificate that ends `until` days from now."""
        key, nobody, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), datetime.datetime.utcnow()
        days = datetime.timedelta(days=1)
        certificate = (x509.CertificateBuilder().subject_name(nobody).issuer_name(nobody).public_key(key.public_key())
                       .serial_number(1).not_valid_before(now - 2 * days).not_valid_after(now + until * days)
                       .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
                       .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
                       .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(key, hashes.SHA256()))
        (tmp_path / "server.key").write_text(tokens.private_pem(key))
        (tmp_path / "server.pem").write_text(tokens.pem(certificate))
        kbs = start(config(http=f'private_key = "{tmp_path}/server.key"\ncertificate = "{tmp_path}/server.pem"\n'))
        site = ("--cert-file", tmp_path / "server.pem") if trusted else ()
        return run("kbs-client", *site, "--url", f"https://localhost:{kbs.port}", "attest")
    return go


def test_is_trusted_for_its_host(attest):
    done = attest()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("wrong, why", [
    ({"host": "kbs-service"}, "hostname mismatch"), ({"until": -1}, "certificate has expired"),
    ({"purpose": ExtendedKeyUsageOID.CLIENT_AUTH}, "unsuitable certificate purpose"),
    ({"trusted": False}, "self-signed certificate")])
def test_is_refused(attest, wrong, why):
    done = attest(**wrong)
    assert done.returncode != 0
    assert done.stderr.endswith(f"Caused by:\n    the server's certificate: {why}\n"), done.stderr
