"""The form to contribute without a server: one page, every unit of the frozen version.

One page rather than one per unit: the frozen texts weigh less than the frame of the
theme repeated, and a page opened from a disk keeps its drafts from one article to the
next. Without a script, the address of an article leads to its text and its message.
"""

from collections.abc import Mapping
from urllib.parse import quote

from charter_builder.carnet import FORMAT, MAX_CARNET, MAX_ITEMS, charter_name
from charter_builder.register import MAX_PASSAGE, MAX_TEXT
from charter_builder.units import FrozenVersion, Unit
from charter_builder.website.dialogue_view import FOLDER, Consultation
from charter_builder.website.dialogue_words import environment
from charter_builder.website.finish import place_of

PAGE = "contribuer"


def version_to_read(consultation: Consultation | None) -> FrozenVersion | None:
    """Return the version contributions are written on, or nothing when none can be."""
    if consultation is None or consultation.dialogue.closed is not None:
        return None
    known = {entry.version for entry in consultation.dialogue.versions}
    frozen = [v for v in consultation.versions if v.version in known]
    return max(frozen, key=lambda v: v.version, default=None)


def form_shell() -> dict[str, str]:
    """Return the Markdown page of the form, by path."""
    text = (
        '---\ntitle: "Contribuer"\nhide: [toc]\nsearch: {exclude: true}\n---\n'
        f"# Contribuer\n\n{place_of(PAGE)}\n"
    )
    return {f"{FOLDER}/{PAGE}.md": text}


def form_fragment(
    consultation: Consultation, version: FrozenVersion, contact: str | None
) -> Mapping[str, str]:
    """Return the form, every text in it escaped, by the name of its place."""
    return {
        PAGE: _ENVIRONMENT.get_template("contribuer.html.jinja").render(
            settings=consultation.dialogue.opened,
            version=version,
            name=charter_name(version),
            contact=contact,
            message=lambda unit: _message(contact, version, unit),
        )
    }


def _message(contact: str | None, version: FrozenVersion, unit: Unit) -> str:
    """Return the address of a message about a unit, for who has no script."""
    subject = f"Contribution, version {version.version} : {unit.name}"
    body = "\r\n".join(
        (
            f"{unit.name} ({unit.id}), version {version.version}",
            "",
            "Organisation (aucun nom de personne n’est nécessaire) :",
            "",
            "Commentaire, question ou rédaction proposée :",
            "",
            "Exposé des motifs :",
            "",
        )
    )
    return f"mailto:{contact}?subject={quote(subject)}&body={quote(body)}"


_ENVIRONMENT = environment()
_ENVIRONMENT.globals.update(
    carnet_format=FORMAT,
    max_bytes=MAX_CARNET,
    max_items=MAX_ITEMS,
    max_text=MAX_TEXT,
    max_passage=MAX_PASSAGE,
)
