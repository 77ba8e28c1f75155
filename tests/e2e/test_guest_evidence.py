"""Guests with hardware, simulated down to the kernel's interface: kbs-client makes evidence there and
gets its secret from a kbs that trusts the test hierarchy. client-and-guest.md 4, 9, cases CL-71 to CL-75."""
import hashlib
import json

import pytest

from client import get, loaded
from support import ROOT, config, run

SIMULATED = "kbs-client-simulated"
INIT_DATA = 'algorithm = "sha384"\nversion = "0.1.0"\n\n[data]\n"a" = "b"\n'
# Whoever attested as SNP; nobody else.
SNP_ONLY = """package policy

default allow := false

allow if {
\tinput.submods.cpu0["ear.veraison.annotated-evidence"].snp
}
"""


@pytest.fixture
def trusting(start):
    """A kbs whose roots are those of the test hierarchy, with a secret for SNP guests."""
    return loaded(start(config(), program="kbs-with-test-roots"), policy=SNP_ONLY)


def machine(tee, fault="", **more):
    return {"TRUSTEE_TEE": "", "SIMULATED_TEE": tee, "SIMULATED_FAULT": fault, "RUST_LOG": "none", **more}


@pytest.mark.parametrize("tee", ["snp", "snp-device"])
def test_an_snp_guest_gets_its_secret(client, trusting, tee):
    done = get(client, trusting, env=machine(tee), program=SIMULATED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", "")


def test_the_shipped_server_does_not_trust_the_test_hierarchy(client, kbs):
    done = get(client, loaded(kbs, policy=SNP_ONLY), env=machine("snp"), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert "amd.chain_not_trusted" in done.stderr


def test_a_signature_that_is_wrong_is_refused_by_the_server(client, trusting):
    done = get(client, trusting, env=machine("snp", "unsigned"), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert "snp.signature_mismatch" in done.stderr, done.stderr


@pytest.mark.case("CL-72", "CL-73")
@pytest.mark.parametrize("fault,reason", [
    ("generation", "generation 2 after 1 writes of ours"),
    ("generation-text", "the generation of a configfs-tsm report is no number"),
    ("busy", "busy")])
def test_a_report_that_somebody_else_touched_is_not_sent(client, trusting, fault, reason):
    before = trusting.settled_log().count("/kbs/v0/attest")
    done = get(client, trusting, env=machine("snp", fault), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr, done.stderr
    assert trusting.settled_log().count("/kbs/v0/attest") == before


def test_a_foreign_provider_is_no_snp_machine_and_never_sample(client, trusting):
    done = get(client, trusting, env=machine("snp", "provider"), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert "sample" not in done.stderr and "/dev/sev-guest" in done.stderr, done.stderr


def test_hardware_without_attester_is_named(client, kbs):
    done = client(kbs, "attest", env=machine("sgx"), program=SIMULATED)
    assert done.returncode == 0
    assert done.stderr == ("warning: no TEE found on this machine, but sgx, which this client has no attester for: "
                           "sample evidence is sent, which proves nothing\n")


def test_the_kind_of_machine_can_be_named(client, kbs):
    done = client(kbs, "attest", "--tee", "sample", env=machine("snp"), program=SIMULATED)
    assert (done.returncode, done.stderr) == (0, "")
    for tee, reason in (("sgx", "this client has no attester for sgx"), ("x", "there is no kind of machine named x")):
        refused = client(kbs, "attest", "--tee", tee, env=machine("snp"), program=SIMULATED)
        assert (refused.returncode, refused.stderr) == (1, f"Error: {reason}\n")


def evidence(*args, env=None):
    done = run(SIMULATED, "evidence", *args, env=env or machine("snp"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("}\n") and done.stdout.count("\n") == 1
    return json.loads(done.stdout)


@pytest.mark.case("CL-71")
def test_evidence_prints_what_the_machine_says(tmp_path):
    assert evidence("--tee", "sample", "--report-data", b"xxxx".hex()) == {"svn": "1", "report_data": "eHh4eA=="}
    printed = evidence("--report-data", "0102")
    assert printed["attestation_report"]["report_data"] == [1, 2] + [0] * 62
    assert printed["cert_chain"][0]["cert_type"] == "VCEK"
    assert evidence("--report-data", "", env=machine("snp", "no-certificates"))["cert_chain"] is None
    # What is printed is what `trustee verify` reads.
    (tmp_path / "evidence.json").write_text(json.dumps(printed))
    verified = run("trustee", "verify", "--json", "--tee", "snp", tmp_path / "evidence.json")
    assert json.loads(verified.stdout)["code"] == "amd.chain_not_trusted"


def test_evidence_for_a_nonce_is_the_message_that_would_be_sent():
    key = ROOT / "tests/transcripts/keys/tee-p256.pem"
    printed = evidence("--nonce", "abc", "--tee-key-file", key, 'version = "1"')
    assert printed["init-data"] == {"format": "toml", "body": 'version = "1"'}
    runtime = printed["runtime-data"]
    bound = {"additional-evidence": "", "nonce": "abc", "tee-pubkey": runtime["tee-pubkey"]}
    digest = hashlib.sha384(json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()).digest()
    report = printed["tee-evidence"]["primary_evidence"]["attestation_report"]
    assert bytes(report["report_data"]) == digest + bytes(16)


def test_evidence_wants_to_know_what_to_bind():
    for args in ([], ["--report-data", "00", "--nonce", "x"]):
        assert run(SIMULATED, "evidence", *args, env=machine("snp")).returncode == 2
    assert run(SIMULATED, "evidence", "--report-data", "0", env=machine("snp")).returncode == 1
    too_long = run(SIMULATED, "evidence", "--report-data", "00" * 65, env=machine("snp"))
    assert (too_long.returncode, too_long.stderr) == (1, "Error: 65 bytes of report data, 64 fit\n")


@pytest.mark.case("CL-85")
def test_init_data_that_pcr_8_cannot_hold_is_refused_before_anything_is_sent(client, kbs):
    env = machine("tpm", AA_TPM_DEVICE="swtpm:path=/nowhere")
    done = client(kbs, "attest", INIT_DATA, env=env, program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("Error: the initdata digest has 48 bytes, PCR 8 takes 32: use algorithm sha256 or sm3\n")
    assert "/kbs/v0/auth" not in kbs.settled_log()
