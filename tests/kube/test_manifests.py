"""What is applied to a cluster, without a cluster: written from one source, valid, and no more
rights than named here."""
import json
import re
import subprocess

import pytest

from objects import ACCOUNT, DEPLOY, GROUP, NAMESPACE, folder, identity, of_kind, program, read
from programs import ROOT

# Every right of the operator: (group, resource, names) -> verbs. operator.md 6.5 less what is never
# asked for; tests/kube/test_operator_rights.py compares it with what is.
EVERYWHERE = {
    (GROUP, "trusteeconfigs", ()): {"list", "watch"},
    (GROUP, "kbsconfigs", ()): {"list", "watch"},
    (GROUP, "trusteeconfigs/status", ()): {"patch"},
    (GROUP, "kbsconfigs/status", ()): {"patch"},
    ("events.k8s.io", "events", ()): {"create"},
    ("config.openshift.io", "proxies", ("cluster",)): {"get"},
    ("", "persistentvolumes", ()): {"get"},
    ("authentication.k8s.io", "tokenreviews", ()): {"create"},
    ("authorization.k8s.io", "subjectaccessreviews", ()): {"create"},
}
APPLIED = {"list", "watch", "create", "patch", "delete"}
OWN_NAMESPACE = {
    ("", "configmaps", ()): APPLIED | {"get"},
    ("", "secrets", ()): APPLIED | {"get"},
    ("", "services", ()): APPLIED,
    ("", "persistentvolumeclaims", ()): {"get", "create", "delete"},
    ("apps", "deployments", ()): APPLIED,
    ("policy", "poddisruptionbudgets", ()): APPLIED,
    (GROUP, "kbsconfigs", ()): {"create", "delete", "patch"},
    (GROUP, "trusteeconfigs/finalizers", ()): {"update"},
    (GROUP, "kbsconfigs/finalizers", ()): {"update"},
    ("", "pods", ()): {"list", "watch", "patch"},
    ("coordination.k8s.io", "leases", ()): {"create"},
    ("coordination.k8s.io", "leases", ("178dc119.confidentialcontainers.org",)): {"get", "update"},
}


def rights(rules: list) -> dict:
    out = {}
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                key = (group, resource, tuple(rule.get("resourceNames", ())))
                out.setdefault(key, set()).update(rule["verbs"])
    return out


def bound(objects: list, binding: str) -> list:
    """The rules that bindings of a kind give to the operator's account."""
    out = []
    for o in objects:
        if o["kind"] == binding:
            assert o["subjects"] == [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}]
            out += of_kind(objects, o["roleRef"]["kind"], o["roleRef"]["name"])["rules"]
    return out


def operator() -> list:
    return folder("kustomize")


def restricted(pod: dict):
    """Pod Security's profile restricted, as far as a pod can break it."""
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"] + pod.get("initContainers", []):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert "privileged" not in context and context["readOnlyRootFilesystem"] is True
    for volume in pod.get("volumes", []):
        assert set(volume) - {"name"} <= {"configMap", "secret", "emptyDir", "projected", "persistentVolumeClaim"}


