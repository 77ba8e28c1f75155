"""kbs as the first process of a container, for which the kernel takes no default action on signals."""
import os
import signal
import subprocess

import pytest

from support import BIN, config


@pytest.mark.skipif(os.geteuid() != 0, reason="a process namespace needs root")
def test_sigterm_while_it_starts_ends_it(tmp_path):
    certificate, file = tmp_path / "certificate", tmp_path / "config.toml"
    os.mkfifo(certificate)  # reading it lasts until somebody has written
    file.write_text(config(http=f'private_key = "{certificate}"\ncertificate = "{certificate}"\n'))
    outer = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child", BIN / "kbs", "--config-file", file],
                             cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        writer = os.open(certificate, os.O_WRONLY)  # returns when it reads
        with open(f"/proc/{outer.pid}/task/{outer.pid}/children", encoding="ascii") as children:
            kbs, = map(int, children.read().split())
        os.kill(kbs, signal.SIGTERM)
        assert outer.wait(timeout=20) == 128 + signal.SIGTERM
        os.close(writer)
    finally:
        outer.kill()
        outer.wait()
