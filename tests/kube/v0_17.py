"""What operator v0.17.0 left in a cluster: its kinds, its role, and the objects that it wrote for one TrusteeConfig.

From operator.md 1.1 to 1.4, 4.3 to 4.7, 6.5, 7.2 and rule C14. Its field manager is `manager`, which never applied.
"""
import base64
import json

from journey import ACCOUNT, API
from objects import GROUP

TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
PATHS = "/opt/confidential-containers"
TOML = f"""[http_server]
sockets = ["0.0.0.0:8080"]
insecure_http = true
worker_count = 3

[admin]
type = "DenyAll"

[attestation_token]
insecure_key = true
attestation_token_type = "CoCo"

[attestation_service]
type = "coco_as_builtin"
work_dir = "{PATHS}/attestation-service"
policy_engine = "opa"

  [attestation_service.attestation_token_broker]
  type = "Ear"
  policy_dir = "{PATHS}/attestation-service/policies"

  [attestation_service.attestation_token_config]
  duration_min = 5

  [attestation_service.rvps_config]
  type = "BuiltIn"

    [attestation_service.rvps_config.storage]
    type = "LocalJson"
    file_path = "{PATHS}/rvps/reference-values/reference-values.json"

[[plugins]]
name = "resource"
type = "LocalFs"
dir_path = "{PATHS}/kbs/repository"

[policy_engine]
policy_path = "{PATHS}/opa/policy.rego"
"""
ALLOW_ALL = "package policy\n\ndefault allow = true\n"
# Both edited by the user.
BY_SVN = """package policy

import rego.v1

default hardware := 97

hardware := 2 if input.sample.svn in query_reference_value("svn")

trust_claims := {"hardware": hardware}
"""
VALUES = json.dumps([{"name": "svn", "expiration": "2036-01-01T00:00:00Z", "value": ["1"]}])


def thing(**properties) -> dict:
    return {"type": "object", "properties": properties}


def kinds() -> list:
    """Its two CustomResourceDefinitions: neither conditions nor columns, and what they do not know is pruned."""
    names = ("kbsConfigMapName", "kbsAsConfigMapName", "kbsRvpsConfigMapName", "kbsRvpsRefValuesConfigMapName", "kbsAuthSecretName",
             "kbsServiceType", "kbsHttpsKeySecretName", "kbsHttpsCertSecretName", "kbsAttestationKeySecretName",
             "kbsAttestationCertSecretName", "kbsAttestationPolicyConfigMapName", "kbsResourcePolicyConfigMapName")
    cached = {"type": "array", "items": {**thing(secretName=TEXT, mountPath=TEXT), "required": ["secretName"]}}
    kc = thing(**dict.fromkeys(names, TEXT), kbsDeploymentType={**TEXT, "enum": ["AllInOneDeployment", "MicroservicesDeployment"]},
               kbsSecretResources={"type": "array", "items": TEXT}, tdxConfigSpec=thing(kbsTdxConfigMapName=TEXT),
               ibmSEConfigSpec=thing(certStorePvc=TEXT), KbsEnvVars={"type": "object", "additionalProperties": TEXT},
               kbsLocalCertCacheSpec=thing(secrets=cached),
               KbsDeploymentSpec=thing(replicas={"type": "integer", "format": "int32"}))
    tc = thing(profileType=TEXT, kbsServiceType=TEXT, httpsSpec=thing(tlsSecretName=TEXT),
               attestationTokenVerificationSpec=thing(tlsSecretName=TEXT))
    reference = {**thing(**dict.fromkeys(("apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"), TEXT)),
                 "x-kubernetes-map-type": "atomic"}
    return [kind("TrusteeConfig", tc, thing(isReady=FLAG, kbsConfigRef=reference, statusDescription=TEXT)),
            kind("KbsConfig", kc, thing(isReady=FLAG))]


