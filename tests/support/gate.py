"""What every session of stories does, as a pytest plugin that conftest.py registers.

`@pytest.mark.case("ID", …)` claims conformance cases: they are appended to TRUSTEE_CASES_LOG when the
test passes. With TRUSTEE_NO_SKIP, as in scripts/test, a test that is skipped has failed. Tests marked
`release_only` are left out, and listed as NOT RUN, where the programs are built with a sanitizer.
"""
import os

import pytest

from programs import sanitized

LEFT_OUT = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[LEFT_OUT] = []
    config.addinivalue_line("markers", "case(*ids): conformance cases that this test covers when it passes")
    config.addinivalue_line("markers", "release_only: asks for figures that a sanitizer spoils")


def pytest_collection_modifyitems(config, items):
    for_release = [item for item in items if item.get_closest_marker("release_only")]
    if for_release and sanitized():
        config.stash[LEFT_OUT] += for_release
        config.hook.pytest_deselected(items=for_release)
        items[:] = [item for item in items if item not in for_release]


def pytest_terminal_summary(terminalreporter, config):
    for item in config.stash[LEFT_OUT]:
        terminalreporter.write_line(f"NOT RUN, because the programs are built with a sanitizer: {item.nodeid}")


def refuse_skipping(report):
    """In the gate, what was skipped has failed; so has what was expected to fail, and did."""
    if report.skipped and os.environ.get("TRUSTEE_NO_SKIP"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        vars(report).pop("wasxfail", None)  # with it the session would not count the failure
        report.longrepr = f"TRUSTEE_NO_SKIP is set, and this was skipped: {reason}"


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report():
    refuse_skipping((yield).get_result())


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    refuse_skipping(report)
    log = os.environ.get("TRUSTEE_CASES_LOG")
    if report.when == "call" and report.passed and log:
        with open(log, "a", encoding="utf-8") as out:
            for mark in item.iter_markers("case"):
                out.writelines(f"{name}\n" for name in mark.args)
