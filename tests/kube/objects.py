"""What tools/manifests wrote, read back; and programs of the test bed that need no cluster."""
import pytest
import yaml

from bed import CACHE
from programs import ROOT

DEPLOY = ROOT / "deploy"
GROUP = "confidentialcontainers.org"
API = f"{GROUP}/v1alpha1"
# Where the operator is when nobody says otherwise, and as whom it asks.
NAMESPACE, ACCOUNT = "trustee-operator-system", "trustee-operator-controller-manager"


class Strict(yaml.SafeLoader):
    """Refuses a key that stands twice in one mapping."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            assert keys.count(key) == 1, f"{key} stands twice{node.start_mark}"
        return super().construct_mapping(node, deep)


def read(text: str) -> list:
    return [o for o in yaml.load_all(text, Loader=Strict) if o is not None]  # noqa: S506 (Strict is a safe loader)


def folder(name: str) -> list:
    """All objects of a folder below deploy/, kustomizations left out."""
    return [o for path in sorted((DEPLOY / name).rglob("*.yaml")) for o in read(path.read_text())
            if o.get("kind") != "Kustomization"]


def identity(o: dict) -> tuple:
    return o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]


def of_kind(objects: list, kind: str, name: str = "") -> dict:
    """The one object of a kind (and name)."""
    found = [o for o in objects if o["kind"] == kind and name in ("", o["metadata"]["name"])]
    assert len(found) == 1, [identity(o) for o in objects]
    return found[0]


def program(name: str) -> str:
    """A program of the bed's cache; without it the test is skipped, with the reason."""
    path = CACHE / "bin" / name
    if not path.exists():
        pytest.skip(f"{name} is not built: tests/kube/build-bed")
    return str(path)


def trustee(spec=None, name="t") -> dict:
    """A TrusteeConfig with this spec, or with the profile Permissive and no more."""
    return {"apiVersion": API, "kind": "TrusteeConfig", "metadata": {"name": name},
            "spec": {"profileType": "Permissive"} if spec is None else spec}


def install_kinds(bed):
    """Our CustomResourceDefinitions, as they ship, ready to be used."""
    bed.kubectl("apply", "--server-side", "--force-conflicts", "-k", DEPLOY / "kustomize/crds")
    names = [f"crd/{plural}.{GROUP}" for plural in ("trusteeconfigs", "kbsconfigs")]
    bed.kubectl("wait", "--for=condition=Established", *names, "--timeout=30s")
