"""The kinds and the rights before a real API server: what it stores, refuses, prints and allows."""
import json

import pytest

from bed import CACHE
from objects import ACCOUNT, API, DEPLOY, GROUP, NAMESPACE, folder, install_kinds, of_kind, read, trustee


@pytest.fixture(scope="module")
def bed(api_bed):
    install_kinds(api_bed)
    return api_bed


@pytest.fixture
def ns(bed, namespace):
    return namespace(bed)


def broker(spec, name="k") -> dict:
    return {"apiVersion": API, "kind": "KbsConfig", "metadata": {"name": name}, "spec": spec}


def post(bed, ns, o):
    """(status, object or Status) of a creation without field validation, as old clients do it."""
    answer = bed.api("POST", f"/apis/{API}/namespaces/{ns}/{o['kind'].lower()}s?fieldValidation=Ignore", o)
    return answer.status, answer.json()


def refused(bed, ns, o) -> str:
    """The message of the refusal, which is 422."""
    status, body = post(bed, ns, o)
    assert status == 422, body
    return body["message"]


def stored(bed, ns, o) -> dict:
    """The spec as stored."""
    status, body = post(bed, ns, o)
    assert status == 201, body
    return body["spec"]


@pytest.mark.case("OP-1")
def test_an_empty_tls_config_gets_the_profile_intermediate(bed, ns):
    assert stored(bed, ns, trustee({"tlsConfig": {}})) == {"tlsConfig": {"profile": "intermediate"}}


@pytest.mark.case("OP-2")
def test_an_unknown_tls_profile_is_refused(bed, ns):
    assert 'spec.tlsConfig.profile: Unsupported value: "foo"' in refused(bed, ns, trustee({"tlsConfig": {"profile": "foo"}}))
    for i, profile in enumerate(("old", "intermediate", "modern", "custom")):
        assert stored(bed, ns, trustee({"tlsConfig": {"profile": profile}}, f"t{i}"))["tlsConfig"] == {"profile": profile}


@pytest.mark.case("OP-3")
@pytest.mark.parametrize("versions", [
    {"minVersion": "1.2", "maxVersion": "1.3"}, {"minVersion": "1.0", "maxVersion": "1.3"},
    {"minVersion": "1.2", "maxVersion": "1.2"}, {"minVersion": "1.3"}, {"maxVersion": "1.2"}, {}])
def test_tls_versions_in_order_are_accepted(versions, bed, ns):
    assert stored(bed, ns, trustee({"tlsConfig": {"profile": "custom", **versions}}))["tlsConfig"] == {
        "profile": "custom", **versions}


@pytest.mark.case("OP-4")
def test_a_lowest_tls_version_above_the_highest_is_refused(bed, ns):
    message = refused(bed, ns, trustee({"tlsConfig": {"minVersion": "1.3", "maxVersion": "1.2"}}))
    assert "minVersion must not be greater than maxVersion" in message


@pytest.mark.case("OP-5")
@pytest.mark.parametrize("versions", [{"minVersion": "1.4"}, {"minVersion": "1.x"}, {"maxVersion": "2.0"}])
def test_a_tls_version_that_does_not_exist_is_refused(versions, bed, ns):
    (field, value), = versions.items()
    message = refused(bed, ns, trustee({"tlsConfig": versions}))
    assert f'spec.tlsConfig.{field}: Invalid value: "{value}"' in message and r"^1\.[0-3]$" in message


@pytest.mark.case("OP-6")
def test_secure_execution_needs_the_name_of_a_volume(bed, ns):
    assert "spec.ibmSE.pvName: Required value" in refused(bed, ns, trustee({"ibmSE": {}}))
    assert "spec.ibmSE.pvName" in refused(bed, ns, trustee({"ibmSE": {"pvName": ""}}))


@pytest.mark.case("OP-7")
def test_an_unknown_deployment_type_is_refused(bed, ns):
    assert 'spec.kbsDeploymentType: Unsupported value: "X"' in refused(bed, ns, broker({"kbsDeploymentType": "X"}))


