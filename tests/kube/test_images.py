"""Images: whole OCI layouts whose programs run as any user on a read-only root."""
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tarfile
import tomllib
import urllib.request

import pytest

import oci
from objects import DEPLOY, folder, of_kind, read
from programs import BIN, ROOT
from waiting import wait_until

RECIPES = {p.stem: tomllib.loads(p.read_text()) for p in (DEPLOY / "images").glob("*.toml")}


def oci_image():
    loader = importlib.machinery.SourceFileLoader("oci_image", str(ROOT / "tools/oci_image"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("oci_image", loader))
    loader.exec_module(module)
    return module


TOOL = oci_image()


def layer_of(archive: pathlib.Path) -> tarfile.TarFile:
    """The one layer of an archive; digests, sizes and entries are checked by the bed's own check."""
    oci.check_archive(archive)
    with tarfile.open(archive) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()}

    def blob(descriptor: dict) -> bytes:
        return files["blobs/" + descriptor["digest"].replace(":", "/")]

    manifest = json.loads(blob(json.loads(files["index.json"])["manifests"][0]))
    layer, = manifest["layers"]
    return tarfile.open(fileobj=io.BytesIO(blob(layer)))


def write(name: str, programs: pathlib.Path, to: pathlib.Path, reference="localhost/x/y:1.2") -> pathlib.Path:
    TOOL.write(RECIPES[name], programs, reference, to)
    return to


@pytest.fixture
def stand_ins(tmp_path):
    """A folder with some program under each name that recipes ask for."""
    programs = tmp_path / "stand-ins"
    programs.mkdir()
    for name in ("kbs", "kbs-client", "manager"):
        shutil.copy("/usr/bin/env", programs / name)
    return programs


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_an_archive_is_whole_and_the_same_each_time(name, stand_ins, tmp_path):
    first = write(name, stand_ins, tmp_path / "a.tar")
    assert first.read_bytes() == write(name, stand_ins, tmp_path / "b.tar").read_bytes()
    found = oci.check_archive(first)
    assert found["name"] == "localhost/x/y:1.2"
    # A user by number, since kubelet cannot tell whether a name is root.
    assert found["config"]["User"] == ("0:0" if name == "kbs-client" else "65532:65532")


def test_images_keep_the_released_paths(stand_ins, tmp_path):
    paths = {n: set(layer_of(write(n, stand_ins, tmp_path / "a.tar")).getnames()) for n in RECIPES}
    assert set(paths) == {"kbs", "kbs-client", "manager"}
    assert "usr/local/bin/kbs" in paths["kbs"] and RECIPES["kbs"]["entrypoint"] == ["/usr/local/bin/kbs"]
    assert "manager" in paths["manager"] and RECIPES["manager"]["entrypoint"] == ["/manager"]
    assert {"usr/local/bin/kbs-client", "bin/sh", "bin/sleep", "bin/tar", "bin/cat", "bin/ls"} <= paths["kbs-client"]
    for name in ("kbs", "manager"):
        assert not [p for p in paths[name] if p.startswith(("bin/", "usr/bin/"))], name
    for name in paths:
        assert {"etc/ssl/certs/ca-certificates.crt", "etc/passwd", "etc/nsswitch.conf"} <= paths[name]
        assert any("/ld-linux" in p for p in paths[name])


