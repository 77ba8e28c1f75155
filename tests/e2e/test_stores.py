"""Stores under load, after a crash, moved by backup and restore; `trustee up`."""
import concurrent.futures
import os
import threading
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from one_machine import Trustee
from scripted import scripted
from support import ALLOW_ALL, ON_DISK, Guest, config, run
from waiting import wait_until


# ---------------------------------------------------------------- load, crash

STRESS_SECONDS = float(os.environ.get("TRUSTEE_STRESS_SECONDS", "60"))  # on each store
CLIENTS = 64


class Tally:
    def __init__(self):
        self.handshakes = 0
        self.reads = 0
        self.writes = 0
        self.failures = []
        self.lock = threading.Lock()


def stress(kbs, number, key, until, tally):
    """One client: over and over a handshake, three reads of a shared secret, its own record written and read."""
    round_number = 0
    while round_number == 0 or time.monotonic() < until:
        try:
            round_number += 1
            guest = Guest(kbs, key=key).handshake()
            for _ in range(3):
                assert guest.secret("resource/shared/stress/secret") == b"shared" * 100
            mine = f"{number}:{round_number}:".encode() * 50
            answer = kbs.request("POST", f"/kbs/v0/resource/own/stress/n{number}", body=mine)
            assert answer.status == 200, answer
            assert guest.secret(f"resource/own/stress/n{number}") == mine
            with tally.lock:
                tally.handshakes += 1
                tally.reads += 4
                tally.writes += 1
        except Exception as e:  # every kind of trouble is a failure of this test
            with tally.lock:
                tally.failures.append(f"client {number}, round {round_number}: {e!r}")


@pytest.mark.parametrize("storage", ["Memory", *ON_DISK])
def test_64_clients_at_once_and_nothing_fails(start, storage, capsys):
    kbs = start(config(storage=storage), env={"RUST_LOG": "warn,kbs::access=off,kbs=info"})
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    assert kbs.request("POST", "/kbs/v0/resource/shared/stress/secret", body=b"shared" * 100).status == 200
    tally = Tally()
    until = time.monotonic() + STRESS_SECONDS
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(CLIENTS)]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda i: stress(kbs, i, keys[i], until, tally), range(CLIENTS)))
    with capsys.disabled():
        print(f"\n  {storage}: {tally.handshakes} handshakes, {tally.reads} reads, {tally.writes} writes by "
              f"{CLIENTS} clients in {STRESS_SECONDS:.1f} s, {len(tally.failures)} failures")
    assert tally.failures == []
    assert tally.handshakes >= CLIENTS


@pytest.mark.parametrize("storage", ON_DISK)
def test_kill_9_loses_nothing_that_was_acknowledged(start, storage):
    kbs = start(config(storage=storage))
    acknowledged, pending, lock = {}, {}, threading.Lock()

    def write(number):
        try:
            with kbs.connect() as connection:
                for i in range(100_000):
                    value = f"{number}-{i}-".encode() + os.urandom(16).hex().encode() * (1 + i % 40)
                    name = f"w{number}/t/r{i % 10}"
                    with lock:
                        pending[name] = value
                    if connection.request("POST", f"/kbs/v0/resource/{name}", body=value).status != 200:
                        return
                    with lock:
                        acknowledged[name] = pending.pop(name)
        except (ConnectionError, OSError):
            pass

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    wait_until(lambda: len(acknowledged) == 80, 240)
    kbs.process.kill()
    kbs.process.wait(timeout=10)
    for t in threads:
        t.join(timeout=30)
    kbs.start()
    assert kbs.set_resource_policy(ALLOW_ALL).status == 200
    guest = Guest(kbs).handshake()
    for name, value in acknowledged.items():
        # The write that was under way may have happened or not; torn or lost it may not be.
        assert guest.secret("resource/" + name) in (value, pending.get(name)), name


# ---------------------------------------------------------------- trustee up, backup, restore

@pytest.fixture
def trustee(tmp_path):
    running = []

    def go(name="one"):
        running.append(Trustee(tmp_path / name))
        return running[-1]

    yield go
    for one in running:
        one.stop()


def test_backup_and_restore_move_a_trustee(trustee, tmp_path):
    one = trustee().start()
    secret = tmp_path / "secret"
    secret.write_bytes(os.urandom(3000))
    policy = tmp_path / "policy.rego"
    policy.write_text(ALLOW_ALL + "\n# the second\n")
    for args in (("set-resource", "--path", "a/b/c", "--resource-file", secret),
                 ("set-resource-policy", "--policy-file", policy),
                 ("set-sample-reference-value", "launch", "abc")):
        done = one.admin(*args)
        assert done.returncode == 0, done.stderr
    file = tmp_path / "backup"
    done = run("trustee", "--home", one.home, "backup", file)  # while it serves
    assert done.returncode == 0, done.stderr
    assert file.stat().st_mode & 0o077 == 0
    assert one.admin("delete-resource", "--path", "a/b/c").returncode == 0
    assert one.stop() == 0

    two = trustee("two")
    done = run("trustee", "--home", two.home, "restore", file)
    assert done.returncode == 0, done.stderr
    two.start()
    assert Guest(two).handshake().secret("resource/a/b/c") == secret.read_bytes()
    got = two.admin("get-reference-value", "--id", "launch")
    assert got.returncode == 0 and "abc" in got.stdout

    broken = tmp_path / "broken"
    broken.write_bytes(file.read_bytes()[:-20])
    done = run("trustee", "--home", tmp_path / "three", "restore", broken)
    assert done.returncode == 1 and "Error: " in done.stderr


def test_explain_sends_the_token_it_found_to_nobody_in_the_open(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "admin-token").write_text("found.admin.token")
    named = tmp_path / "named"
    named.write_text("named.admin.token")

    with scripted(lambda _: (200, [], b"why")) as server:
        port = server.url.rsplit(":", 1)[1]

        def ask(url, *args):
            return run("trustee", "--home", home, "explain", "--url", url, *args, "0" * 32)

        # 0.0.0.0 is this machine too, but nobody need know that.
        for url in (f"http://0.0.0.0:{port}", f"http://localhost:1@0.0.0.0:{port}"):
            done = ask(url)
            assert done.returncode == 1 and "--admin-token-file" in done.stderr and server.asked == [], done
        assert ask(f"http://127.0.0.1:{port}").stdout == "why\n"
        assert ask(f"http://0.0.0.0:{port}", "--admin-token-file", named).stdout == "why\n"
    assert [a.header("authorization") for a in server.asked] == ["Bearer found.admin.token", "Bearer named.admin.token"]
