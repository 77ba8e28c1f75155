"""The operator before a real API server: what it makes, keeps, tells, and how it stands faults."""
import base64
import contextlib
import copy
import json
import os
import pathlib
import ssl
import time
import urllib.error
import urllib.request

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from bed import Bed, free_ports
from objects import DEPLOY, GROUP, install_kinds, read

API = f"{GROUP}/v1alpha1"
MANAGER = pathlib.Path(os.environ.get("TRUSTEE_BIN", DEPLOY.parent / "build/release/bin")) / "manager"
SHIPPED = "trustee-operator-system"
ACCOUNT = "trustee-operator-controller-manager"
LEASE = "178dc119.confidentialcontainers.org"
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def roles_in(ns) -> list:
    """The roles as they ship, bound in a namespace of the test."""
    text = (DEPLOY / "kustomize/operator/roles.yaml").read_text().replace(SHIPPED, ns)
    roles = read(text)
    for o in roles:
        if o["kind"].startswith("ClusterRole"):
            o["metadata"]["name"] += f"-{ns}"
        if o["kind"] == "ClusterRoleBinding":
            o["roleRef"]["name"] += f"-{ns}"
    return roles


class Operator:
    """A manager for one namespace, with the rights it ships with."""

    def __init__(self, bed, ns, *args, roles=None):
        self.bed, self.ns, self.name = bed, ns, f"manager-{ns}-{os.urandom(2).hex()}"
        for o in roles_in(ns) if roles is None else roles:
            bed.apply(o)
        self.health, self.metrics = free_ports(2)
        self.kubeconfig = bed.kubeconfig_for_account(ACCOUNT, ns)
        self.process = bed.spawn(self.name, [
            MANAGER, f"--kubeconfig={self.kubeconfig}", f"--health-probe-bind-address=127.0.0.1:{self.health}",
            f"--metrics-bind-address=127.0.0.1:{self.metrics}", "--metrics-secure=false", *args],
            env={"POD_NAMESPACE": ns, "RUST_LOG": "debug", "ASAN_OPTIONS": "detect_leaks=0", "KBS_IMAGE_NAME": "localhost/kbs:1"})
        self.process.wait_ready(self.ready, 30, "/readyz")

    def ready(self):
        answer = self.bed.try_http("127.0.0.1", self.health, "/readyz")
        return answer is not None and answer.status == 200

    def figures(self) -> dict:
        text = self.bed.http("127.0.0.1", self.metrics, "/metrics").body.decode()
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))

    def writes(self) -> int:
        """Requests so far that write."""
        return sum(int(value) for name, value in self.figures().items()
                   if name.startswith("rest_client_requests_total") and any(f'method="{m}"' in name for m in WRITES))

    def quiet(self, seconds=3):
        """Waits until nothing was written for so long."""
        before, since = self.writes(), time.monotonic()
        while time.monotonic() - since < seconds:
            time.sleep(0.2)
            if self.writes() != before:
                before, since = self.writes(), time.monotonic()

    def get(self, kind, name):
        return self.bed.get(kind, name, "-n", self.ns)

    def find(self, kind, name):
        done = self.bed.kubectl("get", kind, name, "-n", self.ns, "-o", "json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait_for(self, kind, name, holds=lambda o: True, seconds=30):
        def there():
            o = self.find(kind, name)
            return o if o is not None and holds(o) else None
        return self.bed.wait(there, seconds, f"{kind} {name}")

    def apply(self, *objects):
        self.bed.apply(*objects, namespace=self.ns, manager="user")

    def versions(self, *kinds) -> dict:
        items = self.bed.get(",".join(kinds), "-n", self.ns)["items"]
        return {(o["kind"], o["metadata"]["name"]): o["metadata"]["resourceVersion"] for o in items}

    def events(self) -> list:
        return [(e["regarding"]["kind"], e["reason"]) for e in self.bed.get("events.events.k8s.io", "-n", self.ns)["items"]]

    def stop(self):
        self.process.stop(seconds=40)


def trustee(name="t", **spec):
    return {"apiVersion": API, "kind": "TrusteeConfig", "metadata": {"name": name},
            "spec": {"profileType": "Permissive", **spec}}


def condition(o, kind="Ready"):
    return next((c for c in o.get("status", {}).get("conditions", []) if c["type"] == kind), None)


def set_available(operator, ready):
    """What the controllers would write, of the Deployment as it stands: nobody runs them here."""
    bed, ns = operator.bed, operator.ns
    operator.quiet()
    status = {"replicas": 1, "updatedReplicas": 1, "readyReplicas": ready, "availableReplicas": ready,
              "observedGeneration": bed.get("deployment", "trustee-deployment", "-n", ns)["metadata"]["generation"],
              "conditions": [{"type": "Available", "status": "True" if ready else "False", "reason": "Test"}]}
    bed.kubectl("patch", "deployment", "trustee-deployment", "-n", ns, "--subresource=status", "--type=merge",
                "-p", json.dumps({"status": status}))


@contextlib.contextmanager
def operator_in(bed, ns, *args, roles=None):
    operator = Operator(bed, ns, *args, roles=roles)
    try:
        yield operator
    finally:
        operator.stop()
        bed.kubectl("delete", "trusteeconfigs,kbsconfigs", "--all", "-n", ns, "--wait=false", check=False)


@pytest.fixture(scope="module")
def bed(api_bed):
    install_kinds(api_bed)
    return api_bed


@pytest.fixture
def operator(bed, namespace):
    with operator_in(bed, namespace(bed)) as running:
        yield running


@pytest.fixture(scope="module")
def deployed():
    """One operator with one TrusteeConfig `t`, for tests that look only. In a cluster of its own: two
    operators tell each other's objects that they are in the wrong namespace."""
    with Bed("api") as bed:
        install_kinds(bed)
        bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "deployed"}})
        yield from deploy(bed)


