"""A long register, written at once: what the bench reads, verifies and shows."""

import random
from collections.abc import Iterator
from pathlib import Path

from charter_builder.chain import as_data, entry_digest, sealed
from charter_builder.charter import Charter
from charter_builder.consultation import (
    ConsultationSettings,
    Organisation,
    Role,
    day_of,
)
from charter_builder.register import (
    NO_PREVIOUS,
    AnyEntry,
    Body,
    Contribution,
    Decided,
    Decision,
    Opened,
    Recorded,
    Reply,
    Target,
    VersionFrozen,
)
from charter_builder.storage.register_files import Journal
from charter_builder.storage.register_text import entry_text
from charter_builder.units import FrozenVersion, as_version
from charter_builder.website.dialogue_view import Consultation

UNIONS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
WORDS = [
    "les",
    "agents",
    "demandent",
    "une",
    "plage",
    "plus",
    "courte",
    "le",
    "matin",
    "et",
    "le",
    "soir",
    "afin",
    "que",
    "chaque",
    "équipe",
    "organise",
    "ses",
    "horaires",
    "avec",
    "son",
    "encadrant",
    "sans",
    "perdre",
    "de",
    "jour",
    "de",
    "repos",
]
SETTINGS = ConsultationSettings(
    id="banc-2027",
    title="Concertation du banc",
    opens="2027-01-04",
    closes="2027-12-29",
    organisations=tuple(
        Organisation(id=union, name=f"Union {union}") for union in UNIONS
    ),
    roles=(Role(id="drh", title="DRH"), Role(id="dgs", title="DGS")),
)


def write_register(folder: Path, charter: Charter, size: int) -> FrozenVersion:
    """Write a register of that many entries: two contributions, then their decision."""
    version = as_version(charter, None)
    folder.mkdir(parents=True)
    previous = NO_PREVIOUS
    for entry in _entries(version, size):
        data = as_data(entry.model_copy(update={"prev": previous}))
        (folder / f"{entry.seq:06}.yml").write_text(entry_text(data), encoding="utf-8")
        previous = entry_digest(data)
    return version


def _entries(version: FrozenVersion, size: int) -> Iterator[AnyEntry]:
    dice = random.Random(2027)
    articles = [unit for unit in version.units if unit.kind == "article"]

    def text(paragraphs: int) -> str:
        return "\n\n".join(
            " ".join(dice.choices(WORDS, k=40)) for _ in range(paragraphs)
        )

    def salt() -> str:
        return f"{dice.getrandbits(128):032x}"

    def stamp(seq: int) -> dict[str, object]:
        day, minute = 5 + seq // 1_440 % 24, seq % 1_440
        at = f"2027-01-{day:02}T{minute // 60:02}:{minute % 60:02}:00Z"
        return {"seq": seq, "prev": NO_PREVIOUS, "at": at}

    yield Opened.model_validate({**stamp(1), "settings": SETTINGS})
    yield VersionFrozen.model_validate(
        {**stamp(2), "version": 1, "digest": version.digest}
    )
    written = 0
    for seq in range(3, size + 1):
        if seq % 3 == 2 and written >= 2:
            replies = tuple(
                Reply(
                    contribution=f"C-{number:04}",
                    disposition="rejected",
                    **sealed("reason", text(1), salt()),
                )
                for number in (written - 1, written)
            )
            decision = Decision(
                id=f"D-{seq // 3:04}",
                body=Body(name="Groupe", date="2027-01-06", roles=("DRH", "DGS")),
                drafted_by="drh",
                validated_by="dgs",
                replies=replies,
            )
            yield Decided.model_validate({**stamp(seq), "decision": decision})
            continue
        written += 1
        unit = dice.choice(articles)
        kind = dice.choice(["comment", "question", "amendment"])
        proposed = (
            sealed("proposed", unit.text.replace("agent", "agent public", 2), salt())
            if kind == "amendment"
            else {}
        )
        contribution = Contribution.model_validate(
            {
                "id": f"C-{written:04}",
                "key": salt(),
                "target": Target(version=1, unit=unit.id, unit_sha256=unit.sha256),
                "kind": kind,
                "operation": "replace" if proposed else None,
                "stance": dice.choice(["for", "reserved", "against", None]),
                "organisation": dice.choice(UNIONS),
                "college": "staff-representatives",
                "channel": "file",
                **sealed("text", text(2), salt()),
                **proposed,
            }
        )
        yield Recorded.model_validate({**stamp(seq), "contribution": contribution})


def shown(journal: Journal, version: FrozenVersion) -> Consultation:
    """Return what the pages show of a register."""
    return Consultation(
        dialogue=journal.dialogue,
        versions=[version],
        entries=journal.entries,
        digests=journal.digests,
        day=day_of(journal.dialogue.last_at),
    )
