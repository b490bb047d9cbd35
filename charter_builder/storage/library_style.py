"""The files of a library written again in one style, or not touched at all."""

from pathlib import Path

from charter_builder.errors import InputError
from charter_builder.storage.files import write_if_changed
from charter_builder.storage.library_files import (
    MAX_ENTRIES,
    WrittenDocument,
    load_documents,
)
from charter_builder.storage.provisions_files import MAX_ENTRIES as MAX_MAPPING
from charter_builder.storage.provisions_files import load_mapping
from charter_builder.storage.yaml_files import (
    YamlSyntaxError,
    entries,
    is_readable,
    read_text,
)
from charter_builder.storage.yaml_style import StyleError, in_style


def format_library(folder: Path) -> list[Path]:
    """Write the files of a library in our style; return those that changed.

    Raises `DocumentErrors` for a library with errors, and `InputError` for a file that
    would lose something or grow too large: nothing is written then.
    """
    library, documents = load_documents(folder)
    mapping = load_mapping(folder, library)
    # All of them before the first is written.
    texts = [
        *_in_style(documents, folder, MAX_ENTRIES),
        *_in_style(mapping.documents() if mapping else [], folder, MAX_MAPPING),
    ]
    return [document.path for document, text in texts if rewritten(document, text)]


def _in_style(
    documents: list[WrittenDocument], folder: Path, limit: int
) -> list[tuple[WrittenDocument, str]]:
    texts = [(document, _text_in_style(document)) for document in documents]
    if sum(entries(text) for _, text in texts) > limit:
        raise InputError(
            f"{folder} : mise en forme, la bibliothèque serait trop grosse pour être "
            "relue. Rien n’est réécrit : retirez ce qui ne sert plus."
        )
    return texts


def _text_in_style(document: WrittenDocument) -> str:
    try:
        text = in_style(document.text, document.value)
    except StyleError as error:
        raise InputError(
            f"{document.path} : {error}. Rien n’est réécrit : signalez ce fichier aux "
            "auteurs du programme."
        ) from None
    if not is_readable(text):
        raise InputError(
            f"{document.path} : mis en forme, ce fichier serait trop long. Rien n’est "
            "réécrit : découpez-le."
        )
    return text


def rewritten(document: WrittenDocument, text: str) -> bool:
    """Write a file if its style changes; return whether it did.

    Raises `InputError` when somebody wrote in it since it was read.
    """
    try:
        is_as_read = read_text(document.path) == document.text
    except YamlSyntaxError:
        is_as_read = False
    if not is_as_read:
        raise InputError(
            f"{document.path} : ce fichier a changé pendant la mise en forme, et n’est "
            "pas réécrit. Enregistrez votre travail, puis recommencez."
        )
    return write_if_changed(document.path, text)
