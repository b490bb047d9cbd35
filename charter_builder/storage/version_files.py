"""`versions/N/`: frozen versions, written once, never again."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from charter_builder.errors import InputError, system_reason
from charter_builder.storage.files import locked, write_atomic
from charter_builder.units import FrozenVersion

UNITS = "units.json"
MAX_UNITS_FILE = 8 * 1024**2


def version_folders(root: Path) -> list[tuple[int, Path]]:
    """Return the frozen versions of a workspace, in order: number and folder."""
    folder = root / "versions"
    if not folder.is_dir():
        return []
    found = [
        (int(path.name), path)
        for path in folder.iterdir()
        if path.name.isdecimal() and not path.is_symlink() and (path / UNITS).is_file()
    ]
    return sorted(found)


def load_version(folder: Path) -> FrozenVersion:
    """Return a frozen version. Raises `InputError` for a file that is not one."""
    path = folder / UNITS
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_UNITS_FILE + 1)
    except OSError as error:
        raise InputError(
            f"{path} : version illisible ({system_reason(error)}). Vérifiez le dossier."
        ) from None
    if len(raw) > MAX_UNITS_FILE:
        raise InputError(f"{path} : fichier trop gros pour une version.")
    try:
        return FrozenVersion.model_validate_json(raw)
    except ValidationError:
        raise InputError(
            f"{path} : ce n’est pas une version figée, ou elle a été abîmée. Reprenez-la "
            "d’une sauvegarde."
        ) from None


def load_versions(root: Path) -> list[FrozenVersion]:
    """Return the frozen versions of a workspace, in order."""
    return [load_version(folder) for _, folder in version_folders(root)]


def write_version(root: Path, version: FrozenVersion, files: Mapping[str, str]) -> Path:
    """Write a version with its documents, all at once; return its folder.

    Raises `InputError`, nothing written, when that version exists already.
    """
    folder = root / "versions" / str(version.version)
    content = {UNITS: version.model_dump_json(indent=1) + "\n", **files}
    try:
        folder.parent.mkdir(exist_ok=True)
        with locked(folder.parent / "figer"):
            if folder.exists():
                raise InputError(
                    f"{folder} : cette version existe déjà, et ne se réécrit pas. "
                    "Recommencez : la suivante sera prise."
                )
            staging = Path(tempfile.mkdtemp(prefix=".figer-", dir=folder.parent))
            try:
                for name, text in content.items():
                    write_atomic(staging / name, text)
                staging.chmod(0o755)
                staging.rename(folder)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise InputError(
            f"{folder} : écriture impossible ({system_reason(error)}). Rien n’est figé : "
            "libérez de la place ou vérifiez les droits, puis recommencez."
        ) from None
    return folder
