"""The programs under test: those of TRUSTEE_BIN, or of the release tree."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("TRUSTEE_BIN") or ROOT / "build/release/bin")


def sanitized() -> bool:
    """Whether these programs are built with a sanitizer: slower, and of another size."""
    found = (BIN / name for name in ("kbs", "manager"))
    return any(b"__asan_init" in program.read_bytes() for program in found if program.exists())
