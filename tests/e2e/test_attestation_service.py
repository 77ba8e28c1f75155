"""The built-in attestation service from outside: its policies and its signing key."""
import json
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

import tokens
from support import ALLOW_ALL, Guest, b64u, b64u_decode, config
from waiting import wait_until

POLICY = 'package policy\n\ntrust_claims := {"hardware": 2}\n'


@pytest.mark.case("AS-90")
def test_a_colon_in_a_policy_id_is_refused_by_files_and_taken_by_memory(start):
    files = start()
    assert files.set_attestation_policy(POLICY, "a:b").problem()[:2] == (401, "AttestationError")
    assert "key contains invalid characters" in files.settled_log()
    assert start(config(storage="Memory")).set_attestation_policy(POLICY, "a:b").status == 200


def signed_with(token):
    return json.loads(b64u_decode(token.split(".")[0]))["jwk"]["x"]


def x_of(key):
    return b64u(key.public_key().public_numbers().x.to_bytes(32, "big"))


def attested(kbs):
    guest = Guest(kbs)
    guest.auth()
    answer = guest.attest()
    assert answer.status == 200, kbs.log()
    return answer.json()["token"]


def test_a_renewed_signing_key_is_taken_in_and_the_old_tokens_stay_good(start, tmp_path):
    old, new = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "token.key"
    path.write_text(tokens.private_pem(old))
    service = f'[attestation_service]\ntype = "coco_as_builtin"\n[attestation_service.attestation_token_broker.signer]\nkey_path = "{path}"\n'
    kbs = start(config(token="trust_builtin_as = true", extra=service))
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"x").status == 200
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    token = attested(kbs)
    assert signed_with(token) == x_of(old)

    path.write_text("half a key")
    (tmp_path / "next.key").write_text(tokens.private_pem(new))
    assert signed_with(attested(kbs)) == x_of(old)
    os.replace(tmp_path / "next.key", path)
    wait_until(lambda: signed_with(attested(kbs)) == x_of(new), what=kbs.log)
    wait_until(lambda: "token signing key reloaded" in kbs.log())  # told once it is in force
    for one in (token, attested(kbs)):
        bearer = [("Authorization", "Bearer " + one)]
        assert kbs.request("GET", "/kbs/v0/resource/a/b/c", bearer).status == 200, kbs.log()