@pytest.mark.case("OP-8")
def test_an_unknown_field_is_pruned(bed, ns):
    assert stored(bed, ns, broker({"foo": 1, "kbsConfigMapName": "c"})) == {
        "kbsConfigMapName": "c", "kbsDeploymentType": "AllInOneDeployment"}


@pytest.mark.case("OP-47")
@pytest.mark.parametrize("profile", ["Restrictive", "restricted", ""])
def test_a_profile_that_does_not_exist_is_refused(profile, bed, ns):
    assert f'spec.profileType: Unsupported value: "{profile}"' in refused(bed, ns, trustee({"profileType": profile}))
    assert bed.get("trusteeconfig,kbsconfig", "-n", ns)["items"] == []


def test_a_deployment_type_is_all_in_one_unless_said(bed, ns):
    assert stored(bed, ns, broker({})) == {"kbsDeploymentType": "AllInOneDeployment"}


def test_a_null_is_left_out_and_switches_nothing_on(bed, ns):
    # Kubernetes prunes a null of a field that is not nullable; older servers refuse it.
    assert stored(bed, ns, trustee({"httpsSpec": None, "ibmSE": None, "tlsConfig": None})) == {}


@pytest.mark.parametrize("spec,field", [
    ({"kbsServiceType": "ExternalName"}, "spec.kbsServiceType"),
    ({"tlsConfig": {"profile": "custom", "ciphers": ['x"\ninsecure_http = true']}}, "spec.tlsConfig.ciphers[0]"),
    ({"tlsConfig": {"profile": "custom", "groups": ["a:b"]}}, "spec.tlsConfig.groups[0]"),
    ({"deployment": {"replicas": -1}}, "spec.deployment.replicas"),
    ({"deployment": {"imagePullPolicy": "Sometimes"}}, "spec.deployment.imagePullPolicy"),
    ({"deployment": {"podDisruptionBudget": {"minAvailable": 1, "maxUnavailable": "50%"}}}, "exclude each other"),
    ({"deployment": {"storage": {"type": "PersistentVolumeClaim"}}}, "claimName is needed"),
    ({"deployment": {"storage": {"claimName": "c"}}}, "claimName is needed"),
    ({"deployment": {"resources": {"limits": {"cpu": {"a": {}}}}}}, "spec.deployment.resources.limits.cpu"),
    ({"deployment": {"storage": {"type": "PersistentVolumeClaim", "claimName": "c", "fsGroup": 1 << 31}}}, "storage.fsGroup"),
    ({"deployment": {"storage": {"fsGroup": 1}}}, "fsGroup is for the type PersistentVolumeClaim"),
])
def test_what_cannot_be_meant_is_refused(spec, field, bed, ns):
    assert field in refused(bed, ns, trustee(spec))


SELECTOR = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "k", "operator": "DoesNotExist"}]}
POD_TERM = {"labelSelector": SELECTOR, "namespaceSelector": SELECTOR, "namespaces": ["n"], "topologyKey": "zone",
            "matchLabelKeys": ["a"], "mismatchLabelKeys": ["b"]}


def test_settings_of_pods_that_no_pod_has_are_known_as_mistakes(bed, ns):
    """They would be dropped without a word, and anybody could nest what no reader takes."""
    done = bed.kubectl("apply", "--server-side", "--validate=strict", "-n", ns, "-f", "-", check=False,
                       data=json.dumps(trustee({"deployment": {"affinity": {"podAntiafinity": {}}}})))
    assert done.returncode != 0 and "podAntiafinity" in done.stderr, done.stderr


