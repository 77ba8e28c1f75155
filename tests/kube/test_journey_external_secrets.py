"""The journey "Integrate Trustee with the External Secrets Operator": operator.md 10.5, from the Secret onward.

The Secret is written as that operator writes it: its labels, annotation, owner and field manager, whole-object updates.
"""
import base64
import hashlib
import json

import pytest

from journey import PERMISSIVE, install, needs_programs, taken_away

pytestmark = needs_programs
PATH = "default/vault-test-secret/externalVaultTestSecret"
ABSENT = "PluginInternalError: Plugin internal error\n    code kbs.resource_absent,"
KIND = {
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "externalsecrets.external-secrets.io"},
    "spec": {"group": "external-secrets.io", "scope": "Namespaced",
             "names": {"plural": "externalsecrets", "singular": "externalsecret", "kind": "ExternalSecret"},
             "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
                 "type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
EXTERNAL = {
    "apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "vault-test-secret"},
    "spec": {"refreshInterval": "1h", "secretStoreRef": {"name": "vault-secret-store", "kind": "SecretStore"},
             "target": {"name": "vault-test-secret", "creationPolicy": "Owner"},
             "data": [{"secretKey": "externalVaultTestSecret",
                       "remoteRef": {"key": "external-secret-example1", "property": "vaultTestSecret"}}]}}


class ExternalSecrets:
    """What the External Secrets Operator does to one Secret."""

    MANAGER = "externalsecrets.external-secrets.io/vault-test-secret"

    def __init__(self, site):
        self.site = site
        site.bed.apply(KIND)
        site.kubectl("wait", "--for=condition=Established", f"crd/{KIND['metadata']['name']}", "--timeout=30s")
        site.bed.apply(EXTERNAL, namespace=site.ns)
        self.owner = site.get("externalsecret", "vault-test-secret")

    def body(self, data: dict) -> dict:
        text = json.dumps(data, sort_keys=True)
        return {
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "immutable": False,
            "metadata": {
                "name": "vault-test-secret", "namespace": self.site.ns,
                "labels": {"reconcile.external-secrets.io/created-by": hashlib.sha3_224(b"vault-test-secret").hexdigest(),
                           "reconcile.external-secrets.io/managed": "true"},
                "annotations": {"reconcile.external-secrets.io/data-hash": hashlib.sha3_224(text.encode()).hexdigest()},
                "ownerReferences": [{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "name": "vault-test-secret",
                                     "uid": self.owner["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]},
            "data": {name: base64.b64encode(value.encode()).decode() for name, value in data.items()}}

    def _send(self, method, path, body):
        answer = self.site.bed.api(method, f"/api/v1/namespaces/{self.site.ns}/secrets{path}?fieldManager={self.MANAGER}", body,
                                   {"User-Agent": "external-secrets/v0.0.0"})
        assert answer.status in (200, 201), answer.body
        return answer.json()

    def create(self, **data) -> dict:
        return self._send("POST", "", self.body(data))

    def update(self, **data) -> dict:
        """The whole object, with the resourceVersion that was read."""
        body = self.body(data)
        found = self.read()["metadata"]
        body["metadata"] |= {f: found[f] for f in ("uid", "resourceVersion", "creationTimestamp", "managedFields")}
        return self._send("PUT", "/vault-test-secret", body)

    def read(self) -> dict:
        return self.site.bed.api("GET", f"/api/v1/namespaces/{self.site.ns}/secrets/vault-test-secret").json()


@pytest.fixture(scope="module")
def site(node_bed):
    """The end of D1, Permissive: a Trustee in the namespace `operators`, and a guest."""
    site = install(node_bed, "operators")
    site.apply(PERMISSIVE)
    site.make_guest()
    site.wait_for("kbsconfig", "trusteeconfig-kbs-config")
    yield site
    taken_away(site, "pod/kbs-client", "externalsecret/vault-test-secret")


@pytest.fixture(scope="module")
def vault(site):
    return ExternalSecrets(site)


def test_7_the_secret_is_there_and_the_operator_leaves_it_alone(site, vault):
    vault.create(externalVaultTestSecret="vaultSecretValue")
    line = site.sh("kubectl get secret vault-test-secret -n operators --no-headers").stdout.split()
    assert line[:3] == ["vault-test-secret", "Opaque", "1"]


def test_8_it_is_listed(site):
    before = site.get("kbsconfig", "trusteeconfig-kbs-config")["spec"]["kbsSecretResources"]
    assert site.list_resource("vault-test-secret").stdout == \
        "kbsconfig.confidentialcontainers.org/trusteeconfig-kbs-config patched\n"
    assert site.get("kbsconfig", "trusteeconfig-kbs-config")["spec"]["kbsSecretResources"] == [*before, "vault-test-secret"]


@pytest.fixture(scope="module")
def served(site):
    """The Pods, once the rollout that a new list makes is over."""
    site.wait_served(PATH, "vaultSecretValue", seconds=60)
    return site.settled()


@pytest.mark.case("OP-96", "OP-74")
def test_9_to_11_guests_read_the_value_and_ten_seconds_after_a_change_the_new_one_without_a_restart(site, vault, served):
    command = "kubectl exec -n operators kbs-client -- kbs-client --url http://kbs-service:8080 get-resource --path " + PATH
    assert site.sh(command).stdout == "dmF1bHRTZWNyZXRWYWx1ZQ==\n"
    version = vault.read()["metadata"]["resourceVersion"]
    site.sh("kubectl annotate -n operators externalsecret vault-test-secret force-sync=$(date +%s) --overwrite")
    written = vault.update(externalVaultTestSecret="UpdatedVaultSecretValue")
    assert written["metadata"]["resourceVersion"] != version
    site.wait_served(PATH, "UpdatedVaultSecretValue", seconds=10)
    assert site.sh(command).stdout == "VXBkYXRlZFZhdWx0U2VjcmV0VmFsdWU=\n"
    assert site.pods() == served and set(served.values()) == {0}
    found = vault.read()
    assert found["metadata"]["resourceVersion"] == written["metadata"]["resourceVersion"]
    assert [m["manager"] for m in found["metadata"]["managedFields"]] == [vault.MANAGER]


def test_11_with_the_nudge_of_the_operator_the_new_value_is_read_within_two_seconds(site, vault, served):
    vault.update(externalVaultTestSecret="third")
    site.wait_served(PATH, "third", seconds=2)
    assert site.pods() == served


def test_12_a_removed_key_is_an_error_for_that_resource_only(site, vault, served):
    vault.update(another="x")
    refused = site.wait_refused(PATH)
    assert ABSENT in refused.stderr, refused.stderr
    assert site.serves("default/vault-test-secret/another", "x")
    assert site.serves("default/kbsres1/key1", "res1val1")
    vault.update(externalVaultTestSecret="back", another="x")
    site.wait_served(PATH, "back")
    assert site.pods() == served


def test_12_a_deleted_secret_is_an_error_for_its_resources_only_and_named(site, vault, served):
    site.kubectl("delete", "secret", "vault-test-secret")
    refused = site.wait_refused(PATH)
    assert ABSENT in refused.stderr, refused.stderr
    assert site.serves("default/kbsres1/key1", "res1val1")
    told = site.wait_for("kbsconfig", "trusteeconfig-kbs-config", lambda o: any(
        c["type"] == "SecretsAvailable" and c["status"] == "False" for c in o["status"]["conditions"]))
    message = next(c["message"] for c in told["status"]["conditions"] if c["type"] == "SecretsAvailable")
    assert "vault-test-secret" in message
    assert told["status"]["isReady"] is True
    vault.create(externalVaultTestSecret="again")
    site.wait_served(PATH, "again")
    assert site.pods() == served
    site.wait_for("kbsconfig", "trusteeconfig-kbs-config", lambda o: any(
        c["type"] == "SecretsAvailable" and c["status"] == "True" for c in o["status"]["conditions"]))
