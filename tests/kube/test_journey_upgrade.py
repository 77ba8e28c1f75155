"""From operator v0.17.0 to ours by the images alone: its kinds and its role stay, what it wrote is adopted."""
import json
import os
import time
import tomllib

import pytest

import v0_17
from journey import ACCOUNT, GROUP, PERMISSIVE, Site, import_images, make_namespace, needs_programs, uninstall
from objects import DEPLOY

pytestmark = needs_programs
OURS, KBS = (f"localhost/trustee/{name}:0.1.0" for name in ("trustee-operator", "key-broker-service"))
NS = "operators"
WATCHED = "trusteeconfigs,kbsconfigs,configmaps,secrets,deployments,services"


@pytest.fixture(scope="module")
def site(node_bed):
    """v0.17.0 as it stands, with a guest that it serves; its manager is gone already."""
    uninstall(node_bed)
    if not getattr(node_bed, "has_images", False):
        import_images(node_bed)
        node_bed.has_images = True
    names = [crd["metadata"]["name"] for crd in v0_17.kinds()]
    node_bed.kubectl("delete", "crd", *names, "--ignore-not-found")
    node_bed.apply(*v0_17.kinds())
    node_bed.kubectl("wait", "--for=condition=Established", "crd", *names, "--timeout=30s")
    make_namespace(node_bed, NS)
    node_bed.installed = NS
    node_bed.apply(*v0_17.roles(NS))
    site = Site(node_bed, NS)
    site.make_guest()
    yield site
    uninstall(node_bed)
    node_bed.kubectl("delete", "crd", *names)


def write(site, *objects, manager="manager"):
    for o in objects:
        site.kubectl("create", f"--field-manager={manager}", "-f", "-", data=json.dumps(o))


@pytest.fixture(scope="module")
def before(site) -> dict:
    """What stands before ours comes: kind and name -> object."""
    site.apply(PERMISSIVE)
    site.sh("kubectl create secret generic test --from-literal key1=res1val1")
    write(site, *v0_17.of_trustee(site.get("trusteeconfig", "trusteeconfig")))
    write(site, *v0_17.of_kbs_config(site.get("kbsconfig", "trusteeconfig-kbs-config"), KBS))
    site.kubectl("annotate", "service", "kbs-service", "example.com/load-balancer=internal")
    site.kubectl("rollout", "status", "deployment/trustee-deployment", "--timeout=60s")
    site.wait_served("default/kbsres1/key1", "res1val1")
    return objects_of(site)


def objects_of(site) -> dict:
    return {(o["kind"], o["metadata"]["name"]): o for o in site.items(WATCHED, "--show-managed-fields")}


def is_ready(site, seconds=60):
    site.kubectl("wait", "--for=jsonpath={.status.isReady}=true", "trusteeconfig/trusteeconfig", f"--timeout={seconds}s")


def manager_is_new(site):
    """The old manager is gone, too: until then the status of its Deployment counts it."""
    site.kubectl("rollout", "status", f"deployment/{ACCOUNT}", "--timeout=60s")
    site.bed.wait(lambda: len(site.items("pods", "-l", "control-plane=controller-manager")) == 1, 60, "one manager")


def versions(site) -> dict:
    return {key: o["metadata"]["resourceVersion"] for key, o in objects_of(site).items()}


def stays_as_it_is(site, seconds=6):
    """Whether nothing is written for a while, once nothing was for three seconds."""
    last = versions(site), site.events()
    since = begin = time.monotonic()
    while time.monotonic() - since < 3:
        assert time.monotonic() - begin < 60, "something is written again and again"
        now = versions(site), site.events()
        if now != last:
            last, since = now, time.monotonic()
    time.sleep(seconds)
    assert (versions(site), site.events()) == last


def test_what_v0_17_wrote_becomes_ready_with_the_images_replaced(site, before):
    site.bed.apply(v0_17.manager(NS, OURS, KBS), force=True)
    manager_is_new(site)
    old = before["Deployment", "trustee-deployment"]["metadata"]
    site.wait_for("deployment", "trustee-deployment", lambda o: o["metadata"]["generation"] > old["generation"])
    site.settled()
    is_ready(site)
    assert site.get("kbsconfig", "trusteeconfig-kbs-config")["status"]["isReady"] is True


def test_nothing_was_made_anew_and_what_users_wrote_stands(site, before):
    after = objects_of(site)
    for key, o in before.items():
        assert after[key]["metadata"]["uid"] == o["metadata"]["uid"], key
    for name, key in (("resource-policy", "policy.rego"), ("rvps-reference-values", "reference-values.json"),
                      ("attestation-policy", "default_cpu.rego")):
        name = f"trusteeconfig-{name}"
        assert after["ConfigMap", name]["data"][key] == before["ConfigMap", name]["data"][key], name
    for name in ("trusteeconfig-auth-secret", "kbsres1", "test"):
        assert after["Secret", name]["data"] == before["Secret", name]["data"], name
    resources = after["KbsConfig", "trusteeconfig-kbs-config"]["spec"]["kbsSecretResources"]
    assert resources[:2] == ["kbsres1", "test"]
    assert after["Service", "kbs-service"]["metadata"]["annotations"]["example.com/load-balancer"] == "internal"
    assert after["Service", "kbs-service"]["spec"]["clusterIP"] == before["Service", "kbs-service"]["spec"]["clusterIP"]


