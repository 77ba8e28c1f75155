"""The gate's plugin (tests/support/gate.py): what is skipped there has failed, what is left out is listed."""
import os
import subprocess
import sys

import pytest

from support import ROOT

STORIES = """
import pytest

@pytest.mark.case("X-1", "X-2")
def test_passes():
    pass

@pytest.mark.case("X-3")
def test_skips_itself():
    pytest.skip("no sun")

@pytest.mark.case("X-4")
@pytest.mark.skipif(True, reason="no moon")
def test_is_skipped():
    pass

@pytest.mark.case("X-5")
@pytest.mark.release_only
def test_measures():
    pass
"""


@pytest.fixture
def session(tmp_path):
    """session(**environment): a pytest session of these stories and of a file that skips itself whole."""
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\naddopts = -p no:cacheprovider --strict-markers\npythonpath = {ROOT / 'tests/support'}\n")
    (tmp_path / "conftest.py").write_text(
        "import gate\n\n\ndef pytest_configure(config):\n    config.pluginmanager.register(gate)\n")
    (tmp_path / "test_stories.py").write_text(STORIES)
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.skip('no stars', allow_module_level=True)\n")
    (tmp_path / "kbs").write_bytes(b"")

    def go(**environment) -> subprocess.CompletedProcess:
        outer = {name: value for name, value in os.environ.items() if name != "TRUSTEE_NO_SKIP"}
        return subprocess.run([sys.executable, "-m", "pytest", "--continue-on-collection-errors", tmp_path], capture_output=True, text=True,
                              timeout=60, check=False,
                              env={**outer, "TRUSTEE_CASES_LOG": str(tmp_path / "log"), "TRUSTEE_BIN": str(tmp_path), **environment})

    return go


def test_without_the_gate_a_skipped_test_is_none_and_claims_nothing(session, tmp_path):
    done = session()
    assert done.returncode == 0 and "2 passed, 3 skipped" in done.stdout, done.stdout
    assert (tmp_path / "log").read_text().split() == ["X-1", "X-2", "X-5"]


def test_in_the_gate_each_skipped_test_has_failed(session):
    done = session(TRUSTEE_NO_SKIP="1")
    assert done.returncode == 1 and "1 failed, 2 passed, 2 errors" in done.stdout, done.stdout
    for reason in ("no sun", "no moon", "no stars"):
        assert f"TRUSTEE_NO_SKIP is set, and this was skipped: Skipped: {reason}" in done.stdout, done.stdout


def test_in_the_gate_what_was_expected_to_fail_has_failed(session, tmp_path):
    (tmp_path / "test_whole.py").write_text("import pytest\n\n\n@pytest.mark.xfail(strict=True)\ndef test_known():\n    assert False\n")
    (tmp_path / "test_stories.py").unlink()
    assert session().returncode == 0
    done = session(TRUSTEE_NO_SKIP="1")
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout


def test_what_a_sanitizer_spoils_is_left_out_and_listed(session, tmp_path):
    (tmp_path / "kbs").write_bytes(b"..__asan_init..")
    done = session()
    assert "NOT RUN, because the programs are built with a sanitizer: test_stories.py::test_measures" in done.stdout
    assert "1 passed, 3 skipped, 1 deselected" in done.stdout, done.stdout
    assert (tmp_path / "log").read_text().split() == ["X-1", "X-2"]
