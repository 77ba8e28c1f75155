"""The kbs-client program's command line from outside: client-and-guest.md 1, cases CL-1 to CL-39."""
import base64
import json
import re
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization

import tokens
import transcript
from client import ERRORS, NO_TEE, WARNING, accept, attested, file, forward, get, loaded, with_token
from scripted import scripted
from support import ADMIN_JWT, ALLOW_ALL, BIN, KEYS, b64u, b64u_decode, config, run


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
    done = get(client, loaded(kbs), env=NO_TEE, program="kbs-client-simulated")
    assert (done.returncode, done.stdout, done.stderr) == (0, "cmVzMXZhbDE=\n", WARNING)


@pytest.mark.case("CL-20")
def test_attest_prints_the_token_alone(client, kbs):
    done = client(kbs, "attest", env=NO_TEE, program="kbs-client-simulated")
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


def test_output_is_what_its_help_says(client, kbs):
    secret = b"\x00res1val1\xff"
    text = base64.b64encode(secret).decode()
    store = ["config", "set-resource", "--path", "a/b/c", "--resource-file", file(client, "secret", secret)]
    assert client(kbs, *store).stdout == f"Set resource success \n resource: {text}\n"
    for kind in ("json", "raw"):
        assert client(kbs, "--output", kind, *store).stdout == "stored a/b/c, 10 bytes\n"
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    for kind in ("compat", "json"):
        assert get(client, kbs, "--output", kind).stdout == text + "\n"
    raw = subprocess.run([BIN / "kbs-client", "--url", f"http://127.0.0.1:{kbs.port}", "--output", "raw", "get-resource",
                          "--path", "a/b/c"], capture_output=True, cwd=client.home, check=True, timeout=60)
    assert raw.stdout == secret
    with scripted(lambda _: (200, [], b'["a"]')) as server:
        value = ["config", "get-reference-value", "--id", "x"]
        assert [client(server, "--output", kind, *value).stdout for kind in ("json", "raw")] == ['["a"]\n'] * 2


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


def test_an_admin_token_has_a_life_that_can_be_counted(client):
    for life, status in (("60", 0), ("9223372036854775807", 2), ("-9223372036854775808", 2), ("x", 2)):
        done = client("http://h:1", "admin-token", "--key", KEYS / "private.key", "--ttl", life)
        assert (done.returncode, bool(done.stdout)) == (status, status == 0), done.stderr


def test_a_server_that_is_not_there_is_named(client):
    for command in (["attest"], ["config", "delete-resource", "--path", "a/b/c"]):
        done = client("http://127.0.0.1:1", *command)
        assert (done.returncode, done.stdout) == (1, "")
        assert "http://127.0.0.1:1/kbs/v0/" in done.stderr


# --- admin authentication as the client sees it --------------------------------------------------


@pytest.mark.case("CL-31", "CL-32", "CL-35", "CL-38")
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


@pytest.mark.case("CL-36")
def test_a_token_that_one_provider_does_not_know_is_shown_to_the_next(start):
    first = f'{{ issuer = "first", audience = "one", public_key_uri = "{KEYS}/public.pub" }}'
    second = f'{{ issuer = "second", audience = "two", public_key_uri = "{KEYS}/public.pub" }}'
    kbs = start(config(admin=ADMIN_JWT.format(keys=KEYS).replace(
        f'{{ issuer = "TrusteeInDocker", public_key_uri = "{KEYS}/public.pub" }}', f"{first}, {second}")))
    key = serialization.load_pem_private_key((KEYS / "private.key").read_bytes(), None)

    def asked(**claims):
        return kbs.set_resource_policy(ALLOW_ALL, [("Authorization", "Bearer " + tokens.admin_token(key, **claims))])

    assert asked(iss="first", aud=["one"]).status == 200
    assert asked(iss="second", aud=["two"]).status == 200, "the first provider does not end the search"
    for wrong in ({"iss": "third", "aud": ["one"]}, {"iss": "first", "aud": ["two"]}, {"iss": "second", "aud": ["one"]}):
        status, name, detail = asked(**wrong).problem()
        assert (status, name) == (401, "AdminAuthAccess")
        assert detail.endswith("Cannot verify token with any of the issuers"), detail


@pytest.mark.case("CL-33", "CL-39")
def test_modes_without_tokens(client, start, kbs):
    assert client(kbs, "config", "set-resource-policy", "--allow-all").returncode == 0
    closed = start(config(admin='[admin]\nauthorization_mode = "DenyAll"\n'))
    done = client(closed, "config", "set-resource-policy", "--allow-all")
    assert done.returncode == 1 and "DenyAll authorization_mode is enabled" in done.stderr
