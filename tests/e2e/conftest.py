import os

import pytest

from support import Kbs, config, run


# Machines that run the stories may have a TPM, which clients would find. Stories about what a client
# finds take this away and use the simulated one.
os.environ.setdefault("TRUSTEE_TEE", "sample")


def pytest_configure(config):
    config.addinivalue_line("markers", "case(*ids): conformance cases that this test covers when it passes")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    log = os.environ.get("TRUSTEE_CASES_LOG")
    if report.when == "call" and report.passed and log:
        with open(log, "a", encoding="utf-8") as out:
            for mark in item.iter_markers("case"):
                out.writelines(f"{name}\n" for name in mark.args)


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
