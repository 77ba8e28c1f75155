"""`trustee initdata`: client-and-guest.md 8, cases CL-80 to CL-85, from the program's side."""
import base64
import gzip
import hashlib
import json

import pytest

from support import ROOT, run

# The text of client-and-guest.md 8.2 and its digests.
TEXT = """algorithm = "sha256"
version = "0.1.0"

[data]
"aa.toml" = '''
[token_configs.kbs]
url = "http://127.0.0.1:8080"
'''
"""
SHA256 = "2765b31f35243636a195a8acc595b86d69223c25bcff9ebb6f7a4e0c340df6b4"
PCR8 = "0f1564a86080d039539dbe4ec1cc941d5ceab54385111ec9c34b7a0f7b313aba"


@pytest.fixture
def init_data(tmp_path):
    def go(command, text=TEXT, *args):
        path = tmp_path / "initdata.toml"
        path.write_bytes(text.encode())
        return run("trustee", "initdata", command, path.name, *args, cwd=tmp_path)
    go.directory = tmp_path
    return go


def printed(done) -> str:
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.case("CL-80", "CL-81")
def test_digest_and_pcr8_are_those_of_the_specification(init_data):
    assert printed(init_data("digest")) == SHA256 + "\n"
    assert printed(init_data("pcr8")) == PCR8 + "\n"
    crlf = TEXT.replace("\n", "\r\n")
    assert printed(init_data("digest", crlf)) == hashlib.sha256(crlf.encode()).hexdigest() + "\n" != SHA256 + "\n"


@pytest.mark.case("OP-94")
def test_pcr_8_is_zeros_extended_by_the_digest_of_the_text(init_data):
    for text in (TEXT, TEXT + "# x\n", TEXT.replace("\n", "\r\n")):
        extended = hashlib.sha256(bytes(32) + hashlib.sha256(text.encode()).digest())
        assert printed(init_data("pcr8", text)) == extended.hexdigest() + "\n"


@pytest.mark.case("CL-83", "CL-84")
def test_digest_of_a_tee_is_what_its_field_holds(init_data):
    longer = TEXT.replace("sha256", "sha384")
    sha384 = hashlib.sha384(longer.encode()).hexdigest()
    assert printed(init_data("digest", longer, "--tee", "snp")) == sha384[:64] + "\n"
    assert printed(init_data("digest", TEXT, "--tee", "tdx")) == SHA256 + "00" * 16 + "\n"
    assert printed(init_data("digest", TEXT, "--tee", "az-snp-vtpm")) == PCR8 + "\n"


@pytest.mark.case("CL-85")
def test_a_digest_that_pcr_8_cannot_hold_is_refused(init_data):
    longer = TEXT.replace("sha256", "sha384")
    for args in (("pcr8", longer), ("digest", longer, "--tee", "tpm"), ("check", longer, "--tee", "az-tdx-vtpm")):
        done = init_data(*args)
        assert done.returncode == 1
        assert done.stderr == "Error: the initdata digest has 48 bytes, PCR 8 takes 32: use algorithm sha256 or sm3\n"
    assert "tpm          cannot carry it: PCR 8 takes" in printed(init_data("check", longer))


def test_encode_is_base64_of_gzip_of_the_very_text(init_data):
    text = printed(init_data("encode"))
    assert gzip.decompress(base64.b64decode(text.rstrip("\n"), validate=True)).decode() == TEXT
    assert text.endswith("\n") and text.count("\n") == 1


def test_check_says_what_the_document_is(init_data):
    lines = printed(init_data("check")).splitlines()
    assert lines[:2] == [f"initdata.toml: version 0.1.0, sha256 {SHA256}", "  data.aa.toml, 50 bytes"]
    assert f"  snp          HOSTDATA {SHA256}" in lines and f"  tpm          PCR 8 {PCR8}" in lines


@pytest.mark.parametrize("text,reason", [
    ("", "is no initdata"), ("x = ", "is no initdata"),
    (TEXT.replace("sha256", "sha-256"), "is no initdata"), (TEXT.replace("[data]", "[dat]"), "is no initdata"),
    (TEXT.replace("url =", "url"), "`data.aa.toml` is not TOML")])
def test_check_refuses_what_is_no_initdata(init_data, text, reason):
    done = init_data("check", text)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr, done.stderr


def compared(init_data, tee, evidence):
    path = init_data.directory / "evidence.json"
    path.write_text(evidence if isinstance(evidence, str) else json.dumps(evidence))
    return init_data("check", TEXT, "--tee", tee, "--evidence", path.name)


def test_check_compares_with_what_evidence_is_bound_to(init_data):
    snp = json.loads((ROOT / "tests/vectors/snp/evidence-genoa-e2e.json").read_text())
    tpm = json.loads((ROOT / "tests/vectors/tpm/tpm_evidence.json").read_text())
    azure = json.loads((ROOT / "tests/vectors/az-snp-vtpm/evidence-v2.json").read_text())
    quote = bytearray((ROOT / "tests/vectors/tdx/tdx_quote_4.dat").read_bytes())

    def tdx():
        return {"quote": base64.b64encode(quote).decode(), "cc_eventlog": None}

    others = [("snp", snp, "HOSTDATA is " + "00" * 32), ("tpm", tpm, "PCR 8 is " + "00" * 32),
              ("az-snp-vtpm", azure, "PCR 8 is "), ("tdx", tdx(), "MRCONFIGID is ")]
    for tee, evidence, reason in others:
        done = compared(init_data, tee, evidence)
        assert (done.returncode, done.stderr) == (4, ""), done
        assert "NOT bound to it: " + reason in done.stdout
    # The same with the field as the hardware would have it.
    snp["attestation_report"]["host_data"] = list(bytes.fromhex(SHA256))
    tpm["tpm_quote"]["pcrs"][8] = azure["tpm_quote"]["pcrs"][8] = PCR8
    quote[48 + 184:48 + 232] = bytes.fromhex(SHA256) + bytes(16)
    for tee, evidence in (("snp", snp), ("tpm", tpm), ("az-snp-vtpm", azure), ("tdx", tdx())):
        done = compared(init_data, tee, evidence)
        assert done.returncode == 0 and "is bound to it by" in done.stdout, done


def test_evidence_that_cannot_be_read_is_an_error(init_data):
    for tee, evidence in (("snp", "{}"), ("tdx", '{"quote":""}'), ("tpm", "{}"), ("tpm", "x"), ("sgx", "{}")):
        assert compared(init_data, tee, evidence).returncode == 1
    assert init_data("check", TEXT, "--evidence", "x").returncode == 2
    assert init_data("digest", TEXT, "--tee", "nonsense").returncode == 1
    assert run("trustee", "initdata", "digest", "/nowhere").returncode == 1
