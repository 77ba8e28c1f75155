"""Images made from files: the same bytes each time, and a check that finds what is wrong."""
import hashlib
import io
import json
import pathlib
import subprocess
import tarfile

import pytest

import oci

HERE = pathlib.Path(__file__).resolve().parent


def image(*args):
    return subprocess.run([HERE / "image", *map(str, args)], text=True, capture_output=True, check=False)


def make(tmp_path, name="a.tar"):
    (tmp_path / "motd").write_text("hello\n")
    done = image("--name", "localhost/x:1", "--output", tmp_path / name, "--file", f"{tmp_path}/motd=/etc/motd:600",
                 "--dir", "/tmp:1777", "--link", "/etc/issue=motd", "--ldd", "/usr/bin/curl=/usr/bin/curl",
                 "--entrypoint", "/usr/bin/curl", "--user", "65532:65532", "--env", "A=b")
    assert done.returncode == 0, done.stderr
    return tmp_path / name


def members(archive):
    with tarfile.open(archive) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}


def rewrite(archive, change):
    """The archive with its files changed by change(dict)."""
    files = members(archive)
    change(files)
    with tarfile.open(archive, "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def test_the_same_input_gives_the_same_bytes(tmp_path):
    first = make(tmp_path, "a.tar").read_bytes()
    assert make(tmp_path, "b.tar").read_bytes() == first


def test_an_archive_holds_what_was_asked_for(tmp_path):
    files = members(make(tmp_path))
    index = json.loads(files["index.json"])
    manifest = json.loads(files["blobs/" + index["manifests"][0]["digest"].replace(":", "/")])
    config = json.loads(files["blobs/" + manifest["config"]["digest"].replace(":", "/")])
    layer = files["blobs/" + manifest["layers"][0]["digest"].replace(":", "/")]
    assert config["config"] == {"Entrypoint": ["/usr/bin/curl"], "User": "65532:65532", "Env": ["A=b"]}
    assert config["rootfs"]["diff_ids"] == ["sha256:" + hashlib.sha256(layer).hexdigest()]
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        entries = {m.name: m for m in tar}
        assert tar.extractfile("etc/motd").read() == b"hello\n"
    assert entries["etc/motd"].mode == 0o600 and entries["tmp"].mode == 0o1777
    assert entries["etc/issue"].linkname == "motd"
    assert {(m.uid, m.gid, m.mtime) for m in entries.values()} == {(0, 0, 0)}
    assert {"lib64/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu/libc.so.6"} <= entries.keys()


def test_the_check_accepts_it(tmp_path):
    done = image("--check", make(tmp_path))
    assert done.returncode == 0 and done.stdout.startswith("localhost/x:1 sha256:"), done.stderr


def longest(files):
    return max((n for n in files if n.startswith("blobs/")), key=lambda n: len(files[n]))


def change_byte(files):
    name = longest(files)
    files[name] = files[name][:-1] + b"x"


def cut(files):
    name = longest(files)
    files[name] = files[name][:-512]


def drop(files):
    del files[longest(files)]


def other_type(files):
    files["index.json"] = files["index.json"].replace(b"oci.image.manifest", b"oci.image.artifact")


def add_blob(files):
    files["blobs/sha256/" + "0" * 64] = b""


def other_layout(files):
    files["oci-layout"] = b'{"imageLayoutVersion":"2.0.0"}'


@pytest.mark.parametrize("change, complaint", [
    (change_byte, "content has another digest"), (cut, "size is not"), (drop, "missing"),
    (other_type, "media type"), (add_blob, "nothing names"), (other_layout, "not version 1.0.0")])
def test_the_check_refuses(tmp_path, change, complaint):
    archive = make(tmp_path)
    rewrite(archive, change)
    done = image("--check", archive)
    assert done.returncode == 1 and complaint in done.stderr, done.stderr


def test_contradictions_are_refused():
    root = oci.Root()
    root.content("/a", b"1")
    for wrong in (lambda: root.content("/a", b"2"), lambda: root.content("/a/b", b""),
                  lambda: root.content("/../a", b""), lambda: root.content("a", b"")):
        with pytest.raises(oci.ImageError):
            wrong()


def test_a_missing_library_is_an_error(tmp_path):
    source = tmp_path / "x.c"
    source.write_text("int main(void) { return 0; }\n")
    library = tmp_path / "libgone.so"
    subprocess.run(["gcc", "-shared", "-o", library, "-xc", "/dev/null"], check=True)
    program = tmp_path / "x"
    subprocess.run(["gcc", "-Wl,--no-as-needed", source, library, "-o", program], check=True)
    library.unlink()
    done = image("--name", "localhost/x:1", "--output", tmp_path / "o.tar", "--ldd", f"{program}=/x")
    assert done.returncode == 1 and "libgone.so" in done.stderr, done.stderr
