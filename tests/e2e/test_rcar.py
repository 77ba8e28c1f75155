"""The handshake: kbs.md 5, cases R."""
import base64
import email.utils
import json
import time

import pytest

from support import ALLOW_ALL, Guest, config

FAILED = (401, "AttestationError", "Attestation error: RCAR handshake Attest failed")


def auth_detail(kbs, **overrides):
    status, name, detail = Guest(kbs).auth(**overrides).problem()
    assert (status, name) == (401, "AttestationError")
    assert detail.startswith("Attestation error: RCAR handshake Auth failed: "), detail
    return detail.removeprefix("Attestation error: RCAR handshake Auth failed: ")


@pytest.mark.case("KBS-R1")
def test_auth_gives_a_challenge_and_one_sealed_cookie(kbs):
    asked = time.time()
    answer = Guest(kbs).auth()
    assert answer.status == 200
    assert answer.header("content-type") == "application/json"
    challenge = answer.json()
    assert list(challenge) == ["nonce", "extra-params"] and challenge["extra-params"] == ""
    assert len(challenge["nonce"]) == 44 and len(base64.b64decode(challenge["nonce"], validate=True)) == 32
    cookies = [v for k, v in answer.headers if k.lower() == "set-cookie"]
    assert len(cookies) == 1
    value, *attributes = cookies[0].split("; ")
    assert value.startswith("kbs-session-id=") and len(value) < 3800
    expires = [a for a in attributes if a.startswith("Expires=")]
    until = email.utils.parsedate_to_datetime(expires[0].removeprefix("Expires=")).timestamp()
    assert int(asked) + 300 <= until <= time.time() + 300
    assert sorted(a.split("=")[0] for a in attributes) == ["Expires", "HttpOnly", "Path", "SameSite"]


@pytest.mark.case("KBS-R2")
def test_nonces_are_distinct(kbs):
    nonces = {Guest(kbs).auth().json()["nonce"] for _ in range(13)}
    assert len(nonces) == 13 and {len(n) for n in nonces} == {44}


@pytest.mark.case("KBS-R3", "CL-58")
@pytest.mark.parametrize("version", ["0.1.0", "0.4.1", "0.4.0-rc1", "1.0.0", "0.3.0"])
def test_other_versions_are_refused_by_name(kbs, version):
    assert auth_detail(kbs, version=version) == (
        f"KBS Client Protocol Version Mismatch: expect =0.4.0 while the request is {version}")


@pytest.mark.case("KBS-R4")
def test_build_metadata_is_ignored_and_half_versions_are_not_versions(kbs):
    assert Guest(kbs).auth(version="0.4.0+abc").status == 200
    for version in ("0.4", "v0.4.0", " 0.4.0", "0.04.0"):
        assert auth_detail(kbs, version=version).endswith("failed to parse KBS version"), version


@pytest.mark.case("KBS-R5")
def test_unknown_tees_and_missing_members_do_not_deserialise(kbs):
    for tee in ("sev", "TDX", "azsnpvtpm"):
        assert auth_detail(kbs, tee=tee).endswith("deserialize Request"), tee
    answer = kbs.post_json("/kbs/v0/auth", {"version": "0.4.0", "tee": "sample"})
    assert answer.problem()[2].endswith("deserialize Request")
    for extra in (None, "", {}, [1]):
        assert Guest(kbs).auth(**{"extra-params": extra}).status == 200


@pytest.mark.case("KBS-R7")
def test_attest_needs_a_live_session(start):
    kbs = start(config(extra='[attestation_service]\ntype = "coco_as_builtin"\ntimeout = 0\n'))
    guest = Guest(kbs)
    assert guest.auth().status == 200
    body = guest.attestation()
    time.sleep(0.01)
    assert guest.attest(body).problem() == FAILED, "expired"
    guest.cookie = None
    assert guest.attest(body).problem() == FAILED, "no cookie"
    guest.cookie = "0123456789abcdef0123456789abcdef"
    assert guest.attest(body).problem() == FAILED, "unknown"
    # The same requests where sessions live: only the cookie makes the difference.
    living = Guest(start())
    living.auth()
    body, cookie = living.attestation(), living.cookie
    for wrong in (None, "0123456789abcdef0123456789abcdef"):
        living.cookie = wrong
        assert living.attest(body).problem() == FAILED, wrong
    living.cookie = cookie
    assert living.attest(body).status == 200


@pytest.mark.case("KBS-R8")
def test_a_wrong_nonce_fails_and_the_right_one_then_succeeds(kbs):
    guest = Guest(kbs)
    guest.auth()
    other = base64.b64encode(bytes(32)).decode()
    assert guest.attest(nonce=other).problem() == FAILED
    assert guest.attest().status == 200


@pytest.mark.case("KBS-R9")
def test_unknown_key_types_and_init_data_formats(kbs):
    guest = Guest(kbs)
    guest.auth()
    body = guest.attestation()
    body["runtime-data"]["tee-pubkey"] = guest.jwk | {"kty": "OKP"}
    assert guest.attest(body).problem() == FAILED
    refused = guest.attest(init_data={"format": "json", "body": "{}"})
    assert refused.problem() == FAILED and refused.header("trustee-code") == "kbs.init_data_format"
    assert guest.attest().status == 200, "neither was wrong otherwise"


