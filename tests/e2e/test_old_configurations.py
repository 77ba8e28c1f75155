"""Configurations of released operators start, mean what they meant, and are told what to write instead."""
import base64
import json
import os
import ssl

import pytest

import tokens
from cryptography.hazmat.primitives.asymmetric import ed25519
from support import ALLOW_ALL, DENY_ALL, Guest, Kbs, KubeletVolume, ROOT, b64u_decode

# As operator v0.17.0 wrote it; old() puts the directories of one test in the place of /opt.
V0_17 = (ROOT / "tests/vectors/kbs-config/v0.17.0-permissive.toml").read_text()
BY_SVN = """package policy
import rego.v1
default hardware := 97
hardware := 2 if input.sample.svn in query_reference_value("svn")
trust_claims := {"hardware": hardware}
"""


def old(directory, admin='type = "DenyAll"', insecure_key="true", token=""):
    text = V0_17
    for before, after in (("0.0.0.0:8080", "127.0.0.1:0"), ("/opt/confidential-containers", str(directory)),
                          ('type = "DenyAll"', admin), ("insecure_key = true", f"insecure_key = {insecure_key}\n{token}")):
        assert before in text, before
        text = text.replace(before, after)
    return text


@pytest.fixture
def volumes(tmp_path):
    values = json.dumps([{"name": "svn", "expiration": "2027-01-01T00:00:00Z", "value": ["1"]}])
    return {"policy": KubeletVolume(tmp_path / "opa", {"policy.rego": ALLOW_ALL}),
            "cpu": KubeletVolume(tmp_path / "attestation-service/policies/opa", {"default_cpu.rego": BY_SVN}),
            "values": KubeletVolume(tmp_path / "rvps/reference-values", {"reference-values.json": values}),
            "secret": KubeletVolume(tmp_path / "kbs/repository/default/kbsres1", {"key1": "res1val1"})}


def set_policy(kbs, text, headers=()):
    return kbs.set_resource_policy(text, headers).status


@pytest.mark.case("OP-80")
def test_a_configuration_of_v0_17_means_what_it_meant(start, tmp_path, volumes):
    kbs = start(old(tmp_path))
    guest = Guest(kbs).handshake()
    assert guest.claims()["submods"]["cpu0"]["ear.trustworthiness-vector"]["hardware"] == 2
    assert guest.secret("resource/default/kbsres1/key1") == b"res1val1"
    volumes["secret"].write({"key1": "another"})
    assert guest.secret("resource/default/kbsres1/key1") == b"another"
    volumes["policy"].write({"policy.rego": DENY_ALL})
    assert guest.get("resource/default/kbsres1/key1").status == 401
    volumes["values"].write({"reference-values.json": "[]"})
    assert Guest(kbs).handshake().claims()["submods"]["cpu0"]["ear.trustworthiness-vector"]["hardware"] == 97
    assert set_policy(kbs, ALLOW_ALL) == 401, "DenyAll"
    log = kbs.settled_log()
    for key, instead in (
            ("admin.type", 'old form; write [admin] authorization_mode = "DenyAll"'),
            ("attestation_token.insecure_key", "old form; write insecure_header_jwk = true"),
            ("attestation_token.attestation_token_type", "no effect; delete the line"),
            ("attestation_service.work_dir", "no effect; delete the line"),
            ("attestation_service.policy_engine", "no effect; delete the line"),
            ("attestation_service.attestation_token_broker.type", "no effect; delete the line"),
            ("attestation_service.attestation_token_broker.policy_dir", 'storage_type = "LocalFs"'),
            ("attestation_service.attestation_token_config", "write duration_min in [attestation_service.attestation_token_broker]"),
            ("attestation_service.rvps_config.storage", f'file_dir_path = "{tmp_path}/rvps/reference-values"'),
            ("plugins[0].type", 'storage_backend_type = "kvstorage"'),
            ("policy_engine.policy_path", "kbs/resource-policy.rego")):
        lines = [line for line in log.splitlines() if f"`{key}`" in line]
        assert len(lines) == 1 and " WARN " in lines[0] and instead in lines[0], (key, log)


