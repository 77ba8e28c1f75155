"""How kbs-client attests and fetches: client-and-guest.md 3, cases CL-40 to CL-69 and CL-86."""
import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import tokens
import transcript
from client import ERRORS, ROUND, accept, attested, denied, file, forward, get, loaded, with_token
from scripted import scripted
from support import ALLOW_ALL, DENY_ALL, KEYS, Guest, b64u_decode, config


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
        return 200, [], b'{"token":"e30.e30.AAAA"}'

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
    assert (done.returncode, done.stdout) == (0, "e30.e30.AAAA\n")
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
    assert "Unsupported initdata format: json" in kbs.settled_log()


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
        return (200, [], b'{"token":"e30.e30.AAAA"}') if asked.path.endswith("attest") else (401, [], missing)

    with scripted(answer) as server:
        done = get(client, server)
    assert denied(done) and server.lines() == ROUND[:3] * 2 + ROUND[:1]
    assert "TokenNotFound: Attestation Token not found" in done.stderr


def test_cookies_of_a_load_balancer_are_returned(client, kbs):
    behind = forward(loaded(kbs))

    def balanced(asked):
        status, headers, body = behind(asked)
        return status, [*headers, ("Set-Cookie", "lb=replica-1; Path=/")], body

    with scripted(balanced) as server:
        done = get(client, server)
    assert done.stdout == "cmVzMXZhbDE=\n" and server.lines() == ROUND
    sent = [asked.header("cookie") for asked in server.asked]
    assert sent[:2] == [None, "lb=replica-1"]
    assert all(cookie.startswith("lb=replica-1; kbs-session-id=") for cookie in sent[2:]), sent


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
    kbs = start(transcript.recorded_config(transcript.load("03-passport")))
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


@pytest.mark.parametrize("text", ["1e2000000000", "-1e-2000000000"])
def test_a_key_of_a_guest_is_no_number_to_the_policy_engine(client, kbs, text):
    """The engine's own reader of JSON would write the number out, for hours."""
    marked = f'''version = "0.1.0"
algorithm = "sha256"
[data]
"cdh.toml" = """
"$serde_json::private::Number" = "{text}"
"""
'''
    rule = f'{EVIDENCE}.init_data_claims["cdh.toml"]["$serde_json::private::Number"] == "{text}"'
    loaded(kbs, policy=f"package policy\n\ndefault allow := false\n\nallow if {rule}\n")
    assert get(client, kbs, marked).stdout == "cmVzMXZhbDE=\n"
