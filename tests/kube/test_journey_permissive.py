"""The journey "Deploy Trustee in Kubernetes" with the profile Permissive: operator.md 10.2, its rows in their order."""
import json
import re

import pytest

import node
from journey import ACCOUNT, EVERYTHING, PERMISSIVE, csv, install, needs_programs, printed, taken_away

pytestmark = needs_programs
VALUES = [{"name": name, "expiration": "2036-01-01T00:00:00Z", "value": value} for name, value in (
    ("launch_digest", ["abcde"]), ("svn", ["1"]), ("major_version", 1), ("minimum_minor_version", 4))]
RESTARTED, MINE = "kubectl.kubernetes.io/restartedAt", "example.com/load-balancer"
NEEDED = "default/test/key1"


@pytest.fixture(scope="module")
def site(node_bed):
    site = install(node_bed, "operators")
    yield site
    taken_away(site, "pod/kbs-client", "secret/test", "secret/vcek-secret")


def test_1_2_the_operator_is_installed_and_available(site):
    name, spec = csv()["metadata"]["name"], csv()["spec"]
    version = re.fullmatch(r"trustee-operator\.v(\d+\.\d+\.\d+)", name)
    assert version and (spec["displayName"], spec["version"]) == ("Trustee Operator", version[1])
    assert re.fullmatch(r"trustee-operator\.v\d+\.\d+\.\d+", spec["replaces"])
    conditions = site.get("deployment", ACCOUNT)["status"]["conditions"]
    assert {"Available": "True"}.items() <= {c["type"]: c["status"] for c in conditions}.items()


def test_4_one_object_becomes_ready(site):
    assert site.apply(PERMISSIVE) == "trusteeconfig.confidentialcontainers.org/trusteeconfig created\n"
    site.make_guest()
    site.ready()
    found = site.get("trusteeconfig", "trusteeconfig")["status"]
    assert found["isReady"] is True
    assert found["statusDescription"] == "TrusteeConfig is ready and KbsConfig is deployed successfully"
    assert site.get("kbsconfig", "trusteeconfig-kbs-config")["status"]["isReady"] is True


def test_5_the_objects_that_the_document_lists(site):
    for name in ("kbs-config", "resource-policy", "attestation-policy", "rvps-reference-values", "tdx-config"):
        assert site.get("configmap", f"trusteeconfig-{name}")["data"], name
    assert sorted(site.get("secret", "trusteeconfig-auth-secret")["data"]) == ["privateKey", "publicKey"]
    assert sorted(site.get("secret", "kbsres1")["data"]) == ["key1", "key2"]
    spec = site.get("kbsconfig", "trusteeconfig-kbs-config")["spec"]
    assert {"attestation-status", "kbsres1"} <= set(spec["kbsSecretResources"])


def test_6_edited_reference_values_hold_for_the_next_guest(site):
    before, pods = site.claims(), site.pods()
    assert before["ear.trustworthiness-vector"]["executables"] == 33 and before["ear.status"] != "affirming"
    site.edit("cm", "trusteeconfig-rvps-reference-values", {"data": {"reference-values.json": json.dumps(VALUES)}})
    after = site.bed.wait(lambda: next((c for c in [site.claims()] if c["ear.status"] == "affirming"), None), 20, "affirming")
    assert after["ear.trustworthiness-vector"]["executables"] == 3
    assert site.pods() == pods


def test_7_8_a_secret_of_the_user_is_listed_and_stays_so(site):
    site.sh("kubectl create secret generic test --from-literal key1=res1val1 --from-literal key2=res1val2")
    site.list_resource("test")
    site.wait_served(NEEDED, "res1val1", seconds=40)
    site.settled()
    site.kubectl("delete", "configmap", "trusteeconfig-tdx-config")
    site.wait_for("configmap", "trusteeconfig-tdx-config")
    assert site.get("kbsconfig", "trusteeconfig-kbs-config")["spec"]["kbsSecretResources"][-1] == "test"
    assert site.serves(NEEDED, "res1val1")


@pytest.mark.case("OP-72")
def test_9_an_edited_resource_policy_is_in_force_without_a_restart(site):
    pods = site.pods()
    site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = false\n"}})
    refused = site.wait_refused(NEEDED)
    assert "PolicyDeny" in refused.stderr, refused.stderr
    site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = true\n"}})
    site.wait_served(NEEDED, "res1val1")
    assert site.pods() == pods


