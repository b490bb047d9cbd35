"""`versions/N/`: frozen versions, written once, never again."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from charter_builder.errors import InputError, shown, system_reason
from charter_builder.storage.files import locked, make_folder, read_ordinary
from charter_builder.units import FrozenVersion, altered_units, file_digest

UNITS = "units.json"
STAGING = ".figer-"
"""How the name of a folder begins while its version is being written."""
MAX_FILE = 8 * 1024**2
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
"""The name of a version's folder, as we write it: « 01 » and « ٣ » are none."""


def version_folders(root: Path) -> list[tuple[int, Path]]:
    """Return the frozen versions of a workspace, in order: number and folder."""
    folder = _folder(root)
    try:
        paths = list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise InputError(
            f"{folder} : dossier illisible ({system_reason(error)}). Vérifiez ses droits."
        ) from None
    found = [
        (int(path.name), path)
        for path in paths
        if _NUMBER.fullmatch(path.name)
        and not path.is_symlink()
        and not (path / UNITS).is_symlink()
        and (path / UNITS).is_file()
    ]
    return sorted(found)


def _folder(root: Path) -> Path:
    folder = root / "versions"
    if folder.is_symlink():
        raise InputError(
            f"{folder} : les liens symboliques ne sont pas admis : copiez le dossier."
        )
    return folder


def load_version(folder: Path) -> FrozenVersion:
    """Return a frozen version. Raises `InputError` for a file that is not one."""
    path = folder / UNITS
    raw = read_ordinary(path, MAX_FILE)
    try:
        return FrozenVersion.model_validate_json(raw)
    except ValidationError:
        raise InputError(
            f"{path} : ce n’est pas une version figée, ou elle a été abîmée. Reprenez-la "
            "d’une sauvegarde."
        ) from None


def load_versions(root: Path) -> list[FrozenVersion]:
    """Return the frozen versions of a workspace, in order.

    Raises `InputError` for one that is no longer what was frozen.
    """
    return [intact_version(number, path) for number, path in version_folders(root)]


def intact_version(number: int, folder: Path) -> FrozenVersion:
    """Return a version that nobody changed. Raises `InputError`."""
    version = load_version(folder)
    if version.version != number:
        raise InputError(
            f"{folder / UNITS} : ce dossier tient la version {version.version}. Retirez-"
            "le, ou reprenez-le d’une sauvegarde."
        )
    altered = altered_units(version)
    if altered:
        raise InputError(
            f"{folder / UNITS} : « {shown(altered[0].name)} » n’est plus le texte qui a "
            "été figé. Reprenez ce dossier d’une sauvegarde."
        )
    return version


def read_document(path: Path) -> str | None:
    """Return the text of a document, line ends normalised; nothing if it is not UTF-8.

    Raises `InputError` when it cannot be read.
    """
    try:
        text = read_ordinary(path, MAX_FILE).decode()
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def altered_documents(folder: Path, version: FrozenVersion) -> list[str]:
    """Return the documents of a version that are gone or no longer the same."""
    altered = []
    for name, digest in version.documents.items():
        path = folder / Path(name).name
        text = read_document(path) if path.exists() else None
        if text is None or file_digest(text) != digest:
            altered.append(name)
    return altered


def version_documents(folder: Path) -> dict[str, str]:
    """Return the documents of a frozen version, by name.

    A link is none: what it leads to was never frozen.
    """
    return {
        path.name: text
        for path in sorted(folder.glob("*.md"))
        if path.is_file() and not path.is_symlink()
        if (text := read_document(path)) is not None
    }


def write_version(root: Path, version: FrozenVersion, files: Mapping[str, str]) -> Path:
    """Write a version with its documents, all at once; return its folder.

    Raises `InputError`, nothing written, when that version exists already.
    """
    folder = _folder(root) / str(version.version)
    content = {UNITS: version.model_dump_json(indent=1) + "\n", **files}
    try:
        folder.parent.mkdir(exist_ok=True)
        with locked(folder.parent / "figer"):
            if folder.exists():
                raise InputError(
                    f"{folder} : cette version existe déjà, et ne se réécrit pas. "
                    "Recommencez : la suivante sera prise."
                )
            make_folder(folder, content, STAGING)
    except OSError as error:
        raise InputError(
            f"{folder} : écriture impossible ({system_reason(error)}). Rien n’est figé : "
            "libérez de la place ou vérifiez les droits, puis recommencez."
        ) from None
    return folder