def deploy(bed):
    with operator_in(bed, "deployed") as running:
        running.apply(trustee())
        running.wait_for("deployment", "trustee-deployment")
        running.wait_for("service", "kbs-service")
        running.quiet()
        yield running


def owner_of(o):
    owners = o["metadata"]["ownerReferences"]
    assert len(owners) == 1
    return owners[0]


@pytest.mark.case("OP-9")
def test_one_object_makes_all_others_and_owns_them(deployed):
    tc = deployed.get("trusteeconfig", "t")
    wanted = {"apiVersion": API, "kind": "TrusteeConfig", "name": "t", "uid": tc["metadata"]["uid"],
              "controller": True, "blockOwnerDeletion": True}
    for kind, names in (("kbsconfig", ["t-kbs-config"]),
                        ("configmap", ["t-kbs-config", "t-resource-policy", "t-rvps-reference-values",
                                       "t-attestation-policy-cpu", "t-attestation-policy-gpu"]),
                        ("secret", ["t-auth-secret", "attestation-status"])):
        for name in names:
            assert owner_of(deployed.get(kind, name)) == wanted, name


@pytest.mark.case("OP-10", "OP-11", "OP-12")
def test_the_generated_secrets(deployed):
    secret = deployed.get("secret", "t-auth-secret")
    labels = secret["metadata"]["labels"]
    assert {k: labels.get(f"app.kubernetes.io/{k}") for k in ("managed-by", "part-of", "instance", "component")} == {
        "managed-by": "trustee-operator", "part-of": "trustee", "instance": "t", "component": "auth"}
    private, public = (base64.b64decode(secret["data"][k]) for k in ("privateKey", "publicKey"))
    assert private.startswith(b"-----BEGIN PRIVATE KEY-----")
    key = load_pem_private_key(private, None)
    assert type(key).__name__ == "Ed25519PrivateKey" or "ed25519" in type(key).__module__
    assert key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip() == public.strip()
    sample = deployed.get("secret", "attestation-status")
    assert sample["type"] == "Opaque"
    assert sample["data"] == {"status": base64.b64encode(b"success").decode()}