def test_the_tool_names_images_like_the_manifests_do(stand_ins, tmp_path):
    done = subprocess.run([ROOT / "tools/oci_image", "--bin", stand_ins, "--output", tmp_path], capture_output=True,
                          text=True, check=True)
    written = {oci.check_archive(pathlib.Path(line.split()[0]))["name"] for line in done.stdout.splitlines()}
    manager = of_kind(folder("kustomize"), "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert {manager["image"], manager["env"][1]["value"]} < written and len(written) == 3


def test_a_program_that_is_not_built_is_named(tmp_path):
    done = subprocess.run([ROOT / "tools/oci_image", "--bin", tmp_path, "--output", tmp_path / "out", DEPLOY / "images/kbs.toml"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr == f"{DEPLOY}/images/kbs.toml: {tmp_path}/kbs: no file\n"


# --- with the real programs, on a read-only root


def sample_configuration() -> str:
    docs = read((DEPLOY / "samples/kbsconfig.yaml").read_text())
    return next(d for d in docs if d["metadata"]["name"] == "kbs-config")["data"]["kbs-config.toml"]


def unpack(recipe: str, directory: pathlib.Path) -> pathlib.Path:
    """The image's root as a directory; owners are set as in the layer."""
    layer = layer_of(write(recipe, BIN, directory / "image.tar"))
    root = directory / "root"
    root.mkdir()
    layer.extractall(root)
    return root


def inside(root: pathlib.Path, user: str, mounts: dict, *command) -> list:
    """Command line that runs in the root, read-only, as `user`; mounts: directory in it -> outside."""
    script = ['set -e', 'mount --bind "$1" "$1"', 'mount --rbind /dev "$1/dev"', 'mount -t proc proc "$1/proc"']
    script += [f'mount --bind "{outside}" "$1{path}"' for path, outside in mounts.items()]
    script += ['mount -o remount,ro,bind "$1"', 'root=$1', 'shift', f'exec chroot --userspec={user} --groups= "$root" "$@"']
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script), "sh", root, *command]


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root")
needs_programs = pytest.mark.skipif(not (BIN / "kbs").exists(), reason="the programs are not built")


@needs_root
@needs_programs
@pytest.mark.parametrize("user", ["65532:65532", "1000660000:0"])
def test_the_key_broker_serves_as_any_user_on_a_read_only_root(user, tmp_path):
    tmp_path.chmod(0o755)
    root = unpack("kbs", tmp_path)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    config, storage = tmp_path / "config", tmp_path / "storage"
    config.mkdir()
    storage.mkdir()
    storage.chmod(0o777)
    (config / "kbs-config.toml").write_text(sample_configuration().replace("0.0.0.0:8080", f"127.0.0.1:{port}"))
    for path in ("etc/kbs-config", "opt/confidential-containers/storage"):
        (root / path).mkdir(parents=True)
    mounts = {"/etc/kbs-config": config, "/opt/confidential-containers/storage": storage}
    with open(tmp_path / "log", "wb") as log:
        kbs = subprocess.Popen(inside(root, user, mounts, "/usr/local/bin/kbs", "--config-file",
                                      "/etc/kbs-config/kbs-config.toml"), stdout=log, stderr=log)

    def healthy() -> bool:
        assert kbs.poll() is None, (tmp_path / "log").read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    try:
        wait_until(healthy, 30, (tmp_path / "log").read_text)
    finally:
        kbs.terminate()
        kbs.wait(timeout=30)
    log = (tmp_path / "log").read_text()
    assert "Using config file /etc/kbs-config/kbs-config.toml" in log
    assert kbs.returncode == 0, log


@needs_root
@needs_programs
@pytest.mark.parametrize("user", ["65532:65532", "1000660000:0"])
@pytest.mark.parametrize(("recipe", "program"), [("manager", "/manager"), ("kbs-client", "/usr/local/bin/kbs-client")])
def test_programs_of_the_other_images_run_as_any_user_on_a_read_only_root(recipe, program, user, tmp_path):
    tmp_path.chmod(0o755)
    done = subprocess.run(inside(unpack(recipe, tmp_path), user, {}, program, "--help"), capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and b"--" in done.stdout + done.stderr, done.stderr


@needs_root
@needs_programs
def test_the_clients_image_copies_files_and_runs_the_client(tmp_path):
    tmp_path.chmod(0o755)
    root = unpack("kbs-client", tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    os.chown(work, 65532, 65532)

    def sh(text: str, stdin: bytes = b"") -> subprocess.CompletedProcess:
        return subprocess.run(inside(root, "65532:65532", {"/tmp": work}, "/bin/sh", "-c", text), input=stdin,
                              capture_output=True, timeout=60, check=False)

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("https.crt")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"cert"))
    done = sh("cd /tmp && tar -xmf - -C . && cat https.crt && sleep 0 && ls", packed.getvalue())
    assert (done.returncode, done.stdout) == (0, b"certhttps.crt\n"), done.stderr
    done = sh("cd /tmp && tar cf - https.crt")
    assert tarfile.open(fileobj=io.BytesIO(done.stdout)).getnames() == ["https.crt"]
    done = sh("kbs-client --version && id -u")
    assert done.returncode == 0 and done.stdout.endswith(b"65532\n"), done.stderr


@needs_programs
def test_the_configuration_of_every_sample_loads(tmp_path):
    seen = 0
    for path in sorted((DEPLOY / "samples").glob("*.yaml")):
        for o in read(path.read_text()):
            for name, text in o.get("data", {}).items():
                if o["kind"] == "ConfigMap" and name.endswith(".toml"):
                    tomllib.loads(text)
                    # The check opens the stores; here they lie in a directory of the test.
                    file = tmp_path / name
                    file.write_text(text.replace("/opt/confidential-containers", str(tmp_path)))
                    done = subprocess.run([BIN / "kbs", "--check-config", "--config-file", file], capture_output=True,
                                          text=True, timeout=60, check=False)
                    assert done.returncode == 0, f"{path.name}: {done.stdout}{done.stderr}"
                    assert "warning" not in (done.stdout + done.stderr).lower(), f"{path.name}: {done.stdout}{done.stderr}"
                    seen += 1
    assert seen > 0


@needs_root
@needs_programs
def test_files_are_copied_into_the_clients_root_as_documents_do(node_bed, namespace, tmp_path):
    ns = namespace(node_bed)
    node_bed.import_image(write("kbs-client", BIN, tmp_path / "client.tar", "localhost/client-image-test:1"))
    node_bed.wait(lambda: node_bed.exists(f"/api/v1/namespaces/{ns}/serviceaccounts/default"), 30, "ServiceAccount")
    node_bed.kubectl("run", "kbs-client", "-n", ns, "--image=localhost/client-image-test:1", "--command", "--", "sleep", "36000")
    node_bed.kubectl("wait", "--for=condition=Ready", "pod/kbs-client", "-n", ns, "--timeout=60s")
    (tmp_path / "https.crt").write_text("cert\n")
    node_bed.kubectl("cp", "-n", ns, tmp_path / "https.crt", "kbs-client:/")
    assert node_bed.kubectl("exec", "-n", ns, "kbs-client", "--", "cat", "https.crt").stdout == "cert\n"
