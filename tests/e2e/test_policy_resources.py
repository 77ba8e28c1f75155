"""Resource policy and the resource plugin: kbs.md 7 and 9.1, cases P and S; reference values in policies."""
import json

import pytest

from support import ALLOW_ALL, DENY_ALL, Guest, b64u, config

SECRET = "/kbs/v0/resource/default/test/secret"
DENIED = (401, "PolicyDeny", "Access denied by policy")
INTERNAL = (401, "PluginInternalError", "Plugin internal error")


@pytest.fixture
def loaded(kbs):
    assert kbs.request("POST", SECRET, body=b"shhhhhhh").status == 200
    return kbs


@pytest.mark.case("KBS-P1")
def test_the_default_policy_denies_sample_evidence(loaded):
    answer = Guest(loaded).handshake().get("resource/default/test/secret")
    assert answer.problem() == DENIED
    assert answer.header("trustee-code") == "authz.denied_by_policy"
    assert answer.header("trustee-actor") == "policy-author"


@pytest.mark.case("KBS-P2")
def test_allow_and_deny(loaded, client):
    guest = Guest(loaded).handshake()
    assert loaded.set_resource_policy("package policy\n\nallow = true\n").status == 200
    assert guest.secret() == b"shhhhhhh"
    done = client(loaded, "get-resource", "--path", "default/test/secret")
    assert (done.returncode, done.stdout) == (0, "c2hoaGhoaGg=\n"), done.stderr
    assert loaded.set_resource_policy("package policy\n\nallow = false\n").status == 200
    assert guest.get("resource/default/test/secret").problem() == DENIED
    done = client(loaded, "get-resource", "--path", "default/test/secret")
    assert (done.returncode, done.stdout) == (1, "") and "request unauthorized" in done.stderr


NOT_CONTRAINDICATED = """package policy

default allow := false

allow if {
  data.plugin == "resource"
  input.submods.cpu0["ear.status"] != "contraindicated"
}
"""
CPU_POLICY = """package policy

import rego.v1

default hardware := 97

hardware := 2 if input.sample.svn in query_reference_value("svn")

trust_claims := {"executables": 33, "hardware": hardware, "configuration": 36}
"""


@pytest.mark.case("KBS-P3")
def test_reference_values_decide_the_hardware_claim(loaded):
    assert loaded.set_resource_policy(NOT_CONTRAINDICATED).status == 200
    assert loaded.set_attestation_policy(CPU_POLICY).status == 200
    denied = Guest(loaded).handshake()
    vector = denied.claims()["submods"]["cpu0"]["ear.trustworthiness-vector"]
    assert vector == {"configuration": 36, "executables": 33, "hardware": 97}
    assert denied.get("resource/default/test/secret").problem() == DENIED
    assert loaded.register({"svn": ["1"]}).status == 200
    allowed = Guest(loaded).handshake()
    assert allowed.claims()["submods"]["cpu0"]["ear.trustworthiness-vector"]["hardware"] == 2
    assert allowed.secret() == b"shhhhhhh"


BOTH = NOT_CONTRAINDICATED.replace('"contraindicated"\n}', '"contraindicated"\n  input.submods.gpu0["ear.status"] != "contraindicated"\n}')
DEVICE_POLICY = CPU_POLICY.replace("input.sample.svn", "input.sampledevice.svn").replace('"svn"', '"device_svn"')


@pytest.mark.case("KBS-P4")
def test_a_device_is_appraised_with_its_own_policy(loaded):
    assert loaded.set_resource_policy(BOTH).status == 200
    assert loaded.set_attestation_policy(CPU_POLICY).status == 200
    assert loaded.set_attestation_policy(DEVICE_POLICY, "default_gpu").status == 200
    assert loaded.register({"svn": ["1"]}).status == 200
    device = {"sampledevice": "2"}
    assert Guest(loaded, devices=device).handshake().get("resource/default/test/secret").problem() == DENIED
    assert loaded.register({"device_svn": ["2"]}).status == 200
    assert Guest(loaded, devices=device).handshake().secret() == b"shhhhhhh"
    assert Guest(loaded).handshake().get("resource/default/test/secret").problem() == DENIED, "no device"


