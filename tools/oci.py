"""OCI images from plain files, without a container engine: one uncompressed layer, the same bytes for
the same input, and a check of an archive against the image specification (layout 1.0.0, manifest and
configuration of 1.0). Standard library only."""
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import tarfile

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
# What names an imported image: containerd's annotation, and the specification's for the tag alone.
NAME, TAG = "io.containerd.image.name", "org.opencontainers.image.ref.name"


class ImageError(Exception):
    """The image cannot be made, or an archive is not one; the text says where."""


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def as_json(tree) -> bytes:
    return json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()


def shared_libraries(program: pathlib.Path) -> list:
    """Paths of the libraries and the loader that an ELF program names, all of them found."""
    done = subprocess.run(["ldd", program], text=True, capture_output=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    output = done.stdout + done.stderr
    if "not a dynamic executable" in output or "statically linked" in output:
        return []
    if done.returncode:
        raise ImageError(f"ldd {program}: {output.strip()}")
    if missing := re.findall(r"^\s*(\S+) => not found", output, re.MULTILINE):
        raise ImageError(f"{program} needs libraries that are not here: {', '.join(missing)}")
    return re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", output, re.MULTILINE)


class Root:
    """The file tree of an image. Paths are absolute; parents come by themselves, mode 755, owner root."""

    def __init__(self):
        self.entries = {}

    def _put(self, path: str, kind: bytes, mode: int, content: bytes = b"", target: str = ""):
        if not path.startswith("/") or path != os.path.normpath(path) or path == "/":
            raise ImageError(f"{path}: not an absolute, plain path")
        for parent in reversed(pathlib.PurePosixPath(path).parents[:-1]):
            known = self.entries.setdefault(str(parent), (tarfile.DIRTYPE, 0o755, b"", ""))
            if known[0] != tarfile.DIRTYPE:
                raise ImageError(f"{path}: {parent} is no directory")
        entry = (kind, mode, content, target)
        if self.entries.get(path, entry) != entry and kind != tarfile.DIRTYPE:
            raise ImageError(f"{path}: twice, and not the same")
        self.entries[path] = entry

    def directory(self, path: str, mode: int = 0o755):
        self._put(path, tarfile.DIRTYPE, mode)

    def link(self, path: str, target: str):
        self._put(path, tarfile.SYMTYPE, 0o777, target=target)

    def content(self, path: str, content: bytes, mode: int = 0o644):
        self._put(path, tarfile.REGTYPE, mode, content)

    def file(self, path: str, source: pathlib.Path, mode=None):
        """A file with the content of another; executable when that one is, unless a mode is given."""
        source = pathlib.Path(source)
        if not source.is_file():
            raise ImageError(f"{source}: no file")
        self.content(path, source.read_bytes(), mode or (0o755 if os.access(source, os.X_OK) else 0o644))

    def program(self, path: str, source: pathlib.Path):
        """An executable with its shared libraries, these where the loader looked for them here."""
        self.file(path, source, 0o755)
        for library in shared_libraries(source):
            self.file(library, library, 0o755)

    def tree(self, path: str, source: pathlib.Path):
        """All files, directories and links of a directory."""
        for inner in sorted(pathlib.Path(source).rglob("*")):
            there = f"{path.rstrip('/')}/{inner.relative_to(source)}"
            if inner.is_symlink():
                self.link(there, os.readlink(inner))
            elif inner.is_dir():
                self.directory(there)
            else:
                self.file(there, inner)

    def layer(self) -> bytes:
        """The tree as a tar file: sorted, owner 0, time 0, no extended headers."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path, (kind, mode, content, target) in sorted(self.entries.items()):
                info = tarfile.TarInfo(path.lstrip("/"))
                info.type, info.mode, info.size, info.linkname = kind, mode, len(content), target
                tar.addfile(info, io.BytesIO(content))
        return out.getvalue()


def write_archive(to: pathlib.Path, name: str, root: Root, config: dict) -> str:
    """Writes an OCI archive named `name` (with a tag); `config` is the runtime part of the image's
    configuration (Entrypoint, User, …). Returns the manifest's digest."""
    if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+:[\w.-]{1,128}", name):
        raise ImageError(f"{name}: not a full image name with a tag")
    blobs = {}

    def blob(content: bytes, media_type: str) -> dict:
        digest = digest_of(content)
        blobs[digest] = content
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    layer = blob(root.layer(), LAYER)
    described = blob(as_json({
        "architecture": "amd64", "os": "linux", "created": "1970-01-01T00:00:00Z", "config": config,
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]}}), CONFIG)
    manifest = blob(as_json({"schemaVersion": 2, "mediaType": MANIFEST, "config": described,
                             "layers": [layer]}), MANIFEST)
    manifest["annotations"] = {NAME: name, TAG: name.rpartition(":")[2]}
    files = {"index.json": as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest]}),
             "oci-layout": as_json({"imageLayoutVersion": "1.0.0"}),
             **{f"blobs/{digest.replace(':', '/')}": content for digest, content in blobs.items()}}
    with tarfile.open(to, "w", format=tarfile.GNU_FORMAT) as tar:
        for path, content in sorted(files.items()):
            info = tarfile.TarInfo(path)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return manifest["digest"]


