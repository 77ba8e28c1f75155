"""Admin API protection: kbs.md 10, cases A; config files: cases F."""
import time

import pytest

import tokens
from support import ALLOW_ALL, config, run

ADMIN = """[admin]
authorization_mode = "AuthenticatedAuthorization"
[admin.authentication.bearer_jwt]
identity_providers = [ {{ {extra} public_key_uri = "{key}" }} ]
[admin.authorization.regex_acl]
acls = [ {acls} ]
"""
ISSUER = 'issuer = "issuer", audience = "kbs",'


@pytest.fixture
def admin_key(tmp_path):
    key = tokens.new_ed25519()
    (tmp_path / "admin.pub").write_text(tokens.public_pem(key))
    return key


def admin_config(tmp_path, acls='{ role = "admin", allowed_endpoints = "^/kbs/.+$" }', extra=ISSUER):
    return config(admin=ADMIN.format(extra=extra, key=tmp_path / "admin.pub", acls=acls))


def bearer(token):
    return [("Authorization", "Bearer " + token)]


@pytest.mark.case("KBS-A1", "CL-31")
def test_a_good_token_is_allowed(start, tmp_path, admin_key):
    kbs = start(admin_config(tmp_path))
    token = bearer(tokens.admin_token(admin_key))
    assert kbs.set_resource_policy(ALLOW_ALL, token).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", token, b"x").status == 200
    assert kbs.request("DELETE", "/kbs/v0/resource/a/b/c", token).status == 200


@pytest.mark.case("KBS-A2", "CL-32", "CL-34", "CL-36", "CL-37", "CL-38")
def test_other_tokens_are_refused_with_their_reason(start, tmp_path, admin_key):
    kbs = start(admin_config(tmp_path, '{ role = "admin", allowed_endpoints = "^/kbs/v0/reference-value$" }'))

    def refused(token):
        status, name, detail = kbs.set_resource_policy(ALLOW_ALL, bearer(token)).problem()
        assert (status, name) == (401, "AdminAuthAccess")
        return detail.removeprefix("admin access denied for endpoint resource-policy: Admin access denied: ")

    unknown = "Cannot verify token with any of the issuers"
    assert refused(tokens.admin_token(admin_key, iss="other")) == unknown
    assert refused(tokens.admin_token(admin_key, aud=["other"])) == unknown
    assert refused(tokens.admin_token(tokens.new_ed25519())) == unknown
    now = int(time.time())
    assert refused(tokens.admin_token(admin_key, exp=now - 90)) == unknown
    not_allowed = "Role {} not allowed for path /kbs/v0/resource-policy"
    assert refused(tokens.admin_token(admin_key)) == not_allowed.format("admin")
    assert refused(tokens.admin_token(admin_key, role="Alice")) == not_allowed.format("Alice")
    assert refused(tokens.admin_token(admin_key, exp=now - 30)) == not_allowed.format("admin"), "leeway"
    assert refused(tokens.admin_token(admin_key, aud="kbs")) == not_allowed.format("admin"), "aud as text"
    assert kbs.register({"a": 1}, bearer(tokens.admin_token(admin_key))).status == 200


@pytest.mark.case("KBS-A3", "CL-33")
def test_deny_all(start):
    kbs = start(config(admin='[admin]\nauthorization_mode = "DenyAll"\n'))
    text = "DenyAll authorization_mode is enabled"
    status, name, detail = kbs.set_resource_policy(ALLOW_ALL).problem()
    assert (status, name) == (401, "AdminAuthAccess") and text in detail
    status, name, detail = kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"x").problem()
    assert (status, name) == (401, "AdminAuthInitialization") and text in detail


@pytest.mark.case("KBS-A4")
def test_a_role_reaches_only_its_paths(start, tmp_path, admin_key):
    kbs = start(admin_config(
        tmp_path, '{ role = "tester", allowed_endpoints = "^/kbs/v0/reference-value/[a-zA-Z0-9]+$" }'))
    token = bearer(tokens.admin_token(admin_key, role="tester"))
    for answer in (kbs.set_resource_policy(ALLOW_ALL, token), kbs.set_attestation_policy(ALLOW_ALL, headers=token),
                   kbs.request("POST", "/kbs/v0/resource/a/b/c", token, b"x")):
        status, _, detail = answer.problem()
        assert status == 401 and "Role tester not allowed" in detail
    assert kbs.request("GET", "/kbs/v0/reference-value/abc", token).problem()[1] == "RvpsError"


def refused_at_start(start, text):
    with pytest.raises(RuntimeError) as failure:
        start(text)
    return str(failure.value)


@pytest.mark.case("KBS-A5")
@pytest.mark.parametrize("pattern,reason", [
    ("(xyz", "must be anchored"), ("^/resource/.+$", "must be anchored"), ("^/kbs/(x$", "Failed to parse regex")])
def test_acl_patterns_are_checked_at_start(start, tmp_path, admin_key, pattern, reason):
    assert reason in refused_at_start(start, admin_config(
        tmp_path, f'{{ role = "admin", allowed_endpoints = "{pattern}" }}'))