def test_both_kinds_take_the_settings_of_pods(bed, ns):
    settings = {
        "replicas": 2, "resources": {"limits": {"memory": "128Mi"}, "requests": {"cpu": 1}, "claims": [{"name": "c", "request": "r"}]}, "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "k", "operator": "Equal", "value": "v", "effect": "NoExecute", "tolerationSeconds": 5}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{
                    "matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}],
                    "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n"]}]}]},
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 1, "preference": {"matchExpressions": [{"key": "k", "operator": "Exists"}]}}]},
            **{kind: {
                "requiredDuringSchedulingIgnoredDuringExecution": [POD_TERM],
                "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 2, "podAffinityTerm": POD_TERM}]}
               for kind in ("podAffinity", "podAntiAffinity")}},
        "topologySpreadConstraints": [{
            "maxSkew": 1, "minDomains": 2, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": SELECTOR,
            "matchLabelKeys": ["a"], "nodeAffinityPolicy": "Honor", "nodeTaintsPolicy": "Ignore"}],
        "priorityClassName": "high", "imagePullSecrets": [{"name": "pull"}], "imagePullPolicy": "IfNotPresent",
        "podDisruptionBudget": {"maxUnavailable": "50%"},
        "storage": {"type": "PersistentVolumeClaim", "claimName": "c", "fsGroup": 2000}}
    assert stored(bed, ns, trustee({"deployment": settings}))["deployment"] == settings
    assert stored(bed, ns, broker({"KbsDeploymentSpec": settings}))["KbsDeploymentSpec"] == settings
    assert stored(bed, ns, trustee({"deployment": {"storage": {"sizeLimit": "32Mi"}}}, "m"))["deployment"] == {
        "storage": {"type": "Memory", "sizeLimit": "32Mi"}}


def test_entries_are_added_to_the_list_of_secrets_as_documents_do(bed, ns):
    bed.apply(broker({"kbsSecretResources": ["a"]}), namespace=ns)
    patch = [{"op": "add", "path": "/spec/kbsSecretResources/-", "value": name} for name in ("b", "a")]
    bed.kubectl("patch", "kbsconfig", "k", "-n", ns, "--type=json", "-p", json.dumps(patch))
    # Twice is the operator's business: refusing it here would refuse what the released kinds take.
    assert bed.get("kbsconfig", "k", "-n", ns)["spec"]["kbsSecretResources"] == ["a", "b", "a"]


def condition(kind: str, status: str, reason: str) -> dict:
    return {"type": kind, "status": status, "reason": reason, "message": "m", "observedGeneration": 1,
            "lastTransitionTime": "2026-01-01T00:00:00Z"}


def test_conditions_are_owned_one_by_one_and_printed(bed, ns):
    bed.apply(trustee({"profileType": "Restricted"}), namespace=ns)
    name = {"apiVersion": API, "kind": "TrusteeConfig", "metadata": {"name": "t", "namespace": ns}}

    def write(manager, *conditions):
        path = f"/apis/{API}/namespaces/{ns}/trusteeconfigs/t/status?fieldManager={manager}"
        answer = bed.api("PATCH", path, {**name, "status": {"conditions": conditions, "observedGeneration": 1}},
                         {"Content-Type": "application/apply-patch+yaml"})
        assert answer.status == 200, answer.body

    write("one", condition("Ready", "False", "SecretMissing"))
    write("two", condition("Elsewhere", "True", "Fine"))
    kept = bed.get("trusteeconfig", "t", "-n", ns)["status"]["conditions"]
    assert {c["type"] for c in kept} == {"Ready", "Elsewhere"}
    header, row = bed.kubectl("get", "trusteeconfig", "-n", ns).stdout.splitlines()
    assert header.split() == ["NAME", "PROFILE", "READY", "REASON", "AGE"]
    assert row.split()[:4] == ["t", "Restricted", "False", "SecretMissing"]


def test_the_status_of_a_key_broker_says_whether_it_is_ready(bed, ns):
    bed.apply(broker({}), namespace=ns)
    patch = ("patch", "kbsconfig", "k", "-n", ns, "--subresource=status", "--type=merge", "-p")
    done = bed.kubectl(*patch, '{"status": {"observedGeneration": 1}}', check=False)
    assert done.returncode == 1 and "status.isReady: Required value" in done.stderr
    bed.kubectl(*patch, json.dumps({"status": {"isReady": True, "conditions": [condition("Ready", "True", "Available")]}}))
    header, row = bed.kubectl("get", "kbsconfig", "-n", ns).stdout.splitlines()
    assert header.split() == ["NAME", "TYPE", "READY", "REASON", "AGE"]
    assert row.split()[:4] == ["k", "AllInOneDeployment", "True", "Available"]


