"""The home directory of `trustee`: keys, the administrator's token, the store; `up` and its options."""
import os
import re
import resource
import signal
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization

from one_machine import Trustee
from support import BIN, config, run


def mode(path) -> int:
    return path.stat().st_mode & 0o777


def names(directory) -> list:
    return sorted(p.name for p in directory.iterdir())


def belong_together(private, public) -> bool:
    key = serialization.load_pem_private_key(private.read_bytes(), None).public_key()
    form = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return key.public_bytes(*form) == serialization.load_pem_public_key(public.read_bytes()).public_bytes(*form)


# ---------------------------------------------------------------- keygen


def test_keygen_makes_the_home_and_a_pair_of_keys(tmp_path):
    home = tmp_path / "home"
    done = run("trustee", "--home", home, "keygen")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert names(home) == ["key", "key.pub"]
    assert (mode(home), mode(home / "key"), mode(home / "key.pub")) == (0o700, 0o600, 0o600)
    assert belong_together(home / "key", home / "key.pub")


@pytest.mark.parametrize("there,asked", [("a.key", "a.key"), ("a.pub", "a.key"), ("a.pub", "a"), (None, "a.pub"),
                                         ("a.pub", "a.pub")])
def test_keygen_writes_over_nothing(tmp_path, there, asked):
    if there:
        (tmp_path / there).write_text("of somebody else")
    done = run("trustee", "keygen", "-f", tmp_path / asked)
    assert done.returncode == 1 and done.stderr.startswith("Error: "), done
    assert names(tmp_path) == ([there] if there else [])
    assert not there or (tmp_path / there).read_text() == "of somebody else"


def test_a_process_that_dies_while_it_writes_leaves_no_half_key(tmp_path):
    (tmp_path / "a.key.next").write_text("of somebody else")
    # A file size limit of 0 ends the process in the first write to a file.
    died = subprocess.run([BIN / "trustee", "keygen", "-f", tmp_path / "a.key"], check=False, capture_output=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert died.returncode == -signal.SIGXFSZ
    left, other = names(tmp_path)
    assert re.fullmatch(r"a\.key\.[0-9a-f]{16}\.next", left) and other == "a.key.next"
    os.utime(tmp_path / left, (0, 0))  # what is older than an hour goes
    done = run("trustee", "keygen", "-f", tmp_path / "a.key")
    assert done.returncode == 0, done.stderr
    assert names(tmp_path) == ["a.key", "a.key.next", "a.pub"]
    assert (mode(tmp_path / "a.key"), mode(tmp_path / "a.pub")) == (0o600, 0o600)
    assert (tmp_path / "a.key.next").read_text() == "of somebody else"


def test_of_several_that_make_the_same_key_one_does(tmp_path):
    running = [subprocess.Popen([BIN / "trustee", "keygen", "-f", tmp_path / "a.key"], stderr=subprocess.DEVNULL)
               for _ in range(8)]
    assert sorted(process.wait(timeout=60) for process in running) == [0] + [1] * 7
    assert belong_together(tmp_path / "a.key", tmp_path / "a.pub")
    assert names(tmp_path) == ["a.key", "a.pub"]


# ---------------------------------------------------------------- backup


def test_a_home_without_a_store_is_not_backed_up(tmp_path):
    done = run("trustee", "--home", tmp_path / "home", "backup", tmp_path / "backup")
    assert (done.returncode, done.stdout) == (1, "") and "there is no store in this home directory" in done.stderr
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["directory", "link to an open file", "link to a file", "pipe"])
def test_a_backup_takes_the_place_of_a_regular_file_only(tmp_path, kind):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/trustee.db").touch()
    (tmp_path / "file").write_text("old")
    out = tmp_path / "out"
    {"directory": out.mkdir, "link to an open file": lambda: out.symlink_to("/proc/self/fd/1"),
     "link to a file": lambda: out.symlink_to("file"), "pipe": lambda: os.mkfifo(out)}[kind]()
    before = out.lstat()
    done = run("trustee", "--home", tmp_path / "home", "backup", out)
    assert (done.returncode, done.stdout) == (1, "") and "is no regular file" in done.stderr, done
    assert out.lstat().st_ino == before.st_ino and (tmp_path / "file").read_text() == "old"
    assert run("trustee", "--home", tmp_path / "home", "backup", tmp_path / "file").returncode == 0


# ---------------------------------------------------------------- up


@pytest.fixture
def up(tmp_path):
    running = []

    def go(*args):
        running.append(Trustee(tmp_path / "one", *args))
        return running[-1].start()

    yield go
    for one in running:
        one.stop()


def test_trustee_refuses_plain_http_for_others(tmp_path):
    done = run("trustee", "--home", tmp_path / "home", "up", "--socket", "0.0.0.0:0", timeout=20)
    assert done.returncode == 1 and "--certificate" in done.stderr


@pytest.mark.parametrize("gone", [["admin.key"], ["admin.key", "admin.pub"]])
def test_a_token_of_another_admin_key_is_made_anew(up, gone):
    one = up()
    token = (one.home / "admin-token").read_text()
    assert one.stop() == 0
    one.start()
    assert (one.home / "admin-token").read_text() == token, "it is good for a month"
    assert one.stop() == 0
    for name in gone:
        (one.home / name).unlink()
    one.start()
    assert (one.home / "admin-token").read_text() != token
    done = one.admin("delete-resource", "--path", "a/b/c")
    assert "AdminAuth" not in done.stderr, done.stderr


@pytest.mark.parametrize("options", [["--socket", "127.0.0.1:0"], ["--insecure-http"], ["--certificate", "x"],
                                     ["--private-key", "x"]])
def test_what_a_configuration_file_makes_ineffective_is_wrong_usage(tmp_path, options):
    for command in ("up", "run"):
        done = run("trustee", "--home", tmp_path / "home", command, "--config-file", tmp_path / "kbs.toml", *options)
        assert (done.returncode, done.stdout) == (2, "") and "--config-file" in done.stderr, done
    if options[0] in ("--certificate", "--private-key"):
        done = run("trustee", "--home", tmp_path / "home", "up", "--insecure-http", *options)
        assert (done.returncode, done.stdout) == (2, "") and "--insecure-http" in done.stderr, done
    assert names(tmp_path) == []


def test_beside_a_configuration_file_no_token_of_the_home_is_named(up, tmp_path):
    assert "administrators use the token in " in up().log()
    (tmp_path / "kbs.toml").write_text(config(storage="Memory"))
    (tmp_path / "one/kbs.log").unlink()
    assert "administrators use" not in up("--config-file", tmp_path / "kbs.toml", "--allow-all").log()