def test_a_policy_that_is_not_where_the_release_had_it_is_not_replaced_by_ours(start, tmp_path, volumes):
    usual = ("/opt/confidential-containers/kbs/policy.rego", "/opa/confidential-containers/kbs/policy.rego")
    if any(os.path.exists(path) for path in usual):
        pytest.skip("this machine has a policy of that release")
    unnamed = old(tmp_path).partition("[policy_engine]\n")[0]
    kbs = start(unnamed)
    assert Guest(kbs).handshake().get("resource/default/kbsres1/key1").status == 401
    ready = kbs.request("GET", "/readyz")
    assert ready.status == 503 and b"there is no resource policy" in ready.body
    lines = [line for line in kbs.settled_log().splitlines() if "`policy_engine.policy_path` is absent" in line]
    assert len(lines) == 1 and all(path in lines[0] for path in usual)


def test_insecure_settings_are_as_insecure_as_they_said_and_not_more(start, tmp_path, volumes):
    key, other = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "key.pem").write_text(tokens.public_pem(key))

    def bearer(one):
        return [("Authorization", "Bearer " + tokens.sign(one, {"exp": 2_000_000_000}))]

    named = f'auth_public_key = "{tmp_path}/key.pem"'
    keyed = start(old(tmp_path, f"insecure_api = false\n{named}"))
    assert [set_policy(keyed, ALLOW_ALL, h) for h in ([], bearer(other), bearer(key))] == [401, 401, 200]
    assert volumes["policy"].path.joinpath("policy.rego").read_text() == ALLOW_ALL
    everybody = start(old(tmp_path, f"insecure_api = true\n{named}"))
    assert set_policy(everybody, ALLOW_ALL) == 200
    assert "every admin call is allowed" in everybody.log()
    nobody = start(old(tmp_path, f'type = "DenyAll"\ninsecure_api = true\n{named}'))
    assert [set_policy(nobody, ALLOW_ALL, h) for h in ([], bearer(key))] == [401, 401]


def refused(directory, text):
    directory.mkdir()
    status, log = Kbs(directory, text).start(expect_failure=True)
    assert status == 1
    return log


def test_what_no_release_took_is_still_refused(tmp_path, volumes):
    assert "missing field `authorization_mode` in [admin]" in refused(tmp_path / "a", old(tmp_path, ""))
    assert "no trusted verification materials" in refused(tmp_path / "b", old(tmp_path, insecure_key="false"))
    mixed = 'authorization_mode = "DenyAll"'
    # A file with the new [admin] is new: nothing in it is made less secure for a key of old ones.
    plugin = ('type = "LocalFs"', 'storage_backend_type = "kvstorage"')
    log = refused(tmp_path / "c", old(tmp_path, mixed).replace(*plugin))
    assert "`attestation_token.insecure_key` has no effect" in log and "no trusted verification materials" in log
    assert "missing field `storage_backend_type`" in refused(
        tmp_path / "d", old(tmp_path, mixed, token="insecure_header_jwk = true"))
    assert "unknown field `admin.insecure_api`" in refused(
        tmp_path / "e", old(tmp_path, mixed + "\ninsecure_api = true").replace(*plugin))


def test_the_secure_key_of_an_old_file_stays_secure(start, tmp_path, volumes):
    ca = tokens.certificate("ca", tokens.ec.generate_private_key(tokens.ec.SECP256R1()), ca=True)
    (tmp_path / "ca.pem").write_text(tokens.pem(ca))
    kbs = start(old(tmp_path, insecure_key="false", token=f'trusted_certs_paths = ["{tmp_path}/ca.pem"]'))
    guest = Guest(kbs).handshake()
    bearer = [("Authorization", "Bearer " + guest.token)]
    assert kbs.request("GET", "/kbs/v0/resource/default/kbsres1/key1", bearer).status == 401