def _need(condition, text: str):
    if not condition:
        raise ImageError(text)


def _check_layer(content: bytes, where: str):
    seen = set()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for info in tar:
            path = pathlib.PurePosixPath(info.name)
            _need(not path.is_absolute() and ".." not in path.parts, f"{where}: {info.name} leaves the root")
            _need(info.isfile() or info.isdir() or info.issym(), f"{where}: {info.name} is of no allowed type")
            _need(path not in seen, f"{where}: {info.name} is there twice")
            _need(path.parent == pathlib.PurePosixPath(".") or path.parent in seen,
                  f"{where}: {info.name} comes before its directory")
            _need(not path.name.startswith(".wh."), f"{where}: {info.name} is a whiteout")
            _need(info.mode & 0o6000 == 0, f"{where}: {info.name} has a setuid or setgid bit")
            seen.add(path)


def check_archive(archive: pathlib.Path) -> dict:
    """Checks every digest, size and media type of an archive and its layers' entries.

    Returns name, digest of the manifest and the image's configuration; ImageError says what is wrong.
    """
    with tarfile.open(archive) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar.getmembers() if m.isfile()}

    def tree(content: bytes, what: str):
        try:
            return json.loads(content)
        except ValueError as e:
            raise ImageError(f"{what}: {e}") from e

    used = set()

    def blob(descriptor: dict, media_types) -> bytes:
        digest = descriptor.get("digest", "")
        path = f"blobs/{digest.replace(':', '/', 1)}"
        _need(descriptor.get("mediaType") in media_types, f"{digest}: media type {descriptor.get('mediaType')}")
        _need(re.fullmatch(r"sha256:[0-9a-f]{64}", digest), f"{digest}: not a sha256 digest")
        _need(path in files, f"{path}: missing")
        _need(len(files[path]) == descriptor.get("size"), f"{path}: size is not {descriptor.get('size')}")
        _need(digest_of(files[path]) == digest, f"{path}: content has another digest")
        used.add(path)
        return files[path]

    _need({"oci-layout", "index.json"} <= files.keys(), "oci-layout or index.json is missing")
    layout = tree(files["oci-layout"], "oci-layout")
    _need(layout == {"imageLayoutVersion": "1.0.0"}, "oci-layout: not version 1.0.0")
    index = tree(files["index.json"], "index.json")
    _need(index.get("schemaVersion") == 2, "index.json: schemaVersion")
    _need(index.get("mediaType", INDEX) == INDEX, "index.json: media type")
    _need(len(index.get("manifests", ())) == 1, "index.json: not exactly one manifest")
    descriptor = index["manifests"][0]
    manifest = tree(blob(descriptor, (MANIFEST,)), "manifest")
    _need(manifest.get("schemaVersion") == 2, "manifest: schemaVersion")
    _need(manifest.get("mediaType", MANIFEST) == MANIFEST, "manifest: media type")
    config = tree(blob(manifest["config"], (CONFIG,)), "configuration")
    _need((config.get("os"), config.get("architecture")) == ("linux", "amd64"), "configuration: platform")
    _need(config.get("rootfs", {}).get("type") == "layers", "configuration: rootfs")
    layers = manifest.get("layers", ())
    _need(config["rootfs"].get("diff_ids") == [one["digest"] for one in layers], "configuration: diff_ids")
    for one in layers:
        _check_layer(blob(one, (LAYER,)), one["digest"])
    unused = {f for f in files if f.startswith("blobs/")} - used
    _need(not unused, f"blobs that nothing names: {sorted(unused)}")
    name = descriptor.get("annotations", {}).get(NAME)
    _need(name, f"index.json: annotation {NAME} is missing")
    return {"name": name, "digest": descriptor["digest"], "config": config.get("config", {})}