@pytest.mark.case("KBS-A6")
def test_old_admin_tables_are_translated_and_mixtures_refused(start, tmp_path, admin_key):
    unknown_mode = refused_at_start(start, config(admin='[admin]\nauthorization_mode = "AllowAll"\n'))
    assert "kbs-config.toml" in unknown_mode and "#admin-api-configuration" in unknown_mode
    mixed = refused_at_start(start, config(admin='[admin]\nauthorization_mode = "DenyAll"\ntype = "Simple"\n'))
    assert "kbs-config.toml" in mixed and "#admin-api-configuration" in mixed
    old = f'[admin]\ntype = "Simple"\n[[admin.personas]]\nid = "admin"\npublic_key_path = "{tmp_path}/admin.pub"\n'
    kbs = start(config(admin=old))
    assert 'authorization_mode = "AuthenticatedAuthorization"' in kbs.log()
    now = int(time.time())
    assert kbs.set_resource_policy(ALLOW_ALL, bearer(tokens.sign(admin_key, {"iat": now, "exp": now + 60}))).status == 200
    assert kbs.set_resource_policy(ALLOW_ALL).status == 401
    tagged = ADMIN.replace("[admin.authentication.bearer_jwt]", '[admin.authentication]\ntype = "BearerJwt"')
    kbs = start(config(admin=tagged.format(extra=ISSUER, key=tmp_path / "admin.pub",
                                           acls='{ role = "admin", allowed_endpoints = "^/kbs/.+$" }')))
    assert "[admin.authentication.bearer_jwt]" in kbs.log()
    assert kbs.set_resource_policy(ALLOW_ALL, bearer(tokens.admin_token(admin_key))).status == 200
    assert kbs.set_resource_policy(ALLOW_ALL, bearer(tokens.admin_token(admin_key, iss="x"))).status == 401


@pytest.mark.case("KBS-A7")
def test_providers_without_keys_do_not_start(start, tmp_path, admin_key):
    entry = admin_config(tmp_path).split("identity_providers = ")[1].split("\n")[0]
    for providers, says in (("[]", "there is no identity provider"),
                            ('[ { issuer = "x", audience = "y" } ]', "issuer x has no key")):
        text = admin_config(tmp_path).replace(entry, providers)
        (tmp_path / "check.toml").write_text(text)
        loads = run("kbs", "--check-config", "-c", tmp_path / "check.toml")
        assert loads.returncode == 0, loads.stderr
        refusal = refused_at_start(start, text)
        assert f"Error: {says}" in refusal, refusal


@pytest.mark.case("KBS-A8", "CL-35")
def test_tokens_without_a_role_and_paths_in_queries_are_refused(start, tmp_path, admin_key):
    kbs = start(admin_config(tmp_path, '{ role = "admin", allowed_endpoints = "^/kbs/v0/.*/public$" }'))
    detail = kbs.set_resource_policy(ALLOW_ALL, bearer(tokens.sign(admin_key, {
        "iss": "issuer", "aud": "kbs", "exp": int(time.time()) + 60}))).problem()[2]
    assert "Missing required `role` claim in JWT" in detail
    token = bearer(tokens.admin_token(admin_key))
    for target in ("/kbs/v0/resource-policy?x=/public", "/kbs/v0/resource-policy%3Fx=/../public",
                   "/kbs/v0/resource-policy/..%2Fpublic?y"):
        answer = kbs.request("POST", target, token, b'{"policy":"cA"}')
        assert answer.problem()[1] in ("AdminAuthAccess", "PluginNotFound"), target


@pytest.mark.parametrize("pattern", ["^/kbs/x$|^.*$", "^/kbs/v0/a|/kbs/v0/b$"])
def test_every_alternative_of_a_pattern_must_be_anchored(start, tmp_path, admin_key, pattern):
    assert "must be anchored" in refused_at_start(start, admin_config(
        tmp_path, f'{{ role = "admin", allowed_endpoints = "{pattern}" }}'))


@pytest.mark.case("CL-39")
def test_insecure_allow_all_needs_no_token(kbs):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200


@pytest.mark.case("KBS-F2")
def test_tls_versions_in_the_wrong_order(start):
    http = 'insecure_http = true\ntls_min_version = "1.3"\ntls_max_version = "1.2"'
    refusal = refused_at_start(start, config(http=http))
    assert "failed to load configuration file kbs-config.toml: " in refusal
    assert "TLS configuration error" in refusal
    assert "tls_min_version (1.3) cannot be greater than tls_max_version (1.2)" in refusal


@pytest.mark.case("KBS-F3")
def test_mandatory_sections_and_keys(start):
    text = config()
    no_http = text[:text.index("[http_server]")] + text[text.index("[attestation_token]"):]
    bare = '[[plugins]]\nname = "resource"\n'
    for text, says, anchor in ((no_http, "missing field `http_server`", "#http-server-configuration"),
                               (config(admin=" "), "missing field `admin`", "#admin-api-configuration"),
                               (config(plugins=bare), "missing field `storage_backend_type`", "#storage-backend-configuration")):
        refusal = refused_at_start(start, text)
        assert f"failed to load configuration file kbs-config.toml: {says}" in refusal, refusal
        assert anchor in refusal, refusal


def test_later_back_ends_are_refused_by_name(start):
    assert "intel_ta" in refused_at_start(start, config(extra='[attestation_service]\ntype = "intel_ta"\nbase_url = "https://x"\napi_key = "k"\ncerts_file = "c"\n'))
    assert "pkcs11" in refused_at_start(start, config(plugins='[[plugins]]\nname = "pkcs11"\nmodule = "m"\npin = "1"\n'))
