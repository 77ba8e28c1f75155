"""The operator before a real API server: what it makes, keeps, tells, and how it stands faults."""
import base64
import contextlib
import copy
import itertools
import json
import signal
import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

import v0_17
from bed import Bed, BedError, shared_bed
from objects import ACCOUNT, API, DEPLOY, GROUP, install_kinds, read, trustee
from objects_in_bulk import create_many
from running_operator import LEASE, Operator, comes_back, https_status, operator_in, roles_in, set_available, tls_secret
from waiting import NotInTime


@pytest.fixture(scope="module")
def bed(api_bed):
    install_kinds(api_bed)
    return api_bed


@pytest.fixture
def operator(bed, namespace):
    with operator_in(bed, namespace(bed)) as running:
        yield running


@pytest.fixture(scope="module")
def deployed(request):
    """One operator with one TrusteeConfig `t`, for tests that look only. In a cluster of its own: two
    operators tell each other's objects that they are in the wrong namespace."""
    with shared_bed("api", request.session) as bed:
        install_kinds(bed)
        bed.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "deployed"}})
        with operator_in(bed, "deployed") as running:
            running.apply(trustee())
            running.wait_for("deployment", "trustee-deployment")
            running.wait_for("service", "kbs-service")
            running.quiet()
            yield running


def test_an_operator_that_is_never_ready_is_gone_and_told_with_its_log(bed, namespace):
    ns = namespace(bed)
    with pytest.raises(BedError, match="flag provided but not defined: -no-such-flag"):
        Operator(bed, ns, "--no-such-flag")
    before = set(bed.processes)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(BedError, match="not within 0 s: .*readyz"):
        patch.setattr(Operator, "ready", lambda _: False)
        patch.setattr(Operator, "READY_SECONDS", 0)
        Operator(bed, ns)
    (name,) = set(bed.processes) - before
    assert not bed.processes[name].running()


def test_an_operator_that_never_rests_is_told(operator):
    count = itertools.count()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(NotInTime, match="the operator writes nothing"):
        patch.setattr(Operator, "writes", lambda *_: next(count))
        operator.quiet(seconds=0.1, limit=1)


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
                      <= set(operator.events()), 60, "events")
    assert operator.events().count(("KbsConfig", "DeploymentCreated")) == 1
    set_available(operator, 0)
    operator.wait_for("kbsconfig", "t-kbs-config", lambda o: o["status"]["isReady"] is False)


@pytest.mark.case("OP-36", "OP-37")
def test_what_is_deleted_comes_back(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    for kind, name in (("configmap", "t-kbs-config"), ("secret", "t-auth-secret")):
        old = operator.get(kind, name)
        new = comes_back(operator, kind, name)
        assert new["metadata"].get("labels") == old["metadata"].get("labels")
        assert (new["data"] == old["data"]) == (kind == "configmap")


@pytest.mark.case("OP-32", "OP-33", "OP-35")
def test_secrets_derived_from_certificates_come_back_when_deleted(operator):
    sources = {name: tls_secret(operator, name) for name in ("https", "token")}
    operator.apply(*sources.values())
    operator.apply(trustee({"profileType": "Restricted", "httpsSpec": {"tlsSecretName": "https"},
                            "attestationTokenVerificationSpec": {"tlsSecretName": "token"}}))
    for name, entry, source, of in (("t-https-key-secret", "privateKey", "https", "tls.key"),
                                    ("t-https-cert-secret", "certificate", "https", "tls.crt"),
                                    ("t-attestation-key-secret", "token.key", "token", "tls.key"),
                                    ("t-attestation-cert-secret", "token.crt", "token", "tls.crt")):
        old = operator.wait_for("secret", name)
        new = comes_back(operator, "secret", name)
        assert {k: base64.b64decode(v).decode() for k, v in new["data"].items()} == {entry: sources[source]["stringData"][of]}
        assert new["metadata"]["labels"] == old["metadata"]["labels"]
        assert owner_of(new)["name"] == "t"


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

    def pod(name, replica_set):  # as the controllers make it
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": replica_set, "uid": f"u-{name}", "controller": True}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "ownerReferences": [owner],
                "labels": {"app": "kbs", "pod-template-hash": "5d9c"}},
                "spec": {"containers": [{"name": "kbs", "image": "localhost/kbs:1"}]}}

    operator.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}},
                   pod("p", "trustee-deployment-5d9c"), pod("another", "other-5d9c"), trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    before = operator.get("pod", "p")["metadata"].get("annotations", {}).get(mark)
    operator.bed.kubectl("patch", "configmap", "t-resource-policy", "-n", operator.ns, "--type=merge", "-p", json.dumps(
        {"data": {"resource-policy.rego": "package policy\n\ndefault allow = false\n"}}))
    operator.wait_for("pod", "p", lambda o: o["metadata"].get("annotations", {}).get(mark) not in (None, before))
    assert mark not in operator.get("pod", "another")["metadata"].get("annotations", {})
    effective = operator.get("configmap", "t-kbs-config-effective")
    assert effective["data"]["resource-policy.rego"] == "package policy\n\ndefault allow = false\n"


