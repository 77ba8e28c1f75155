"""HTTPS: profiles, certificates exchanged while serving, what does not start."""
import pathlib
import ssl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import tokens
from support import ALLOW_ALL, Connection, Guest, Kbs, config, run
from waiting import wait_until

TLS_FILES = 'private_key = "server.key"\ncertificate = "server.pem"\n'


def write_pair(directory: pathlib.Path, days=30):
    """A new self-signed server certificate with its key, each file replaced as a whole; the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = tokens.certificate("localhost", key, days=days, addresses=["127.0.0.1"])
    replace(directory / "server.key", tokens.private_pem(key))
    replace(directory / "server.pem", tokens.pem(certificate))
    return certificate


def replace(path: pathlib.Path, text: str):
    path.with_suffix(".next").write_text(text)
    path.with_suffix(".next").rename(path)


def trusting(*certificates, low=None, high=None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata="".join(tokens.pem(c) for c in certificates))
    context.minimum_version = low or context.minimum_version
    context.maximum_version = high or context.maximum_version
    return context


@pytest.fixture
def start_tls(tmp_path, start):
    def go(extra=""):
        certificate = write_pair(tmp_path)
        kbs = start(config(http=TLS_FILES + extra))
        kbs.tls = trusting(certificate)
        return kbs, certificate

    return go


def test_a_secret_travels_over_tls_and_the_cookie_is_secure(start_tls):
    kbs, _ = start_tls()
    assert "Starting HTTPS server" in kbs.log()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"over tls").status == 200
    guest = Guest(kbs)
    cookie = guest.auth().header("set-cookie")
    assert "; Secure" in cookie and "HttpOnly" in cookie
    guest.handshake()
    assert guest.secret("resource/a/b/c") == b"over tls"
    # Nobody who does not trust the certificate gets through, and plain HTTP gets no answer.
    kbs.tls = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        kbs.connect()
    kbs.tls = None
    with pytest.raises((ConnectionError, ValueError)):
        assert kbs.request("GET", "/healthz").status >= 400
        raise ConnectionError("answered in clear text with an error")


def test_kbs_client_takes_the_certificate_as_one_more_root(start_tls, tmp_path):
    kbs, _ = start_tls()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"over tls").status == 200
    url = f"https://localhost:{kbs.port}"
    got = run("kbs-client", "--url", url, "--cert-file", tmp_path / "server.pem", "--output", "raw",
              "get-resource", "--path", "a/b/c")
    assert (got.returncode, got.stdout) == (0, "over tls"), got.stderr
    refused = run("kbs-client", "--url", url, "get-resource", "--path", "a/b/c")
    assert refused.returncode == 1 and refused.stdout == ""


@pytest.mark.parametrize("extra, only_1_2", [
    ("", True), ('tls_profile = "intermediate"\n', True), ('tls_profile = "modern"\n', False),
    ('tls_profile = "intermediate"\ntls_min_version = "1.3"\n', False)])
def test_profiles_decide_the_versions(start_tls, extra, only_1_2):
    kbs, certificate = start_tls(extra)
    v = ssl.TLSVersion
    for low, high, expected in ((v.TLSv1_3, v.TLSv1_3, "TLSv1.3"), (v.TLSv1_2, v.TLSv1_2, "TLSv1.2")):
        kbs.tls = trusting(certificate, low=low, high=high)
        if expected == "TLSv1.2" and not only_1_2:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                kbs.connect()
            continue
        with kbs.connect() as connection:
            assert connection.sock.version() == expected
            assert connection.request("GET", "/healthz").status == 200
    kbs.tls = trusting(certificate)
    assert kbs.request("GET", "/healthz").status == 200


def presented(kbs) -> bytes:
    """The certificate that a new connection gets, whatever it is."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    with Connection(kbs.port, tls=tls) as connection:
        assert connection.request("GET", "/healthz").status == 200
        return connection.sock.getpeercert(binary_form=True)


def der(certificate) -> bytes:
    return certificate.public_bytes(tokens.serialization.Encoding.DER)


def test_a_new_certificate_is_served_without_a_restart(start_tls, tmp_path):
    kbs, first = start_tls()
    with kbs.connect() as old:
        assert old.request("GET", "/healthz").status == 200
        assert presented(kbs) == der(first)
        second = write_pair(tmp_path)
        wait_until(lambda: presented(kbs) == der(second))
        assert old.sock.getpeercert(binary_form=True) == der(first)
    wait_until(lambda: "reloaded" in kbs.log())
    kbs.tls = trusting(second)
    assert kbs.request("GET", "/healthz").status == 200


def test_a_bad_pair_is_refused_and_the_old_one_serves(start_tls, tmp_path):
    kbs, first = start_tls()
    other_key = ec.generate_private_key(ec.SECP256R1())
    replace(tmp_path / "server.key", tokens.private_pem(other_key))
    refusals = lambda: kbs.log().count("TLS certificate and key changed but is refused, the last good one stays in force")
    wait_until(lambda: refusals() == 1)
    assert presented(kbs) == der(first)
    for n, rubbish in enumerate(("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), start=2):
        replace(tmp_path / "server.pem", rubbish)
        wait_until(lambda: refusals() == n)
        assert presented(kbs) == der(first)
    # The right files end it.
    last = write_pair(tmp_path)
    wait_until(lambda: presented(kbs) == der(last))


@pytest.mark.parametrize("http, files, says", [
    ('certificate = "server.pem"\n', ("pem",), "private_key"),
    ('private_key = "server.key"\n', ("key",), "certificate"),
    ("", (), "private_key"),
    (TLS_FILES, ("pem",), "server.key"),
    (TLS_FILES, ("key",), "server.pem"),
    (TLS_FILES, ("pem", "other"), "key")])
def test_no_start_without_a_usable_pair(tmp_path, http, files, says):
    kbs = Kbs(tmp_path, config(http=http))
    write_pair(tmp_path)
    if "other" in files:
        (tmp_path / "server.key").write_text(tokens.private_pem(ec.generate_private_key(ec.SECP256R1())))
    elif "key" not in files:
        (tmp_path / "server.key").unlink()
    if "pem" not in files:
        (tmp_path / "server.pem").unlink()
    status, log = kbs.start(expect_failure=True)
    assert status == 1
    assert "Error: " in log and says in log, log
    assert "Starting HTTP" not in log
