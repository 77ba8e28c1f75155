"""What a server asks of the kernel while it appraises a TDX guest with everything at hand: nothing that can
block. strace watches every thread of it; between a guest's request and its answer each call is looked at."""
import pathlib
import re
import signal
import subprocess

import pytest

from hardware import TDX
from support import ON_DISK

# Calls that never wait for a disk, another machine or a lock of the kernel's: memory, and telling others.
# Everything that is not named in this file fails the test.
NEVER_BLOCK = {"mmap", "munmap", "mprotect", "madvise", "brk", "epoll_ctl", "timerfd_settime", "sched_yield", "getrandom",
               "gettid", "getpid", "rt_sigprocmask", "clock_gettime", "gettimeofday", "sched_getaffinity"}
# A thread without work waits for some. Who hands work over shows in the calls of the one that gets it.
WAIT_FOR_WORK = {"futex", "epoll_wait", "epoll_pwait"}
# On sockets in non-blocking mode, as all of the server's are.
ON_A_SOCKET = {"recvmsg", "recvfrom", "read", "readv", "sendmsg", "sendto", "write", "writev", "close", "shutdown",
               "getsockopt", "setsockopt", "getpeername", "getsockname", "ioctl", "fcntl"}
# Threads that look at stores and files and renew vendors' documents once a second. Nobody waits for them.
IN_THE_BACKGROUND = {"watch-stores", "watch-files", "watch-urls", "renew-documents", "watch-documents"}
CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>|\()(.*)$")
HANDSHAKES = 5


class Trace:
    """strace on a running process, from creation to `stop`."""

    def __init__(self, kbs, file):
        self.file = file
        # No -e: nothing is left out.
        self.process = subprocess.Popen(["strace", "-f", "-yy", "-s", "64", "-o", file, "-p", str(kbs.process.pid)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert "attached" in self.process.stderr.readline()

    def stop(self) -> list:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.file.read_text().splitlines()


def in_the_background(kbs) -> set:
    tasks = pathlib.Path(f"/proc/{kbs.process.pid}/task").iterdir()
    found = {task.name: (task / "comm").read_text().strip() for task in tasks}
    assert IN_THE_BACKGROUND <= set(found.values()), found
    return {thread for thread, name in found.items() if name in IN_THE_BACKGROUND}


def windows(lines, port, background) -> list:
    """The lines from each request for an attestation up to its answer, but for those of `background` threads."""
    out, current, unfinished = [], None, {}
    guests = re.compile(rf"<TCP:\[127\.0\.0\.1:{port}->")
    for line in lines:
        thread, name, rest = CALL.match(line).groups() if CALL.match(line) else ("", "", "")
        if thread in background:
            continue
        on_guest = bool(guests.search(rest)) or unfinished.get(thread, False)
        unfinished[thread] = on_guest and rest.endswith("<unfinished ...>")
        if current is not None:
            current.append(line)
        if on_guest and "POST /kbs/v0/attest" in rest:
            assert current is None, "requests came one after the other"
            current = []
        if on_guest and current is not None and "HTTP/1.1 200" in rest:
            out.append(current)
            current = None
    return out


def can_block(line: str, port: int, log: str) -> bool:
    match = CALL.match(line)
    if match is None:
        return not re.match(r"^\d+ +(---|\+\+\+)", line)
    thread, name, rest = match.groups()
    if name in NEVER_BLOCK | WAIT_FOR_WORK:
        return False
    if " resumed>" in line.split(name, 1)[1][:10]:
        return False  # looked at where it began
    if name in ON_A_SOCKET and re.match(rf"\d+<TCP:\[127\.0\.0\.1:{port}->127\.0\.0\.1:\d+\]>", rest):
        return False
    if name in ("read", "write") and re.match(r"\d+<anon_inode:\[eventfd\]>", rest):
        return False
    if name == "ioctl" and re.match(r"\d+<anon_inode:\[?inotify\]?>, FIONREAD", rest):
        return False  # how much the system has noticed
    # The one exception: the log's own thread, which nobody waits for.
    return not (name == "write" and re.match(rf"1<{re.escape(log)}>", rest) or name == "poll" and f"fd=1<{log}>" in rest)


@pytest.fixture
def traced(site, tmp_path):
    def go(**kwargs):
        kbs = site.server(**kwargs)
        site.passes(kbs, TDX)
        trace = Trace(kbs, tmp_path / "trace")
        for _ in range(HANDSHAKES):
            site.passes(kbs, TDX)
        return kbs, trace.stop()

    return go


@pytest.mark.parametrize("storage", ["Memory", *ON_DISK])
def test_a_warm_tdx_appraisal_makes_no_system_call_that_can_block(traced, storage):
    kbs, lines = traced(storage=storage)
    found = windows(lines, kbs.port, in_the_background(kbs))
    assert len(found) == 2 * HANDSHAKES  # for the secret, and for the token
    blocking = [line for window in found for line in window if can_block(line, kbs.port, str(kbs.log_path))]
    assert blocking == []