@pytest.mark.case("OP-14")
def test_the_generated_kbs_config(deployed):
    spec = deployed.get("kbsconfig", "t-kbs-config")["spec"]
    assert spec["kbsDeploymentType"] == "AllInOneDeployment"
    assert spec["KbsDeploymentSpec"]["replicas"] == 1
    assert spec["KbsEnvVars"]["RUST_LOG"] == "debug"
    assert "attestation-status" in spec["kbsSecretResources"]


def test_nothing_is_written_when_nothing_changed(deployed):
    kinds = ("kbsconfig", "trusteeconfig", "configmap", "secret", "deployment", "service")
    before, events, writes = deployed.versions(*kinds), deployed.events(), deployed.writes()
    time.sleep(20)
    assert deployed.versions(*kinds) == before
    assert deployed.events() == events
    assert deployed.writes() == writes


@pytest.mark.case("OP-40")
def test_a_ready_operator_is_idle(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    set_available(operator, 1)
    operator.wait_for("trusteeconfig", "t", lambda o: o.get("status", {}).get("isReady"))
    operator.quiet()
    before, events, writes = operator.versions("kbsconfig", "deployment", "service"), operator.events(), operator.writes()
    time.sleep(20)
    assert operator.versions("kbsconfig", "deployment", "service") == before
    assert operator.events() == events
    assert operator.writes() == writes


@pytest.mark.case("OP-83", "OP-84")
def test_readiness_follows_the_deployment_and_is_told_in_events(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    set_available(operator, 1)
    operator.wait_for("kbsconfig", "t-kbs-config", lambda o: o.get("status", {}).get("isReady") is True)
    operator.bed.wait(lambda: {("KbsConfig", r) for r in ("DeploymentCreated", "ServiceCreated", "Ready")}
                      <= set(operator.events()), 10, "events")
    assert operator.events().count(("KbsConfig", "DeploymentCreated")) == 1
    set_available(operator, 0)
    operator.wait_for("kbsconfig", "t-kbs-config", lambda o: o["status"]["isReady"] is False)


@pytest.mark.case("OP-36", "OP-37")
def test_what_is_deleted_comes_back(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    old = {name: operator.get(kind, name) for kind, name in (("configmap", "t-kbs-config"), ("secret", "t-auth-secret"))}
    for kind, name in (("configmap", "t-kbs-config"), ("secret", "t-auth-secret")):
        uid = old[name]["metadata"]["uid"]
        operator.bed.kubectl("delete", kind, name, "-n", operator.ns)
        new = operator.wait_for(kind, name, lambda o, uid=uid: o["metadata"]["uid"] != uid, 60)
        assert new["metadata"].get("labels") == old[name]["metadata"].get("labels")
        assert (new["data"] == old[name]["data"]) == (kind == "configmap")


@pytest.mark.case("OP-39")
def test_a_sample_secret_that_was_there_keeps_its_data_and_owner(operator):
    operator.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "attestation-status"},
                    "stringData": {"status": "mine"}})
    operator.apply(trustee())
    found = operator.wait_for("secret", "attestation-status", lambda o: "labels" in o["metadata"])
    assert base64.b64decode(found["data"]["status"]) == b"mine"
    assert "ownerReferences" not in found["metadata"]


def test_pods_are_touched_after_a_mounted_object_changed(operator):
    mark = "kbs.confidentialcontainers.org/volumes-changed"
    operator.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}},
                   {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "kbs"}},
                    "spec": {"containers": [{"name": "kbs", "image": "localhost/kbs:1"}]}}, trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    before = operator.get("pod", "p")["metadata"].get("annotations", {}).get(mark)
    operator.bed.kubectl("patch", "configmap", "t-resource-policy", "-n", operator.ns, "--type=merge", "-p", json.dumps(
        {"data": {"resource-policy.rego": "package policy\n\ndefault allow = false\n"}}))
    operator.wait_for("pod", "p", lambda o: o["metadata"].get("annotations", {}).get(mark) not in (None, before))
    effective = operator.get("configmap", "t-kbs-config-effective")
    assert effective["data"]["resource-policy.rego"] == "package policy\n\ndefault allow = false\n"


