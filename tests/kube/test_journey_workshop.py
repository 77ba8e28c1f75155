"""The journey of the workshop "Configure the Trustee operator": operator.md 10.3, rows 3, 5 to 12 and 14 to 16, with
evidence of SEV-SNP on Azure from the test hierarchy. Where the document says `oc`, kubectl stands here."""
import base64
import gzip
import json
import re
import subprocess

import pytest

from azure_guest import AzureGuest, AzureMachine
from guest import Route
from journey import BIN, b64u_decode, install, needs_programs, uninstall
from objects import DEPLOY, ROOT

pytestmark = needs_programs
NS = "trustee-operator-system"
ROUTE = f"kbs-service-{NS}.apps.example.com"
IMAGE = "localhost/trustee/key-broker-service:test-roots"
POLICY, KEY = "default/trustee-image-policy/policy", "default/conf-devhub-signature/pub-key"
CERTIFICATES = f"""apiVersion: cert-manager.io/v1
kind: Issuer
metadata:
  name: kbs-issuer
  namespace: {NS}
spec:
  selfSigned: {{}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: kbs-https
  namespace: {NS}
spec:
  commonName: {ROUTE}
  subject:
    organizations:
      - Red Hat
  dnsNames:
    - {ROUTE}
  privateKey:
    algorithm: RSA
    encoding: PKCS1
    size: 2048
  duration: 8760h
  renewBefore: 360h
  secretName: trustee-tls-cert
  issuerRef: {{name: kbs-issuer, kind: Issuer, group: cert-manager.io}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: kbs-token
  namespace: {NS}
spec:
  commonName: kbs-token
  dnsNames:
    - kbs-service
  secretName: trustee-token-cert
  issuerRef: {{name: kbs-issuer, kind: Issuer, group: cert-manager.io}}
  privateKey:
    algorithm: ECDSA
    encoding: PKCS8
    size: 256
"""
TRUSTEE = f"""apiVersion: confidentialcontainers.org/v1alpha1
kind: TrusteeConfig
metadata:
  name: trusteeconfig
  namespace: {NS}
spec:
  profileType: Restricted
  kbsServiceType: ClusterIP
  httpsSpec:
    tlsSecretName: trustee-tls-cert
  attestationTokenVerificationSpec:
    tlsSecretName: trustee-token-cert
"""
INITDATA = f'''algorithm = "sha256"
version = "0.1.0"

[data]
"aa.toml" = \'\'\'
[token_configs]
[token_configs.kbs]
url = "https://{ROUTE}"
\'\'\'

"cdh.toml" = \'\'\'
[kbc]
name = "cc_kbc"
url = "https://{ROUTE}"

[image]
image_security_policy_uri = "kbs:///default/trustee-image-policy/policy"
\'\'\'

"policy.rego" = \'\'\'
package agent_policy

default ExecProcessRequest := false
\'\'\'
'''
IMAGE_POLICY = """{
  "default": [{"type": "reject"}],
  "transports": {"docker": {"registry.example.com/demo": [
    {"type": "sigstoreSigned", "keyPath": "kbs:///default/conf-devhub-signature/pub-key"}]}}
}
"""
OTHER = INITDATA.replace("ExecProcessRequest := false", "ExecProcessRequest := true")


def image_with_test_roots(bed):
    """The key broker's image with the program that trusts the test hierarchies, and their roots where it looks."""
    name = "kbs-with-test-roots"
    at = re.search(rb"/[\x21-\x7e]*/tests/vectors/snp-test-pki/", (BIN / name).read_bytes()).group().decode()
    roots = "".join(f'"{at}{p.name}" = "{p}"\n' for p in sorted((ROOT / "tests/vectors/snp-test-pki").glob("roots-*.pem")))
    recipe = (DEPLOY / "images/kbs.toml").read_text()
    (bed.directory / "kbs.toml").write_text(
        recipe.replace('"/usr/local/bin/kbs" = "kbs"', f'"/usr/local/bin/kbs" = "{name}"').replace("[files]\n", f"[files]\n{roots}"))
    made = bed.directory / "images-test-roots"
    subprocess.run([ROOT / "tools/oci_image", "--bin", BIN.resolve(), "--output", made, "--tag", IMAGE.rpartition(":")[2],
                    bed.directory / "kbs.toml"], check=True, capture_output=True)
    archive, = made.glob("*.tar")
    bed.import_image(archive)
    archive.unlink()


