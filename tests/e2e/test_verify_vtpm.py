"""`trustee verify` on evidence of real machines with a vTPM or TPM, at its date."""
import json

import pytest

from support import ROOT, run

AZURE = ROOT / "src/azure/testdata"
AZ_SNP = ROOT / "src/az_snp_vtpm/testdata"
COLLATERAL = ROOT / "tests/vectors/dcap-sets/tdx-v4-00806f050000-azure.collateral.json"
CHALLENGE = b"challenge".hex()


def verify(tee, file, *args):
    """Exit status and the answer."""
    done = run("trustee", "verify", "--tee", tee, "--json", *args, file)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def claims_of(answer, tee):
    (only,) = answer["appraisals"]
    return only["claims"][tee]


def without_bindings(claims):
    """The claims as the appraisal shows them: what binds them to a session stands elsewhere."""
    return {name: value for name, value in claims.items() if name not in ("report_data", "init_data")}


@pytest.mark.parametrize("version", [0, 1, 2])
def test_of_snp_on_azure(version):
    known = json.loads((AZ_SNP / f"evidence-v{version}.claims.json").read_text())
    expected = without_bindings(known)
    file = AZ_SNP / f"evidence-v{version}.json"
    status, answer = verify("az-snp-vtpm", file, "--at", "2026-11-24", "--report-data", known["report_data"])
    assert (status, answer["verified"]) == (0, True), answer
    claims = claims_of(answer, "az-snp-vtpm")
    assert {name: claims[name] for name in expected} == expected
    status, answer = verify("az-snp-vtpm", file, "--at", "2026-11-24", "--report-data", "00" * 48)
    assert (status, answer["code"]) == (4, "tpm.nonce_mismatch")
    status, answer = verify("az-snp-vtpm", file, "--at", "2026-11-24")
    assert (status, answer["code"]) == (4, "azure.report_data_missing")


@pytest.mark.parametrize("version", [0, 1])
def test_of_tdx_on_azure(version):
    file = AZURE / f"tdx-evidence-v{version}.json"
    date = ("--at", "2025-10-28T12:00:00Z", "--report-data", CHALLENGE)
    status, answer = verify("az-tdx-vtpm", file, *date, "--collateral", COLLATERAL)
    assert (status, answer["verified"]) == (0, True), answer
    claims = claims_of(answer, "az-tdx-vtpm")
    assert claims["tcb_status"] == "OutOfDate"
    assert claims["tpm"]["pcr00"].startswith("782b20b1") and len(claims["tpm"]) == 24
    # Without collateral it is not verified, and nothing is fetched.
    done = run("trustee", "verify", "--tee", "az-tdx-vtpm", *date, file)
    assert done.returncode != 0 and "--collateral" in done.stderr + done.stdout


def test_of_a_tpm():
    data = ROOT / "src/tpm_evidence/testdata"
    expected = without_bindings(json.loads((data / "tpm_evidence.claims.json").read_text()))
    status, answer = verify("tpm", data / "tpm_evidence.json")
    assert (status, answer["verified"]) == (0, True), answer
    claims = claims_of(answer, "tpm")
    assert {name: claims[name] for name in expected} == expected and claims["ak_trust"] == "any"
