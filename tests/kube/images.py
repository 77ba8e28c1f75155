"""The bed's own images: pause, a small file server and a shell with curl."""
import pathlib
import shutil
import subprocess

import oci

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"
PAUSE, FILES, SHELL = "localhost/pause:1", "localhost/files:1", "localhost/shell:1"


def _compile(name: str, directory: pathlib.Path) -> pathlib.Path:
    out = directory / name
    subprocess.run(["gcc", "-static", "-Os", "-s", "-Wall", "-Wextra", "-Werror", PROGRAMS / f"{name}.c", "-o", out],
                   check=True)
    return out


def pause(directory: pathlib.Path) -> pathlib.Path:
    """The archive of the image that holds a Pod's namespaces."""
    root = oci.Root()
    root.file("/pause", _compile("pause", directory))
    oci.write_archive(directory / "pause.tar", PAUSE, root, {"Entrypoint": ["/pause"], "User": "65535:65535"})
    return directory / "pause.tar"


def files(directory: pathlib.Path) -> pathlib.Path:
    """The archive of a server that answers GET /NAME on port 8080 with the file /data/NAME."""
    root = oci.Root()
    root.file("/files", _compile("files", directory))
    root.directory("/data")
    oci.write_archive(directory / "files.tar", FILES, root,
                      {"Entrypoint": ["/files", "/data", "8080"], "User": "65532:65532"})
    return directory / "files.tar"


def shell(directory: pathlib.Path) -> pathlib.Path:
    """The archive of an image with a shell, busybox' programs but those that resolve names, and curl.

    Names are resolved by curl only: busybox is static, and a static glibc crashes when it resolves.
    """
    root = oci.Root()
    root.file("/bin/busybox", shutil.which("busybox"))
    for name in ("sh", "cat", "ls", "sleep", "tar", "id", "env", "mkdir", "rm", "touch", "head", "stat"):
        root.link(f"/bin/{name}", "busybox")
    root.program("/usr/bin/curl", shutil.which("curl"))
    root.directory("/tmp", 0o1777)
    oci.write_archive(directory / "shell.tar", SHELL, root,
                      {"Cmd": ["/bin/sleep", "86400"], "Env": ["PATH=/bin:/usr/bin"], "User": "65532:65532"})
    return directory / "shell.tar"
