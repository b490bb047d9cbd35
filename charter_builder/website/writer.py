"""Writes what changed, removes what is stale, and writes the navigation."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from charter_builder.errors import InputError, system_reason
from charter_builder.expressions import one_line

GENERATED_CONFIGURATION = "site.generated.yml"


def write_tree(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Make a folder hold exactly these files; return the paths that changed.

    A file whose content is the same is not touched, so a rebuild shows what moved.
    Raises `InputError` when the folder cannot be written, or is not a real folder.
    """
    if folder.is_symlink():
        raise InputError(
            f"{folder} : ce dossier est un lien symbolique, et ce qu’il désigne serait "
            "effacé. Retirez le lien et relancez."
        )
    changed = []
    try:
        # First: a link left here must not lead a write somewhere else.
        removed = _remove_others(folder, files)
        for name, content in files.items():
            path = folder / name
            if _differs(path, content):
                path.parent.mkdir(parents=True, exist_ok=True)
                # Built files are made again at will: no need to make them durable.
                path.write_bytes(content)
                changed.append(name)
    except OSError as error:
        raise InputError(
            f"{folder} : écriture impossible ({system_reason(error)}). Libérez de la "
            "place ou vérifiez les droits, puis recommencez."
        ) from None
    return changed + removed


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size != len(content) or path.read_bytes() != content
    except OSError:
        return True


def _remove_others(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    removed = []
    for path in sorted(folder.rglob("*"), reverse=True):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in files or path.is_symlink():
            path.unlink()
            removed += [name] if name not in files else []
    return removed


def printable(title: str) -> str:
    """Return a title that MkDocs may print, which it does without escaping it."""
    return escape(one_line(title))


def generated_configuration(
    navigation: Sequence[Mapping[str, Any]], title: str, address: str | None
) -> str:
    """Return the configuration that inherits the territory's and adds the navigation.

    Written as JSON values, which are YAML and quote themselves.
    """
    lines = [
        "# Écrit par « charter site » : ne pas modifier. L’aspect est dans mkdocs.yml.",
        "INHERIT: mkdocs.yml",
        f"site_name: {json.dumps(printable(title), ensure_ascii=False)}",
        "docs_dir: site-src",
        "site_dir: site",
        "use_directory_urls: false",
        "extra_css: [assets/charte.css, assets/couleur.css]",
        "not_in_nav: |",
        "  bibliotheque/**",
        "  contributions/formulaire.md",
        "  contributions/contribuer.md",
        "  versions/**",
        f"nav: {json.dumps(_escaped(navigation), ensure_ascii=False)}",
    ]
    if address:
        lines.insert(3, f"site_url: {json.dumps(address.rstrip('/') + '/')}")
    return "\n".join(lines) + "\n"


def _escaped(entry: Any) -> Any:
    """Return a part of the navigation, its titles ready for the pages."""
    if isinstance(entry, Mapping):
        return {printable(title): _escaped(part) for title, part in entry.items()}
    return entry if isinstance(entry, str) else [_escaped(item) for item in entry]