def released(directory, profile: str) -> str:
    """The configuration that operator v0.21.0 generates, its directories below that of the test. Its last `dir_path` has
    no effect, and the place that counts by default is no test's to write in."""
    text = (ROOT / f"tests/vectors/kbs-config/v0.21.0-{profile}.toml").read_text()
    without_effect = '  dir_path = "/opt/confidential-containers/storage/local_json"\n'
    assert text.count(without_effect) == 1 and "0.0.0.0:8080" in text
    text = text.replace(without_effect, without_effect + without_effect.replace("dir_path", "file_dir_path"))
    for before, after in (("0.0.0.0:8080", "127.0.0.1:0"), ("/opt/confidential-containers", str(directory)), ('"/etc/', f'"{directory}/')):
        text = text.replace(before, after)
    return text


@pytest.fixture
def mounted(tmp_path):
    """What operator v0.21.0 mounts: policies, reference values and a Secret."""
    value = base64.urlsafe_b64encode(json.dumps({"name": "svn", "expiration": "2036-01-01T00:00:00Z", "value": ["1"]}).encode()).decode()
    storage = tmp_path / "storage"
    return {"policy": KubeletVolume(storage / "kbs", {"resource-policy.rego": ALLOW_ALL}),
            "cpu": KubeletVolume(storage / "attestation_service_policy", {"default_cpu.rego": BY_SVN}),
            "values": KubeletVolume(storage / "local_json", {"reference_value": json.dumps({"svn": value})}),
            "secret": KubeletVolume(storage / "repository/default/kbsres1", {"key1": "res1val1"})}


def means_what_it_meant(kbs, mounted) -> Guest:
    guest = Guest(kbs).handshake()
    assert lifetime(guest) == 300
    assert guest.claims()["submods"]["cpu0"]["ear.trustworthiness-vector"]["hardware"] == 2
    assert guest.secret("resource/default/kbsres1/key1") == b"res1val1"
    mounted["policy"].write({"resource-policy.rego": DENY_ALL})
    assert guest.get("resource/default/kbsres1/key1").status == 401
    assert set_policy(kbs, ALLOW_ALL) == 401, "DenyAll"
    return guest


def told_without_effect(kbs, *keys):
    log = kbs.settled_log()
    for key in keys:
        assert [line for line in log.splitlines() if " WARN " in line and f"`{key}`" in line], (key, log)


def lifetime(guest) -> int:
    return guest.claims()["exp"] - guest.claims()["iat"]


@pytest.mark.case("OP-80")
def test_a_configuration_of_v0_21_permissive_means_what_it_meant(start, tmp_path, mounted):
    kbs = start(released(tmp_path, "permissive"))
    means_what_it_meant(kbs, mounted)
    told_without_effect(kbs, "storage_backend.backends.local_json.dir_path")


@pytest.mark.case("OP-80")
def test_a_configuration_of_v0_21_restricted_means_what_it_meant(start, tmp_path, mounted):
    files = {}
    for place, key_name, certificate_name in (("https", "privateKey", "certificate"), ("attestation", "token.key", "token.crt")):
        key = tokens.ec.generate_private_key(tokens.ec.SECP256R1())
        files[place] = tokens.certificate("localhost", key, addresses=["127.0.0.1"])
        for folder, name, text in (("key", key_name, tokens.private_pem(key)), ("cert", certificate_name, tokens.pem(files[place]))):
            (tmp_path / f"{place}-{folder}").mkdir()
            (tmp_path / f"{place}-{folder}" / name).write_text(text)
    kbs = start(released(tmp_path, "restricted"))
    kbs.tls = ssl.create_default_context(cadata=tokens.pem(files["https"]))
    guest = means_what_it_meant(kbs, mounted)
    header = json.loads(b64u_decode(guest.token.split(".")[0]))
    assert header["alg"] == "ES256"
    assert base64.b64decode(header["jwk"]["x5c"][0] + "==") == files["attestation"].public_bytes(tokens.serialization.Encoding.DER)
    told_without_effect(kbs, "attestation_token.attestation_token_type", "attestation_service.attestation_token_config",
                        "storage_backend.backends.local_json.dir_path")
