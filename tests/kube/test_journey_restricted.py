"""The journey "Deploy Trustee in Kubernetes" with the profile Restricted: operator.md 10.2, certificates issued late
and renewed by the real cert-manager."""
import base64
import datetime
import json
import socket
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from guest import Guest, Route
from journey import install, needs_programs, taken_away
from journey_rows import Rows
from objects import DEPLOY

pytestmark = needs_programs
WITHOUT_TRUST = ("--url", "https://kbs-service:8080")
NEEDED = "default/kbsres1/key1"
ISSUER = """apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: {name}
  namespace: operators
spec:
  selfSigned: {{}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {name}
  namespace: operators
spec:
  dnsNames:
    - kbs-service
  secretName: {secret}
  issuerRef:
    name: {name}
    kind: Issuer
    group: cert-manager.io
"""
TOKEN = """  privateKey:
    algorithm: ECDSA
    encoding: PKCS8
    size: 256
"""
TRUSTEE = """apiVersion: confidentialcontainers.org/v1alpha1
kind: TrusteeConfig
metadata:
  name: trusteeconfig
  namespace: operators
spec:
  profileType: Restricted
  kbsServiceType: ClusterIP
  httpsSpec:
    tlsSecretName: trustee-tls-cert
  attestationTokenVerificationSpec:
    tlsSecretName: trustee-token-cert
"""


@pytest.fixture(scope="module")
def site(node_bed):
    site = install(node_bed, "operators")
    site.reach = ("--cert-file", "https.crt", *WITHOUT_TRUST)
    node_bed.start_cert_manager()
    site.make_guest()
    yield site
    taken_away(site, "certificates,issuers", "--all")
    site.kubectl("delete", "pod/kbs-client", "secret/trustee-tls-cert", "secret/trustee-token-cert", "secret/test",
                 "--ignore-not-found")
    node_bed.processes["cm-controller"].stop()


def data(site, secret: str, key: str) -> bytes:
    return base64.b64decode(site.get("secret", secret)["data"][key])


def created(o: dict) -> datetime.datetime:
    return datetime.datetime.fromisoformat(o["metadata"]["creationTimestamp"])


def wait_missing(site, secret: str) -> dict:
    site.bed.wait(lambda: secret in site.condition("SecretsAvailable").get("message", ""), 20, f"{secret} is missed")
    return site.condition("SecretsAvailable")


def test_4_before_its_certificates_exist_it_says_which_secret_is_missing(site):
    site.apply(TRUSTEE)
    found = wait_missing(site, "trustee-tls-cert")
    assert (found["status"], found["reason"]) == ("False", "SecretMissing"), found
    assert site.condition("Ready")["status"] == "False"
    assert not site.get("trusteeconfig", "trusteeconfig")["status"].get("isReady", False)
    assert site.find("deployment", "trustee-deployment") is None
    told = site.told("TrusteeConfig", "SecretMissing")
    assert len(told) == 1 and "trustee-tls-cert" in told[0][2]
    line = site.sh("kubectl get trusteeconfig -n operators --no-headers").stdout.split()
    assert line[:4] == ["trusteeconfig", "Restricted", "False", "SecretMissing"]


def test_3_the_first_of_two_certificates_is_issued(site):
    site.apply(ISSUER.format(name="kbs-https", secret="trustee-tls-cert"))
    site.wait_for("secret", "trustee-tls-cert")
    site.bed.wait(lambda: "trustee-tls-cert" not in site.condition("SecretsAvailable")["message"], 20, "it is missed no longer")
    assert "trustee-token-cert" in site.condition("SecretsAvailable")["message"]
    assert data(site, "trustee-tls-cert", "tls.key").startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert site.find("deployment", "trustee-deployment") is None


@pytest.mark.case("OP-30")
def test_4_with_the_second_it_goes_on_within_a_second(site):
    site.rested("trusteeconfig", "trusteeconfig")  # no look is due that the Secret does not cause
    site.apply(ISSUER.format(name="kbs-token", secret="trustee-token-cert") + TOKEN)
    last = site.wait_for("secret", "trustee-token-cert")
    for what, key, source in (("https-key", "privateKey", "tls.key"), ("https-cert", "certificate", "tls.crt"),
                              ("attestation-key", "token.key", "tls.key"), ("attestation-cert", "token.crt", "tls.crt")):
        made = site.wait_for("secret", f"trusteeconfig-{what}-secret", seconds=10)
        assert (created(made) - created(last)).total_seconds() <= 1, what
        of = "trustee-tls-cert" if what.startswith("https") else "trustee-token-cert"
        assert base64.b64decode(made["data"][key]) == data(site, of, source)
    site.ready()
    assert site.get("trusteeconfig", "trusteeconfig")["status"]["isReady"] is True
    assert site.get("kbsconfig", "trusteeconfig-kbs-config")["status"]["isReady"] is True


def fetch_certificate(site):
    site.sh("""
kubectl get secret trustee-tls-cert -n operators -o json | jq -r '.data."tls.crt"' | base64 --decode > https.crt
kubectl cp -n operators https.crt kbs-client:/
""")


def test_15_18_by_default_sample_evidence_gets_nothing(site):
    fetch_certificate(site)
    refused = site.bed.wait(lambda: next((d for d in [site.get_resource(NEEDED)] if "PolicyDeny" in d.stderr), None), 20, "it answers")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert site.claims()["ear.status"] != "affirming"
    service = site.get("service", "kbs-service")["spec"]["clusterIP"]
    guest = Guest(Route(site.bed, service, "kbs-service", data(site, "trustee-tls-cert", "tls.crt"))).handshake()
    assert guest.get("resource/" + NEEDED).status == 401