def test_the_deployment_holds_nothing_of_the_old_one(site, before):
    deployment = objects_of(site)["Deployment", "trustee-deployment"]
    pod = deployment["spec"]["template"]["spec"]
    container, = pod["containers"]
    assert "initContainers" not in pod  # of v0.19.0 on, and of `before` here
    assert [(m["name"], m["subPath"]) for m in container["volumeMounts"] if "subPath" in m] == [("base-storage-dir", "repository")]
    assert {v["name"] for v in pod["volumes"]} == {m["name"] for m in container["volumeMounts"]}
    paths = {m["mountPath"] for m in container["volumeMounts"]}
    assert not paths & {v0_17.PATHS, f"{v0_17.PATHS}/opa", "/etc/sgx_default_qcnl.conf"}, paths
    writers = {(m["manager"], m["operation"]) for m in deployment["metadata"]["managedFields"] if m.get("subresource") != "status"}
    assert ("manager", "Update") not in writers and ("trustee-operator", "Apply") in writers, writers


def test_guests_are_served_by_the_policies_and_values_that_users_wrote(site, before):
    assert site.serves("default/kbsres1/key1", "res1val1") and site.serves("default/test/key1", "res1val1")
    assert site.claims()["ear.trustworthiness-vector"] == {"hardware": 2}
    assert site.get("configmap", "trusteeconfig-kbs-config")["data"]["kbs-config.toml"] == v0_17.TOML
    toml = tomllib.loads(site.get("configmap", "trusteeconfig-kbs-config-effective")["data"]["kbs-config.toml"])
    assert toml["admin"] == {"authorization_mode": "DenyAll"} and toml["http_server"]["worker_count"] == 3


def test_a_listed_secret_of_the_user_follows(site, before):
    site.sh("kubectl create secret generic test --from-literal key1=another --dry-run=client -o yaml | kubectl apply -f - 2>/dev/null")
    # Without a right to touch Pods kubelet comes by itself: the bed's every ten seconds.
    site.wait_served("default/test/key1", "another", seconds=30)


def test_old_kinds_and_the_old_role_make_no_update_loop(site, before):
    stays_as_it_is(site)
    manager, = site.items("pods", "-l", "control-plane=controller-manager")
    assert manager["status"]["containerStatuses"][0]["restartCount"] == 0


def test_a_manager_that_starts_again_repeats_nothing(site, before):
    """The old kinds keep no conditions, so that the new process knows of none."""
    told, stood = site.events(), versions(site)
    site.kubectl("rollout", "restart", f"deployment/{ACCOUNT}")
    manager_is_new(site)
    stays_as_it_is(site)
    assert site.events() == told
    changed = {key for key, version in versions(site).items() if stood.get(key) != version}
    assert changed <= {("Deployment", ACCOUNT)}, changed


@pytest.mark.case("OP-93")
def test_a_new_trustee_comes_up_with_the_old_kinds_and_role(site, before):
    site.sh(f"kubectl delete trusteeconfig trusteeconfig -n {NS} --timeout=60s")
    site.wait_gone(key for key in before if key[1].startswith(("trustee", "kbs")))
    site.apply(PERMISSIVE)
    is_ready(site)
    site.wait_served("default/kbsres1/key1", "res1val1")  # the node's proxy may learn of the Pod after the operator
    out = site.sh("kubectl exec -n operators kbs-client -- kbs-client --url http://kbs-service:8080 "
                  "get-resource --path default/kbsres1/key1").stdout
    assert out == "cmVzMXZhbDE=\n"
    assert ("KbsConfig", "DeploymentCreated") in [e[:2] for e in site.events()]
    stays_as_it_is(site)
    crd = site.get("crd", f"trusteeconfigs.{GROUP}")
    assert crd["spec"] and "additionalPrinterColumns" not in crd["spec"]["versions"][0]


def test_our_manifests_are_applied_over_it(site, before):
    """As docs/kubernetes.md says, where the operator is: the new kinds tell what the old ones could not."""
    overlay = site.work / "over-it"
    overlay.mkdir()
    (overlay / "kustomization.yaml").write_text(f"namespace: {NS}\nresources: [{os.path.relpath(DEPLOY / 'kustomize', overlay.resolve())}]\n")
    uid = site.get("deployment", "trustee-deployment")["metadata"]["uid"]
    site.sh(f"kubectl apply --server-side --force-conflicts -k {overlay}")
    manager_is_new(site)
    site.ready()
    assert site.get("deployment", "trustee-deployment")["metadata"]["uid"] == uid
    assert site.sh("kubectl get trusteeconfig --no-headers").stdout.split()[1:4] == ["Permissive", "True", "Ready"]
    site.wait_served("default/kbsres1/key1", "res1val1")
    stays_as_it_is(site)
