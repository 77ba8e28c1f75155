"""The journey "Deploy Trustee in Kubernetes" with the profile Permissive: operator.md 10.2, its rows in their order."""
import collections
import json
import re

import pytest

import node
from guest import Guest, Route
from journey import ACCOUNT, EVERYTHING, PERMISSIVE, csv, install, needs_programs, printed, taken_away
from journey_rows import NEEDED, Rows, variables
from load import asking
from objects import DEPLOY, read

pytestmark = needs_programs
RESTARTED, MINE = "kubectl.kubernetes.io/restartedAt", "example.com/load-balancer"
SUBSCRIPTION = """apiVersion: operators.coreos.com/v1alpha1
kind: Subscription
metadata:
  name: my-trustee-operator
  namespace: operators
spec:
  channel: alpha
  name: trustee-operator
  source: operatorhubio-catalog
  sourceNamespace: olm
"""


@pytest.fixture(scope="module")
def site(node_bed):
    site = install(node_bed, "operators")
    yield site
    taken_away(site, "pod/kbs-client", "secret/test", "secret/vcek-secret", "subscription/my-trustee-operator",
               f"csv/{csv()['metadata']['name']}")


def test_1_2_the_operator_is_installed_and_available(site):
    """OLM's part is played: the kinds are its own, what it makes of them `install` made, and that it calls an
    installation Succeeded when the Deployment is Available is said here."""
    site.bed.install_olm_kinds()
    site.sh(f"kubectl apply --validate=strict -f - <<'EOF'\n{SUBSCRIPTION}EOF\n")
    package = site.sh("kubectl get subscription -n operators --no-headers").stdout.split()
    assert package == ["my-trustee-operator", "trustee-operator", "operatorhubio-catalog", "alpha"]
    known = read((DEPLOY / "bundle/metadata/annotations.yaml").read_text())[0]["annotations"]
    assert known["operators.operatorframework.io.bundle.package.v1"] == package[1]
    assert package[3] in known["operators.operatorframework.io.bundle.channels.v1"].split(",")
    site.kubectl("create", "--validate=strict", "-f", DEPLOY / "bundle/manifests/trustee-operator.clusterserviceversion.yaml")
    conditions = site.get("deployment", ACCOUNT)["status"]["conditions"]
    assert {"Available": "True"}.items() <= {c["type"]: c["status"] for c in conditions}.items()
    site.kubectl("patch", "csv", csv()["metadata"]["name"], "--subresource=status", "--type=merge", "-p",
                 json.dumps({"status": {"phase": "Succeeded"}}))
    line = site.sh("kubectl get csv -n operators --no-headers").stdout.rstrip()
    version = r"trustee-operator\.v(\d+\.\d+\.\d+)"
    found = re.fullmatch(rf"{version} +Trustee Operator +(\d+\.\d+\.\d+) +{version} +Succeeded", line)
    assert found and found[1] == found[2] != found[3], line


def test_4_one_object_becomes_ready(site):
    assert site.apply(PERMISSIVE) == "trusteeconfig.confidentialcontainers.org/trusteeconfig created\n"
    site.make_guest()
    site.ready()
    found = site.get("trusteeconfig", "trusteeconfig")["status"]
    assert found["isReady"] is True
    assert found["statusDescription"] == "TrusteeConfig is ready and KbsConfig is deployed successfully"
    assert site.get("kbsconfig", "trusteeconfig-kbs-config")["status"]["isReady"] is True


class TestRows(Rows):
    """The rows that both profiles have."""

    starting = "Starting HTTP server at [0.0.0.0:8080]"


@pytest.mark.case("OP-95")
def test_14_16_17_the_guest_gets_the_sample(site):
    out = site.sh("kubectl exec -n operators kbs-client -- kbs-client --url http://kbs-service:8080 "
                  "get-resource --path default/kbsres1/key1 > key1; cat key1; base64 -d key1").stdout
    assert out == "cmVzMXZhbDE=\nres1val1"


def patch_spec(site, kind, name, spec):
    site.kubectl("patch", kind, name, "--type=merge", "-p", json.dumps({"spec": spec}))