def test_9_a_broken_resource_policy_is_told_and_the_last_good_one_stays(site):
    pods = site.pods()
    site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow =\n"}})
    site.kubectl("wait", "--for=condition=ConfigurationValid=false", "trusteeconfig/trusteeconfig", "--timeout=20s")
    found = site.condition("ConfigurationValid")
    assert "trusteeconfig-resource-policy" in found["message"], found
    told = [e for e in site.events() if e[1] == found["reason"]]
    assert [e[0] for e in told] == ["KbsConfig"], site.events()
    assert site.serves(NEEDED, "res1val1")
    site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = true\n"}})
    site.kubectl("wait", "--for=condition=ConfigurationValid=true", "trusteeconfig/trusteeconfig", "--timeout=20s")
    assert site.pods() == pods


def test_9_an_edited_attestation_policy_is_in_force_without_a_restart(site):
    pods = site.pods()
    policy = site.get("configmap", "trusteeconfig-attestation-policy")["data"]["default_cpu.rego"]
    mine = "package policy\n\ndefault allow = true\n\ndefault executables := 32\n\ntrust_claims := {\"executables\": executables}\n"
    site.edit("cm", "trusteeconfig-attestation-policy", {"data": {"default_cpu.rego": mine}})
    site.bed.wait(lambda: site.claims()["ear.trustworthiness-vector"]["executables"] == 32, 20, "the policy is in force")
    site.edit("cm", "trusteeconfig-attestation-policy", {"data": {"default_cpu.rego": policy}})
    site.bed.wait(lambda: site.claims()["ear.status"] == "affirming", 20, "the default is in force again")
    assert site.pods() == pods


def test_10_the_status_names_the_kbs_config(site):
    done = site.sh("kubectl get trusteeconfig trusteeconfig -n operators -o jsonpath='{.status.kbsConfigRef.name}'")
    assert done.stdout == "trusteeconfig-kbs-config"


def test_12_pods_run_with_one_container_and_no_restart(site):
    lines = [line.split() for line in site.sh("kubectl get pods -n operators --no-headers").stdout.splitlines()]
    trustee, = [words for words in lines if words[0].startswith("trustee-deployment-")]
    manager, = [words for words in lines if words[0].startswith("trustee-operator-controller-manager-")]
    assert trustee[1:4] == ["1/1", "Running", "0"] and manager[1:4] == ["1/1", "Running", "0"]


def test_13_the_log_says_what_the_document_shows(site):
    log = site.sh("""
POD_NAME=$(kubectl get pods -l app=kbs -o jsonpath='{.items[0].metadata.name}' -n operators)
kubectl logs -n operators $POD_NAME
""").stdout
    style = r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO  [\w:]+\] "
    for text in ("Using config file /etc/kbs-config/kbs-config.toml", "launch a built-in RVPS.",
                 "Starting HTTP server at [0.0.0.0:8080]"):
        assert re.search(style + re.escape(text) + "$", log, re.MULTILINE), text


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
def test_a_restart_by_hand_happens_once_and_is_not_taken_back(site):
    before, revision = site.settled(), revision_of(site)
    site.sh("kubectl rollout restart deployment/trustee-deployment -n operators")
    after = site.settled()
    assert not before.keys() & after.keys() and set(after.values()) == {0}
    assert RESTARTED in template_of(site)["metadata"]["annotations"]
    assert revision_of(site) == revision + 1
    site.ready()
    assert site.serves(NEEDED, "res1val1")


def template_of(site) -> dict:
    return site.get("deployment", "trustee-deployment")["spec"]["template"]


def revision_of(site) -> int:
    return int(site.get("deployment", "trustee-deployment")["metadata"]["annotations"]["deployment.kubernetes.io/revision"])


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
    env = {e["name"]: e["value"] for e in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env == {"A": "1", "RUST_LOG": "debug"}
    for pod in site.items("pods", "-l", "app=kbs"):
        assert names_in(site, pod, "/etc/kbs/snp/ek") == ["vcek.der"]
    # Whichever replica answers: each guest makes a new connection.
    for path, value in (("default/my.secret/key", "dotted"), (NEEDED, "res1val1"), ("default/auth-secret/key", "of a volume")):
        assert [site.get_resource(path).stdout for _ in range(2)] == [printed(value)] * 2, path
    found = site.condition("SecretsAvailable", "kbsconfig", "trusteeconfig-kbs-config")
    assert found["status"] == "False" and "comes-later" in found["message"] and "my.secret" not in found["message"], found
    site.ready(1)
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
