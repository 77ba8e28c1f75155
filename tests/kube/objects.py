"""What tools/manifests wrote, read back; and programs of the test bed that need no cluster."""
import os
import pathlib
import shutil

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
CACHE = pathlib.Path(os.environ.get("TRUSTEE_KUBE_CACHE", pathlib.Path.home() / ".cache/trustee-kube"))
GROUP = "confidentialcontainers.org"


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
    found = str(path) if path.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not built: tests/kube/build-bed")
    return found


def install_kinds(bed):
    """Our CustomResourceDefinitions, as they ship, ready to be used."""
    bed.kubectl("apply", "--server-side", "--force-conflicts", "-k", DEPLOY / "kustomize/crds")
    names = [f"crd/{plural}.{GROUP}" for plural in ("trusteeconfigs", "kbsconfigs")]
    bed.kubectl("wait", "--for=condition=Established", *names, "--timeout=30s")