def lease_of(operator):
    return operator.get("lease", LEASE)["spec"]


LEADS = f'leader_election_master_status{{name="{LEASE}"}}'


def leads(operator) -> bool:
    return operator.figures().get(LEADS) == "1"


@contextlib.contextmanager
def two_operators(bed, ns):
    """(first, second): both wait for the lease, the first holds it and has reconciled `t`."""
    with operator_in(bed, ns, "--leader-elect") as first:
        bed.wait(lambda: leads(first), 20, "a leader")
        bed.wait(lambda: ("Lease", "LeaderElection") in first.events(), 60, "the election is told")
        first.apply(trustee())
        first.wait_for("deployment", "trustee-deployment")
        with operator_in(bed, ns, "--leader-elect") as second:
            comes_back(first, "configmap", "t-resource-policy")
            first.quiet()
            assert (leads(first), leads(second), second.writes()) == (True, False, 0)
            yield first, second


@pytest.mark.case("OP-88")
def test_of_two_operators_one_reconciles_and_hands_over_when_stopped(bed, namespace):
    ns = namespace(bed)
    with two_operators(bed, ns) as (first, second):
        held = lease_of(first)
        first.stop()
        # Given up, so that nobody waits for it to run out: nobody's, or the second's by now.
        left = lease_of(second)
        assert left["holderIdentity"] != held["holderIdentity"]
        assert left["holderIdentity"] or left["leaseDurationSeconds"] == 1
        bed.wait(lambda: leads(second), 10, "a new leader")  # less than the lease lasts
        assert lease_of(second)["leaseTransitions"] == held["leaseTransitions"] + 1
        comes_back(second, "configmap", "t-resource-policy")


@pytest.mark.case("OP-88")
def test_an_operator_that_is_killed_is_replaced_when_its_lease_has_run_out(bed, namespace):
    ns = namespace(bed)
    with two_operators(bed, ns) as (first, second):
        held = lease_of(first)
        assert held["leaseDurationSeconds"] == 15
        assert first.process.stop(signal.SIGKILL) == -signal.SIGKILL
        assert lease_of(second)["holderIdentity"] == held["holderIdentity"]
        bed.wait(lambda: leads(second), 60, "a new leader")
        assert lease_of(second)["leaseTransitions"] == held["leaseTransitions"] + 1
        comes_back(second, "configmap", "t-resource-policy")


@pytest.mark.case("OP-90")
def test_metrics_are_for_readers_with_the_right(bed, namespace):
    ns = namespace(bed)
    for name in ("nobody", "reader"):
        bed.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": ns}})
    bed.apply({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"reader-{ns}"},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                           "name": f"trustee-operator-metrics-reader-{ns}"},
               "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": ns}]})
    with operator_in(bed, ns, "--metrics-secure=true") as running:
        port = running.metrics
        assert https_status(port) == 401
        assert https_status(port, "nonsense") == 401
        assert https_status(port, bed.token("nobody", ns)) == 403
        assert https_status(port, bed.token("reader", ns)) == 200


