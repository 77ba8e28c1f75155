"""Clearing up, where it must not do harm: files, processes and mounts of others."""
import os
import subprocess
import tempfile

import pytest

import processes
from processes import BedError


def test_what_others_put_where_beds_lie_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    theirs, ours, link = (tmp_path / f"{processes.PREFIX}{name}" for name in ("theirs", "ours", "link"))
    with subprocess.Popen(["sleep", "600"]) as bystander:
        try:
            record = f"{bystander.pid} {processes.start_time(bystander.pid)}"
            for directory in (theirs, ours, tmp_path / "elsewhere"):
                (directory / "pids").mkdir(parents=True)
                (directory / "owner").write_text("1 0")  # a run that is over
                (directory / "pids/x").write_text(record if directory != ours else "1 0")
            os.chown(theirs, 65534, 65534)
            link.symlink_to(tmp_path / "elsewhere")
            (tmp_path / f"{processes.PREFIX}file").touch()
            processes.clear_leftovers()
            assert bystander.poll() is None and theirs.exists() and link.exists() and not ours.exists()
        finally:
            bystander.kill()


def test_a_process_that_outlives_its_end_is_told(monkeypatch):
    with subprocess.Popen(["sleep", "600"]) as child:
        try:
            started = processes.start_time(child.pid)
            with monkeypatch.context() as patch:
                patch.setattr(processes, "KILL_SECONDS", 0.1)
                patch.setattr(os, "kill", lambda *_: None)
                with pytest.raises(BedError, match=f"process {child.pid} is there"):
                    processes.stop_pid(child.pid, started, 0.1)
            processes.stop_pid(child.pid, started)
            assert processes.start_time(child.pid) is None
        finally:
            child.kill()


def test_a_directory_with_something_mounted_in_it_is_not_removed(tmp_path, monkeypatch):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    directory = tmp_path / "bed"
    (directory / "mounted").mkdir(parents=True)
    subprocess.run(["mount", "--bind", precious, directory / "mounted"], check=True)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(processes, "_unmount", lambda _: None)
            with pytest.raises(BedError, match=f"still mounted: {directory}/mounted"):
                processes.clear(directory)
        assert (precious / "file").exists()
        processes.clear(directory)
        assert (precious / "file").exists() and not directory.exists()
    finally:
        if directory.exists():
            subprocess.run(["umount", "--lazy", directory / "mounted"], check=False)
