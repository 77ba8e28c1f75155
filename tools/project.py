"""Facts of the project that several tools need."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent


def version() -> str:
    """The version that CMakeLists.txt names."""
    return re.search(r"^project\(trustee VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)
