"""Rows of operator.md 10.2 that read alike with both profiles: from the listed objects to the log."""
import json
import re

import pytest

VALUES = [{"name": name, "expiration": "2036-01-01T00:00:00Z", "value": value} for name, value in (
    ("launch_digest", ["abcde"]), ("svn", ["1"]), ("major_version", 1), ("minimum_minor_version", 4))]
NEEDED = "default/test/key1"


def variables(deployment: dict) -> dict:
    """The environment of its container."""
    return {e["name"]: e["value"] for e in deployment["spec"]["template"]["spec"]["containers"][0].get("env", [])}


def log_line(text: str) -> str:
    """A pattern for a line of the released system's style."""
    return r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO  [\w:]+\] " + re.escape(text) + "$"


class Rows:
    """Mixed into a class of tests whose `site` has a ready TrusteeConfig, a guest, no reference values and a resource
    policy under which every guest is served."""

    starting = ""  # the log's line on what it serves

    def test_5_the_objects_that_the_document_lists(self, site):
        for name in ("kbs-config", "resource-policy", "attestation-policy", "rvps-reference-values", "tdx-config"):
            assert site.get("configmap", f"trusteeconfig-{name}")["data"], name
        assert sorted(site.get("secret", "trusteeconfig-auth-secret")["data"]) == ["privateKey", "publicKey"]
        assert sorted(site.get("secret", "kbsres1")["data"]) == ["key1", "key2"]
        spec = site.get("kbsconfig", "trusteeconfig-kbs-config")["spec"]
        assert {"attestation-status", "kbsres1"} <= set(spec["kbsSecretResources"])

    def test_6_edited_reference_values_hold_for_the_next_guest(self, site):
        before, pods = site.claims(), site.pods()
        assert before["ear.trustworthiness-vector"]["executables"] == 33 and before["ear.status"] != "affirming"
        site.edit("cm", "trusteeconfig-rvps-reference-values", {"data": {"reference-values.json": json.dumps(VALUES)}})
        after = site.bed.wait(lambda: next((c for c in [site.claims()] if c["ear.status"] == "affirming"), None), 20, "affirming")
        assert after["ear.trustworthiness-vector"]["executables"] == 3
        assert site.pods() == pods

    def test_7_8_a_secret_of_the_user_is_listed_and_stays_so(self, site):
        site.sh("kubectl create secret generic test --from-literal key1=res1val1 --from-literal key2=res1val2")
        site.list_resource("test")
        site.wait_served(NEEDED, "res1val1", seconds=40)
        site.settled()
        site.kubectl("delete", "configmap", "trusteeconfig-tdx-config")
        site.wait_for("configmap", "trusteeconfig-tdx-config")
        assert site.rested("kbsconfig", "trusteeconfig-kbs-config")["spec"]["kbsSecretResources"][-1] == "test"
        assert site.serves(NEEDED, "res1val1")

    @pytest.mark.case("OP-72")
    def test_9_an_edited_resource_policy_is_in_force_without_a_restart(self, site):
        pods = site.pods()
        site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = false\n"}})
        refused = site.wait_refused(NEEDED)
        assert "PolicyDeny" in refused.stderr, refused.stderr
        site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = true\n"}})
        site.wait_served(NEEDED, "res1val1")
        assert site.pods() == pods

    def test_9_a_broken_resource_policy_is_told_and_the_last_good_one_stays(self, site):
        pods = site.pods()
        site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow =\n"}})
        site.kubectl("wait", "--for=condition=ConfigurationValid=false", "trusteeconfig/trusteeconfig", "--timeout=20s")
        found = site.condition("ConfigurationValid")
        assert "trusteeconfig-resource-policy" in found["message"], found
        site.told("KbsConfig", found["reason"])
        told = [e for e in site.events() if e[1] == found["reason"]]
        assert [e[0] for e in told] == ["KbsConfig"], site.events()
        assert site.serves(NEEDED, "res1val1")
        site.edit("cm", "trusteeconfig-resource-policy", {"data": {"resource-policy.rego": "package policy\n\ndefault allow = true\n"}})
        site.kubectl("wait", "--for=condition=ConfigurationValid=true", "trusteeconfig/trusteeconfig", "--timeout=20s")
        assert site.pods() == pods

    def test_9_an_edited_attestation_policy_is_in_force_without_a_restart(self, site):
        pods = site.pods()
        policy = site.get("configmap", "trusteeconfig-attestation-policy")["data"]["default_cpu.rego"]
        mine = "package policy\n\ndefault allow = true\n\ndefault executables := 32\n\ntrust_claims := {\"executables\": executables}\n"
        site.edit("cm", "trusteeconfig-attestation-policy", {"data": {"default_cpu.rego": mine}})
        site.bed.wait(lambda: site.claims()["ear.trustworthiness-vector"]["executables"] == 32, 20, "the policy is in force")
        site.edit("cm", "trusteeconfig-attestation-policy", {"data": {"default_cpu.rego": policy}})
        site.bed.wait(lambda: site.claims()["ear.status"] == "affirming", 20, "the default is in force again")
        assert site.pods() == pods

    def test_9_an_attestation_policy_that_appraises_nothing_is_told_and_not_put_in_force(self, site):
        """`default allow` alone is the language of releases before v0.18.0."""
        pods = site.pods()
        policy = site.get("configmap", "trusteeconfig-attestation-policy")["data"]["default_cpu.rego"]
        site.edit("cm", "trusteeconfig-attestation-policy", {"data": {"default_cpu.rego": "package policy\n\ndefault allow = true\n"}})
        def is_told():
            return "holds a policy that this release cannot evaluate" in site.condition("ConfigurationValid")["message"]
        site.bed.wait(is_told, 20, "it is told")
        assert site.claims()["ear.status"] == "affirming"
        site.edit("cm", "trusteeconfig-attestation-policy", {"data": {"default_cpu.rego": policy}})
        site.bed.wait(lambda: not is_told(), 20, "it is taken back")
        assert site.pods() == pods

    def test_10_the_status_names_the_kbs_config(self, site):
        done = site.sh("kubectl get trusteeconfig trusteeconfig -n operators -o jsonpath='{.status.kbsConfigRef.name}'")
        assert done.stdout == "trusteeconfig-kbs-config"

    def test_11_an_edited_kbs_config_stays_as_it_was_edited(self, site):
        edited = {"KbsEnvVars": {"RUST_LOG": "debug"}, "KbsDeploymentSpec": {"replicas": 1}}
        site.edit("kbsconfig", "trusteeconfig-kbs-config", {"spec": edited})
        site.wait_for("deployment", "trustee-deployment", lambda o: variables(o) == {"RUST_LOG": "debug"})
        site.settled()
        pod, = site.items("pods", "-l", "app=kbs")
        assert pod["spec"]["containers"][0]["env"] == [{"name": "RUST_LOG", "value": "debug"}]
        site.kubectl("delete", "configmap", "trusteeconfig-tdx-config")
        site.wait_for("configmap", "trusteeconfig-tdx-config")
        spec = site.rested("kbsconfig", "trusteeconfig-kbs-config")["spec"]
        assert {key: spec[key] for key in edited} == edited and spec["kbsSecretResources"][-1] == "test"
        assert variables(site.get("deployment", "trustee-deployment")) == {"RUST_LOG": "debug"}
        site.ready()
        assert site.serves(NEEDED, "res1val1")

    def test_12_pods_run_with_one_container_and_no_restart(self, site):
        lines = [line.split() for line in site.sh("kubectl get pods -n operators --no-headers").stdout.splitlines()]
        trustee, = [words for words in lines if words[0].startswith("trustee-deployment-")]
        manager, = [words for words in lines if words[0].startswith("trustee-operator-controller-manager-")]
        assert trustee[1:4] == ["1/1", "Running", "0"] and manager[1:4] == ["1/1", "Running", "0"]

    def test_13_the_log_says_what_the_document_shows(self, site):
        log = site.sh("""
POD_NAME=$(kubectl get pods -l app=kbs -o jsonpath='{.items[0].metadata.name}' -n operators)
kubectl logs -n operators $POD_NAME
""").stdout
        for text in ("Using config file /etc/kbs-config/kbs-config.toml", "launch a built-in RVPS.", self.starting):
            assert re.search(log_line(text), log, re.MULTILINE), text
