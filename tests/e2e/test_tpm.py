"""Attestation with a TPM 2.0: a real one in software, over TLS, to a secret or to a refusal with its reason."""
import base64
import hashlib
import json
import ssl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import tokens
from software_tpm import SoftwareTpm, TpmGuest, pcr8_of
from support import ALLOW_ALL, Kbs, config, run

@pytest.fixture
def tpm(tmp_path):
    machine = SoftwareTpm(tmp_path / "tpm")
    yield machine
    machine.stop()


@pytest.fixture
def other_tpm(tmp_path):
    machine = SoftwareTpm(tmp_path / "other-tpm")
    yield machine
    machine.stop()


@pytest.fixture
def serve(tmp_path, start):
    """serve(*keys): a kbs over TLS that trusts these attestation keys and holds one secret."""
    def go(*keys, more=""):
        directory = tmp_path / "aks"
        directory.mkdir()
        for number, key in enumerate(keys):
            (directory / f"{number}.pub").write_bytes(key.public_area)
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = tokens.pem(tokens.certificate("localhost", key, days=30, addresses=["127.0.0.1"]))
        (tmp_path / "server.key").write_text(tokens.private_pem(key))
        (tmp_path / "server.pem").write_text(certificate)
        kbs = start(config(http='private_key = "server.key"\ncertificate = "server.pem"\n', extra=(
            '[attestation_service]\ntype = "coco_as_builtin"\n'
            "[attestation_service.rvps_config]\ntype = \"BuiltIn\"\n"
            "[attestation_service.verifier_config.tpm_verifier]\n"
            f'trusted_ak_keys_dir = "{directory}"\nrequire_restricted_ak = true\n{more}')))
        kbs.tls = ssl.create_default_context(cadata=certificate)
        assert kbs.set_resource_policy(ALLOW_ALL).status == 200
        assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"for this machine").status == 200
        return kbs

    return go


def refused(guest: TpmGuest) -> str:
    """Attests in vain; the code of the refusal."""
    assert guest.auth().status == 200
    answer = guest.attest()
    assert answer.status == 401, (answer.status, answer.body)
    assert guest.get("resource/a/b/c").status == 401
    return answer.header("trustee-code")


@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
def test_a_machine_with_a_tpm_gets_its_secret(serve, tpm, algorithm):
    key = tpm.attestation_key(algorithm)
    guest = TpmGuest(serve(key), key).handshake()
    assert guest.secret("resource/a/b/c") == b"for this machine"
    claims = guest.claims()["submods"]["cpu0"]["ear.veraison.annotated-evidence"]["tpm"]
    assert [claims[f"pcr{i:02}"] for i in range(24)] == [pcr.hex() for pcr in tpm.pcrs()]
    assert base64.b64decode(claims["ak_public"]) == key.spki


@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
def test_kbs_client_attests_with_its_tpm(serve, tpm, other_tpm, tmp_path, algorithm):
    key = tpm.attestation_key(algorithm)
    kbs = serve(key)

    def ask(machine, its_key):
        machine.tool("evictcontrol", "-C", "o", "-c", f"{its_key.name}.ctx", "0x81010002")
        return run("kbs-client", "--url", f"https://localhost:{kbs.port}", "--cert-file", tmp_path / "server.pem",
                   "--output", "raw", "get-resource", "--path", "a/b/c",
                   env={"HOME": str(tmp_path), "RUST_LOG": "none", "TRUSTEE_TEE": "", "AA_TPM_DEVICE": machine.tcti})

    done = ask(tpm, key)
    assert (done.returncode, done.stdout, done.stderr) == (0, "for this machine", "")
    refusal = ask(other_tpm, other_tpm.attestation_key(algorithm))
    assert (refusal.returncode, refusal.stdout) == (1, "")
    assert "tpm_evidence.ak_not_trusted" in refusal.stderr


def test_init_data_are_bound_by_pcr_8(serve, tpm):
    key = tpm.attestation_key()
    kbs = serve(key)
    text = 'version = "0.1.0"\nalgorithm = "sha256"\n[data]\n"a" = "b"\n'
    assert pcr8_of(text.encode()) != tpm.pcrs()[8].hex()
    guest = TpmGuest(kbs, key)
    assert guest.auth().status == 200
    answer = guest.attest(init_data=text)
    assert (answer.status, answer.header("trustee-code")) == (401, "tpm.init_data_mismatch")
    tpm.extend(8, hashlib.sha256(text.encode()).digest())
    assert tpm.pcrs()[8].hex() == pcr8_of(text.encode())
    guest = TpmGuest(kbs, key)
    assert guest.auth().status == 200
    assert guest.attest(init_data=text).status == 200
    assert guest.secret("resource/a/b/c") == b"for this machine"