@pytest.fixture(scope="module")
def site(node_bed):
    uninstall(node_bed)
    image_with_test_roots(node_bed)
    site = install(node_bed, NS, IMAGE)
    node_bed.start_cert_manager()
    site.apply(CERTIFICATES)
    for secret in ("trustee-tls-cert", "trustee-token-cert"):  # both, so that one thing only is told of them
        site.wait_for("secret", secret, seconds=60)
    yield site
    uninstall(node_bed)
    node_bed.processes["cm-controller"].stop()


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A machine that was started with INITDATA."""
    machine = AzureMachine(tmp_path_factory.mktemp("azure") / "tpm", INITDATA.encode())
    yield machine
    machine.stop()


def route(site) -> Route:
    certificate = base64.b64decode(site.get("secret", "trustee-tls-cert")["data"]["tls.crt"])
    return Route(site.bed, site.get("service", "kbs-service")["spec"]["clusterIP"], ROUTE, certificate)


def test_3_the_trustee_makes_its_objects(site):
    site.apply(TRUSTEE)
    site.wait_for("deployment", "trustee-deployment")
    for what in ("auth", "https-key", "https-cert", "attestation-key", "attestation-cert"):
        assert site.get("secret", f"trusteeconfig-{what}-secret")["data"], what
    for what in ("kbs-config", "resource-policy", "attestation-policy", "rvps-reference-values", "tdx-config"):
        assert site.get("configmap", f"trusteeconfig-{what}")["data"], what
    # The document's certificate is for the route alone: worth a word, not an obstacle.
    found = site.wait_condition("SecretsAvailable", "CertificateLacksName")
    assert found["status"] == "True" and "kbs-service" in found["message"], found
    assert len(site.told("TrusteeConfig", "CertificateLacksName")) == 1, site.events()
    ports = site.get("service", "kbs-service")["spec"]["ports"]
    assert [(p["name"], p["port"]) for p in ports] == [("kbs-port", 8080)]  # what the route is made for


def test_5_6_the_key_and_the_image_policy_are_secrets(site):
    (site.work / "verification-policy.json").write_text(IMAGE_POLICY)
    site.sh("""
openssl ecparam -name prime256v1 -genkey -noout -out cosign.key
openssl ec -in cosign.key -pubout -out cosign.pub
kubectl create secret generic conf-devhub-signature --from-file=pub-key=./cosign.pub
kubectl create secret generic trustee-image-policy --from-file=policy=./verification-policy.json
""")
    assert sorted(site.get("secret", "conf-devhub-signature")["data"]) == ["pub-key"]


@pytest.mark.case("OP-94")
def test_7_8_initdata_and_the_value_of_pcr_8(site, machine):
    (site.work / "initdata.toml").write_text(INITDATA)
    out = site.sh("""
INITDATA=$(cat initdata.toml | gzip | base64 -w0)
echo $INITDATA
initial_pcr=0000000000000000000000000000000000000000000000000000000000000000
hash=$(sha256sum initdata.toml | cut -d' ' -f1)
echo -n "$initial_pcr$hash" | tr a-f A-F | basenc --base16 -d | sha256sum | cut -d' ' -f1 | tee pcr8
""").stdout.split()
    assert gzip.decompress(base64.b64decode(out[0])) == INITDATA.encode()
    assert out[1] == machine.pcrs()[8]
    ours = site.bed.run([BIN / "trustee", "initdata", "pcr8", site.work / "initdata.toml"]).stdout
    assert ours == out[1] + "\n"


def test_9_10_measurements_become_reference_values_beside_the_key_of_the_operator(site, machine):
    pcrs = machine.pcrs()
    (site.work / "measurements.json").write_text(json.dumps(
        {"measurements": {"sha256": {f"pcr{n:02}": f"0x{pcrs[n]}" for n in (3, 9, 11, 12)}}}))
    before = site.get("configmap", "trusteeconfig-rvps-reference-values")
    done = site.sh("""
jq --arg pcr8 "0x$(cat pcr8)" '.measurements.sha256 + {pcr08: $pcr8} | to_entries | map(
    ("snp_", "tdx_") as $prefix | {name: ($prefix + .key), expiration: "2027-12-12T00:00:00Z", value: [.value | ltrimstr("0x")]})' \
  measurements.json > reference-values.json