@pytest.mark.case("KBS-R10")
def test_additional_evidence_is_an_object_in_a_string(kbs):
    for text, good in (("{}", True), ("", True), ("not json", False), ('{"foo":{}}', False)):
        guest = Guest(kbs)
        guest.auth()
        answer = guest.attest(additional=text)
        assert (answer.status == 200) == good, text
        if not good:
            assert answer.problem() == FAILED


@pytest.mark.case("KBS-R11", "CL-69")
def test_attesting_again_in_an_attested_session_repeats_the_token(kbs):
    guest = Guest(kbs)
    first_expiry = guest.auth().header("set-cookie").split("Expires=")[1].split(";")[0]
    first = guest.attest()
    assert first.status == 200 and list(first.json()) == ["token"]
    assert first.header("content-type") == "application/json"
    assert first.header("set-cookie").split("Expires=")[1].split(";")[0] == first_expiry
    again = guest.attest(guest.attestation(nonce="anything"))
    assert again.status == 200 and again.json() == first.json()
    assert again.header("set-cookie").split("Expires=")[1].split(";")[0] == first_expiry


INIT_DATA = '''version = "0.1.0"
algorithm = "sha256"
[data]
"cdh.toml" = """
[image]
extra_root_certificates = ["-----BEGIN CERTIFICATE-----\\\\nMIIB\\\\n-----END CERTIFICATE-----\\\\n"]
"""
'''


@pytest.mark.case("KBS-R13")
def test_policies_see_init_data_and_its_claims(kbs):
    import hashlib
    digest = base64.b64encode(hashlib.sha256(INIT_DATA.encode()).digest()).decode()
    kbs.request("POST", "/kbs/v0/resource/default/test/secret", body=b"shhhhhhh")
    evidence = 'input.submods.cpu0["ear.veraison.annotated-evidence"]'
    for rule in (f'{evidence}.init_data == "{digest}"',
                 f'startswith({evidence}.init_data_claims["cdh.toml"].image.extra_root_certificates[0], '
                 '"-----BEGIN CERTIFICATE-----")'):
        policy = f"package policy\n\ndefault allow := false\n\nallow if {{\n  {rule}\n}}\n"
        assert kbs.set_resource_policy(policy).status == 200
        guest = Guest(kbs).handshake(init_data=INIT_DATA)
        assert guest.secret() == b"shhhhhhh", rule
        assert Guest(kbs).handshake().get("resource/default/test/secret").problem()[1] == "PolicyDeny"


@pytest.mark.case("KBS-R14")
def test_nothing_is_stored_for_a_session_that_fits_its_cookie(kbs):
    Guest(kbs).handshake()
    sessions = kbs.directory / "data/kbs_protocol_session"
    assert not sessions.exists() or not any(sessions.iterdir())


def big_device_svn():
    # Random text does not deflate: the token cannot fit a cookie.
    import secrets
    return secrets.token_hex(20_000)


def test_a_token_too_large_for_a_cookie_is_stored_and_works(kbs):
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    kbs.request("POST", "/kbs/v0/resource/default/test/secret", body=b"shhhhhhh")
    guest = Guest(kbs, devices={"sampledevice": big_device_svn()}).handshake()
    assert len(guest.cookie) < 3800
    assert guest.secret() == b"shhhhhhh"
    assert guest.attest(guest.attestation(nonce="x")).json()["token"] == guest.token


def test_a_forged_or_foreign_cookie_is_no_session(start, kbs):
    guest = Guest(kbs).handshake()
    flipped = guest.cookie[:-6] + ("A" if guest.cookie[-6] != "A" else "B") + guest.cookie[-5:]
    guest.cookie = flipped
    assert guest.get("resource/a/b/c").problem()[1] == "TokenNotFound"


def test_attempts_per_challenge_are_bounded(kbs):
    guest = Guest(kbs)
    guest.auth()
    bad = guest.attestation()
    bad["tee-evidence"]["primary_evidence"]["report_data"] = ""
    codes = []
    for _ in range(20):
        answer = guest.attest(bad)
        assert answer.problem() == FAILED
        codes.append(answer.header("trustee-code"))
    assert codes[0] != codes[-1] and "attempts" in codes[-1]
    assert guest.attest().problem() == FAILED
    assert guest.auth().status == 200 and guest.attest().status == 200


def test_sampledevice_submods_are_numbered_in_order(kbs):
    guest = Guest(kbs, devices={"sampledevice": "2"}).handshake()
    assert sorted(guest.claims()["submods"]) == ["cpu0", "gpu0"]


def test_hostile_attestations_do_not_stop_the_server(kbs):
    guest = Guest(kbs)
    guest.auth()
    for body in (b"", b"[" * 100_000, b'{"a":1e999}', b"\xff\xfe", b'{"runtime-data":{},"runtime-data":{}}',
                 json.dumps({"runtime-data": "x" * 100_000}).encode()):
        answer = kbs.request("POST", "/kbs/v0/attest", guest.session(), body)
        assert answer.problem() == FAILED
    assert guest.attest().status == 200
