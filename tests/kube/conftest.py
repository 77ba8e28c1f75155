import os
import pathlib
import shutil

import pytest

from bed import Bed

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOGS = ROOT / "build/kube-logs"  # of beds in whose session a test failed


def pytest_configure(config):
    config.addinivalue_line("markers", "case(*ids): conformance cases that this test covers when it passes")
    shutil.rmtree(LOGS, ignore_errors=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    log = os.environ.get("TRUSTEE_CASES_LOG")
    if report.when == "call" and report.passed and log:
        with open(log, "a", encoding="utf-8") as out:
            for mark in item.iter_markers("case"):
                out.writelines(f"{name}\n" for name in mark.args)


def running(profile: str, request):
    """A bed for the whole session; its logs are kept when a test failed."""
    bed = Bed(profile).start()
    yield bed
    if request.session.testsfailed:
        bed.save_logs(LOGS)
    bed.stop()


@pytest.fixture(scope="session")
def api_bed(request):
    """etcd and API server, shared by the session: each test its own namespace (`namespace`)."""
    yield from running("api", request)


@pytest.fixture(scope="session")
def kwok_bed(request):
    """All controllers and a fake node, shared by the session."""
    yield from running("kwok", request)


@pytest.fixture(scope="session")
def node_bed(request):
    """A cluster with a real node, shared by the session."""
    yield from running("node", request)


@pytest.fixture
def namespace(request):
    """namespace(bed): the name of a new namespace for this test, deleted (not waited for) after it."""
    made = []

    def go(bed, labels=None):
        name = f"t{os.urandom(4).hex()}"
        bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels or {}}})
        made.append((bed, name))
        return name

    yield go
    for bed, name in made:
        bed.kubectl("delete", "namespace", name, "--wait=false")
