"""Attestation tokens at the resource endpoint: kbs.md 6 and 8, cases K, J."""
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import tokens
from hardware import MovableClock
from support import ALLOW_ALL, Guest, config

PATH = "/kbs/v0/resource/default/test/secret"
UNTRUSTED = (401, "TokenVerifierError", "Token Verifier error")


def prepare(kbs):
    assert kbs.set_resource_policy("package policy\n\nallow := true\n").status == 200
    assert kbs.request("POST", PATH, body=b"shhhhhhh").status == 200
    return kbs


def bearer(token, scheme="Bearer"):
    return [("Authorization", f"{scheme} {token}")]


@pytest.fixture
def open_kbs(kbs):
    return prepare(kbs)


class Issuer:
    """A token issuer whose certificate chains to a root of its own."""

    def __init__(self, tmp_path):
        self.root_key = rsa.generate_private_key(65537, 2048)
        self.root = tokens.certificate("root", self.root_key, ca=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.leaf = tokens.certificate("leaf", self.key, self.root, self.root_key)
        self.path = tmp_path / "trusted.pem"
        self.path.write_text(tokens.pem(self.root))
        self.guest_key = ec.generate_private_key(ec.SECP256R1())

    def claims(self, **more):
        probe = Guest(None, key=self.guest_key)
        return {"tee-pubkey": probe.jwk, "exp": int(time.time()) + 300, **more}

    def token(self, claims=None, key=None, **jwk):
        key = key or self.key
        header = {"jwk": tokens.public_jwk(key, **({"x5c": tokens.x5c(self.leaf)} | jwk))}
        return tokens.sign(key, claims or self.claims(), header)


@pytest.fixture
def issuer(tmp_path):
    return Issuer(tmp_path)


@pytest.fixture
def trusting(start, issuer):
    """A kbs that trusts the issuer's root and no header key."""
    return prepare(start(config(token=f'trusted_certs_paths = ["{issuer.path}"]')))


def accepted(kbs, token):
    answer = kbs.request("GET", PATH, bearer(token))
    if answer.status != 200:
        assert answer.problem() == UNTRUSTED, answer
        return False
    return True


@pytest.mark.case("KBS-K1")
def test_no_token_and_a_lower_case_scheme_are_no_token(open_kbs):
    guest = Guest(open_kbs).handshake()
    missing = (401, "TokenNotFound", "Attestation Token not found")
    assert open_kbs.request("GET", PATH).problem() == missing
    assert open_kbs.request("GET", PATH, bearer(guest.token, "bearer")).problem() == missing
    assert open_kbs.request("GET", PATH, [("Authorization", "Bearer")]).problem() == missing
    assert open_kbs.request("GET", PATH, [("Authorization", "Basic " + guest.token)]).problem() == missing
    assert open_kbs.request("GET", PATH, bearer("short")).problem() == UNTRUSTED
    assert guest.decrypt(open_kbs.request("GET", PATH, bearer(guest.token))) == b"shhhhhhh"


@pytest.mark.case("KBS-K2")
def test_an_unattested_session_leaves_the_bearer_token_to_count(open_kbs):
    guest = Guest(open_kbs).handshake()
    other = Guest(open_kbs)
    other.auth()
    assert guest.decrypt(open_kbs.request("GET", PATH, other.session() + bearer(guest.token))) == b"shhhhhhh"


@pytest.mark.case("KBS-K3")
def test_expiry_has_a_minute_of_leeway(trusting, issuer):
    now = int(time.time())
    claims = issuer.claims()
    del claims["exp"]
    assert not accepted(trusting, issuer.token(claims))
    assert accepted(trusting, issuer.token(issuer.claims(exp=now - 30)))
    assert not accepted(trusting, issuer.token(issuer.claims(exp=now - 61)))
    for exp in ("1.5", "1e12", f"{now + 100}.0"):
        text = json.dumps(issuer.claims(exp=0)).replace('"exp": 0', f'"exp": {exp}')
        assert not accepted(trusting, issuer.token(text)), exp
    twice = json.dumps(issuer.claims()).replace("}", f', "exp": {now + 300}}}', 2)
    assert not accepted(trusting, issuer.token(twice))


@pytest.mark.case("KBS-K4")
def test_a_header_key_is_not_trusted_by_a_jwk_set(start, issuer, tmp_path):
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [tokens.public_jwk(issuer.key, kid="1")]}))
    kbs = prepare(start(config(token=f'trusted_jwk_sets = ["{tmp_path}/jwks.json"]')))
    assert not accepted(kbs, issuer.token())
    assert accepted(kbs, tokens.sign(issuer.key, issuer.claims(), {"kid": "1"}))
    assert not accepted(kbs, tokens.sign(issuer.key, issuer.claims(), {"kid": "2"}))
    assert not accepted(kbs, tokens.sign(issuer.key, issuer.claims()))