cat > rvps-configmap.yaml <<EOF
apiVersion: v1
kind: ConfigMap
metadata:
  name: trusteeconfig-rvps-reference-values
  namespace: trustee-operator-system
data:
  reference-values.json: |
$(sed 's/^/    /' reference-values.json)
EOF
kubectl apply -f rvps-configmap.yaml
""")
    assert "missing the kubectl.kubernetes.io/last-applied-configuration annotation" in done.stderr
    assert len(json.loads((site.work / "reference-values.json").read_text())) == 10
    after = site.get("configmap", "trusteeconfig-rvps-reference-values")
    assert {"reference-values.json", "reference_value"} <= after["data"].keys()
    assert after["data"]["reference_value"] == before["data"]["reference_value"]
    assert after["metadata"]["ownerReferences"] == before["metadata"]["ownerReferences"]


def test_11_both_secrets_are_listed_behind_the_others(site):
    show = "kubectl get kbsconfig trusteeconfig-kbs-config -n trustee-operator-system -o json | jq -c .spec.kbsSecretResources"
    before = json.loads(site.sh(show).stdout)
    site.sh("""kubectl patch kbsconfig trusteeconfig-kbs-config -n trustee-operator-system --type=json -p='[
  {"op":"add", "path":"/spec/kbsSecretResources/-", "value":"conf-devhub-signature"},
  {"op":"add", "path":"/spec/kbsSecretResources/-", "value":"trustee-image-policy"}]'""")
    assert json.loads(site.sh(show).stdout) == [*before, "conf-devhub-signature", "trustee-image-policy"]
    site.wait_for("deployment", "trustee-deployment", lambda o: "trustee-image-policy" in json.dumps(o["spec"]["template"]))


def test_12_13_pods_are_replaced_by_hand_and_it_is_ready_again(site):
    before, revision = site.settled(90), site.revision()
    site.sh("kubectl rollout restart deployment/trustee-deployment -n trustee-operator-system")
    after = site.settled(90)
    assert site.revision() == revision + 1
    assert not before.keys() & after.keys() and set(after.values()) == {0}
    site.ready()
    annotations = site.get("deployment", "trustee-deployment")["spec"]["template"]["metadata"]["annotations"]
    assert "kubectl.kubernetes.io/restartedAt" in annotations
    log = site.sh("kubectl logs -n trustee-operator-system -l app=kbs --tail=-1").stdout
    assert re.search(r"^\[[-0-9T:]+Z INFO  [\w:]+\] Starting HTTPS server at \[0\.0\.0\.0:8080\]$", log, re.MULTILINE), log


def ear(guest) -> dict:
    return json.loads(b64u_decode(guest.token.split(".")[1]))["submods"]["cpu0"]


def test_14_the_machine_that_is_known_gets_both_secrets_byte_by_byte(site, machine):
    guest = AzureGuest(route(site), machine).handshake(init_data=INITDATA)
    found = ear(guest)
    assert found["ear.status"] == "affirming" and found["ear.trustworthiness-vector"]["executables"] == 3, found
    assert guest.secret(f"resource/{POLICY}") == IMAGE_POLICY.encode()
    assert guest.secret(f"resource/{KEY}") == (site.work / "cosign.pub").read_bytes()


def test_15_the_same_machine_with_another_initdata_gets_nothing(site, tmp_path):
    machine = AzureMachine(tmp_path / "tpm", OTHER.encode())
    try:
        guest = AzureGuest(route(site), machine).handshake(init_data=OTHER)
    finally:
        machine.stop()
    found = ear(guest)
    assert found["ear.trustworthiness-vector"]["executables"] == 33 and found["ear.status"] != "affirming", found
    for path in (POLICY, KEY):
        assert guest.get(f"resource/{path}").status == 401


def test_16_initdata_that_pcr_8_does_not_hold_is_refused(site, machine):
    guest = AzureGuest(route(site), machine)
    assert guest.auth().status == 200
    answer = guest.attest(init_data=OTHER)
    assert answer.status == 401 and guest.token is None
    assert answer.header("trustee-code") == "azure.init_data_mismatch", answer
