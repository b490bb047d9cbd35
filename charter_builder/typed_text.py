"""What people type in one field: a text or a line, cleaned, none too long."""

from charter_builder import french
from charter_builder.errors import InputError
from charter_builder.register import MAX_LINE, MAX_TEXT, clean_text, has_words


def bounded_text(typed: str, missing: str) -> str:
    """Return a cleaned text. Raises `InputError` when it is empty or too long."""
    text = clean_text(typed)
    if not has_words(text):
        raise InputError(missing)
    if len(text) > MAX_TEXT:
        raise InputError(
            f"ce texte compte {french.number(len(text))} caractères, "
            f"{french.number(MAX_TEXT)} au plus : raccourcissez-le."
        )
    return text


def bounded_line(typed: str, missing: str) -> str:
    """Return a text on one line. Raises `InputError` when it is empty or too long."""
    line = " ".join(clean_text(typed).split())
    if not has_words(line):
        raise InputError(missing)
    if len(line) > MAX_LINE:
        raise InputError(
            f"ce texte compte {len(line)} caractères, {MAX_LINE} au plus : "
            "raccourcissez-le."
        )
    return line
