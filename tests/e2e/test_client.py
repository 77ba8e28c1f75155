"""The kbs-client program from outside: client-and-guest.md 1 and 3, cases CL-1 to CL-69 and CL-86."""
import base64
import hashlib
import json
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import tokens
import transcript
from scripted import scripted
from support import ADMIN_JWT, ALLOW_ALL, DENY_ALL, KEYS, Guest, b64u, b64u_decode, config, run
from test_transcripts import recorded_config

ERRORS = "https://github.com/confidential-containers/kbs/errors/"
WARNING = "warning: no TEE attester in this client: sample evidence is sent, which proves nothing\n"
ROUND = ["GET /kbs/v0/resource/a/b/c", "POST /kbs/v0/auth", "POST /kbs/v0/attest", "GET /kbs/v0/resource/a/b/c"]


@pytest.fixture
def client(tmp_path):
    """client(server, *args): the program in an empty directory that is its HOME too; `--url` first."""
    home = tmp_path / "client"
    home.mkdir()

    def go(server, *args, env=None, **kwargs):
        url = server if isinstance(server, str) else getattr(server, "url", None) or f"http://127.0.0.1:{server.port}"
        return run("kbs-client", "--url", url, *args, cwd=home, env={"HOME": str(home), **(env or {})}, **kwargs)

    go.home = home
    return go


def forward(kbs):
    """Answers with what `kbs` answers, so that the client's requests can be counted."""
    def answer(asked):
        headers = [(k, v) for k, v in asked.headers if k.lower() not in ("host", "content-length")]
        got = kbs.request(asked.method, asked.path, headers, asked.body)
        return got.status, [(k, v) for k, v in got.headers if k.lower() != "content-length"], got.body
    return answer


def accept(_):
    return 200, [], b""


def loaded(kbs, secret=b"res1val1", policy=ALLOW_ALL):
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=secret).status == 200
    assert kbs.set_resource_policy(policy).status == 200
    return kbs


def get(client, server, *args, **kwargs):
    return client(server, "get-resource", "--path", "a/b/c", *args, **kwargs)


def file(client, name, content):
    path = client.home / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- the command line ----------------------------------------------------------------------------


@pytest.mark.case("CL-1")
def test_version_is_one_line():
    done = run("kbs-client", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "kbs-client 0.1.0\n", "")


@pytest.mark.case("CL-2", "CL-3")
@pytest.mark.parametrize("args,names", [
    ([], ["attest", "get-resource", "config"]), (["get-resource"], ["--path", "--tee-key-file", "--attestation-token"]),
    (["config"], ["set-resource-policy", "get-reference-value", "--admin-token-file"])])