@pytest.mark.case("KBS-K5")
def test_header_keys_with_a_chain_to_the_root_are_endorsed(trusting, issuer):
    assert accepted(trusting, issuer.token())
    mid_key = ec.generate_private_key(ec.SECP256R1())
    mid = tokens.certificate("mid", mid_key, issuer.root, issuer.root_key, ca=True)
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    leaf = tokens.certificate("leaf2", leaf_key, mid, mid_key)
    assert accepted(trusting, issuer.token(key=leaf_key, x5c=tokens.x5c(leaf, mid)))


@pytest.mark.case("KBS-K6")
def test_unendorsed_header_keys_are_refused(trusting, issuer, tmp_path):
    other = ec.generate_private_key(ec.SECP256R1())
    assert not accepted(trusting, issuer.token(key=other)), "leaf key is not the JWK key"
    assert not accepted(trusting, tokens.sign(issuer.key, issuer.claims(), {"jwk": tokens.public_jwk(issuer.key)}))
    elsewhere = Issuer(tmp_path / "..")
    assert not accepted(trusting, elsewhere.token()), "another root"
    expired = tokens.certificate("old", issuer.key, issuer.root, issuer.root_key, days=-1, start=-10)
    assert not accepted(trusting, issuer.token(x5c=tokens.x5c(expired)))


@pytest.mark.case("KBS-K7")
def test_the_order_of_certificates_and_decoy_roots_do_not_matter(start, issuer, tmp_path):
    key_b, key_a, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    int_b = tokens.certificate("int-b", key_b, issuer.root, issuer.root_key, ca=True)
    int_a = tokens.certificate("int-a", key_a, int_b, key_b, ca=True)
    leaf = tokens.certificate("leaf", leaf_key, int_a, key_a)
    decoy_key = ec.generate_private_key(ec.SECP256R1())
    decoy = tokens.certificate("root", decoy_key, ca=True)
    path = tmp_path / "two-roots.pem"
    path.write_text(tokens.pem(decoy, issuer.root))
    kbs = prepare(start(config(token=f'trusted_certs_paths = ["{path}"]')))
    assert accepted(kbs, issuer.token(key=leaf_key, x5c=tokens.x5c(leaf, int_a, int_b)))
    assert accepted(kbs, issuer.token(key=leaf_key, x5c=tokens.x5c(leaf, int_b, int_a)))
    assert accepted(kbs, issuer.token(key=leaf_key, x5c=tokens.x5c(leaf, int_b, int_a, decoy)))
    assert not accepted(kbs, issuer.token(key=leaf_key, x5c=tokens.x5c(leaf, int_a)))


def refused_at_start(start, token_table):
    from support import Kbs
    with pytest.raises(RuntimeError) as failure:
        start(config(token=token_table))
    return str(failure.value)


@pytest.mark.case("KBS-K8")
@pytest.mark.parametrize("source", ["https://127.0.0.1:9/jwks", "http://example.com", "file:///missing", "missing.json"])
def test_jwk_sets_that_cannot_be_had_stop_the_start(start, source):
    assert "Error: " in refused_at_start(start, f'trusted_jwk_sets = ["{source}"]')


