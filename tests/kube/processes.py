"""Processes of a bed, known by pid and start time, and what else a bed leaves on a machine.

Everything a bed started is written down in its directory, so that the same code stops a bed in good
order and clears what a crashed run left behind.
"""
import contextlib
import errno
import fcntl
import functools
import os
import pathlib
import random
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

from waiting import NotInTime, wait_until

PREFIX = "trustee-bed-"
# From the first to stop to the last. Programs a test added stop before all of these.
STOP_ORDER = ("cm-controller", "kwok", "coredns", "kubelet", "containers", "kube-proxy", "kube-scheduler",
              "kube-controller-manager", "kube-apiserver", "containerd", "etcd")
KILL_SECONDS = 5  # how long a process may take to go after SIGKILL


class BedError(Exception):
    """The bed could not do what was asked; the text says why and shows the end of the log."""


def start_time(pid: int):
    """Clock ticks after boot at which a process began, or None: with the pid it names the process."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(rest[18])


def stop_pid(pid: int, started: int, seconds: float = 15):
    """SIGTERM, then SIGKILL, to the very process that began at `started`; BedError when it outlives both."""
    if started is None:  # over already
        return
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, KILL_SECONDS)):
        if start_time(pid) != started:
            return
        with contextlib.suppress(ProcessLookupError):  # over since we looked
            os.kill(pid, number)
        end = time.monotonic() + patience
        while time.monotonic() < end and start_time(pid) == started:
            try:
                os.waitpid(pid, os.WNOHANG)  # our own child would stay a zombie
            except ChildProcessError:
                pass
            time.sleep(0.02)
    if start_time(pid) == started:
        raise BedError(f"process {pid} is there {KILL_SECONDS:g} s after SIGKILL")


PORTS = range(20000, 30000)  # below those that the kernel gives to outgoing connections
SLICE = 500


@functools.cache
def _own_slice():
    """(ports, lock): a slice of the ports that no other test process takes any from, as long as this one lives."""
    slices = [PORTS[i:i + SLICE] for i in range(0, len(PORTS), SLICE)]
    for ports in random.SystemRandom().sample(slices, len(slices)):
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0trustee-test-ports-{ports[0]}")  # gone with its process
        except OSError:
            lock.close()
            continue
        return iter(ports), lock
    raise BedError("every slice of ports is another test's")


def free_ports(count: int) -> list:
    """Ports that were free at this moment, and are given to nobody else: some are bound much later."""
    held, (ports, _) = [], _own_slice()
    try:
        for port in ports:
            s = socket.socket()
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                s.close()
                continue
            held.append(s)
            if len(held) == count:
                return [h.getsockname()[1] for h in held]
    finally:
        for s in held:
            s.close()
    raise BedError("no free ports")


class Process:
    """A program in the background with its log in the bed's directory."""

    def __init__(self, directory: pathlib.Path, name: str, command, env=None, prefix=()):
        self.name = name
        self.log = directory / "log" / f"{name}.log"
        self.log.parent.mkdir(exist_ok=True)
        command = [str(word) for word in (*prefix, *command)]
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env,
                                          cwd=directory, start_new_session=True)
        self.pid = self.child.pid
        self.record = directory / "pids" / name
        self.record.parent.mkdir(exist_ok=True)
        self.record.write_text(f"{self.pid} {start_time(self.pid)}")

    def running(self) -> bool:
        return self.child.poll() is None

    def tail(self, lines: int = 30) -> str:
        text = self.log.read_text(errors="replace").splitlines()
        return f"--- {self.log}\n" + "\n".join(text[-lines:])

    def wait_ready(self, condition, seconds: float, what: str):
        """Waits for `condition()` and fails at once when the program ends."""
        def look():
            if not self.running():
                raise BedError(f"{self.name} ended with {self.child.returncode}\n{self.tail()}")
            return condition()
        try:
            return wait_until(look, seconds, f"{self.name}: {what}")
        except NotInTime as e:
            raise BedError(f"{e}\n{self.tail()}") from e

    def stop(self, number=signal.SIGTERM, seconds: float = 15):
        """Ends the program and returns its exit status (negative: the signal)."""
        if self.running():
            self.child.send_signal(number)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(5)
        self.record.unlink(missing_ok=True)
        return self.child.returncode