def test_16_17_with_an_allow_all_policy_the_guest_gets_the_sample(site):
    pods = site.pods()
    site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = true\n"}})
    site.wait_served(NEEDED, "res1val1")
    out = site.sh("kubectl exec -n operators kbs-client -- kbs-client --cert-file https.crt --url https://kbs-service:8080 "
                  f"get-resource --path {NEEDED} > key1; cat key1; base64 -d key1").stdout
    assert out == "cmVzMXZhbDE=\nres1val1" and site.pods() == pods


def test_16_nobody_is_served_who_does_not_trust_the_certificate(site):
    done = site.guest(*WITHOUT_TRUST, "get-resource", "--path", NEEDED)
    assert (done.returncode, done.stdout) == (1, "") and "certificate" in done.stderr


class TestRows(Rows):
    """The rows that both profiles have, under the policy of row 16."""

    starting = "Starting HTTPS server at [0.0.0.0:8080]"


def served_certificate(site) -> bytes:
    """What the listener shows, whatever name it is asked for."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with site.bed.inside():
        plain = socket.create_connection((site.get("service", "kbs-service")["spec"]["clusterIP"], 8080), 10)
    with context.wrap_socket(plain, server_hostname="route.example.com") as tls:
        return tls.getpeercert(binary_form=True)


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@pytest.mark.case("OP-34")
def test_a_renewed_certificate_is_served_without_anybody_doing_anything(site):
    pods, old = site.pods(), data(site, "trustee-tls-cert", "tls.crt")
    assert served_certificate(site) == der(old)
    site.bed.renew_certificate("kbs-https", site.ns)
    site.bed.wait(lambda: data(site, "trustee-tls-cert", "tls.crt") != old, 30, "the certificate is renewed")
    new = data(site, "trustee-tls-cert", "tls.crt")
    site.bed.wait(lambda: served_certificate(site) == der(new), 20, "the new certificate is served")
    assert data(site, "trusteeconfig-https-cert-secret", "certificate") == new
    assert data(site, "trusteeconfig-https-key-secret", "privateKey") == data(site, "trustee-tls-cert", "tls.key")
    refused = site.get_resource(NEEDED)
    assert (refused.returncode, refused.stdout) == (1, "") and "certificate" in refused.stderr
    fetch_certificate(site)
    assert site.serves(NEEDED, "res1val1")
    assert site.pods() == pods


def test_a_renewed_token_key_signs_and_is_trusted_without_anybody_doing_anything(site):
    pods, old = site.pods(), data(site, "trustee-token-cert", "tls.crt")

    def leaf():
        return base64.b64decode(site.token()[0]["jwk"]["x5c"][0] + "==")
    assert leaf() == der(old)
    site.bed.renew_certificate("kbs-token", site.ns)
    site.bed.wait(lambda: data(site, "trustee-token-cert", "tls.crt") != old, 30, "the certificate is renewed")
    new = data(site, "trustee-token-cert", "tls.crt")
    site.bed.wait(lambda: leaf() == der(new), 20, "tokens are signed with the new key")
    key = load_pem_private_key(data(site, "trusteeconfig-attestation-key-secret", "token.key"), None)
    public = x509.load_pem_x509_certificate(new).public_key()
    assert (key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            == public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert site.serves(NEEDED, "res1val1")
    assert site.pods() == pods and set(pods.values()) == {0}


def test_a_certificate_of_somebody_else_is_told_and_the_good_one_stays(site):
    pods, good = site.pods(), served_certificate(site)
    site.kubectl("delete", "certificate", "kbs-https")
    found = site.get("secret", "trustee-tls-cert")["data"]
    site.kubectl("patch", "secret", "trustee-tls-cert", "--type=merge", "-p", json.dumps(
        {"data": {"tls.crt": site.get("secret", "trustee-token-cert")["data"]["tls.crt"]}}))
    site.kubectl("wait", "--for=condition=SecretsAvailable=false", "trusteeconfig/trusteeconfig", "--timeout=20s")
    condition = site.condition("SecretsAvailable")
    assert condition["reason"] == "KeyPairMismatch" and "trustee-tls-cert" in condition["message"], condition
    assert len(site.told("TrusteeConfig", "KeyPairMismatch")) == 1, site.events()
    assert served_certificate(site) == good and site.pods() == pods
    assert site.serves(NEEDED, "res1val1")
    site.kubectl("patch", "secret", "trustee-tls-cert", "--type=merge", "-p", json.dumps({"data": {"tls.crt": found["tls.crt"]}}))
    site.ready(20)


def test_the_certificates_of_the_samples_do_as_well(site):
    site.kubectl("delete", "certificates,issuers", "--all")
    site.kubectl("delete", "secret", "trustee-tls-cert", "trustee-token-cert")
    site.kubectl("apply", "-f", DEPLOY / "samples/cert-manager/certificates.yaml")
    issued = site.wait_for("secret", "trustee-tls-cert")
    assert issued["type"] == site.wait_for("secret", "trustee-token-cert")["type"] == "kubernetes.io/tls"
    site.bed.wait(lambda: served_certificate(site) == der(data(site, "trustee-tls-cert", "tls.crt")), 30, "it is served")
    site.ready()
    fetch_certificate(site)
    site.wait_served(NEEDED, "res1val1")
