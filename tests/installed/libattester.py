#!/usr/bin/python3
"""Installs libattester into a directory of its own, moves it, builds a program against it with pkg-config, and runs it.

usage: libattester.py BUILD_DIR COMPILER [FLAG…]
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def output(*command, **more) -> str:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=150, check=False, **more)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def main() -> int:
    build, compiler, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        there = pathlib.Path(name)
        output("cmake", "--install", build, "--component", "libattester", "--prefix", there / "built")
        files = sorted(str(f.relative_to(there / "built")) for f in (there / "built").rglob("*") if f.is_file())
        assert [f.rsplit("/", 1)[-1] for f in files] == ["attester.h", "libattester.a", "libattester.pc"], files
        (there / "built").rename(there / "moved")
        (place,) = (there / "moved").rglob("pkgconfig")
        environment = dict(os.environ, PKG_CONFIG_PATH=str(place))
        words = output("pkg-config", "--cflags", "--libs", "libattester", env=environment).split()
        program = there / "program"
        for standard in ("-std=c++17", "-std=c++20"):
            output(compiler, standard, "-Wall", "-Wextra", "-Werror", *flags, HERE / "sample_evidence.cc", "-o", program, *words)
        tee, evidence, unknown, unbound = output(program).splitlines()
        # The machine that tests run on may be a confidential one; nothing is asked of it.
        assert tee in ("sample", "tdx", "snp", "az-snp-vtpm", "az-tdx-vtpm", "tpm"), tee
        assert json.loads(evidence) == {"svn": "1", "report_data": "Y2hhbGxlbmdl"}, evidence
        assert unknown == "attester.tee_unsupported", unknown
        assert unbound == "rcar.init_data_unbound", unbound
    print("a program built against the installed libattester prints sample evidence")
    return 0


if __name__ == "__main__":
    sys.exit(main())