def new_directory() -> pathlib.Path:
    """A bed's directory, marked with the process that owns it."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX))
    (directory / "owner").write_text(f"{os.getpid()} {start_time(os.getpid())}")
    return directory


def _stop_containers(directory: pathlib.Path):
    """Ends what runs in the pods' cgroups, then the shims, whose command lines name our directory."""
    for group in cgroups(directory):
        for inner in _deepest_first(group):
            with contextlib.suppress(OSError):  # gone with its last process
                for pid in map(int, (inner / "cgroup.procs").read_text().split()):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if command[0].endswith(b"containerd-shim-runc-v2") and f"{directory}/containerd.sock".encode() in command:
            stop_pid(int(entry.name), start_time(int(entry.name)), 2)


def _remove_traces(directory: pathlib.Path):
    """Removes what kubelet, CNI and the shims leave in places of their own choice."""
    for result in pathlib.Path("/var/lib/cni/results").glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another bed's, gone by now
            if f'"{directory}/' in result.read_text():
                result.unlink()
    for link in pathlib.Path("/var/log/containers").glob("*.log"):
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(link).startswith(f"{directory}/"):
                link.unlink()
    for address in directory.glob("run/io.containerd.runtime.v2.task/*/*/address"):
        path = address.read_text().removeprefix("unix://")
        if path.startswith("/run/containerd/s/"):
            pathlib.Path(path).unlink(missing_ok=True)


def cgroups(directory: pathlib.Path):
    """The cgroups of a bed's pods: one per hierarchy, or the only one of cgroup v2."""
    root = pathlib.Path("/sys/fs/cgroup")
    return [p for p in (*root.glob(f"*/{directory.name}"), root / directory.name) if p.is_dir()]


def _deepest_first(group: pathlib.Path) -> list:
    return [pathlib.Path(path) for path, _, _ in os.walk(group, topdown=False)]


def _removed(group: pathlib.Path) -> bool:
    """Removes a cgroup; False while processes that were killed are still in it."""
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError as e:
        if e.errno == errno.EBUSY:
            return False
        raise
    return True


def _mounts_below(directory: pathlib.Path) -> list:
    """Mount points in a directory, the innermost first."""
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted((p for p in points if p.startswith(f"{directory}/")), reverse=True)


def _unmount(point: str):
    subprocess.run(["umount", "--lazy", point], check=False)


def clear(directory: pathlib.Path, keep_directory: bool = False):
    """Stops a bed's processes in order and removes its mounts, cgroups, namespace and directory."""
    recorded = {p.name for p in (directory / "pids").glob("*")}
    known = [n for n in STOP_ORDER if n in recorded or n == "containers"]
    for name in (*sorted(recorded - set(STOP_ORDER)), *known):
        if name == "containers":
            _stop_containers(directory)
            continue
        record = directory / "pids" / name
        words = record.read_text().split()
        if len(words) == 2 and words[1] != "None":
            stop_pid(int(words[0]), int(words[1]))
        record.unlink()
    _remove_traces(directory)
    for mount in _mounts_below(directory):
        _unmount(mount)
    for group in cgroups(directory):
        for inner in _deepest_first(group):
            wait_until(lambda i=inner: _removed(i), 10, f"{inner} is empty")
    if pathlib.Path("/run/netns", directory.name).exists():
        subprocess.run(["ip", "netns", "del", directory.name], check=True)
    if not keep_directory:
        if mounted := _mounts_below(directory):  # removing it would remove what is mounted there
            raise BedError(f"still mounted: {', '.join(mounted)}")
        shutil.rmtree(directory)


def _is_ours(directory: pathlib.Path) -> bool:
    """Whether it is a directory of this user's. Anybody may make something of that name in /tmp."""
    found = directory.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def clear_leftovers():
    """Clears the beds of runs that are over without having done so."""
    for directory in pathlib.Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if not _is_ours(directory):
                continue
            with open(directory / "owner", encoding="ascii") as owner:
                pid, started = owner.read().split()
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if start_time(int(pid)) != int(started):
                    clear(directory)
        except (FileNotFoundError, ValueError, BlockingIOError):
            continue  # being made, or cleared, by another run