@pytest.mark.case("OP-69")
def test_the_type_of_the_service_follows_and_its_address_stays(site):
    uids, before = site.pods(), site.get("service", "kbs-service")["spec"]
    site.kubectl("annotate", "service", "kbs-service", f"{MINE}=internal")
    for kind in ("NodePort", "ClusterIP"):
        patch_spec(site, "trusteeconfig", "trusteeconfig", {"kbsServiceType": kind})
        found = site.wait_for("service", "kbs-service", lambda o, kind=kind: o["spec"]["type"] == kind)
        assert found["spec"]["clusterIP"] == before["clusterIP"]
        assert found["metadata"]["annotations"][MINE] == "internal"
        assert ("nodePort" in found["spec"]["ports"][0]) == (kind == "NodePort")
    assert site.pods() == uids


@pytest.mark.case("OP-71")
def test_a_restart_by_hand_happens_once_is_not_taken_back_and_loses_no_request(site):
    before, revision = site.settled(), site.revision()
    with asking(site.bed, site.get("service", "kbs-service")["spec"]["clusterIP"]) as answers:
        site.bed.wait(lambda: len(answers) > 20, 20, "guests are served")
        site.sh("kubectl rollout restart deployment/trustee-deployment -n operators")
        after = site.settled()
    assert collections.Counter(answers).keys() == {200}, collections.Counter(answers)
    assert not before.keys() & after.keys() and set(after.values()) == {0}
    assert RESTARTED in template_of(site)["metadata"]["annotations"]
    assert site.revision() == revision + 1
    site.ready()
    assert site.serves(NEEDED, "res1val1")


def lifetime(site) -> int:
    """Of a token made now, in minutes."""
    claims = site.token()[1]
    return (claims["exp"] - claims["iat"]) // 60


def test_an_edited_configuration_reaches_new_pods_without_a_lost_request(site):
    text, before = site.get("configmap", "trusteeconfig-kbs-config")["data"]["kbs-config.toml"], site.settled()
    assert "duration_min = 5" in text and lifetime(site) == 5
    with asking(site.bed, site.get("service", "kbs-service")["spec"]["clusterIP"]) as answers:
        edit_configuration(site, text.replace("duration_min = 5", "duration_min = 9"))
        site.bed.wait(lambda: not before.keys() & site.pods().keys(), 60, "other Pods serve")
        after = site.settled()
    assert collections.Counter(answers).keys() == {200}, collections.Counter(answers)
    assert lifetime(site) == 9 and set(after.values()) == {0}


def test_a_broken_configuration_is_told_and_the_last_good_one_stays(site):
    pods, text = site.pods(), site.get("configmap", "trusteeconfig-kbs-config")["data"]["kbs-config.toml"]
    edit_configuration(site, text + "\n[http_server\n")
    site.kubectl("wait", "--for=condition=ConfigurationValid=false", "trusteeconfig/trusteeconfig", "--timeout=20s")
    found = site.condition("ConfigurationValid")
    assert "trusteeconfig-kbs-config" in found["message"], found
    site.told("KbsConfig", found["reason"])
    assert [e[0] for e in site.events() if e[1] == found["reason"]] == ["KbsConfig"], site.events()
    assert lifetime(site) == 9 and site.pods() == pods
    edit_configuration(site, text)
    site.kubectl("wait", "--for=condition=ConfigurationValid=true", "trusteeconfig/trusteeconfig", "--timeout=20s")
    assert lifetime(site) == 9 and site.pods() == pods


def edit_configuration(site, text: str):
    site.edit("cm", "trusteeconfig-kbs-config", {"data": {"kbs-config.toml": text}})


def template_of(site) -> dict:
    return site.get("deployment", "trustee-deployment")["spec"]["template"]


