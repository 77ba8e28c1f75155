import os

import ssl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import gate
import tokens
from hardware import Site
from support import Kbs, config, run


# Machines that run the stories may have a TPM, which clients would find. Stories about what a client
# finds take this away and use the simulated one.
os.environ.setdefault("TRUSTEE_TEE", "sample")


def pytest_configure(config):
    config.pluginmanager.register(gate)


@pytest.fixture
def start(tmp_path):
    """start(config text, **env): a running kbs, stopped at the end of the test."""
    running = []

    def go(text=None, **kwargs):
        directory = tmp_path / f"kbs{len(running)}" if running else tmp_path
        directory.mkdir(exist_ok=True)
        kbs = Kbs(directory, text if text is not None else config(), **kwargs)
        running.append(kbs)
        return kbs.start()

    yield go
    for kbs in running:
        kbs.stop()


@pytest.fixture
def kbs(start):
    """A kbs with default settings on LocalFs, everything allowed to administrators."""
    return start()


@pytest.fixture
def client(tmp_path):
    """client(server, *args): the program in an empty directory that is its HOME too; `--url` first."""
    home = tmp_path / "client"
    home.mkdir()

    def go(server, *args, env=None, program="kbs-client", **kwargs):
        url = server if isinstance(server, str) else getattr(server, "url", None) or f"http://127.0.0.1:{server.port}"
        return run(program, "--url", url, *args, cwd=home, env={"HOME": str(home), **(env or {})}, **kwargs)

    go.home = home
    return go


@pytest.fixture(scope="session")
def hierarchy(tmp_path_factory):
    """Roots, machines and documents of the test hierarchies (tests/programs/test_hierarchy.cc)."""
    directory = tmp_path_factory.mktemp("hierarchy")
    done = run("test-hierarchy", "--out", directory)
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture
def site(tmp_path, start, client, hierarchy):
    """Machines of AMD and Intel with their vendors; Intel's server speaks TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = tmp_path / "vendor.pem"
    certificate.write_text(tokens.pem(tokens.certificate("localhost", key, addresses=["127.0.0.1"])))
    (tmp_path / "vendor.key").write_text(tokens.private_pem(key))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, tmp_path / "vendor.key")
    out = Site(tmp_path, start, client, hierarchy, tls, certificate)
    yield out
    out.stop()