@pytest.mark.case("KBS-K9")
def test_symmetric_and_unknown_keys_never_verify(start, issuer, tmp_path):
    import base64, hmac, hashlib
    keys = [{"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("="), "kid": "s", "alg": "HS256"},
            {"kty": "oct", "k": "AAAA", "kid": "u", "alg": "XYZ"}, tokens.public_jwk(issuer.key, kid="good")]
    (tmp_path / "set.json").write_text(json.dumps({"keys": keys}))
    kbs = prepare(start(config(token=f'trusted_jwk_sets = ["{tmp_path}/set.json"]')))
    assert accepted(kbs, tokens.sign(issuer.key, issuer.claims(), {"kid": "good"}))
    from support import b64u
    message = b64u(b'{"alg":"HS256","kid":"s"}') + "." + b64u(json.dumps(issuer.claims()).encode())
    tag = b64u(hmac.new(b"k" * 32, message.encode(), hashlib.sha256).digest())
    assert not accepted(kbs, f"{message}.{tag}")
    assert not accepted(kbs, f"{message}."), "no signature"
    none = b64u(b'{"alg":"none"}') + "." + b64u(json.dumps(issuer.claims()).encode()) + "."
    assert not accepted(kbs, none)


@pytest.mark.case("KBS-K11")
def test_no_trust_material_at_all_does_not_start(start):
    text = refused_at_start(start, "")
    assert "Cannot verify token since no trusted verification materials are provided" in text


@pytest.mark.case("KBS-J2")
def test_keys_that_cannot_be_encrypted_to_are_a_jwe_error(trusting, issuer):
    p384 = Guest(None, curve=ec.SECP384R1())
    rsa_key = Guest(None, key=rsa.generate_private_key(65537, 2048))
    for jwk in (p384.jwk, rsa_key.jwk | {"alg": "RSA-OAEP"}):
        answer = trusting.request("GET", PATH, bearer(issuer.token(issuer.claims(**{"tee-pubkey": jwk}))))
        assert answer.problem() == (401, "JweError", "JWE failed")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP521R1()])
def test_an_independent_library_decrypts_ec(open_kbs, curve):
    assert Guest(open_kbs, curve=curve).handshake().secret() == b"shhhhhhh"


def test_an_independent_library_decrypts_rsa(open_kbs):
    assert Guest(open_kbs, key=rsa.generate_private_key(65537, 4096)).handshake().secret() == b"shhhhhhh"


def test_rsa1_5_is_served_with_a_warning(open_kbs):
    guest = Guest(open_kbs, key=rsa.generate_private_key(65537, 2048))
    assert guest.handshake().secret() == b"shhhhhhh" and "RSA1_5" not in open_kbs.settled_log()
    guest.jwk["alg"] = "RSA1_5"
    answer = guest.handshake().get("resource/default/test/secret")
    assert guest.decrypt(answer) == b"shhhhhhh"
    assert any("RSA1_5" in line and answer.header("x-request-id") in line
               for line in open_kbs.settled_log().splitlines())


def test_a_token_without_a_key_is_a_token_error(trusting, issuer):
    claims = issuer.claims()
    del claims["tee-pubkey"]
    assert not accepted(trusting, issuer.token(claims))


def test_extra_key_paths_come_first(start, issuer):
    kbs = prepare(start(config(
        token=f'trusted_certs_paths = ["{issuer.path}"]\nextra_teekey_paths = ["/my/key"]')))
    good = Guest(kbs, key=issuer.guest_key)
    claims = issuer.claims(my={"key": good.jwk})
    claims["tee-pubkey"] = {"kty": "EC"}
    answer = kbs.request("GET", PATH, bearer(issuer.token(claims)))
    assert good.decrypt(answer) == b"shhhhhhh"


def test_an_expired_token_is_not_served_from_a_cache(start, issuer, tmp_path):
    clock = MovableClock(tmp_path / "clock")
    trusting = prepare(start(config(token=f'trusted_certs_paths = ["{issuer.path}"]'), program="kbs-with-test-roots",
                             env={"TEST_CLOCK": str(clock.path)}))
    token = issuer.token(issuer.claims(exp=int(time.time()) + 600))
    assert accepted(trusting, token)
    clock.advance(600)  # believed for another minute
    assert accepted(trusting, token)
    clock.advance(120)
    assert not accepted(trusting, token)
