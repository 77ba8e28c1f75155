"""`trustee explain --evidence FILE --resource PATH`: what policies would say before anybody serves with them."""
import json

import pytest

from support import ROOT, run

SAMPLE = {"svn": "1", "report_data": "Y2hhbGxlbmdl"}
REFERENCES = {"launch_digest": ["abcde"], "svn": ["1"], "major_version": 1, "minimum_minor_version": 4}
PATH = "default/kitchen/cake"
ONE_TAG = """package policy
import rego.v1
default allow := false
allow if data["resource-path"] == ["default", "kitchen", "bread"]
"""


@pytest.fixture
def files(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path
    return write


def explain(*args):
    return run("trustee", "explain", *args)


def sample(files, *args, resource=PATH):
    return explain("--tee", "sample", "--evidence", files("evidence.json", SAMPLE), "--resource", resource, *args)


def test_names_the_reference_values_without_which_the_resource_is_refused(files):
    done = sample(files)
    assert done.returncode == 4, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith("evidence.json: refused")
    assert lines[1] == f"resource resource/{PATH}"
    assert "authz.denied_by_policy" in done.stdout
    assert "`launch_digest` is not registered" in done.stdout
    assert "the resource policy's `allow` is false" in done.stdout
    assert "the policy itself wants `affirming`" in done.stdout


def test_with_the_reference_values_it_is_released(files):
    done = sample(files, "--references", files("references.json", REFERENCES))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[0].endswith(": released")
    assert "the resource policy's `allow` is true" in done.stdout
    other = files("other.json", dict(REFERENCES, launch_digest=["another"]))
    done = sample(files, "--references", other)
    assert done.returncode == 4
    assert "`launch_digest`" in done.stdout and "abcde" in done.stdout


def test_a_resource_policy_may_refuse_one_resource_only(files):
    policy = files("policy.rego", ONE_TAG)
    assert sample(files, "--resource-policy", policy, resource="default/kitchen/bread").returncode == 0
    done = sample(files, "--resource-policy", policy)
    assert done.returncode == 4
    assert "no small change of the token's claims makes it allow" in done.stdout
    done = sample(files, "--resource-policy", files("broken.rego", "package policy\nallow := {"))
    assert done.returncode == 1 and "policy.rego:2:11" in done.stderr


def test_a_resource_policy_that_fails_when_it_runs_refuses_and_says_so(files):
    policy = files("policy.rego", """package policy
import rego.v1
allow := true if input.submods
allow := false if input.iss != "x"
""")
    done = sample(files, "--resource-policy", policy)
    assert done.returncode == 4, done.stderr
    assert done.stdout.splitlines()[0].endswith(": refused")
    assert "authz.policy_failed" in done.stdout and f"resource/{PATH}\n  * rego." in done.stdout, done.stdout


def test_an_attestation_policy_may_be_given(files):
    policy = files("attestation.rego", """package policy
import rego.v1
trust_claims := {"executables": 3, "hardware": 2, "configuration": 2}
""")
    assert sample(files, "--policy", policy).returncode == 0


def test_evidence_that_does_not_verify_gets_no_token(files):
    done = sample(files, "--report-data", b"challengE".hex())
    assert done.returncode == 4
    assert done.stdout.splitlines()[0].endswith(": refused")
    assert "sample.report_data_mismatch" in done.stdout
    assert "allow" not in done.stdout


def test_for_programs(files):
    done = sample(files, "--json")
    assert done.returncode == 4
    answer = json.loads(done.stdout)
    assert answer["record"]["verdict"] == "refused"
    assert answer["record"]["release"]["resource"] == f"resource/{PATH}"
    assert [e["subject"] for e in answer["explanations"]] == ["cpu0", f"resource/{PATH}"]
    assert "authz.denied_by_policy" in [f["rule"] for f in answer["record"]["findings"]]


def test_what_was_not_checked_is_said(files):
    references = ("--references", files("references.json", REFERENCES))
    given = {"report_data": ("--report-data", b"challenge".hex()), "init_data": ("--init-data", "00")}
    for names in ((), ("report_data",), ("init_data",), ("report_data", "init_data")):
        args = [arg for name in names for arg in given[name]]
        done = sample(files, *references, *args)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("report data were not checked (--report-data)" in done.stdout) == ("report_data" not in names)
        assert ("init data were not checked (--init-data)" in done.stdout) == ("init_data" not in names)
        answer = json.loads(sample(files, *references, *args, "--json").stdout)
        assert answer["not_checked"] == [name for name in given if name not in names]


def test_evidence_of_a_real_machine():
    done = explain("--tee", "snp", "--evidence", ROOT / "tests/vectors/snp/evidence-genoa-e2e.json", "--at", "2026-11-24",
                   "--resource", PATH)
    assert done.returncode == 4, done.stderr
    assert "`snp_launch_measurement`" in done.stdout or "snp.measurement" in done.stdout, done.stdout


def test_usage(files):
    evidence = files("evidence.json", SAMPLE)
    assert explain().returncode == 2
    assert explain("--evidence", evidence).returncode == 2
    assert explain("0" * 32, "--evidence", evidence, "--resource", PATH).returncode == 2
    assert explain("0" * 32, "--resource", PATH).returncode == 2
    of_file = {"--tee": "sample", "--at": "2026-11-24", "--report-data": "00", "--init-data": "00", "--vcek": evidence,
               "--offline-store": evidence.parent, "--collateral": evidence, "--policy": evidence,
               "--references": evidence, "--resource": PATH, "--resource-policy": evidence}
    for option, value in of_file.items():
        done = explain("0" * 32, "--url", "http://127.0.0.1:1", option, value)
        assert done.returncode == 2 and "--evidence" in done.stderr, (option, done)
    assert explain("0" * 32, "--url", "http://127.0.0.1:1", "--ignore-dates").returncode == 2
    for option, value in {"--url": "http://127.0.0.1:1", "--cert-file": evidence, "--admin-token-file": evidence}.items():
        done = explain("--tee", "sample", "--evidence", evidence, "--resource", PATH, option, value)
        assert done.returncode == 2 and option in done.stderr, (option, done)
    for path in ("default/kitchen", "a/b/c/d", "../b/c", ""):
        assert explain("--tee", "sample", "--evidence", evidence, "--resource", path).returncode in (1, 2), path
    absent = explain("--tee", "sample", "--evidence", evidence.with_name("absent"), "--resource", PATH)
    assert absent.returncode == 1
