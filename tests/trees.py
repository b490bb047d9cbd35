"""A folder described where it is used."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files under `root`, a common indent removed; return `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(dedent(content), encoding="utf-8", newline="\n")
    return root
