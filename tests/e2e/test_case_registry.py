"""The check of the conformance registry against what tests claimed: nothing is missed in silence."""
import re
import subprocess
import tomllib

import pytest

from support import ROOT

CASES = tomllib.loads((ROOT / "docs/cases.toml").read_text())["case"]
DONE = [entry["id"] for entry in CASES if entry["status"] in ("covered", "differs")]
KUBE_ONLY = "OP-40"  # only a real API server shows it


@pytest.fixture
def check(tmp_path):
    """check(claimed, *options): tools/cases with a log that names these cases."""
    def go(claimed, *options) -> subprocess.CompletedProcess:
        log = tmp_path / "cases.log"
        log.write_text("".join(f"{name}\n" for name in claimed))
        return subprocess.run([ROOT / "tools/cases", "--check", "--log", log, *options], capture_output=True, text=True,
                              timeout=60, check=False)

    return go


def test_a_case_that_no_test_claimed_is_named(check):
    assert check(DONE).returncode == 0
    done = check([name for name in DONE if name != KUBE_ONLY])
    assert (done.returncode, done.stderr) == (
        1, f"{KUBE_ONLY}: registered as covered, but no test that ran claims it\n")


def test_the_cases_of_a_suite_that_was_left_out_are_listed_and_no_others_excused(check):
    other = next(name for name in DONE if name.startswith("CPU-"))
    done = check([name for name in DONE if name != KUBE_ONLY], "--not-run", "kube")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(rf"^NOT RUN, because tests/kube did not: {KUBE_ONLY}$", done.stdout, re.MULTILINE)
    assert "NOT RUN" not in check(DONE, "--not-run", "kube").stdout
    done = check([name for name in DONE if name not in (KUBE_ONLY, other)], "--not-run", "kube")
    assert done.returncode == 1 and done.stderr.startswith(f"{other}: ")


def test_a_suite_that_is_not_there_excuses_nothing(check):
    done = check(DONE, "--not-run", "kub")
    assert (done.returncode, done.stderr) == (1, "tools/cases: tests/kub has no tests\n")
