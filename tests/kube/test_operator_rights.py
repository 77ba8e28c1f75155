"""The rights that the operator ships with are those that it uses, by the API server's own audit log."""
import contextlib
import json
import os
import signal

from bed import Bed
from objects import ACCOUNT, API, GROUP, install_kinds, trustee
from running_operator import LEASE, comes_back, https_status, operator_in, roles_in, tls_secret

NS, ELSEWHERE = "rights", "elsewhere"
FINALIZER = "kbsconfig.confidentialcontainers.org/finalizer"


def of_openshift(group: str, plural: str, kind: str) -> dict:
    """A kind by which the operator knows OpenShift."""
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
            "spec": {"group": group, "scope": "Cluster",
                     "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                         "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


OPENSHIFT = [of_openshift("config.openshift.io", "proxies", "Proxy"),
             of_openshift("security.openshift.io", "securitycontextconstraints", "SecurityContextConstraints")]
VOLUME = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "ibm"},
          "spec": {"capacity": {"storage": "100Mi"}, "accessModes": ["ReadOnlyMany"], "hostPath": {"path": "/nowhere"}}}
# No request needs them but those that change an owner, where the API server checks that, as the story's does.
FOR_OWNERS = {*((GROUP, f"{kind}/finalizers", "update") for kind in ("kbsconfigs", "trusteeconfigs")),
              *(("", kind, "delete") for kind in ("configmaps", "secrets", "services")), (GROUP, "kbsconfigs", "delete")}


def granted(roles: list) -> set:
    return {(group, resource, verb) for o in roles if o["kind"] in ("Role", "ClusterRole") for rule in o["rules"]
            for group in rule.get("apiGroups", ()) for resource in rule["resources"] for verb in rule["verbs"]}


def used(log: str) -> set:
    """(group, resource, verb) of what was asked, and answered otherwise than with a refusal."""
    out = set()
    for event in map(json.loads, log.splitlines()):
        what = event.get("objectRef")
        if what:
            assert event["responseStatus"]["code"] != 403, event
            resource = "/".join(filter(None, (what["resource"], what.get("subresource"))))
            verbs = {event["verb"]} | ({"create"} if event["responseStatus"]["code"] == 201 else set())
            out |= {(what.get("apiGroup", ""), resource, verb) for verb in verbs}
    return out


def named(kind, name, ns, **more):
    return {"apiVersion": "v1" if kind in ("Namespace", "Pod", "ServiceAccount") else API, "kind": kind,
            "metadata": {"name": name, **({"namespace": ns} if ns else {})}, **more}


def wanted(replicas, **more) -> dict:
    return trustee({"profileType": "Permissive", "httpsSpec": {"tlsSecretName": "https"},
                    "deployment": {"replicas": replicas}, **more})


def finalizers(bed, ns, name, value):
    bed.kubectl("patch", "kbsconfig", name, "-n", ns, "--type=merge", "-p", json.dumps({"metadata": {"finalizers": value}}))


@contextlib.contextmanager
def paused(operator):
    os.kill(operator.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(operator.process.pid, signal.SIGCONT)


def story(bed, operator):
    """Whatever makes the operator ask for something."""
    pod = named("Pod", "p", NS, spec={"containers": [{"name": "kbs", "image": "localhost/kbs:1"}]})
    pod["metadata"] |= {"labels": {"pod-template-hash": "1"}, "ownerReferences": [  # as the controllers make it
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "trustee-deployment-1", "uid": "1", "controller": True}]}
    operator.apply(named("ServiceAccount", "default", NS), pod)
    bed.kubectl("label", "pod", "p", "-n", NS, "app=kbs")
    operator.apply(tls_secret(operator, "https"))
    operator.apply(wanted(replicas=2, ibmSE={"pvName": "ibm"}))
    operator.wait_for("persistentvolumeclaim", "t-ibmse-certstore-pvc")
    operator.apply(wanted(replicas=2))
    operator.wait_for("poddisruptionbudget", "trustee-deployment")
    operator.wait_for("persistentvolumeclaim", "t-ibmse-certstore-pvc", lambda o: "deletionTimestamp" in o["metadata"])
    operator.apply(wanted(replicas=1))
    bed.kubectl("wait", "--for=delete", "-n", NS, "poddisruptionbudget/trustee-deployment", "--timeout=30s")
    operator.quiet()
    bed.kubectl("patch", "configmap", "t-resource-policy", "-n", NS, "--type=merge", "-p", json.dumps(
        {"data": {"resource-policy.rego": "package policy\n\ndefault allow = false\n"}}))
    operator.wait_for("pod", "p", lambda o: o["metadata"].get("annotations"))
    comes_back(operator, "service", "kbs-service")
    operator.quiet()
    uid = bed.get("kbsconfig", "t-kbs-config", "-n", NS)["metadata"]["uid"]
    with paused(operator):  # it would take the finalizer off at once
        finalizers(bed, NS, "t-kbs-config", [FINALIZER])
        bed.kubectl("delete", "kbsconfig", "t-kbs-config", "-n", NS, "--wait=false")
    operator.wait_for("kbsconfig", "t-kbs-config", lambda o: o["metadata"]["uid"] != uid)
    finalizers(bed, ELSEWHERE, "k", [FINALIZER])
    bed.kubectl("delete", "kbsconfig", "k", "-n", ELSEWHERE, "--wait=false")
    operator.quiet()
    assert bed.get("kbsconfig", "k", "-n", ELSEWHERE)["metadata"]["finalizers"] == [FINALIZER], "another operator's"
    finalizers(bed, ELSEWHERE, "k", None)
    operator.wait_for("deployment", "trustee-deployment")
    operator.quiet()
    bed.kubectl("delete", "trusteeconfig", "t", "-n", NS)
    operator.apply(wanted(replicas=1))
    operator.wait_for("trusteeconfig", "t", lambda o: "status" in o)
    operator.quiet()


def test_the_operator_uses_each_of_its_rights_and_lacks_none(tmp_path):
    policy, log = tmp_path / "policy.json", tmp_path / "audit.log"
    policy.write_text(json.dumps({
        "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
        "rules": [{"level": "Metadata", "users": [f"system:serviceaccount:{NS}:{ACCOUNT}"]}, {"level": "None"}]}))
    with Bed("api", apiserver_args=[f"--audit-policy-file={policy}", f"--audit-log-path={log}",
                                    "--enable-admission-plugins=OwnerReferencesPermissionEnforcement"]) as bed:
        install_kinds(bed)
        bed.apply(named("Namespace", NS, ""), named("Namespace", ELSEWHERE, ""), *OPENSHIFT, VOLUME)
        bed.kubectl("wait", "--for=condition=Established", *(f"crd/{o['metadata']['name']}" for o in OPENSHIFT), "--timeout=30s")
        bed.apply({"apiVersion": "config.openshift.io/v1", "kind": "Proxy", "metadata": {"name": "cluster"}})
        bed.apply(named("KbsConfig", "k", ELSEWHERE, spec={}))
        bed.apply({**trustee(), "metadata": {"name": "t", "namespace": ELSEWHERE}})
        with operator_in(bed, NS) as operator:  # without a lease, which would run out while it is paused
            story(bed, operator)
        with operator_in(bed, NS, "--metrics-secure=true", "--leader-elect") as other:
            other.wait_for("lease", LEASE)
            assert https_status(other.metrics, bed.token("default", NS)) == 403
    assert used(log.read_text()) == granted(roles_in(NS)) - FOR_OWNERS
