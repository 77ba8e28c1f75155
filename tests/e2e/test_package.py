"""The Debian package: built, unpacked, installed where that is possible, and run as a user without rights."""
import configparser
import gzip
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from support import BIN, ROOT, Connection

BUILD = BIN.resolve().parent
PROGRAMS = ("kbs", "kbs-client", "trustee")
NOBODY = 65534


def call(*args, **kwargs) -> subprocess.CompletedProcess:
    return subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=240, check=False, **kwargs)


def must(*args, **kwargs) -> str:
    done = call(*args, **kwargs)
    assert done.returncode == 0, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def place():
    """A directory that everybody may read, unlike pytest's own."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="trustee-package-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def package(place):
    """The .deb of the build under test."""
    must("cpack", "-G", "DEB", "--config", BUILD / "CPackConfig.cmake", "-B", place / "deb", cwd=BUILD)
    (deb,) = (place / "deb").glob("*.deb")
    return deb


@pytest.fixture(scope="module")
def root(place, package):
    """The package unpacked into a root of its own."""
    must("dpkg-deb", "-x", package, place / "root")
    return place / "root"


def as_nobody(*args) -> list:
    """The command without rights: as `nobody` when the tests run as root."""
    if os.geteuid() != 0:
        return [str(a) for a in args]
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", *map(str, args)]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serves(program: pathlib.Path, place: pathlib.Path, example: pathlib.Path):
    """The example configuration, with a port and a store of its own, checked and served without rights."""
    data = place / f"data-{program.parent.parent.name}-{time.monotonic_ns()}"
    data.mkdir()
    os.chown(data, NOBODY if os.geteuid() == 0 else -1, -1)
    port = free_port()
    config = place / f"{data.name}.toml"
    config.write_text(example.read_text().replace("127.0.0.1:8080", f"127.0.0.1:{port}")
                      .replace("/var/lib/trustee", str(data)))
    config.chmod(0o644)
    assert "usable" in must(*as_nobody(program, "--check-config", "--config-file", config))
    with open(place / f"{data.name}.log", "w+", encoding="utf-8") as log:
        server = subprocess.Popen(as_nobody(program, "--config-file", config), stdout=log, stderr=log, cwd=data)
        try:
            answer = None
            for _ in range(600):
                assert server.poll() is None, pathlib.Path(log.name).read_text()
                try:
                    with Connection(port) as connection:
                        answer = connection.request("GET", "/healthz")
                    break
                except ConnectionError:
                    time.sleep(0.05)
            assert answer is not None and answer.status == 200
            if os.geteuid() == 0:
                status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
                assert re.search(rf"^Uid:\s+{NOBODY}\s+{NOBODY}\s+{NOBODY}", status, re.MULTILINE)
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=40) == 0
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()
    store = data / "trustee.db"
    assert store.stat().st_mode & 0o077 == 0
    assert store.stat().st_uid == (NOBODY if os.geteuid() == 0 else os.geteuid())


def test_the_package_says_what_it_is(package):
    fields = must("dpkg-deb", "-f", package)
    for line in ("Package: trustee", "Architecture: " + must("dpkg", "--print-architecture").strip(), "Section: net"):
        assert line + "\n" in fields
    depends = re.search(r"^Depends: (.*)$", fields, re.MULTILINE).group(1)
    for library in ("libc6", "libssl3", "libsqlite3-0", "libcurl4", "adduser"):
        assert library in depends
    assert not re.search(r"-dev\b", depends)
    names = {line.split()[-1] for line in must("dpkg-deb", "-c", package).splitlines()}
    for name in ("usr/bin/kbs", "usr/lib/systemd/system/kbs.service", "usr/share/man/man1/kbs.1"):
        assert {f"./{name}", f"./{name}.gz"} & names, name
    assert not [n for n in names if n.startswith("./etc") or n.startswith("./var") or n.endswith((".h", ".a"))]


def test_the_files_are_there_and_belong_to_root(root, package):
    for program in PROGRAMS:
        file = root / "usr/bin" / program
        assert file.stat().st_mode & 0o7777 == 0o755
        assert re.fullmatch(rf"{program} \d+\.\d+\.\d+\S*\n", must(file, "--version"))
        (page,) = (root / "usr/share/man/man1").glob(program + ".1*")
        text = gzip.decompress(page.read_bytes()).decode() if page.suffix == ".gz" else page.read_text()
        assert text.startswith('.\\" Made by tools/man_pages')
    shipped = sorted(p.name for p in (ROOT / "policies").rglob("*.rego"))
    assert sorted(p.name for p in (root / "usr/share/trustee").rglob("*.rego")) == shipped and shipped
    for line in must("dpkg-deb", "-c", package).splitlines():
        mode, owner = line.split()[:2]
        assert owner == "root/root" and mode[5] != "w" and mode[8] != "w" and "s" not in mode, line


def test_the_unpacked_server_runs_without_rights(root, place):
    serves(root / "usr/bin/kbs", place, root / "usr/share/trustee/examples/kbs-config.toml")


@pytest.mark.parametrize("name", ["kbs", "trustee"])
def test_the_units_are_hardened(root, place, name):
    unit = root / f"usr/lib/systemd/system/{name}.service"
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(unit)
    service = dict(parser["Service"])
    assert service["User"] == service["Group"] == "trustee"
    for key, value in {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
                       "PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "CapabilityBoundingSet": "",
                       "LimitCORE": "0", "UMask": "0077", "StateDirectoryMode": "0700"}.items():
        assert service[key] == value, key
    for command in re.findall(r"^Exec\w+=(\S+)", unit.read_text(), re.MULTILINE):
        assert (root / command.lstrip("/")).exists()
    if shutil.which("systemd-analyze") is None:
        return
    # Verified as it would run, with the programs of the unpacked package.
    copy = place / f"{name}.service"
    copy.write_text(unit.read_text().replace("/usr/bin/", f"{root}/usr/bin/").replace("Documentation=man", "#"))
    done = call("systemd-analyze", "verify", "--man=no", copy, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{place}:"})
    about_us = [line for line in done.stderr.splitlines() if copy.name in line]
    assert about_us == [], done.stderr


def installed() -> bool:
    return call("dpkg-query", "-W", "trustee").returncode == 0


def test_install_run_purge(package, place):
    traces = [pathlib.Path(p) for p in ("/etc/trustee", "/var/lib/trustee", *(f"/usr/bin/{p}" for p in PROGRAMS))]
    if os.geteuid() != 0 or installed() or any(p.exists() for p in traces):
        pytest.skip("installs the package: run as root, where no trustee is; `dpkg --purge trustee` and remove "
                    + ", ".join(str(p) for p in traces))
    try:
        must("dpkg", "-i", package, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        assert must("getent", "passwd", "trustee").split(":")[5] == "/var/lib/trustee"
        example = pathlib.Path("/etc/trustee/kbs-config.toml")
        assert example.stat().st_mode & 0o777 == 0o640 and example.group() == "trustee"
        assert pathlib.Path("/var/lib/trustee").stat().st_mode & 0o777 == 0o700
        assert pathlib.Path("/var/lib/trustee").owner() == "trustee"
        must("setpriv", "--reuid=trustee", "--regid=trustee", "--clear-groups", "/usr/bin/kbs", "--check-config",
             "--config-file", example)
        serves(pathlib.Path("/usr/bin/kbs"), place, example)
        # A second installation leaves a changed configuration alone.
        example.write_text(example.read_text() + "# mine\n")
        must("dpkg", "-i", package)
        assert example.read_text().endswith("# mine\n")
        must("dpkg", "-r", "trustee")
        assert example.exists() and not pathlib.Path("/usr/bin/kbs").exists()
    finally:
        must("dpkg", "--purge", "trustee")
    assert not installed() and not any(p.exists() for p in traces)
