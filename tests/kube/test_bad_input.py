"""What people get wrong, before a real API server: each has one condition and one event that say what to change, and
nothing that is deployed is made worse."""
import json

import pytest

from objects import API, install_kinds, trustee
from running_operator import operator_in, tls_secret
from test_faults import ready

DEPLOYED = ("deployment", "service")
VALUES = {"svn": "eyJuYW1lIjoic3ZuIiwiZXhwaXJhdGlvbiI6IjIwMjctMDEtMDFUMDA6MDA6MDBaIiwidmFsdWUiOjF9"}
RESTRICTED = {"profileType": "Restricted", "httpsSpec": {"tlsSecretName": "https"},
              "attestationTokenVerificationSpec": {"tlsSecretName": "token"}}


@pytest.fixture(scope="module")
def operator(kwok_bed):
    install_kinds(kwok_bed)
    kwok_bed.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}} for n in ("bad-input", "bad-elsewhere")))
    with operator_in(kwok_bed, "bad-input") as operator:
        operator.apply(tls_secret(operator, "https"), tls_secret(operator, "token"), trustee(RESTRICTED))
        ready(operator)
        yield operator


def patch(operator, kind, name, **members):
    operator.bed.kubectl("patch", kind, name, "-n", operator.ns, "--type=merge", "-p", json.dumps(members))


def condition(operator, kind, name, of, ns=None) -> dict:
    o = operator.bed.get(kind, name, "-n", ns or operator.ns)
    return next((c for c in o.get("status", {}).get("conditions", ()) if c["type"] == of), {})


def said(operator, reason, name=None, ns=None) -> list:
    """The notes of events with this reason; `name` of the object they are about."""
    return [e["note"] for e in operator.bed.get("events.events.k8s.io", "-n", ns or operator.ns)["items"]
            if e["reason"] == reason and name in (None, e["regarding"]["name"])]


class Told:
    """What is said once about one mistake."""

    def __init__(self, operator, reason, *words, kind="trusteeconfig", name="t", of="ConfigurationValid", ns=None):
        self.operator, self.reason, self.words, self.kind, self.name, self.of, self.ns = operator, reason, words, kind, name, of, ns
        assert not self.notes(), "an event of another test"

    def notes(self) -> list:
        """Of the events about the mistake: those of a KbsConfig are told there, and not again of its TrusteeConfig."""
        return said(self.operator, self.reason, ns=self.ns)

    def wait(self, status="False") -> dict:
        o = self.operator
        found = o.bed.wait(lambda: next((c for c in [condition(o, self.kind, self.name, self.of, self.ns)]
                                         if c.get("reason") == self.reason), None), 30, self.reason)
        assert found["status"] == status, found
        for word in self.words:
            assert word in found["message"], found
        o.quiet()
        notes = self.notes()
        assert len(notes) == 1 and notes[0] in found["message"], (notes, found)
        return found


@pytest.fixture
def standing(operator):
    """Before and after each mistake, and while it lasts, the Deployment and the Service stand as they are."""
    before = operator.versions(*DEPLOYED)
    yield
    assert operator.versions(*DEPLOYED) == before
    operator.wait_for("trusteeconfig", "t", lambda o: all(c["status"] == "True" for c in o["status"]["conditions"]))
    ready(operator)
    assert operator.versions(*DEPLOYED) == before
    assert all(c["status"] == "True" for c in operator.get("trusteeconfig", "t")["status"]["conditions"])