def lease_of(operator):
    return operator.get("lease", LEASE)["spec"]


@pytest.mark.case("OP-88")
def test_of_two_operators_one_leads_and_hands_over_when_stopped(bed, namespace):
    ns = namespace(bed)
    with operator_in(bed, ns, "--leader-elect") as first:
        held = bed.wait(lambda: lease_of(first) if first.find("lease", LEASE) else None, 20, "lease")
        first.apply(trustee())
        first.wait_for("deployment", "trustee-deployment")
        with operator_in(bed, ns, "--leader-elect") as second:
            assert lease_of(second)["holderIdentity"] == held["holderIdentity"]
            first.stop()
            assert lease_of(second)["holderIdentity"] != held["holderIdentity"]
            bed.wait(lambda: lease_of(second)["holderIdentity"] not in ("", held["holderIdentity"]), 30, "new leader")
            bed.kubectl("delete", "configmap", "t-resource-policy", "-n", ns)
            second.wait_for("configmap", "t-resource-policy")
            assert lease_of(second)["leaseTransitions"] == held["leaseTransitions"] + 1


def https_status(bed, port, token=None) -> int:
    context = ssl._create_unverified_context()  # self-signed, as upstream's
    request = urllib.request.Request(f"https://127.0.0.1:{port}/metrics")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        return e.code


@pytest.mark.case("OP-90")
def test_metrics_are_for_readers_with_the_right(bed, namespace):
    ns = namespace(bed)
    for name in ("nobody", "reader"):
        bed.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": ns}})
    rule = {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": ns}
    review = [{"apiGroups": ["authentication.k8s.io"], "resources": ["tokenreviews"], "verbs": ["create"]},
              {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]}]
    for name, rules, who in ((f"reader-{ns}", [rule], subject),
                             (f"review-{ns}", review, {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": ns})):
        bed.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules},
                  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
                   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}, "subjects": [who]})
    with operator_in(bed, ns, "--metrics-secure=true") as running:
        port = running.metrics
        assert https_status(bed, port) == 401
        assert https_status(bed, port, "nonsense") == 401
        assert https_status(bed, port, bed.token("nobody", ns)) == 403
        assert https_status(bed, port, bed.token("reader", ns)) == 200