def test_what_is_committed_is_what_the_source_says():
    done = subprocess.run([ROOT / "tools/manifests", "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_a_changed_file_and_a_stray_one_are_named(tmp_path):
    tool = [ROOT / "tools/manifests", "--output", tmp_path]
    subprocess.run(tool, check=True)
    (tmp_path / "kustomize/namespace.yaml").write_text("kind: Namespace\n")
    (tmp_path / "bundle/manifests/stray.yaml").write_text("")
    done = subprocess.run([*tool, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "bundle/manifests/stray.yaml: not from deploy/source, remove it",
        "kustomize/namespace.yaml: differs from deploy/source, run tools/manifests"]


def test_every_document_is_valid_yaml_with_an_identity_of_its_own():
    for name in ("kustomize", "bundle/manifests", "samples"):
        found = [identity(o) for o in folder(name)] if name != "samples" else []
        assert len(found) == len(set(found)), name
    for path in (DEPLOY / "samples").glob("*.yaml"):
        assert all(identity(o) for o in read(path.read_text())), path


def test_in_the_whole_cluster_the_operator_sees_its_own_kinds_and_no_secret():
    objects = operator()
    assert rights(bound(objects, "ClusterRoleBinding")) == EVERYWHERE
    assert rights(bound(objects, "RoleBinding")) == OWN_NAMESPACE
    assert not any("*" in str(o["rules"]) for o in objects if "rules" in o)


def test_namespaced_objects_are_in_the_operators_namespace_and_nothing_changes_a_namespace():
    objects = operator()
    for o in objects:
        cluster_wide = o["kind"] in ("Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding")
        assert o["metadata"].get("namespace") == (None if cluster_wide else NAMESPACE), identity(o)
    assert not any(k.startswith("pod-security") for k in of_kind(objects, "Namespace")["metadata"]["labels"])
    assert "namespaces" not in str([o["rules"] for o in objects if "rules" in o])


def test_people_get_roles_for_both_kinds():
    objects = operator()
    for kind in ("trusteeconfig", "kbsconfig"):
        edit = rights(of_kind(objects, "ClusterRole", f"trustee-operator-{kind}-editor-role")["rules"])
        view = rights(of_kind(objects, "ClusterRole", f"trustee-operator-{kind}-viewer-role")["rules"])
        see = {"get", "list", "watch"}
        assert view == {(GROUP, kind + "s", ()): see, (GROUP, kind + "s/status", ()): {"get"}}
        assert edit == {(GROUP, kind + "s", ()): see | {"create", "update", "patch", "delete"},
                        (GROUP, kind + "s/status", ()): {"get"}}
    assert of_kind(objects, "ClusterRole", "trustee-operator-metrics-reader")["rules"] == [
        {"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]


def test_the_manager_runs_under_restricted_pod_security_with_the_released_names():
    deployment = of_kind(operator(), "Deployment")
    assert deployment["metadata"]["name"] == "trustee-operator-controller-manager"
    assert deployment["spec"]["selector"] == {"matchLabels": {"control-plane": "controller-manager"}}
    pod = deployment["spec"]["template"]["spec"]
    restricted(pod)
    assert pod["terminationGracePeriodSeconds"] == 35  # the manager ends within 30
    manager, = pod["containers"]
    assert manager["name"] == "manager" and manager["command"] == ["/manager"]
    assert manager["args"] == ["--metrics-bind-address=:8443", "--leader-elect", "--health-probe-bind-address=:8081"]
    assert [e["name"] for e in manager["env"]] == [
        "POD_NAMESPACE", "KBS_IMAGE_NAME", "KBS_IMAGE_NAME_MICROSERVICES", "AS_IMAGE_NAME", "RVPS_IMAGE_NAME"]
    assert manager["resources"]["limits"] == {"memory": "64Mi"}
    assert manager["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "health"}
    assert manager["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "health"}
    for image in [manager["image"], *(e["value"] for e in manager["env"] if "value" in e)]:
        assert not image.endswith(":latest") and ":" in image.rpartition("/")[2]


def test_the_metrics_service_has_endpoints():
    objects = operator()
    service, template = of_kind(objects, "Service"), of_kind(objects, "Deployment")["spec"]["template"]
    assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
    ports = {p["name"]: p["containerPort"] for p in template["spec"]["containers"][0]["ports"]}
    assert [ports[p["targetPort"]] for p in service["spec"]["ports"]] == [8443]


def schema(plural: str) -> dict:
    version, = of_kind(operator(), "CustomResourceDefinition", f"{plural}.{GROUP}")["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]


def leaves(node: dict, path: str = "") -> dict:
    """Type by path of every field."""
    out = {}
    for name, field in node.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        out[here] = field.get("type", "int-or-string" if "x-kubernetes-int-or-string" in field else None)
        out.update(leaves(field, here))
        if "items" in field:
            out[here] = f"array of {field['items']['type']}"
            out.update(leaves(field["items"], here + "[]"))
    return out


def test_the_kinds_keep_every_field_of_the_released_operators():
    released = {
        "trusteeconfigs": {
            "spec.profileType": "string", "spec.kbsServiceType": "string", "spec.httpsSpec": "object",
            "spec.httpsSpec.tlsSecretName": "string", "spec.attestationTokenVerificationSpec": "object",
            "spec.attestationTokenVerificationSpec.tlsSecretName": "string", "spec.ibmSE": "object",
            "spec.ibmSE.pvName": "string", "spec.tlsConfig": "object", "spec.tlsConfig.profile": "string",
            "spec.tlsConfig.minVersion": "string", "spec.tlsConfig.maxVersion": "string",
            "spec.tlsConfig.ciphers": "array of string", "spec.tlsConfig.groups": "array of string",
            "status.isReady": "boolean", "status.kbsConfigRef": "object", "status.statusDescription": "string",
            **{f"status.kbsConfigRef.{n}": "string" for n in (
                "apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid")},
        },
        "kbsconfigs": {
            **{f"spec.{n}": "string" for n in (
                "kbsConfigMapName", "kbsAsConfigMapName", "kbsRvpsConfigMapName", "kbsRvpsRefValuesConfigMapName",
                "kbsAuthSecretName", "kbsServiceType", "kbsDeploymentType", "kbsHttpsKeySecretName",
                "kbsHttpsCertSecretName", "kbsAttestationKeySecretName", "kbsAttestationCertSecretName",
                "kbsAttestationPolicyConfigMapName", "kbsGpuAttestationPolicyConfigMapName",
                "kbsResourcePolicyConfigMapName", "ibmSEConfigSpec.certStorePvc", "tdxConfigSpec.kbsTdxConfigMapName",
                "kbsLocalCertCacheSpec.secrets[].secretName", "kbsLocalCertCacheSpec.secrets[].mountPath")},
            "spec.kbsSecretResources": "array of string", "spec.KbsEnvVars": "object",
            "spec.kbsLocalCertCacheSpec.secrets": "array of object", "spec.KbsDeploymentSpec.replicas": "integer",
            "status.isReady": "boolean",
        },
    }
    for plural, fields in released.items():
        assert fields.items() <= leaves(schema(plural)).items(), plural


def test_a_new_field_is_optional_and_everything_says_what_it_is():
    required = {("trusteeconfigs", "spec.ibmSE"): ["pvName"],
                ("kbsconfigs", "spec.kbsLocalCertCacheSpec.secrets[]"): ["secretName"],
                ("kbsconfigs", "status"): ["isReady"],
                **{(p, "status.conditions[]"): ["lastTransitionTime", "message", "reason", "status", "type"]
                   for p in ("trusteeconfigs", "kbsconfigs")}}
    found = {}

    def walk(plural, node, path):
        if "required" in node:
            found[plural, path] = node["required"]
        for name, field in node.get("properties", {}).items():
            here = f"{path}.{name}".lstrip(".")
            assert field.get("description") or here == "metadata", here
            if field.get("description", "").endswith(", as in a pod."):
                continue  # says it all: users know the fields below
            walk(plural, field, here)
            walk(plural, field.get("items", {}), here + "[]")

    for plural in ("trusteeconfigs", "kbsconfigs"):
        walk(plural, schema(plural), "")
    assert found == required


def test_kubectl_get_shows_readiness_and_the_reason():
    columns = {}
    for o in operator():
        if o["kind"] == "CustomResourceDefinition":
            columns[o["spec"]["names"]["kind"]] = [c["name"] for c in o["spec"]["versions"][0]["additionalPrinterColumns"]]
    assert columns == {"TrusteeConfig": ["Profile", "Ready", "Reason", "Age"],
                       "KbsConfig": ["Type", "Ready", "Reason", "Age"]}


def test_kustomize_gives_exactly_the_objects_of_the_folder():
    done = subprocess.run([program("kubectl"), "kustomize", DEPLOY / "kustomize"], capture_output=True, text=True,
                          check=True)
    rendered = {identity(o): o for o in read(done.stdout)}
    assert rendered == {identity(o): o for o in operator()}


def test_kustomize_moves_everything_to_another_namespace(tmp_path):
    (tmp_path / "deploy").symlink_to(DEPLOY)
    subprocess.run(["cp", "-r", DEPLOY / "kustomize", tmp_path / "base"], check=True)
    (tmp_path / "kustomization.yaml").write_text("namespace: operators\nresources: [base/crds, base/operator]\n")
    done = subprocess.run([program("kubectl"), "kustomize", tmp_path], capture_output=True, text=True, check=True)
    objects = read(done.stdout)
    assert {o["metadata"].get("namespace") for o in objects} == {None, "operators"}
    assert {s["namespace"] for o in objects for s in o.get("subjects", [])} == {"operators"}


def rendered(values: dict, namespace: str, tmp_path) -> list:
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values))
    done = subprocess.run([program("helm-template"), DEPLOY / "helm/trustee-operator", file, namespace],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


def bare(o: dict) -> dict:
    """An object without what a packager adds to its metadata."""
    kept = {k: v for k, v in o["metadata"].items() if k not in ("labels", "annotations")}
    return {**o, "metadata": kept}


def test_the_chart_gives_what_kustomize_gives(tmp_path):
    chart = {identity(o): bare(o) for o in rendered({}, NAMESPACE, tmp_path)}
    base = {identity(o): bare(o) for o in operator() if o["kind"] != "Namespace"}
    assert chart == base


def test_the_chart_does_what_its_values_say(tmp_path):
    objects = rendered({
        "image": {"registry": "registry.internal/team", "tag": "9.9", "pullPolicy": "Always", "pullSecrets": [{"name": "pull"}]},
        "replicas": 2, "nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "x", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}}, "resources": {"limits": {"memory": "96Mi"}},
        "metrics": {"enabled": False}, "userRoles": {"create": False}, "crds": {"install": False}}, "elsewhere", tmp_path)
    deployment = of_kind(objects, "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    manager, = pod["containers"]
    assert deployment["spec"]["replicas"] == 2 and deployment["metadata"]["namespace"] == "elsewhere"
    assert manager["image"] == "registry.internal/team/trustee-operator:9.9"
    assert manager["env"][1] == {"name": "KBS_IMAGE_NAME", "value": "registry.internal/team/key-broker-service:9.9"}
    assert manager["imagePullPolicy"] == "Always" and pod["imagePullSecrets"] == [{"name": "pull"}]
    assert pod["nodeSelector"] == {"disk": "ssd"} and pod["tolerations"] == [{"key": "x", "operator": "Exists"}]
    assert pod["affinity"] == {"nodeAffinity": {}}
    assert manager["resources"]["limits"] == {"memory": "96Mi"}
    assert manager["args"] == ["--leader-elect", "--health-probe-bind-address=:8081"]
    assert {o["kind"] for o in objects} == {
        "ServiceAccount", "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding", "Deployment"}


def test_the_chart_keeps_the_kinds_when_it_is_uninstalled(tmp_path):
    for o in rendered({}, NAMESPACE, tmp_path):
        if o["kind"] == "CustomResourceDefinition":
            assert o["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


def bundle() -> tuple[dict, list]:
    objects = folder("bundle/manifests")
    return of_kind(objects, "ClusterServiceVersion"), objects


def test_the_bundle_passes_the_catalogues_own_validator():
    done = subprocess.run([program("operator-verify"), "manifests", "--operatorhub_validate", DEPLOY / "bundle/manifests"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_bundle_installs_what_kustomize_installs():
    csv, objects = bundle()
    install, base = csv["spec"]["install"]["spec"], operator()
    deployment, = install["deployments"]
    assert deployment["spec"] == of_kind(base, "Deployment")["spec"]
    (everywhere,), (own,) = install["clusterPermissions"], install["permissions"]
    assert everywhere["serviceAccountName"] == own["serviceAccountName"] == ACCOUNT
    assert rights(everywhere["rules"]) == EVERYWHERE
    assert rights(own["rules"]) == OWN_NAMESPACE
    base_by_name = {(o["kind"], o["metadata"]["name"]): o for o in base}
    for o in objects:
        if o is not csv:
            other = base_by_name[o["kind"], o["metadata"]["name"]]
            assert bare(o) == {**bare(other), "metadata": {"name": o["metadata"]["name"]}}


def test_the_bundle_is_the_same_package_in_the_same_channel():
    csv, _ = bundle()
    annotations, = read((DEPLOY / "bundle/metadata/annotations.yaml").read_text())
    prefix = "operators.operatorframework.io.bundle."
    assert annotations["annotations"] == {
        prefix + "mediatype.v1": "registry+v1", prefix + "manifests.v1": "manifests/", prefix + "metadata.v1": "metadata/",
        prefix + "package.v1": "trustee-operator", prefix + "channels.v1": "alpha", prefix + "channel.default.v1": "alpha"}
    spec = csv["spec"]
    assert csv["metadata"]["name"] == f"trustee-operator.v{spec['version']}"
    assert spec["displayName"] == "Trustee Operator" and spec["replaces"] == "trustee-operator.v0.21.0"
    modes = {m["type"]: m["supported"] for m in spec["installModes"]}
    assert modes == {"OwnNamespace": True, "SingleNamespace": False, "MultiNamespace": False, "AllNamespaces": True}


def test_the_bundle_names_every_image_and_describes_every_kind():
    csv, _ = bundle()
    text = json.dumps(csv["spec"]["install"])
    images = set(re.findall(r'"(localhost/[^"]+)"', text))
    assert {i["image"] for i in csv["spec"]["relatedImages"]} == images
    owned = {o["kind"]: o for o in csv["spec"]["customresourcedefinitions"]["owned"]}
    assert set(owned) == {"TrusteeConfig", "KbsConfig"}
    examples = {o["kind"] for o in json.loads(csv["metadata"]["annotations"]["alm-examples"])}
    assert examples == set(owned)
    fields = {"TrusteeConfig": leaves(schema("trusteeconfigs")), "KbsConfig": leaves(schema("kbsconfigs"))}
    for kind, entry in owned.items():
        for part in ("spec", "status"):
            assert entry[part + "Descriptors"], kind
            for descriptor in entry[part + "Descriptors"]:
                assert f"{part}.{descriptor['path']}" in fields[kind]


@pytest.mark.parametrize("registry", ["registry.internal:5000/trustee"])
def test_a_release_writes_its_own_registry(registry, tmp_path):
    subprocess.run([ROOT / "tools/manifests", "--registry", registry, "--output", tmp_path], check=True)
    written = "".join(p.read_text() for p in tmp_path.rglob("*.yaml"))
    assert "localhost/" not in written and f"{registry}/key-broker-service:" in written