def test_a_role_taken_away_and_given_back(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    binding = operator.get("rolebinding", "trustee-operator-manager-rolebinding")
    operator.bed.kubectl("delete", "rolebinding", binding["metadata"]["name"], "-n", operator.ns)
    operator.bed.wait(lambda: operator.bed.kubectl(  # the API server learns of it by a watch, too
        "auth", "can-i", "get", "configmaps", "-n", operator.ns, f"--as=system:serviceaccount:{operator.ns}:{ACCOUNT}",
        check=False).stdout.strip() == "no", 30, "the right is gone")
    operator.bed.kubectl("patch", "configmap", "t-resource-policy", "-n", operator.ns, "--type=merge", "-p",
                         '{"data":{"resource-policy.rego":"package policy"}}')
    found = operator.bed.wait(lambda: next((c for c in operator.get("trusteeconfig", "t")["status"]["conditions"]
                                            if c["type"] == "Ready" and c["reason"] == "ReadRefused"), None), 30, "it is told")
    assert found["status"] == "False" and "ConfigMap t-resource-policy" in found["message"], found
    refused = operator.refused("POST")
    operator.bed.kubectl("delete", "configmap", "t-resource-policy", "-n", operator.ns)
    operator.bed.wait(lambda: operator.refused("POST") > refused, 30, "it may not be made")
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
        roles = [o for o in roles_in("old") if "metrics" not in o["metadata"]["name"]]
        for role in roles:  # v0.17.0: core events only, no Pods, budgets, volumes
            if role["kind"] in ("Role", "ClusterRole"):
                for rule in role["rules"]:
                    rule["apiGroups"] = ["" if g == "events.k8s.io" else g for g in rule["apiGroups"] if g != "policy"]
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
            time.sleep(65)  # what a role forbids is looked at again after a minute
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
            # An event that nobody took waits longer each time.
            bed.wait(lambda: len([e for e in operator.events() if e[1].endswith("Created")]) >= 2, 90, "both are told")
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


def test_what_a_later_release_put_into_the_pod_goes(bed, namespace):
    """From v0.19.0 to v0.21.0 an init container copied resource Secrets into a volume of the pod: operator.md 4.3, 4.4."""
    ns = namespace(bed)

    def write(*objects):
        for o in objects:
            bed.kubectl("create", "-n", ns, "--field-manager=manager", "-f", "-", data=json.dumps(o))

    bed.apply(trustee(name="trusteeconfig"), namespace=ns, manager="user")
    write(*v0_17.of_trustee(bed.get("trusteeconfig", "trusteeconfig", "-n", ns)))
    deployment, service = v0_17.of_kbs_config(bed.get("kbsconfig", "trusteeconfig-kbs-config", "-n", ns), "localhost/kbs:0")
    pod = deployment["spec"]["template"]["spec"]
    copied = f"{v0_17.PATHS}/storage/repository"
    pod["volumes"].append({"name": "repository-dir", "emptyDir": {"medium": "Memory"}})
    pod["containers"][0]["volumeMounts"].append({"name": "repository-dir", "mountPath": copied})
    pod["initContainers"] = [{
        "name": "secret-converter", "image": "localhost/operator:0", "command": ["/secret-converter"],
        "volumeMounts": [{"name": "repository-dir", "mountPath": copied}, {"name": "kbsres1", "mountPath": "/tmp/kbs-secrets/kbsres1"}]}]
    write(deployment, service)
    with operator_in(bed, ns) as operator:
        made = operator.wait_for("deployment", "trustee-deployment", lambda o: o["metadata"]["generation"] > 1)
        operator.quiet()
        pod = made["spec"]["template"]["spec"]
        assert "initContainers" not in pod
        assert {v["name"] for v in pod["volumes"]} == {m["name"] for m in pod["containers"][0]["volumeMounts"]}
        mounted = {m["mountPath"]: m for m in pod["containers"][0]["volumeMounts"]}
        assert mounted[copied]["name"] == "base-storage-dir" and f"{copied}/default/kbsres1" in mounted


def by_hand(**spec) -> list:
    """The sample of a KbsConfig with all that it names, and other fields."""
    *objects, kc = read((DEPLOY / "samples/kbsconfig.yaml").read_text())
    kc["spec"].update(spec)
    key = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": kc["spec"]["kbsAuthSecretName"]}, "stringData": {"publicKey": "p"}}
    configs = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {f"{name}.json": "{}"}}
               for name in ("as-config", "rvps-config")]
    return [*objects, key, *configs, kc]


@pytest.mark.case("OP-63", "OP-67")
@pytest.mark.parametrize("images,expected", [
    ({"KBS_IMAGE_NAME": "r/all:1", "KBS_IMAGE_NAME_MICROSERVICES": "r/kbs:2", "AS_IMAGE_NAME": "r/as:3", "RVPS_IMAGE_NAME": "r/rvps:4"},
     {"AllInOneDeployment": ["r/all:1"], "MicroservicesDeployment": ["r/kbs:2", "r/as:3", "r/rvps:4"]}),
    ({}, {"AllInOneDeployment": ["ghcr.io/confidential-containers/key-broker-service:latest"]}),
], ids=["given", "released"])
def test_images_are_those_of_the_environment(bed, namespace, images, expected):
    with operator_in(bed, namespace(bed), images=images) as operator:
        for kind, wanted in expected.items():
            operator.apply(*by_hand(kbsDeploymentType=kind, kbsAsConfigMapName="as-config", kbsRvpsConfigMapName="rvps-config"))
            operator.wait_for("deployment", "trustee-deployment", lambda o, wanted=wanted: [
                c["image"] for c in o["spec"]["template"]["spec"]["containers"]] == wanted)


@pytest.mark.case("OP-73")
def test_a_label_on_a_config_map_is_no_change_of_the_pods(operator):
    operator.apply(trustee())
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    before = operator.versions("deployment")
    operator.bed.kubectl("label", "configmap", "t-resource-policy", "t-kbs-config", "-n", operator.ns, "example.com/mine=yes")
    operator.quiet()
    assert operator.versions("deployment") == before


@pytest.mark.release_only
def test_memory_does_not_grow_with_other_peoples_objects(bed, namespace):
    ns = namespace(bed)
    create_many(bed, ns, 500)
    create_many(bed, namespace(bed), 5000)
    with operator_in(bed, ns) as operator:
        operator.apply(trustee())
        operator.wait_for("deployment", "trustee-deployment")
        operator.quiet()
        assert int(operator.figures()["process_resident_memory_bytes"]) <= 32 << 20
