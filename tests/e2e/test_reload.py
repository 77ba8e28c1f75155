"""What the configuration names by files, switched as kubelet switches them, while the server runs."""
import json
import ssl

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

import tokens
from support import ALLOW_ALL, DENY_ALL, Guest, KubeletVolume, config
from test_tls import der, presented
from waiting import wait_until

REFUSED = "changed but is refused, the last good one stays in force"
ADMIN = """[admin]
authorization_mode = "AuthenticatedAuthorization"
[admin.authentication.bearer_jwt]
identity_providers = [ {{ public_key_uri = "{key}", default_role = "admin" }}, {{ jwk_set_uri = "file://{jwks}" }} ]
[admin.authorization.regex_acl]
acls = [ {{ role = "admin", allowed_endpoints = "^/kbs/.+$" }} ]
"""


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


def jwks(key, kid="j") -> str:
    return json.dumps({"keys": [tokens.public_jwk(key, kid=kid)]})


def pair():
    """A self-signed server certificate: the certificate, and the files of its Secret."""
    key = ec_key()
    certificate = tokens.certificate("localhost", key, addresses=["127.0.0.1"])
    return certificate, {"tls.key": tokens.private_pem(key), "tls.crt": tokens.pem(certificate)}


def test_tls_files_are_switched_as_a_whole(start, tmp_path):
    first, files = pair()
    volume = KubeletVolume(tmp_path / "https", files)
    kbs = start(config(http=f'private_key = "{volume.path}/tls.key"\ncertificate = "{volume.path}/tls.crt"\n'))
    kbs.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    kbs.tls.check_hostname, kbs.tls.verify_mode = False, ssl.CERT_NONE
    assert presented(kbs) == der(first)
    last = first
    for _ in range(3):
        last, files = pair()
        volume.write(files)
        wait_until(lambda: presented(kbs) == der(last))
    volume.write(files | {"tls.crt": tokens.pem(first)})
    wait_until(lambda: REFUSED in kbs.log())
    assert presented(kbs) == der(last)
    volume.write(pair()[1])
    wait_until(lambda: presented(kbs) != der(last))
    wait_until(lambda: kbs.log().count("TLS certificate and key reloaded") >= 4)  # told once it is in force
    log = kbs.log()
    assert log.count("TLS certificate and key reloaded") == 4 and log.count(REFUSED) == 1, log


def test_keys_of_administrators_are_those_that_lie_there_now(start, tmp_path):
    one, two, jwt = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate(), ec_key()
    volume = KubeletVolume(tmp_path / "auth", {"publicKey": tokens.public_pem(one), "jwks.json": jwks(ec_key())})
    kbs = start(config(admin=ADMIN.format(key=volume.path / "publicKey", jwks=volume.path / "jwks.json")))

    def admitted(key, header=None):
        token = tokens.sign(key, {"role": "admin", "exp": 2_000_000_000}, header)
        return kbs.set_resource_policy(ALLOW_ALL, [("Authorization", "Bearer " + token)]).status == 200

    assert admitted(one) and not admitted(two)
    volume.write({"publicKey": tokens.public_pem(two), "jwks.json": jwks(jwt)})
    wait_until(lambda: admitted(two))
    assert not admitted(one) and admitted(jwt, {"kid": "j"})
    volume.write({"publicKey": "", "jwks.json": "{}"})
    wait_until(lambda: "keys of administrators " + REFUSED in kbs.log())
    assert admitted(two) and not admitted(one)


def test_whose_tokens_are_believed_follows_certificates_and_jwk_sets(start, tmp_path):
    ca_key, leaf_key, set_key = ec_key(), ec_key(), ec_key()
    ca = tokens.certificate("ca", ca_key, ca=True)
    leaf = tokens.certificate("leaf", leaf_key, issuer=ca, issuer_key=ca_key)
    other = tokens.certificate("other", ec_key(), ca=True)
    certs = KubeletVolume(tmp_path / "certs", {"ca.pem": tokens.pem(other)})
    sets = KubeletVolume(tmp_path / "sets", {"set.json": '{"keys":[]}'})
    kbs = start(config(token=f'trusted_certs_paths = ["{certs.path}/ca.pem"]\ntrusted_jwk_sets = ["{sets.path}/set.json"]'))
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/a/b/c", body=b"secret").status == 200
    guest = Guest(None)
    claims = {"exp": 2_000_000_000, "tee-pubkey": guest.jwk}
    by_certificate = tokens.sign(leaf_key, claims, {"jwk": tokens.public_jwk(leaf_key, x5c=tokens.x5c(leaf))})
    by_set = tokens.sign(set_key, claims, {"kid": "s"})

    def believed(token):
        return kbs.request("GET", "/kbs/v0/resource/a/b/c", [("Authorization", "Bearer " + token)]).status == 200

    assert not believed(by_certificate) and not believed(by_set)
    certs.write({"ca.pem": tokens.pem(ca)})
    wait_until(lambda: believed(by_certificate))
    sets.write({"set.json": jwks(set_key, "s")})
    wait_until(lambda: believed(by_set))
    sets.write({"set.json": "half a"})
    wait_until(lambda: "trust in tokens " + REFUSED in kbs.log())
    assert believed(by_set) and believed(by_certificate)
    certs.write({"ca.pem": tokens.pem(other)})
    sets.write({"set.json": '{"keys":[]}'})
    wait_until(lambda: not believed(by_certificate) and not believed(by_set), what="proofs in caches end, too")


def test_session_keys_are_those_that_lie_there_now(start, tmp_path):
    volume = KubeletVolume(tmp_path / "session-keys", {"current": "aa" * 32, "previous": "bb" * 32})
    top = f'session_key_paths = ["{volume.path}/current", "{volume.path}/previous"]\n'
    kbs = start(config(top=top))
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/default/test/secret", body=b"x").status == 200
    guest = Guest(kbs).handshake()
    volume.write({"current": "cc" * 32, "previous": "aa" * 32})
    wait_until(lambda: "session keys reloaded" in kbs.log())
    assert guest.secret() == b"x", "the key before still opens"
    volume.write({"current": "cc" * 31, "previous": "aa" * 32})
    wait_until(lambda: "session keys " + REFUSED in kbs.log())
    assert guest.secret() == b"x"
    volume.write({"current": "dd" * 32, "previous": "cc" * 32})
    wait_until(lambda: guest.get("resource/default/test/secret").status == 401)
    assert Guest(kbs).handshake().secret() == b"x"
