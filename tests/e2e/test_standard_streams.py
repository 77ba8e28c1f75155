"""Results that nobody gets are no success; closed standard descriptors lend their numbers to nothing else."""
import os
import socket
import subprocess

import pytest

from support import BIN, KEYS, Connection, config
from waiting import wait_until


@pytest.fixture(params=["kbs --check-config", "kbs-client admin-token", "kbs-client --help", "trustee initdata digest",
                        "trustee --version", "manager --help"])
def command(request, tmp_path):
    """A command that prints something and needs nobody."""
    program, *args = request.param.split()
    (tmp_path / "kbs.toml").write_text(config())
    (tmp_path / "init.toml").write_text('version = "0.1.0"\nalgorithm = "sha256"\n[data]\n')
    more = {"--check-config": ["-c", tmp_path / "kbs.toml"], "admin-token": ["--key", KEYS / "private.key"],
            "digest": [tmp_path / "init.toml"]}
    return [BIN / program, *args, *more.get(args[-1], [])]


def test_output_that_cannot_be_written_is_a_failure(command):
    good = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert good.returncode == 0 and good.stdout and good.stderr == "", good
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith("Error: standard output cannot be written"), done


def test_output_that_is_closed_is_a_failure(command):
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
                          preexec_fn=lambda: os.close(1))
    assert done.returncode == 1 and done.stderr.startswith("Error: standard output cannot be written"), done


def test_a_server_without_standard_descriptors_has_none_of_its_own_under_their_numbers(tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    (tmp_path / "kbs.toml").write_text(config(storage="Memory").replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    kbs = subprocess.Popen([BIN / "kbs", "-c", tmp_path / "kbs.toml"], cwd=tmp_path,
                           preexec_fn=lambda: os.closerange(0, 3))

    def serves():
        assert kbs.poll() is None
        try:
            with Connection(port) as connection:
                return connection.request("GET", "/healthz").status == 200
        except ConnectionRefusedError:
            return False

    try:
        wait_until(serves)
        assert [os.readlink(f"/proc/{kbs.pid}/fd/{n}") for n in range(3)] == ["/dev/null"] * 3
    finally:
        kbs.terminate()
        assert kbs.wait(timeout=40) == 0