@pytest.mark.case("KBS-P6")
def test_old_syntax_is_refused_and_the_old_policy_stays(loaded):
    assert loaded.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(loaded).handshake()
    status, name, detail = loaded.set_resource_policy("package policy\n\nallow { true }\n").problem()
    assert (status, name) == (401, "PolicyEngineError")
    assert detail.startswith("Policy engine error: Failed to load policy: ")
    assert guest.secret() == b"shhhhhhh"


@pytest.mark.case("KBS-P7")
def test_policies_that_could_never_allow_are_refused_at_upload(loaded):
    assert loaded.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(loaded).handshake()
    for text in ("package other\n\nallow := true\n", "package policy\n\npermit := true\n",
                 "package policy\n\nallow := no_such_function(1)\n"):
        status, name, detail = loaded.set_resource_policy(text).problem()
        assert (status, name) == (401, "PolicyEngineError"), text
        assert detail.startswith("Policy engine error: "), detail
    assert guest.secret() == b"shhhhhhh"
    # The type of allow shows only when it is evaluated: accepted, then every access is denied and counted.
    assert loaded.set_resource_policy('package policy\n\nallow := "yes"\n').status == 200
    errors, violations = loaded.metric("kbs_policy_errors_total"), loaded.metric("kbs_policy_violations_total")
    assert guest.get("resource/default/test/secret").problem() == DENIED
    assert loaded.metric("kbs_policy_errors_total") == errors + 1
    assert loaded.metric("kbs_policy_violations_total") == violations + 1


@pytest.mark.case("KBS-P8")
def test_malformed_policy_uploads_have_exact_texts(kbs):
    for body, text in ((b"nope", "Illegal SetPolicy Request Json"),
                       (b"{}", "No `policy` field inside SetPolicy Request Json"),
                       (b'[]', "No `policy` field inside SetPolicy Request Json"),
                       (b'{"policy":1}', "`policy` field is not a string in SetPolicy Request Json"),
                       (b'{"policy":"cGFja2FnZSBwb2xpY3kKCg=="}', "Failed to decode policy: Invalid padding")):
        answer = kbs.request("POST", "/kbs/v0/resource-policy", body=body)
        assert answer.problem() == (401, "ParsePolicyError", "Failed to parse policy: " + text)


@pytest.mark.case("KBS-P9")
def test_the_policy_list_of_a_fresh_store(kbs):
    answer = kbs.request("GET", "/kbs/v0/resource-policy")
    assert answer.status == 200 and answer.header("content-type") == "application/json"
    assert answer.body == b'["resource-policy"]'


PRODUCT = """package policy

default allow := false

allow if {
  data.plugin == "resource"
  count(data["resource-path"]) == 3
  input.submods.cpu0["ear.veraison.annotated-evidence"].sample.svn == "1"
  data["resource-path"][1] == "Alice"
}
"""


@pytest.mark.case("KBS-P5")
def test_policies_see_plugin_path_and_query(loaded):
    for path in ("default/Alice/x", "default/Bob/x"):
        loaded.request("POST", "/kbs/v0/resource/" + path, body=b"v")
    guest = Guest(loaded).handshake()
    for text in (PRODUCT, PRODUCT + "\n\n\nunused if input.no.such.member == 1\n"):
        assert loaded.set_resource_policy(text).status == 200
        assert guest.secret("resource/default/Alice/x") == b"v"
        assert guest.get("resource/default/Bob/x").problem() == DENIED
        assert guest.get("resource/default/Alice").problem() == DENIED
    assert loaded.set_resource_policy(
        'package policy\n\nallow := data.query.version == "2"\n').status == 200
    assert guest.secret("resource/default/Bob/x?version=1&version=2") == b"v"
    assert guest.get("resource/default/Bob/x?version=3").problem() == DENIED


@pytest.mark.case("KBS-S1")
def test_good_resource_paths_are_stored(kbs):
    for path in ("default/1/2", "repo/type/tag", "123--_default/1Abff-_/___-afds44BC", "1.ok/2ok./3..."):
        assert kbs.request("POST", "/kbs/v0/resource/" + path, body=b"x").status == 200, path