def test_a_command_line_that_stops_at_a_command_gets_its_help(args, names):
    done = run("kbs-client", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(name in done.stderr for name in names), done.stderr


@pytest.mark.case("CL-4")
def test_url_may_stand_after_the_command(client):
    with scripted(accept) as server:
        done = run("kbs-client", "config", "--url", server.url, "set-resource-policy", "--allow-all", cwd=client.home)
        assert done.returncode == 0, done.stderr
        assert client(server, "config", "set-resource-policy", "--allow-all").returncode == 0
    assert server.asked[0].line() == server.asked[1].line() and server.asked[0].body == server.asked[1].body


@pytest.mark.case("CL-5")
def test_no_policy_is_an_error_after_the_token_was_looked_up(client):
    with scripted(accept) as server:
        done = client(server, "config", "set-resource-policy")
        assert (done.returncode, done.stdout) == (1, "")
        assert "no admin token" in done.stderr and done.stderr.endswith("Error: No policy specified\n")
        missing = client(server, "config", "--admin-token-file", "missing", "set-resource-policy")
        assert missing.returncode == 1 and "No policy" not in missing.stderr
    assert server.asked == []


@pytest.mark.case("CL-6", "CL-13")
@pytest.mark.parametrize("args", [
    ["set-resource-policy", "--allow-all", "--deny-all"], ["set-resource-policy", "--policy-file", "f", "--affirming"],
    ["set-sample-reference-value", "n", "5", "--as-integer", "--as-bool"],
    ["set-sample-reference-value", "n"], ["get-reference-value"], ["nonsense"]])
def test_usage_errors_exit_2_and_ask_nothing(client, args):
    with scripted(accept) as server:
        done = client(server, "config", *args)
    assert (done.returncode, done.stdout, server.asked) == (2, "", [])


@pytest.mark.case("CL-7")
def test_default_uploads_the_default_policy_and_says_so(client):
    with scripted(accept) as server:
        done = client(server, "config", "set-resource-policy", "--default")
    policy = b64u_decode(json.loads(server.asked[0].body)["policy"])
    assert policy == transcript.shipped("default") != transcript.shipped("deny_all")
    assert "--default installs the policy that refuses sample evidence only" in done.stderr
    assert done.stdout == f"Set resource policy success \n policy: {base64.b64encode(policy).decode()}\n"


@pytest.mark.case("CL-8", "CL-9", "CL-10", "CL-12")
@pytest.mark.parametrize("args,payload", [
    (["n", "5"], '{"n":["5"]}'), (["n", "5", "--as-integer"], '{"n":[5]}'),
    (["n", "true", "--as-bool", "--as-single-value"], '{"n":true}'),
    (["n", "3000000000", "--as-integer"], '{"n":[3000000000]}'),
    (["n", "-5", "--as-integer"], '{"n":[-5]}'),
    (["--as-integer", "--as-single-value", "--", "n", "-5"], '{"n":-5}')])
def test_reference_values_have_the_form_asked_for(client, args, payload):
    with scripted(accept) as server:
        done = client(server, "config", "set-sample-reference-value", *args)
    assert (done.returncode, done.stdout) == (0, "Reference Values Updated\n")
    assert server.lines() == ["POST /kbs/v0/reference-value"]
    body = json.loads(server.asked[0].body)
    assert base64.b64decode(body.pop("payload")).decode() == payload
    assert body == {"version": "0.1.0", "type": "sample"}


@pytest.mark.case("CL-11")
@pytest.mark.parametrize("args", [["True", "--as-bool"], ["5x", "--as-integer"], ["", "--as-integer"]])
def test_values_of_another_kind_are_refused_before_anything_is_sent(client, args):
    with scripted(accept) as server:
        done = client(server, "config", "set-sample-reference-value", "n", *args)
    assert (done.returncode, done.stdout, server.asked) == (1, "", [])
    assert "Error: " in done.stderr


@pytest.mark.case("CL-14")
@pytest.mark.parametrize("command", [["attest"], ["get-resource", "--path", "a/b/c"],
                                     ["config", "set-resource-policy", "--allow-all"]])
def test_an_unreadable_root_certificate_comes_first(client, command):
    with scripted(accept) as server:
        done = client(server, "--cert-file", "missing.pem", *command)
    assert (done.returncode, done.stdout, server.asked) == (1, "", [])
    first, second = done.stderr.splitlines()[:2]
    assert first == "Failed to read: missing.pem"
    assert second.startswith("Error: ") and "No such file or directory" in second


@pytest.mark.case("CL-15")
def test_a_token_without_its_key_is_refused_locally(client):
    file(client, "token", "a.b.c")
    with scripted(accept) as server:
        done = get(client, server, "--attestation-token", "token")
    assert (done.returncode, done.stdout, server.asked) == (1, "", [])
    assert "`--tee_key_file` argument should also be set" in done.stderr


def attested(client, kbs):
    """A token of the recorded P-256 key."""
    done = client(kbs, "attest", "--tee-key-file", KEYS / "tee-p256.pem")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def with_token(client, server, key=KEYS / "tee-p256.pem"):
    return get(client, server, "--attestation-token", "token", "--tee-key-file", key)


@pytest.mark.case("CL-16", "CL-67")
def test_passport_with_blanks_round_the_token(client, kbs):
    token = attested(client, loaded(kbs))
    file(client, "token", f"  {token} \n\n")
    with scripted(forward(kbs)) as server:
        done = with_token(client, server)
    assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", "")
    assert server.lines() == ["GET /kbs/v0/resource/a/b/c"]
    assert server.asked[0].header("authorization") == f"Bearer {token}"
    assert server.asked[0].header("cookie") is None


@pytest.mark.case("CL-17")
def test_without_a_token_the_request_is_anonymous_and_a_warning_says_so(client):
    with scripted(accept) as server:
        done = client(server, "config", "delete-resource", "--path", "a/b/c")
    assert (done.returncode, done.stdout) == (0, "Delete resource success\n")
    assert server.asked[0].header("authorization") is None
    assert "WARN" in done.stderr and "anonymous" in done.stderr and "InsecureAllowAll" in done.stderr


@pytest.mark.case("CL-18")
def test_an_empty_token_file_is_an_empty_bearer_token(client):
    file(client, "empty", " \n")
    with scripted(accept) as server:
        done = client(server, "config", "--admin-token-file", "empty", "set-resource-policy", "--allow-all")
    assert done.returncode == 0, done.stderr
    # The blank that ends a header's value does not survive every reader.
    assert server.asked[0].header("authorization").strip() == "Bearer"


def test_tokens_are_looked_for_in_the_compose_directory_then_at_home(client):
    delete = ["config", "delete-resource", "--path", "a/b/c"]
    (client.home / ".trustee").mkdir()
    file(client, ".trustee/admin-token", "from-home\n")
    with scripted(accept) as server:
        client(server, *delete)
        (client.home / "kbs/config/docker-compose").mkdir(parents=True)
        file(client, "kbs/config/docker-compose/admin-token", "from-compose\n")
        client(server, *delete)
        client(server, "config", "--admin-token-file", ".trustee/admin-token", *delete[1:])
    assert [a.header("authorization") for a in server.asked] == [
        "Bearer from-home", "Bearer from-compose", "Bearer from-home"]


def test_a_token_that_was_found_is_not_sent_in_the_clear_to_another_machine(client):
    (client.home / ".trustee").mkdir()
    file(client, ".trustee/admin-token", "secret-token")
    with scripted(accept) as proxy:
        env = {"http_proxy": proxy.url, "no_proxy": ""}
        done = client("http://192.0.2.1:8080", "config", "delete-resource", "--path", "a/b/c", env=env)
        assert done.returncode == 0 and "not sent to another machine" in done.stderr
        named = ["config", "--admin-token-file", ".trustee/admin-token", "delete-resource", "--path", "a/b/c"]
        assert client("http://192.0.2.1:8080", *named, env=env).returncode == 0
    assert [a.header("authorization") for a in proxy.asked] == [None, "Bearer secret-token"]


@pytest.mark.case("CL-19", "CL-21", "CL-49")
def test_get_resource_prints_base64_and_warns_of_sample_evidence_only(client, kbs):
    done = get(client, loaded(kbs), env={"RUST_LOG": "none"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", WARNING)


@pytest.mark.case("CL-20")
def test_attest_prints_the_token_alone(client, kbs):
    done = client(kbs, "attest", env={"RUST_LOG": "none"})
    assert (done.returncode, done.stderr) == (0, WARNING)
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", done.stdout)
    claims = json.loads(b64u_decode(done.stdout.strip().split(".")[1]))
    assert claims["submods"]["cpu0"]["ear.veraison.annotated-evidence"]["sample"]["svn"] == "1"


@pytest.mark.case("CL-22", "CL-23")
@pytest.mark.parametrize("secret", [bytes(range(200, 216)), b"", b"\x00"])
def test_resources_come_back_byte_for_byte(client, kbs, secret):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    stored = client(kbs, "config", "set-resource", "--path", "a/b/c", "--resource-file", file(client, "secret", secret))
    text = base64.b64encode(secret).decode()
    assert (stored.returncode, stored.stdout) == (0, f"Set resource success \n resource: {text}\n")
    done = get(client, kbs)
    assert (done.returncode, done.stdout) == (0, text + "\n")
    assert client(kbs, "config", "delete-resource", "--path", "a/b/c").stdout == "Delete resource success\n"
    assert get(client, kbs).returncode == 1


@pytest.mark.case("CL-24", "CL-25")
def test_an_attestation_policy_goes_out_in_base64url_and_back_in_base64(client):
    policy = 'package policy\n\n# ?~>>>ÿ\ntrust_claims := {"x": "???>>>"}\n'.encode()
    assert {b"-", b"_"} & {bytes([c]) for c in base64.urlsafe_b64encode(policy)} and len(policy) % 3
    path = file(client, "as.rego", policy)
    with scripted(accept) as server:
        done = client(server, "config", "set-attestation-policy", "--policy-file", path)
        client(server, "config", "set-attestation-policy", "--type", "other", "--id", "my", "--policy-file", path)
    assert "no policy_id set; using default_cpu" in done.stderr
    assert done.stdout == f"Set attestation policy success \n policy: {base64.b64encode(policy).decode()}\n"
    assert [json.loads(a.body) for a in server.asked] == [
        {"type": kind, "policy_id": name, "policy": b64u(policy)}
        for kind, name in (("rego", "default_cpu"), ("other", "my"))]


@pytest.mark.case("CL-26")
def test_a_failure_of_the_server_is_quoted(client):
    with scripted(lambda _: (500, [], b"boom")) as server:
        done = client(server, "config", "set-resource-policy", "--allow-all")
        assert (done.returncode, done.stdout) == (1, "")
        assert 'Error: Request Failed, Response: "boom"' in done.stderr.splitlines()
        assert "status 500" in done.stderr
    with scripted(lambda _: (201, [], b'say "\\"\n\t\x01')) as server:
        done = client(server, "config", "set-resource-policy", "--allow-all")
        assert r'Error: Request Failed, Response: "say \"\\\"\n\t\u{1}"' in done.stderr.splitlines()


@pytest.mark.case("CL-27")
def test_reference_values_print_quoted_or_as_json(client):
    with scripted(lambda _: (200, [], b'["a"]')) as server:
        get_value = ["config", "get-reference-value", "--id", "x"]
        assert client(server, *get_value).stdout == '"[\\"a\\"]"\n'
        assert client(server, "--output", "json", *get_value).stdout == '["a"]\n'
    assert server.lines() == ["GET /kbs/v0/reference-value/x"] * 2


@pytest.mark.case("CL-28")
def test_slashes_at_the_end_of_the_url_do_not_matter(client):
    with scripted(accept) as server:
        assert client(server.url + "//", "config", "delete-resource", "--path", "a/b/c").returncode == 0
    assert server.lines() == ["DELETE /kbs/v0/resource/a/b/c"]


@pytest.mark.case("CL-29")
@pytest.mark.parametrize("path", ['a/b/"c', "a/b/c\\d"])
def test_a_path_that_is_no_json_text_is_refused_locally(client, path):
    with scripted(accept) as server:
        done = client(server, "get-resource", "--path", path)
    assert (done.returncode, done.stdout, server.asked) == (1, "", [])


@pytest.mark.case("CL-30")
def test_the_old_private_key_option_mints_a_token(client, start):
    kbs = start(config(admin=ADMIN_JWT.format(keys=KEYS).replace('issuer = "TrusteeInDocker", ', "")))
    old = ["config", "--auth-private-key", KEYS / "private.key", "set-resource-policy", "--allow-all"]
    done = client(kbs, *old)
    assert done.returncode == 0, done.stderr
    with scripted(accept) as server:
        client(server, *old)
    header, claims = (json.loads(b64u_decode(part)) for part in
                      server.asked[0].header("authorization").removeprefix("Bearer ").split(".")[:2])
    assert header == {"alg": "EdDSA", "typ": "JWT"}
    assert claims["exp"] - claims["iat"] == 7200 and claims["role"] == "admin"


def test_a_server_that_is_not_there_is_named(client):
    for command in (["attest"], ["config", "delete-resource", "--path", "a/b/c"]):
        done = client("http://127.0.0.1:1", *command)
        assert (done.returncode, done.stdout) == (1, "")
        assert "http://127.0.0.1:1/kbs/v0/" in done.stderr


# --- admin authentication as the client sees it --------------------------------------------------


@pytest.mark.case("CL-31", "CL-32", "CL-35", "CL-36", "CL-38")
def test_the_servers_reason_reaches_the_administrator(client, start):
    kbs = start(config(admin=ADMIN_JWT.format(keys=KEYS)))

    def refused(token):
        file(client, "token", token)
        done = client(kbs, "config", "--admin-token-file", "token", "set-resource-policy", "--allow-all")
        assert (done.returncode, done.stdout) == (1, "")
        assert f'Error: Request Failed, Response: "{{\\"type\\":\\"{ERRORS}AdminAuthAccess\\"' in done.stderr
        return done.stderr

    key = serialization.load_pem_private_key((KEYS / "private.key").read_bytes(), None)
    unknown = "Cannot verify token with any of the issuers"
    assert unknown in refused(tokens.admin_token(tokens.new_ed25519(), iss="TrusteeInDocker"))
    assert unknown in refused(tokens.admin_token(key, iss="other"))
    assert unknown in refused(tokens.admin_token(key, iss="TrusteeInDocker", exp=1))
    assert "Role guest not allowed" in refused(tokens.admin_token(key, iss="TrusteeInDocker", role="guest"))
    quickstart = {"issuer": "TrusteeInDocker", "subject": "x", "audiences": ["KBS"], "exp": 4102444800}
    assert "Missing required `role` claim in JWT" in refused(tokens.sign(key, quickstart))
    good = client(kbs, "config", "--admin-token-file", KEYS / "admin-token", "set-resource-policy", "--allow-all")
    assert good.returncode == 0, good.stderr


@pytest.mark.case("CL-33", "CL-39")
def test_modes_without_tokens(client, start, kbs):
    assert client(kbs, "config", "set-resource-policy", "--allow-all").returncode == 0
    closed = start(config(admin='[admin]\nauthorization_mode = "DenyAll"\n'))
    done = client(closed, "config", "set-resource-policy", "--allow-all")
    assert done.returncode == 1 and "DenyAll authorization_mode is enabled" in done.stderr


# --- RCAR ----------------------------------------------------------------------------------------


# The vectors of client-and-guest.md 3.4.
VECTOR_NONCE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
VECTOR_KEY = ec.derive_private_key(
    int.from_bytes(b64u_decode("Q0pfw21sK0IX94AwrqKF6OXP7LXGqeGvgZD2xsHyls4"), "big"), ec.SECP256R1())
SHA384 = "3CWqJSW327mVeBHcjrWJtlWnMHvMSWMNRRfWbwbhAkqkwgjiE0kp56CGMk6Zmkbg"
SHA512 = base64.b64encode(bytes.fromhex(
    "da9dd7218b25a63404b721f567698929f7e9c56bd507598293955656c302b363"
    "c57ed44e0a4fa4a994649f3a3de040458b1f7c7fdde235c9ec17702c5c3966a2")).decode()


def challenged(client, extra, env=None):
    """What the client does with a challenge of that `extra-params`; the fixed key and nonce."""
    def answer(asked):
        if asked.path.endswith("auth"):
            body = json.dumps({"nonce": VECTOR_NONCE, "extra-params": extra}).encode()
            return 200, [("Set-Cookie", "kbs-session-id=0123456789abcdef; Expires=Fri, 31 Dec 2100 00:00:00 GMT")], body
        return 200, [], b'{"token":"a.b.c"}'

    key = file(client, "key.pem", tokens.private_pem(VECTOR_KEY))
    with scripted(answer) as server:
        done = client(server, "attest", "--tee-key-file", key, env=env)
    return done, server.asked


@pytest.mark.case("CL-40", "CL-41", "CL-45")
@pytest.mark.parametrize("extra,report", [
    ("", SHA384), (None, SHA384), ({}, SHA384), ({"selected-hash-algorithm": "sha384"}, SHA384),
    ({"selected-hash-algorithm": "SHA512"}, SHA512)])
def test_the_hash_is_the_one_selected(client, extra, report):
    done, asked = challenged(client, extra)
    assert (done.returncode, done.stdout) == (0, "a.b.c\n")
    assert [a.line() for a in asked] == ["POST /kbs/v0/auth", "POST /kbs/v0/attest"]
    assert json.loads(asked[0].body) == {
        "version": "0.4.0", "tee": "sample",
        "extra-params": {"supported-hash-algorithms": ["sha256", "sha384", "sha512", "sm3"]}}
    assert asked[1].header("cookie") == "kbs-session-id=0123456789abcdef"
    assert json.loads(asked[1].body) == {
        "init-data": None,
        "runtime-data": {"nonce": VECTOR_NONCE, "tee-pubkey": {
            "kty": "EC", "crv": "P-256", "alg": "ECDH-ES+A256KW",
            "x": "OhtvIcNPPgIn-KyhZQaFg90kNWMonPctaeor5nnXqfo", "y": "HFvnboDqzt4lWUl2LEbF49SJ13h65swCX-H2JVrS5eo"}},
        "tee-evidence": {"primary_evidence": {"svn": "1", "report_data": report}, "additional_evidence": ""}}


@pytest.mark.case("CL-42", "CL-43")
@pytest.mark.parametrize("name", ["", "foo", 5, None])
def test_an_unknown_hash_sends_no_evidence(client, name):
    done, asked = challenged(client, {"selected-hash-algorithm": name})
    assert (done.returncode, done.stdout) == (1, "")
    assert [a.line() for a in asked] == ["POST /kbs/v0/auth"]
    assert "Error: the selected hash algorithm is not " in done.stderr, done.stderr


@pytest.mark.case("CL-46")
def test_devices_are_bound_to_the_primary_evidence(client):
    _, asked = challenged(client, "", env={"ENABLE_SAMPLE_DEVICE": "1"})
    evidence = json.loads(asked[1].body)["tee-evidence"]
    device = "VDBTMS7dtVNKCE4xQVToXeGUTdukrPTyzMpKea9pEO9QOX8rA3J9Tj1/psVJJfre"
    assert evidence["additional_evidence"] == f'{{"sampledevice":{{"report_data":"{device}","svn":"2"}}}}'
    assert evidence["primary_evidence"]["report_data"] == (
        "C+7grIi8De7v4HnNR1Y5iZnsxMED0TQD9UHvbW7yCBcMTbMwAuD/Tu5EIR015dH9")


@pytest.mark.case("CL-47")
def test_one_secret_is_four_requests(client, kbs):
    with scripted(forward(loaded(kbs))) as server:
        done = get(client, server)
    assert done.stdout == "cmVzMXZhbDE=\n" and server.lines() == ROUND
    assert server.asked[0].header("cookie") is None and server.asked[3].header("cookie").startswith("kbs-session-id=")


def denied(done):
    return done.returncode == 1 and done.stdout == "" and "Error: request unauthorized\n" in done.stderr


@pytest.mark.case("CL-48")
def test_a_denial_is_final_after_one_handshake_and_names_its_reason(client, kbs):
    with scripted(forward(loaded(kbs, policy=DENY_ALL))) as server:
        done = get(client, server)
    assert denied(done) and server.lines() == ROUND
    assert "PolicyDeny: Access denied by policy" in done.stderr and "authz.denied_by_policy" in done.stderr


NOT_CONTRAINDICATED = """package policy

default allow := false

allow if {
  not any_contraindicated
  data.plugin == "resource"
}

any_contraindicated if {
  some submod in input.submods
  submod["ear.status"] == "contraindicated"
}
"""


def reference(client, kbs, *args):
    done = client(kbs, "config", "set-sample-reference-value", *args)
    assert done.returncode == 0, done.stderr


def affirm_the_sample_cpu(client, kbs):
    reference(client, kbs, "svn", "1")
    reference(client, kbs, "launch_digest", "abcde")
    reference(client, kbs, "major_version", "1", "--as-integer", "--as-single-value")
    reference(client, kbs, "minimum_minor_version", "1", "--as-integer", "--as-single-value")


@pytest.mark.case("CL-50", "CL-51")
def test_reference_values_open_what_was_contraindicated(client, kbs):
    loaded(kbs, policy=NOT_CONTRAINDICATED)
    assert denied(get(client, kbs))
    affirm_the_sample_cpu(client, kbs)
    assert get(client, kbs).stdout == "cmVzMXZhbDE=\n"


DEVICE_POLICY = """package policy

import rego.v1

default hardware := 97

hardware := 2 if input.sampledevice.svn in query_reference_value("device_svn")

trust_claims := {"executables": 3, "hardware": hardware, "configuration": 2}
"""


@pytest.mark.case("CL-52", "CL-53")
def test_a_device_is_appraised_by_its_own_policy(client, kbs):
    both = NOT_CONTRAINDICATED.replace("data.plugin", 'input.submods.gpu0\n  data.plugin')
    loaded(kbs, policy=both)
    affirm_the_sample_cpu(client, kbs)
    path = file(client, "gpu.rego", DEVICE_POLICY)
    done = client(kbs, "config", "set-attestation-policy", "--id", "default_gpu", "--policy-file", path)
    assert done.returncode == 0, done.stderr
    device = {"ENABLE_SAMPLE_DEVICE": "1"}
    assert denied(get(client, kbs, env=device))
    reference(client, kbs, "device_svn", "2")
    assert get(client, kbs, env=device).stdout == "cmVzMXZhbDE=\n"
    assert denied(get(client, kbs)), "without the device there is no gpu0"


INIT_DATA = '''version = "0.1.0"
algorithm = "sha256"
[data]
"cdh.toml" = """
[image]
extra_root_certificates = ["-----BEGIN CERTIFICATE-----\\\\nMIIB\\\\n-----END CERTIFICATE-----\\\\n"]
"""
"policy.rego" = """
package agent_policy

policy_data := {"containers": [
  {"OCI": {"Annotations": {}, "Process": {"User": {"UID": 65535}, "Args": ["/pause"]}}},
  {"OCI": {"Annotations": {"io.kubernetes.cri.image-name": "bitnami/nginx:latest"},
           "Process": {"User": {"UID": 1001}, "Args": ["/entrypoint.sh"]}}}]}
"""
'''
EVIDENCE = 'input.submods.cpu0["ear.veraison.annotated-evidence"]'


@pytest.mark.case("CL-54", "CL-55", "CL-56")
@pytest.mark.parametrize("rule", [
    f'{EVIDENCE}.init_data == "{base64.b64encode(hashlib.sha256(INIT_DATA.encode()).digest()).decode()}"',
    f'startswith({EVIDENCE}.init_data_claims["cdh.toml"].image.extra_root_certificates[0], "-----BEGIN CERTIFICATE")',
    f'{EVIDENCE}.init_data_claims.agent_policy_claims.containers[1].OCI.Process.Args[0] == "/entrypoint.sh"'])
def test_policies_see_the_init_data_of_the_command_line(client, kbs, rule):
    loaded(kbs, policy=f"package policy\n\ndefault allow := false\n\nallow if {rule}\n")
    assert get(client, kbs, INIT_DATA).stdout == "cmVzMXZhbDE=\n"
    assert denied(get(client, kbs))
    assert denied(get(client, kbs, 'version = "0.1.0"\nalgorithm = "sha256"\n[data]\n'))


@pytest.mark.case("CL-57")
def test_the_token_names_the_containers_of_the_init_data(client, kbs):
    done = client(kbs, "attest", INIT_DATA)
    cpu = json.loads(b64u_decode(done.stdout.split(".")[1]))["submods"]["cpu0"]
    assert cpu["ear.trustee.identifiers"]["validated"] == {
        "container_images": ["bitnami/nginx:latest"], "container_uids": [65535, 1001]}


@pytest.mark.case("CL-86")
def test_init_data_of_another_format_is_refused(kbs):
    guest = Guest(kbs)
    guest.auth()
    answer = guest.attest(init_data={"format": "json", "body": "{}"})
    assert answer.problem()[:2] == (401, "AttestationError")
    assert "Unsupported initdata format: json" in kbs.log()


@pytest.mark.case("CL-59")
def test_a_missing_page_is_not_asked_for_again(client):
    body = json.dumps({"type": ERRORS + "PluginNotFound", "detail": "Plugin x not found"}).encode()
    with scripted(lambda _: (404, [], body)) as server:
        done = get(client, server)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Error: resource not found\n" in done.stderr and "Plugin x not found" in done.stderr
    assert server.lines() == ["GET /kbs/v0/resource/a/b/c"]


@pytest.mark.parametrize("status,body", [(500, b"boom"), (401, b"not JSON"), (301, b""), (401, b"[" * 5000)])
def test_answers_out_of_the_protocol_end_the_command(client, status, body):
    with scripted(lambda _: (status, [], body)) as server:
        done = get(client, server)
        assert client(server, "attest").returncode == 1
    assert (done.returncode, done.stdout) == (1, "") and "Error: " in done.stderr
    assert server.lines() == ["GET /kbs/v0/resource/a/b/c", "POST /kbs/v0/auth"]


def test_a_server_that_never_has_enough_is_left(client):
    missing = json.dumps({"type": ERRORS + "TokenNotFound", "detail": "Attestation Token not found"}).encode()

    def answer(asked):
        if asked.path.endswith("auth"):
            return 200, [("Set-Cookie", "kbs-session-id=1")], json.dumps({"nonce": "AA==", "extra-params": ""}).encode()
        return (200, [], b'{"token":"a.b.c"}') if asked.path.endswith("attest") else (401, [], missing)

    with scripted(answer) as server:
        done = get(client, server)
    assert denied(done) and server.lines() == ROUND[:3] * 3


def pem_of(key, form):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


TRADITIONAL, PKCS8 = serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8


@pytest.mark.case("CL-65", "CL-66")
@pytest.mark.parametrize("make", [lambda: rsa.generate_private_key(65537, 2048),
                                  lambda: ec.generate_private_key(ec.SECP256R1()),
                                  lambda: ec.generate_private_key(ec.SECP521R1())], ids=["rsa", "p256", "p521"])
def test_every_usual_form_of_a_key_is_read(client, kbs, make):
    loaded(kbs)
    key = make()
    for form in (TRADITIONAL, PKCS8):
        done = get(client, kbs, "--tee-key-file", file(client, "key.pem", pem_of(key, form)))
        assert (done.returncode, done.stdout) == (0, "cmVzMXZhbDE=\n"), done.stderr


@pytest.mark.parametrize("text", [b"", b"garbage", pem_of(ec.generate_private_key(ec.SECP384R1()), PKCS8)])
def test_keys_that_answers_cannot_be_encrypted_to_are_refused_locally(client, text):
    with scripted(accept) as server:
        done = get(client, server, "--tee-key-file", file(client, "key.pem", text))
    assert (done.returncode, done.stdout, server.asked) == (1, "", [])
    assert "private key is not RSA" in done.stderr


@pytest.mark.case("CL-68")
def test_an_expired_token_ends_after_one_request(client, start):
    kbs = start(recorded_config(transcript.load("03-passport")))
    admin = [("Authorization", "Bearer " + transcript.ADMIN_TOKEN)]
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", admin, b"res1val1").status == 200
    assert kbs.set_resource_policy(ALLOW_ALL, admin).status == 200
    token = attested(client, kbs)
    header, claims = (json.loads(b64u_decode(part)) for part in token.split(".")[:2])

    def used(age):
        key = transcript.TokenKey().key
        file(client, "token", tokens.sign(key, claims | {"exp": claims["iat"] - age}, header))
        with scripted(forward(kbs)) as server:
            done = with_token(client, server)
        assert server.lines() == ["GET /kbs/v0/resource/a/b/c"]
        return done

    assert used(20).stdout == "cmVzMXZhbDE=\n", "within the leeway"
    done = used(120)
    assert denied(done) and "TokenVerifierError" in done.stderr


def test_tls_with_an_extra_root(client, start, tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    certificate = tokens.certificate("localhost", key, ca=True)
    (tmp_path / "tls.key").write_text(tokens.private_pem(key))
    (tmp_path / "tls.pem").write_text(tokens.pem(certificate))
    kbs = start(config(http=f'private_key = "{tmp_path}/tls.key"\ncertificate = "{tmp_path}/tls.pem"'))
    url = f"https://localhost:{kbs.port}"
    refused = client(url, "attest")
    assert (refused.returncode, refused.stdout) == (1, "") and "certificate" in refused.stderr
    done = client(url, "--cert-file", tmp_path / "tls.pem", "attest")
    assert done.returncode == 0 and done.stdout.count(".") == 2, done.stderr
