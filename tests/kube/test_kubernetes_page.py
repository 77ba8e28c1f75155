"""The commands of docs/kubernetes.md, in their order, against a cluster with a real node."""
import base64
import re
import shutil

import pytest

from bed import Bed
from objects import folder, of_kind
from programs import BIN, ROOT

PAGE = ROOT / "docs/kubernetes.md"


def sections() -> dict:
    """The commands by the heading they stand under."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text(), flags=re.MULTILINE)
    blocks = {title: re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
              for title, text in zip(parts[1::2], parts[2::2])}
    return {title: "".join(found) for title, found in blocks.items() if found}


def test_the_page_names_the_images_that_are_made():
    manager = of_kind(folder("kustomize"), "Deployment")["spec"]["template"]["spec"]["containers"][0]
    prefix, tag = manager["image"].rpartition("/")[0], manager["image"].rpartition(":")[2]
    assert f"--image={prefix}/kbs-client:{tag} " in PAGE.read_text()
    assert f"key-broker-service:{tag} " in PAGE.read_text()


@pytest.mark.skipif(not (BIN / "manager").exists(), reason="the program `manager` is not built")
def test_the_commands_lead_from_nothing_to_a_served_secret(tmp_path):
    for name in ("deploy", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    parts = sections()
    assert list(parts) == ["Images", "The operator", "A first secret", "For production", "Taking it away"]
    with Bed("node") as bed:
        shutil.copy(bed.kubeconfig, tmp_path / "kubeconfig")

        def go(title: str, change=lambda text: text) -> str:
            script = "set -eu -o pipefail\n" + change(parts[title])
            return bed.run(["bash", "-c", script], cwd=tmp_path, env={"KUBECONFIG": str(tmp_path / "kubeconfig")},
                           timeout=300).stdout

        go("Images", lambda text: text.replace("tools/oci_image", f"tools/oci_image --bin {BIN.resolve()} --output images"))
        for archive in sorted((tmp_path / "images").glob("*.oci.tar")):
            bed.import_image(archive)
        go("The operator")
        first = go("A first secret")
        assert "the cake is in the oven" in first and "the cake is eaten" in first
        assert re.search(r"^trusteeconfig-sample +Permissive +True ", first, re.MULTILINE), first
        production = go("For production")
        assert re.search(r"^trusteeconfig-sample +Restricted +False +SecretMissing ", production, re.MULTILINE), production
        assert "authz.denied_by_policy" in production, production
        assert base64.b64encode(b"the cake is eaten").decode() not in production, "let in before anything was registered"
        assert production.rstrip().endswith("the cake is eaten")
        go("Taking it away")
        kinds = bed.kubectl("get", "crd", "-o", "name").stdout
        assert "confidentialcontainers" not in kinds
        assert sorted(p.name for p in tmp_path.iterdir()) == ["deploy", "images", "kubeconfig", "tools"]
