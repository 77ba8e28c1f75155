"""The operator's command line, which is read as the released program's language reads its flags."""
import os
import subprocess

import pytest

from support import BIN

MANAGER = BIN / "manager"


def run(tmp_path, *args):
    """(exit status, standard output, standard error) without any cluster to be found."""
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run([MANAGER, *args], capture_output=True, text=True, env=env, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("args, says", [
    (["--unknown"], "flag provided but not defined: -unknown"),
    (["-unknown=1"], "flag provided but not defined: -unknown"),
    (["--leader-elect=maybe"], 'invalid boolean value "maybe" for -leader-elect'),
    (["--zap-encoder=xml"], 'invalid value "xml" for flag -zap-encoder'),
    (["--zap-log-level=typo"], 'invalid value "typo" for flag -zap-log-level'),
    (["--zap-log-level", "0"], 'invalid value "0" for flag -zap-log-level'),
    (["--zap-log-level=warn"], 'invalid value "warn" for flag -zap-log-level'),
    (["--zap-stacktrace-level=debug"], 'invalid value "debug" for flag -zap-stacktrace-level'),
    (["--zap-time-encoding=nano"], 'invalid value "nano" for flag -zap-time-encoding'),
    (["--kubeconfig"], "flag needs an argument: -kubeconfig"),
    (["---x"], "bad flag syntax: ---x"),
    (["--=x"], "bad flag syntax: --=x"),
])
def test_wrong_usage_says_why_and_how_and_ends_with_2(tmp_path, args, says):
    status, out, err = run(tmp_path, *args)
    assert (status, out) == (2, "")
    assert err.startswith(says)
    assert "Usage: manager [OPTIONS]" in err


@pytest.mark.parametrize("word", ["-h", "--help", "-help"])
def test_help_ends_with_0(tmp_path, word):
    status, out, err = run(tmp_path, word)
    assert (status, err) == (0, "")
    assert "--health-probe-bind-address" in out


@pytest.mark.parametrize("args", [
    [], ["--metrics-bind-address=:8443", "--leader-elect", "--health-probe-bind-address=:8081"],
    ["-metrics-secure=false", "-leader-elect=T", "-zap-log-level", "1", "-zap-devel=0", "-zap-encoder=json"],
    ["--zap-log-level=Panic", "--zap-encoder=JSON", "--zap-stacktrace-level=error", "--zap-time-encoding=ISO8601"],
    ["--leader-elect", "false", "--unknown"],  # a truth value takes no next word: reading ends there
])
def test_flags_of_the_released_program_are_taken_and_without_a_cluster_it_ends_with_1(tmp_path, args):
    status, _, err = run(tmp_path, *args)
    assert status == 1
    assert "neither a kubeconfig nor a service account names an API server" in err


def test_a_kubeconfig_that_wants_a_plugin_is_refused_with_the_reason(tmp_path):
    config = tmp_path / "config"
    config.write_text("""{"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"exec": {"command": "x"}}}]}""")
    status, _, err = run(tmp_path, f"--kubeconfig={config}")
    assert status == 1
    assert "the user's 'exec' is not built in" in err
