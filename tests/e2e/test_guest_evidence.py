"""Guests with hardware, simulated down to the kernel's interface: kbs-client makes evidence there and
gets its secret from a kbs that trusts the test hierarchy. client-and-guest.md 4, 9, cases CL-71 to CL-75."""
import hashlib
import json
import warnings

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from client import get, loaded
from hardware import HARDWARE_ONLY, SIMULATED, claims_of, machine
from support import ROOT, config, run

INIT_DATA = 'algorithm = "sha384"\nversion = "0.1.0"\n\n[data]\n"a" = "b"\n'


@pytest.fixture
def trusting(start):
    """A kbs whose roots are those of the test hierarchy, with a secret for guests with hardware."""
    return loaded(start(config(), program="kbs-with-test-roots"), policy=HARDWARE_ONLY)


@pytest.fixture
def tdx(hierarchy):
    """tdx(fault, tee): the environment of a TDX guest on the test hierarchy's platform."""
    return lambda fault="", tee="tdx": machine(tee, fault, hierarchy)


def certificates(path):
    return [x509.load_pem_x509_certificate(part.encode() + b"-----END CERTIFICATE-----\n")
            for part in path.read_text().split("-----END CERTIFICATE-----\n")[:-1]]


def test_other_software_verifies_what_the_test_hierarchies_signed(hierarchy):
    good = hierarchy / "good"
    ask, ark = certificates(good / "amd-chain.pem")
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    crl = x509.load_der_x509_crl((good / "amd-crl.der").read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # AMD's keys have serial number 0
        vcek = x509.load_der_x509_certificate((good / "vcek-3.der").read_bytes())
        for signed, issuer, to_be_signed in ((vcek, ask, vcek.tbs_certificate_bytes), (ask, ark, ask.tbs_certificate_bytes),
                                             (ark, ark, ark.tbs_certificate_bytes), (crl, ark, crl.tbs_certlist_bytes)):
            issuer.public_key().verify(signed.signature, to_be_signed, pss, hashes.SHA384())
            assert signed.issuer == issuer.subject
    hwid = vcek.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.3.6.1.4.1.3704.1.4")).value.value
    assert hwid == bytes([3, 0, 0, 0, *range(0x44, 0x80)])
    signer, root = certificates(good / "tcb-chain.pem")
    trusted = x509.load_der_x509_certificate((hierarchy / "roots/intel.der").read_bytes())
    for certificate in (signer, root):
        trusted.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))
    assert root.subject == trusted.subject
    text = (good / "tcb.json").read_text()
    body = text[len('{"tcbInfo":'):text.rindex(',"signature":')]
    r_s = bytes.fromhex(json.loads(text)["signature"])
    signature = utils.encode_dss_signature(int.from_bytes(r_s[:32], "big"), int.from_bytes(r_s[32:], "big"))
    signer.public_key().verify(signature, body.encode(), ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("tee", ["snp", "snp-device"])
def test_an_snp_guest_gets_its_secret(client, trusting, tee):
    done = get(client, trusting, env=machine(tee), program=SIMULATED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", "")


@pytest.mark.parametrize("tee", ["tdx", "tdx-v5", "tdx-1.5"])
def test_a_tdx_guest_gets_its_secret(client, site, tdx, tee):
    kbs = site.server()
    done = get(client, kbs, env=tdx(tee=tee), program=SIMULATED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", "")
    claims = claims_of(client(kbs, "attest", env=tdx(tee=tee), program=SIMULATED).stdout)["tdx"]
    assert claims["tcb_status"] == "UpToDate"
    assert claims["quote"]["header"]["version"] == ("0400" if tee == "tdx" else "0500")
    assert ("mr_servicetd" in claims["quote"]["body"]) == (tee == "tdx-1.5")


def test_the_shipped_server_does_not_trust_the_test_hierarchies(client, kbs, tdx):
    loaded(kbs, policy=HARDWARE_ONLY)
    for env, reason in ((machine("snp"), "amd.chain_not_trusted"), (tdx(), "intel.pck_chain_not_trusted")):
        done = get(client, kbs, env=env, program=SIMULATED)
        assert (done.returncode, done.stdout) == (1, "")
        assert reason in done.stderr, done.stderr


@pytest.mark.parametrize("fault,reason", [
    ("unsigned", "snp.signature_mismatch"), ("report-data", "snp.report_data_mismatch")])
def test_an_snp_report_that_is_wrong_is_refused_by_the_server(client, trusting, fault, reason):
    done = get(client, trusting, env=machine("snp", fault), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr, done.stderr


@pytest.mark.parametrize("fault,reason", [
    ("unsigned", "intel.quote_signature_invalid"), ("report-data", "intel.report_data_mismatch")])
def test_a_tdx_quote_that_is_wrong_is_refused_by_the_server(client, site, tdx, fault, reason):
    kbs = site.server()
    done = get(client, kbs, env=tdx(fault), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr, done.stderr


@pytest.mark.case("CL-72", "CL-73")
@pytest.mark.parametrize("fault,reason", [
    ("generation", "generation 2 after 1 writes of ours"),
    ("generation-text", "the generation of a configfs-tsm report is no number"),
    ("busy", "busy")])
@pytest.mark.parametrize("tee", ["snp", "tdx"])
def test_a_report_that_somebody_else_touched_is_not_sent(client, trusting, hierarchy, tee, fault, reason):
    before = trusting.settled_log().count("/kbs/v0/attest")
    done = get(client, trusting, env=machine(tee, fault, hierarchy), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr, done.stderr
    assert trusting.settled_log().count("/kbs/v0/attest") == before


@pytest.mark.parametrize("tee,device", [("snp", "/dev/sev-guest"), ("tdx", "/dev/tdx_guest")])
def test_a_foreign_provider_is_no_such_machine_and_never_sample(client, trusting, hierarchy, tee, device):
    done = get(client, trusting, env=machine(tee, "provider", hierarchy), program=SIMULATED)
    assert (done.returncode, done.stdout) == (1, "")
    assert "sample" not in done.stderr and device in done.stderr, done.stderr


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