@pytest.mark.case("OP-59", "OP-61", "OP-70", "OP-75", "OP-76")
def test_11_an_edited_kbs_config_with_all_sorts_of_entries(site):
    """Two replicas, a certificate cache, a variable; in the list a Secret with a dot, one twice, one with the
    name of a volume, one that does not exist: everything that can be served is."""
    site.kubectl("create", "secret", "generic", "vcek-secret", "--from-literal=vcek.der=x")
    site.kubectl("create", "secret", "generic", "my.secret", "--from-literal=key=dotted")
    site.kubectl("create", "secret", "generic", "auth-secret", "--from-literal=key=of a volume")
    kc = site.get("kbsconfig", "trusteeconfig-kbs-config")
    listed = [*kc["spec"]["kbsSecretResources"], "my.secret", "test", "auth-secret", "comes-later"]
    site.edit("kbsconfig", "trusteeconfig-kbs-config", {"spec": {
        "KbsEnvVars": {"RUST_LOG": "debug", "A": "1"}, "KbsDeploymentSpec": {"replicas": 2}, "kbsSecretResources": listed,
        "kbsLocalCertCacheSpec": {"secrets": [{"secretName": "vcek-secret", "mountPath": "/etc/kbs/snp/ek"}]}}})
    site.wait_for("deployment", "trustee-deployment", lambda o: o["spec"]["replicas"] == 2)
    pods = site.settled(90)
    assert len(pods) == 2 and set(pods.values()) == {0}
    deployment = site.get("deployment", "trustee-deployment")
    assert deployment["status"]["readyReplicas"] == 2
    assert RESTARTED in template_of(site)["metadata"]["annotations"]
    assert site.get("service", "kbs-service")["metadata"]["annotations"][MINE] == "internal"
    assert variables(deployment) == {"A": "1", "RUST_LOG": "debug"}
    for pod in site.items("pods", "-l", "app=kbs"):
        assert names_in(site, pod, "/etc/kbs/snp/ek") == ["vcek.der"]
    # Whichever replica answers: each guest makes a new connection.
    for path, value in (("default/my.secret/key", "dotted"), (NEEDED, "res1val1"), ("default/auth-secret/key", "of a volume")):
        assert [site.get_resource(path).stdout for _ in range(2)] == [printed(value)] * 2, path
    # No affinity is needed: one request goes to this Pod, the next to that one.
    guest, (a, b) = Guest(None), [Route(site.bed, pod["status"]["podIP"]) for pod in site.items("pods", "-l", "app=kbs")]
    for guest.kbs, ask in ((a, guest.auth), (b, guest.attest)):
        assert ask().status == 200
    for guest.kbs in (a, b):
        assert guest.secret("resource/" + NEEDED) == b"res1val1"
    found = site.condition("SecretsAvailable", "kbsconfig", "trusteeconfig-kbs-config")
    assert found["status"] == "False" and "comes-later" in found["message"] and "my.secret" not in found["message"], found
    told = site.told("KbsConfig", "ResourceSecretMissing")
    assert len(told) == 1 and "comes-later" in told[0][2], site.events()
    assert site.condition("Ready")["status"] == "True"
    site.kubectl("create", "secret", "generic", "comes-later", "--from-literal=key=came")
    site.wait_served("default/comes-later/key", "came")
    site.wait_served("default/comes-later/key", "came")
    assert site.pods() == pods
    kept = site.get("kbsconfig", "trusteeconfig-kbs-config")["spec"]
    assert kept["kbsSecretResources"] == listed and kept["KbsEnvVars"] == {"RUST_LOG": "debug", "A": "1"}
    site.kubectl("delete", "secret", "comes-later", "my.secret", "auth-secret")


def names_in(site, pod: dict, directory: str) -> list:
    """The visible names of a directory in the container of a Pod, which has no `ls`."""
    container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    tasks = [line.split() for line in node.ctr(site.bed, "tasks", "ls").stdout.splitlines()[1:]]
    pid = next(words[1] for words in tasks if words[0] == container)
    return sorted(name for name in site.bed.run(["ls", f"/proc/{pid}/root{directory}"]).stdout.split())


@pytest.mark.case("OP-53")
def test_everything_goes_with_the_trustee_config_but_what_is_the_users(site):
    owners = {(o["kind"], o["metadata"]["name"]): [(r["kind"], r["name"], r["controller"]) for r in o["metadata"].get("ownerReferences", [])]
              for o in site.items(EVERYTHING)}
    made = {key: found for key, found in owners.items() if key[1].startswith(("trusteeconfig-", "trustee-deployment", "kbs-service", "kbsres1", "attestation-status"))}
    kc = ("KbsConfig", "trusteeconfig-kbs-config", True)
    tc = ("TrusteeConfig", "trusteeconfig", True)
    assert all(found in ([tc], [kc]) for found in made.values()), made
    assert made["Deployment", "trustee-deployment"] == made["Service", "kbs-service"] == [kc]
    assert made["KbsConfig", "trusteeconfig-kbs-config"] == [tc]
    site.sh("kubectl delete trusteeconfig trusteeconfig -n operators --timeout=60s")
    site.wait_gone(made)
    assert site.get("secret", "test")["data"]["key1"] == "cmVzMXZhbDE="
    assert site.find("configmap", "kube-root-ca.crt") is not None