def kind(name: str, spec: dict, status: dict) -> dict:
    plural = f"{name.lower()}s"
    schema = thing(apiVersion=TEXT, kind=TEXT, metadata={"type": "object"}, spec=spec, status=status)
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{GROUP}"},
            "spec": {"group": GROUP, "scope": "Namespaced",
                     "names": {"kind": name, "listKind": f"{name}List", "plural": plural, "singular": name.lower()},
                     "versions": [{"name": "v1alpha1", "served": True, "storage": True, "subresources": {"status": {}},
                                   "schema": {"openAPIV3Schema": schema}}]}}


def rule(group: str, resources: str, verbs: str) -> dict:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}


def roles(ns: str) -> list:
    """Its rights: in the whole cluster, but neither Pods, volumes nor events outside of the core group."""
    every = "create delete get list patch update watch"
    cluster = [rule("", "configmaps secrets services", every), rule("", "namespaces", "get update"), rule("apps", "deployments", every),
               rule(GROUP, "kbsconfigs trusteeconfigs", every), rule(GROUP, "kbsconfigs/finalizers trusteeconfigs/finalizers", "update"),
               rule(GROUP, "kbsconfigs/status trusteeconfigs/status", "get patch update"),
               rule("config.openshift.io", "proxies", "get list watch"),
               rule("authentication.k8s.io", "tokenreviews", "create"), rule("authorization.k8s.io", "subjectaccessreviews", "create")]
    own = [rule("", "configmaps", every), rule("coordination.k8s.io", "leases", every), rule("", "events", "create patch")]
    out = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": ns}}]
    group = "rbac.authorization.k8s.io"
    for what, rules in (("ClusterRole", cluster), ("Role", own)):
        metadata = {"name": "trustee-operator-v0.17.0", **({"namespace": ns} if what == "Role" else {})}
        out += [{"apiVersion": f"{group}/v1", "kind": what, "metadata": metadata, "rules": rules},
                {"apiVersion": f"{group}/v1", "kind": f"{what}Binding", "metadata": metadata,
                 "roleRef": {"apiGroup": group, "kind": what, "name": "trustee-operator-v0.17.0"},
                 "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": ns}]}]
    return out


def manager(ns: str, image: str, kbs_image: str) -> dict:
    """Its Deployment with nothing but the images replaced."""
    container = {
        "name": "manager", "image": image, "command": ["/manager"],
        "args": ["--metrics-bind-address=:8443", "--leader-elect", "--health-probe-bind-address=:8081"],
        "env": [{"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
                *({"name": name, "value": kbs_image} for name in
                  ("KBS_IMAGE_NAME", "KBS_IMAGE_NAME_MICROSERVICES", "AS_IMAGE_NAME", "RVPS_IMAGE_NAME"))],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8081}, "initialDelaySeconds": 15, "periodSeconds": 20},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8081}, "initialDelaySeconds": 5, "periodSeconds": 10},
        "resources": {"limits": {"cpu": "500m", "memory": "128Mi"}, "requests": {"cpu": "10m", "memory": "64Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
    labels = {"control-plane": "controller-manager"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": ACCOUNT, "namespace": ns, "labels": labels},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels, "annotations": {"kubectl.kubernetes.io/default-container": "manager"}},
                "spec": {"serviceAccountName": ACCOUNT, "terminationGracePeriodSeconds": 10,
                         "securityContext": {"runAsNonRoot": True}, "containers": [container]}}}}


def owned(o: dict, owner: dict) -> dict:
    o["metadata"]["ownerReferences"] = [{"apiVersion": API, "kind": owner["kind"], "name": owner["metadata"]["name"],
                                         "uid": owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]
    return o


def config_map(name: str, **data) -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"trusteeconfig-{name}"}, "data": data}


def secret(name: str, **data) -> dict:
    return {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": name},
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}}