@pytest.mark.usefixtures("standing")
class TestNothingThatIsDeployedChanges:
    def test_an_unknown_profile_is_refused_with_those_that_there_are(self, operator):
        done = operator.bed.kubectl("patch", "trusteeconfig", "t", "-n", operator.ns, "--type=merge", "-p",
                                    '{"spec":{"profileType":"Restrictive"}}', check=False)
        assert done.returncode == 1
        assert 'spec.profileType: Unsupported value: "Restrictive": supported values: "Permissive", "Restricted"' in done.stderr

    def test_a_secret_of_the_wrong_type(self, operator):
        operator.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "opaque"}, "stringData": {"tls.crt": "c", "tls.key": "k"}})
        told = Told(operator, "SecretWrongType", "opaque", "kubernetes.io/tls", of="SecretsAvailable")
        patch(operator, "trusteeconfig", "t", spec={"httpsSpec": {"tlsSecretName": "opaque"}})
        told.wait()
        patch(operator, "trusteeconfig", "t", spec={"httpsSpec": {"tlsSecretName": "https"}})

    def test_a_key_that_does_not_fit_its_certificate(self, operator):
        told = Told(operator, "KeyPairMismatch", "mixed", of="SecretsAvailable")
        one, other = tls_secret(operator, "mixed"), tls_secret(operator, "mixed")
        operator.apply({**one, "stringData": {**one["stringData"], "tls.key": other["stringData"]["tls.key"]}})
        patch(operator, "trusteeconfig", "t", spec={"httpsSpec": {"tlsSecretName": "mixed"}})
        told.wait()
        patch(operator, "trusteeconfig", "t", spec={"httpsSpec": {"tlsSecretName": "https"}})

    def test_a_policy_that_is_no_rego(self, operator):
        good = operator.get("configmap", "t-resource-policy")["data"]
        told = Told(operator, "PolicyInvalid", "t-resource-policy")
        patch(operator, "configmap", "t-resource-policy", data={"resource-policy.rego": "package policy\n\ndefault allow =\n"})
        told.wait()
        assert operator.get("configmap", "t-kbs-config-effective")["data"]["resource-policy.rego"] == good["resource-policy.rego"]
        patch(operator, "configmap", "t-resource-policy", data=good)

    @pytest.mark.parametrize(("text", "reason"), [
        ("{]", "ReferenceValuesMalformed"), (json.dumps({**VALUES, "bad": 1}), "ReferenceValueMalformed")])
    def test_reference_values_that_are_none(self, operator, text, reason):
        def in_force():
            return json.loads(operator.get("configmap", "t-kbs-config-effective")["data"]["reference_value"])
        patch(operator, "configmap", "t-rvps-reference-values", data={"reference_value": json.dumps(VALUES)})
        operator.bed.wait(lambda: in_force() == VALUES, 20, "good values are in force")
        told = Told(operator, reason, "t-rvps-reference-values")
        patch(operator, "configmap", "t-rvps-reference-values", data={"reference_value": text})
        told.wait()
        assert in_force() == VALUES
        patch(operator, "configmap", "t-rvps-reference-values", data={"reference_value": "{}"})

    def test_a_kbs_config_in_another_namespace(self, operator):
        told = Told(operator, "NotInOperatorNamespace", operator.ns, kind="kbsconfig", name="stray", ns="bad-elsewhere")
        operator.bed.apply({"apiVersion": API, "kind": "KbsConfig", "metadata": {"name": "stray", "namespace": "bad-elsewhere"},
                            "spec": {"kbsConfigMapName": "c", "kbsAuthSecretName": "a"}})
        told.wait()
        operator.bed.kubectl("delete", "kbsconfig", "stray", "-n", "bad-elsewhere")

    def test_a_second_trustee_config(self, operator):
        told = Told(operator, "AnotherInstance", "TrusteeConfig t", name="second")
        operator.apply(trustee(name="second"))
        told.wait()
        assert operator.find("kbsconfig", "second-kbs-config") is None
        operator.bed.kubectl("delete", "trusteeconfig", "second", "-n", operator.ns)


def test_a_secret_that_is_listed_before_it_exists_and_names_with_dots_or_twice(operator):
    """The list is part of the pods, so the Deployment changes with it; everything else in the list is served."""
    told = Told(operator, "ResourceSecretMissing", "not-yet", kind="kbsconfig", name="t-kbs-config", of="SecretsAvailable")
    before = operator.get("kbsconfig", "t-kbs-config")["spec"]["kbsSecretResources"]
    operator.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "my.secret"}, "stringData": {"key": "x"}})
    patch(operator, "kbsconfig", "t-kbs-config", spec={"kbsSecretResources": [*before, "my.secret", "kbsres1", "not-yet"]})
    found = told.wait()
    assert "my.secret" not in found["message"] and "kbsres1" not in found["message"], found
    volumes = json.dumps(operator.get("deployment", "trustee-deployment")["spec"]["template"]["spec"]["volumes"])
    assert volumes.count('"my.secret"') == volumes.count('"kbsres1"') == 1
    assert operator.get("trusteeconfig", "t")["status"]["isReady"] is True
    patch(operator, "kbsconfig", "t-kbs-config", spec={"kbsSecretResources": before})