def test_each_trick_is_refused_for_its_own_reason(serve, tpm, other_tpm):
    key = tpm.attestation_key()
    kbs = serve(key)

    def with_pcr_ff(evidence):
        evidence["tpm_quote"]["pcrs"][11] = "ff" * 32
        return evidence

    # A PCR value that the TPM did not quote.
    assert refused(TpmGuest(kbs, key, tamper=with_pcr_ff)) == "tpm.pcr_digest_mismatch"
    # A genuine TPM, but not one that the operator knows.
    assert refused(TpmGuest(kbs, other_tpm.attestation_key())) == "tpm_evidence.ak_not_trusted"
    # The same, under the name of the known key.
    stolen = base64.b64encode(key.spki).decode()
    foreign = other_tpm.attestation_key()
    assert refused(TpmGuest(kbs, foreign, tamper=lambda e: {**e, "ak_public": stolen})) == "tpm.signature_mismatch"
    # A quote of an earlier session.
    old = key.quote(hashlib.sha384(b"an earlier session").digest()[:32])
    assert refused(TpmGuest(kbs, key, tamper=lambda _: old)) == "tpm.nonce_mismatch"
    # A quote over other PCRs, among them the resettable ones.
    for selection in ("sha256:16,23", "sha256:0,1,2,3,4,5,6,7", "sha1:all", "sha1:all+sha256:all"):
        assert refused(TpmGuest(kbs, key, selection)) == "tpm.pcr_selection_mismatch", selection
    # After all that the honest machine is served.
    assert TpmGuest(kbs, key).handshake().secret("resource/a/b/c") == b"for this machine"


def test_a_machine_that_booted_something_else_is_refused_by_the_policy(serve, tpm):
    key = tpm.attestation_key()
    kbs = serve(key)
    known = tpm.pcrs()[11].hex()
    assert kbs.register({"tpm_pcr11": [known], "trusted_aks": [base64.b64encode(key.spki).decode()]}).status == 200
    policy = ("package policy\n\nimport rego.v1\n\ndefault allow := false\n\n"
              'allow if input.submods.cpu0["ear.trustworthiness-vector"].executables == 3\n')
    assert kbs.set_resource_policy(policy).status == 200
    assert TpmGuest(kbs, key).handshake().secret("resource/a/b/c") == b"for this machine"
    tpm.extend(11, hashlib.sha256(b"another kernel").digest())
    guest = TpmGuest(kbs, key).handshake()
    denied = guest.get("resource/a/b/c")
    assert (denied.status, denied.header("trustee-code")) == (401, "authz.denied_by_policy"), denied.body


def test_a_key_that_is_not_restricted_stops_the_start(tmp_path, tpm):
    tpm.tool("createprimary", "-C", "o", "-g", "sha256", "-G", "rsa2048:rsassa-sha256:null",
             "-a", "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign", "-c", "free.ctx")
    tpm.tool("readpublic", "-c", "free.ctx", "-o", "free.pub")
    directory = tmp_path / "aks"
    directory.mkdir()
    (directory / "free.pub").write_bytes((tpm.directory / "free.pub").read_bytes())
    text = config(extra='[attestation_service]\ntype = "coco_as_builtin"\n'
                        "[attestation_service.verifier_config.tpm_verifier]\n"
                        f'trusted_ak_keys_dir = "{directory}"\n')
    status, log = Kbs(tmp_path, text).start(expect_failure=True)
    assert status == 1 and "the attestation key also signs what the TPM did not make" in log and "free.pub" in log, log


@pytest.mark.parametrize("algorithm", ["rsa", "ecc"])
def test_evidence_of_the_tpm_passes_trustee_verify_and_tpm2_checkquote(tpm, tmp_path, algorithm):
    key = tpm.attestation_key(algorithm)
    evidence = key.quote(b"\x01" * 32)
    file = tmp_path / "evidence.json"
    file.write_text(json.dumps(evidence))
    done = run("trustee", "verify", "--tee", "tpm", "--json", "--report-data", "01" * 32, file)
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["verified"] is True
    tpm.tool("checkquote", "-u", f"{key.name}.pub", "-m", "quote.msg", "-s", "quote.sig", "-q", "01" * 32, "-g", "sha256")
    evidence["tpm_quote"]["pcrs"][0] = "11" * 32
    file.write_text(json.dumps(evidence))
    done = run("trustee", "verify", "--tee", "tpm", "--json", file)
    assert done.returncode == 4 and json.loads(done.stdout)["code"] == "tpm.pcr_digest_mismatch"