def of_trustee(tc: dict) -> list:
    """What it made of a Permissive TrusteeConfig, with what users edit: policies, values, one listed Secret."""
    objects = [config_map("kbs-config", **{"kbs-config.toml": TOML}),
               config_map("resource-policy", **{"policy.rego": ALLOW_ALL}),
               config_map("rvps-reference-values", **{"reference-values.json": VALUES}),
               config_map("attestation-policy", **{"default_cpu.rego": BY_SVN}),
               config_map("tdx-config", **{"sgx_default_qcnl.conf":
                                           '{"collateral_service": "https://api.trustedservices.intel.com/sgx/certification/v4/"}'}),
               secret("trusteeconfig-auth-secret", publicKey="old public key", privateKey="old private key"),
               secret("kbsres1", key1="res1val1", key2="res1val2")]
    kc = {"apiVersion": API, "kind": "KbsConfig",
          "metadata": {"name": "trusteeconfig-kbs-config", "finalizers": [f"kbsconfig.{GROUP}/finalizer"]},
          "spec": {"KbsDeploymentSpec": {"replicas": 1}, "KbsEnvVars": {"RUST_LOG": "debug"}, "ibmSEConfigSpec": {},
                   "kbsLocalCertCacheSpec": {}, "kbsServiceType": "ClusterIP", "kbsDeploymentType": "AllInOneDeployment",
                   "kbsConfigMapName": "trusteeconfig-kbs-config", "kbsAuthSecretName": "trusteeconfig-auth-secret",
                   "kbsResourcePolicyConfigMapName": "trusteeconfig-resource-policy",
                   "kbsRvpsRefValuesConfigMapName": "trusteeconfig-rvps-reference-values",
                   "kbsAttestationPolicyConfigMapName": "trusteeconfig-attestation-policy",
                   "tdxConfigSpec": {"kbsTdxConfigMapName": "trusteeconfig-tdx-config"}, "kbsSecretResources": ["kbsres1", "test"]}}
    return [owned(o, tc) for o in (*objects, kc)]


def of_kbs_config(kc: dict, image: str) -> list:
    """The Deployment and the Service. Resource Secrets are live volumes, policies are mounted by subPath."""
    def mount(name, path, **more):
        return {"name": name, "mountPath": path, **more}

    def volume(name, config):
        return {"name": name, "configMap": {"name": f"trusteeconfig-{config}"}}

    names = ("kbsres1", "test")
    volumes = [{"name": "confidential-containers", "emptyDir": {"medium": "Memory"}},
               volume("kbs-config", "kbs-config"), volume("opa", "resource-policy"), volume("attestation-policy", "attestation-policy"),
               volume("reference-values", "rvps-reference-values"), volume("qplconf", "tdx-config"),
               {"name": "auth-secret", "secret": {"secretName": "trusteeconfig-auth-secret"}},
               *({"name": name, "secret": {"secretName": name}} for name in names)]
    mounts = [mount("confidential-containers", PATHS), mount("kbs-config", "/etc/kbs-config"), mount("opa", f"{PATHS}/opa"),
              mount("attestation-policy", f"{PATHS}/attestation-service/policies/opa/default_cpu.rego", subPath="default_cpu.rego"),
              mount("reference-values", f"{PATHS}/rvps/reference-values"), mount("auth-secret", "/etc/auth-secret"),
              mount("qplconf", "/etc/sgx_default_qcnl.conf", subPath="sgx_default_qcnl.conf"),
              *(mount(name, f"{PATHS}/kbs/repository/default/{name}") for name in names)]
    container = {"name": "kbs", "image": image, "ports": [{"name": "kbs", "containerPort": 8080}], "volumeMounts": mounts,
                 "command": ["/usr/local/bin/kbs", "--config-file", "/etc/kbs-config/kbs-config.toml"],
                 "env": [{"name": "RUST_LOG", "value": "debug"}],
                 "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                                     "seccompProfile": {"type": "RuntimeDefault"}}}
    labels = {"app": "kbs"}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "trustee-deployment"}, "spec": {
        "replicas": 1, "selector": {"matchLabels": labels}, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container], "volumes": volumes}}}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "kbs-service"}, "spec": {
        "type": "ClusterIP", "selector": labels,
        "ports": [{"name": "kbs-port", "protocol": "TCP", "port": 8080, "targetPort": 8080}]}}
    return [owned(o, kc) for o in (deployment, service)]
