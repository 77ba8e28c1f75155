"""`trustee up` as a process of its own."""
import pathlib
import re
import subprocess

from support import BIN, Kbs, run
from waiting import wait_until


class Trustee(Kbs):
    """`trustee up` with a home of its own."""

    def __init__(self, directory: pathlib.Path, *args):
        directory.mkdir(exist_ok=True)
        super().__init__(directory, "")
        self.home = directory / "home"
        self.args = args or ("--socket", "127.0.0.1:0")

    def start(self, expect_failure=False):
        assert not expect_failure
        with open(self.log_path, "ab") as log:
            offset = log.tell()
            self.process = subprocess.Popen([BIN / "trustee", "--home", self.home, "up", *self.args], stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=self.env)
        match = wait_until(lambda: re.search(r"Starting HTTP server at \[127\.0\.0\.1:(\d+)", self.log()[offset:])
                           or self.process.poll() is not None)
        assert isinstance(match, re.Match), self.log()
        self.port = int(match.group(1))
        self.request("GET", "/healthz")  # from then on a signal is no signal to one who starts
        return self

    def admin(self, *args):
        return run("kbs-client", "--url", f"http://127.0.0.1:{self.port}", "config", "--admin-token-file",
                   self.home / "admin-token", *args)
