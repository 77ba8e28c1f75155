import os
import shutil
import signal

import pytest

import gate
from bed import LOGS, shared_bed

pytest.register_assert_rewrite("journey", "journey_rows")


def pytest_configure(config):
    config.pluginmanager.register(gate)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # beds are cleared also when time is up
    shutil.rmtree(LOGS, ignore_errors=True)


def pytest_terminal_summary(terminalreporter):
    if LOGS.exists():
        terminalreporter.write_line(f"logs of the beds: {LOGS}")


@pytest.fixture(scope="session")
def api_bed(request):
    """etcd and API server, shared by the session: each test its own namespace (`namespace`)."""
    with shared_bed("api", request.session) as bed:
        yield bed


@pytest.fixture(scope="session")
def kwok_bed(request):
    """All controllers and a fake node, shared by the session."""
    with shared_bed("kwok", request.session) as bed:
        yield bed


@pytest.fixture(scope="session")
def node_bed(request):
    """A cluster with a real node, shared by the session."""
    with shared_bed("node", request.session) as bed:
        yield bed


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