def test_a_role_taken_away_and_given_back(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    binding = operator.get("rolebinding", "trustee-operator-manager-rolebinding")
    operator.bed.kubectl("delete", "rolebinding", binding["metadata"]["name"], "-n", operator.ns)
    operator.bed.kubectl("delete", "configmap", "t-resource-policy", "-n", operator.ns)
    time.sleep(3)
    assert operator.process.running()
    assert operator.find("configmap", "t-resource-policy") is None
    for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        binding["metadata"].pop(field, None)
    operator.bed.apply(binding)
    operator.wait_for("configmap", "t-resource-policy", seconds=120)


def older(crd):
    """Our definition without what v0.17.0 did not have: conditions, new deployment fields."""
    crd = copy.deepcopy(crd)
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    for gone in ("conditions", "observedGeneration"):
        schema["status"]["properties"].pop(gone, None)
    schema["status"].pop("required", None)
    spec = schema["spec"]["properties"]
    for gone in ("tlsConfig", "ibmSE", "deployment", "kbsGpuAttestationPolicyConfigMapName", "ibmSEConfigSpec",
                 "kbsLocalCertCacheSpec"):
        spec.pop(gone, None)
    schema["spec"].pop("x-kubernetes-validations", None)
    if "KbsDeploymentSpec" in spec:
        spec["KbsDeploymentSpec"] = {"type": "object", "properties": {"replicas": {"type": "integer", "format": "int32"}}}
    crd["spec"]["versions"][0].pop("additionalPrinterColumns", None)
    return crd


def test_older_kinds_and_a_poorer_role_make_no_update_loop():
    with Bed("api") as bed:
        for crd in read("---\n".join(p.read_text() for p in sorted((DEPLOY / "kustomize/crds").glob("confidential*.yaml")))):
            bed.apply(older(crd))
        bed.kubectl("wait", "--for=condition=Established", "crd", f"kbsconfigs.{GROUP}", f"trusteeconfigs.{GROUP}", "--timeout=30s")
        bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "old"}})
        roles = roles_in("old")
        for role in roles:  # v0.17.0: no events.k8s.io, Pods, budgets, volumes
            if role["kind"] in ("Role", "ClusterRole"):
                for rule in role["rules"]:
                    rule["apiGroups"] = [g for g in rule["apiGroups"] if g not in ("events.k8s.io", "policy")]
                    rule["resources"] = [r for r in rule["resources"] if r not in ("pods", "persistentvolumes", "persistentvolumeclaims")]
                role["rules"] = [r for r in role["rules"] if r["apiGroups"] and r["resources"]]
        with operator_in(bed, "old", roles=roles) as operator:
            operator.apply(trustee())
            operator.wait_for("deployment", "trustee-deployment")
            operator.wait_for("service", "kbs-service")
            set_available(operator, 1)
            operator.wait_for("trusteeconfig", "t", lambda o: o.get("status", {}).get("isReady"))
            operator.quiet()
            before, events, writes = operator.versions("kbsconfig", "trusteeconfig", "deployment", "service"), operator.events(), operator.writes()
            time.sleep(15)
            assert operator.versions("kbsconfig", "trusteeconfig", "deployment", "service") == before
            assert operator.events() == events and ("KbsConfig", "DeploymentCreated") in events
            assert operator.writes() == writes


def test_an_api_server_that_restarts_or_forgets_is_caught_up_with():
    with Bed("api") as bed:
        install_kinds(bed)
        bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "faults"}})
        with operator_in(bed, "faults") as operator:
            operator.apply(trustee())
            bed.restart_apiserver("--min-request-timeout=5")
            operator.wait_for("deployment", "trustee-deployment", seconds=90)
            operator.quiet()
            made = [e for e in operator.events() if e[1].endswith("Created")]
            assert len(made) == 2
            bed.stop_apiserver()
            bed.compact()
            bed.start_apiserver()
            bed.kubectl("delete", "configmap", "t-resource-policy", "-n", "faults")
            operator.wait_for("configmap", "t-resource-policy", seconds=90)
            operator.quiet()
            assert [e for e in operator.events() if e[1].endswith("Created")] == made
            assert operator.process.running()


@pytest.mark.skipif(b"__asan_init" in MANAGER.read_bytes() if MANAGER.exists() else False, reason="built with a sanitizer")
def test_memory_does_not_grow_with_other_peoples_objects(bed, namespace):
    ns, other = namespace(bed), namespace(bed)

    def many(where, count, kinds=("Secret", "ConfigMap")):
        for kind in kinds:
            items = [{"apiVersion": "v1", "kind": kind, "metadata": {"name": f"x{i}", "namespace": where},
                      ("stringData" if kind == "Secret" else "data"): {"k": "v" * 2000}} for i in range(count)]
            for i in range(0, count, 250):
                bed.kubectl("create", "-f", "-", data=json.dumps(
                    {"apiVersion": "v1", "kind": "List", "items": items[i:i + 250]}))
    many(ns, 500)
    many(other, 1000)
    with operator_in(bed, ns) as operator:
        operator.apply(trustee())
        operator.wait_for("deployment", "trustee-deployment")
        operator.quiet()
        assert int(operator.figures()["process_resident_memory_bytes"]) <= 32 << 20