@pytest.mark.parametrize("sample", sorted(p.name for p in (DEPLOY / "samples").glob("*.yaml")))
def test_samples_are_accepted_without_a_warning(sample, bed, ns):
    for o in read((DEPLOY / "samples" / sample).read_text()):
        done = bed.kubectl("apply", "--server-side", "--validate=strict", "-n", ns, "-f", "-", data=json.dumps(o))
        assert done.stderr == ""


def test_cert_manager_takes_the_certificates_of_the_restricted_sample(bed, ns):
    crds = CACHE / "cert-manager-crds"
    if not crds.exists():
        pytest.skip("cert-manager is not built: tests/kube/build-bed")
    bed.kubectl("apply", "--server-side", "-f", crds)
    bed.kubectl("wait", "--for=condition=Established", "-f", crds, "--timeout=60s")
    certificates = DEPLOY / "samples/cert-manager/certificates.yaml"
    done = bed.kubectl("apply", "--server-side", "--validate=strict", "-n", ns, "-f", certificates)
    assert done.stderr == ""
    sample, = read((DEPLOY / "samples/trusteeconfig-restricted.yaml").read_text())
    asked = {sample["spec"][part]["tlsSecretName"] for part in ("httpsSpec", "attestationTokenVerificationSpec")}
    made = {c["spec"]["secretName"] for c in bed.get("certificate", "-n", ns)["items"]}
    assert made == asked


# --- rights and the manager's pod


@pytest.fixture(scope="module")
def installed(bed):
    """All of deploy/kustomize; what it makes stays."""
    done = bed.kubectl("apply", "--server-side", "--force-conflicts", "-k", DEPLOY / "kustomize")
    assert "Warning" not in done.stderr
    return bed


@pytest.mark.parametrize("namespace_of,verb,resource,allowed", [
    (NAMESPACE, "list", "secrets", True), ("default", "list", "secrets", False), ("", "list", "secrets", False),
    (NAMESPACE, "patch", "deployments.apps", True), ("default", "patch", "deployments.apps", False),
    (NAMESPACE, "create", "events.events.k8s.io", True), (NAMESPACE, "create", "events", False),
    (NAMESPACE, "update", "leases.coordination.k8s.io/178dc119.confidentialcontainers.org", True),
    (NAMESPACE, "update", "leases.coordination.k8s.io/other", False), ("default", "delete", "secrets", False),
    (NAMESPACE, "create", f"kbsconfigs.{GROUP}", True), ("default", "create", f"kbsconfigs.{GROUP}", False),
    ("", "watch", f"trusteeconfigs.{GROUP}", True), ("", "patch", f"trusteeconfigs.{GROUP}", False),
    ("", "update", "namespaces", False), ("", "get", "namespaces", False),
    (NAMESPACE, "create", "roles.rbac.authorization.k8s.io", False), (NAMESPACE, "create", "pods/exec", False),
])
def test_the_operator_may_do_what_it_must_and_no_more(namespace_of, verb, resource, allowed, installed):
    name, _, instance = resource.partition("/")
    sub = "exec" if instance == "exec" else ""
    kind, _, group = name.partition(".")
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
        "user": f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}",
        "resourceAttributes": {"namespace": namespace_of, "verb": verb, "group": group, "resource": kind,
                               "subresource": sub, "name": "" if sub else instance}}}
    answer = installed.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    assert answer.json()["status"]["allowed"] is allowed


def test_the_managers_pod_is_admitted_under_restricted_pod_security(bed, namespace):
    ns = namespace(bed, {"pod-security.kubernetes.io/enforce": "restricted"})
    deployment = of_kind(folder("kustomize"), "Deployment")
    template = deployment["spec"]["template"]
    bed.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT}}, namespace=ns)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "manager"}, "spec": template["spec"]}
    done = bed.kubectl("create", "--dry-run=server", "-n", ns, "-f", "-", data=json.dumps(pod), check=False)
    assert done.returncode == 0 and "Warning" not in done.stderr, done.stderr
    # The same with one right more is refused, so the namespace does enforce.
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    done = bed.kubectl("create", "--dry-run=server", "-n", ns, "-f", "-", data=json.dumps(pod), check=False)
    assert done.returncode == 1 and 'violates PodSecurity "restricted' in done.stderr