@pytest.mark.case("KBS-S2")
def test_bad_resource_paths_are_an_internal_error_of_the_plugin(kbs):
    for path in ("/1/2", "/repo/type/tag", "1/2", ".1.ok/2ok./3...", "1.ok/.2ok./3...", "1.ok/2ok./.3..."):
        assert kbs.request("POST", "/kbs/v0/resource/" + path, body=b"x").problem() == INTERNAL, path


@pytest.mark.case("KBS-S3")
def test_a_stored_resource_is_a_file_of_its_bytes(kbs):
    answer = kbs.request("POST", "/kbs/v0/resource/a/b/c", body=bytes(10))
    assert (answer.status, answer.body, answer.header("content-type")) == (200, b"", "text/xml")
    assert (kbs.directory / "data/repository/a\\x2Fb\\x2Fc").read_bytes() == bytes(10)


@pytest.mark.case("KBS-S4")
def test_absent_resources(kbs):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert Guest(kbs).handshake().get("resource/a/b/absent").problem() == INTERNAL
    assert kbs.request("DELETE", "/kbs/v0/resource/a/b/absent").problem() == INTERNAL


@pytest.mark.case("KBS-S5")
def test_put_is_refused_after_approval(kbs):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(kbs).handshake()
    assert kbs.request("PUT", "/kbs/v0/resource/a/b/c", guest.session(), b"x").problem() == INTERNAL
    assert kbs.request("PUT", "/kbs/v0/resource/a/b/c", body=b"x").problem()[1] == "TokenNotFound"
    assert kbs.set_resource_policy(DENY_ALL).status == 200
    assert kbs.request("PUT", "/kbs/v0/resource/a/b/c", guest.session(), b"x").problem() == DENIED


def test_binary_and_empty_resources_come_back_byte_for_byte(kbs):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(kbs).handshake()
    for body in (b"", bytes(range(256)), b"x" * 100_000):
        assert kbs.request("POST", SECRET, body=body).status == 200
        assert guest.secret() == body
    assert kbs.request("DELETE", SECRET).status == 200
    assert guest.get("resource/default/test/secret").problem() == INTERNAL


@pytest.mark.parametrize("storage", [pytest.param("Memory", marks=pytest.mark.case("RV-47")),
                                     "LocalFs", "LocalJson", "Sqlite"])
def test_every_store_survives_a_restart_as_it_should(start, storage):
    kbs = start(config(storage))
    assert kbs.request("POST", SECRET, body=b"shhhhhhh").status == 200
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.register({"svn": ["1"]}).status == 200
    assert kbs.stop() == 0
    kbs.start()
    value = kbs.request("GET", "/kbs/v0/reference-value/svn")
    if storage == "Memory":
        assert value.problem()[2].endswith("No reference value found for the given id: svn")
        return
    assert json.loads(value.body) == ["1"]
    assert Guest(kbs).handshake().secret() == b"shhhhhhh"


def test_a_policy_file_changed_on_disk_is_seen_by_the_next_request(loaded):
    assert loaded.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(loaded).handshake()
    assert guest.secret() == b"shhhhhhh"
    stored = loaded.directory / "data/kbs/resource-policy.rego"
    stored.write_text(DENY_ALL)
    assert guest.get("resource/default/test/secret").problem() == DENIED
    stored.write_text("package policy\n\nthis is not rego\n")  # refused; the last good one stays
    assert guest.get("resource/default/test/secret").problem() == DENIED
    stored.write_text(ALLOW_ALL)
    assert guest.secret() == b"shhhhhhh"


def test_policies_cannot_smuggle_padding(kbs):
    text = b64u(ALLOW_ALL.encode())
    assert kbs.post_json("/kbs/v0/resource-policy", {"policy": text + "="}).problem()[1] == "ParsePolicyError"
    assert kbs.post_json("/kbs/v0/resource-policy", {"policy": "+" + text}).problem()[1] == "ParsePolicyError"
