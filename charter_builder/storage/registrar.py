"""The registrar: records what people send, the same way whatever brought it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from charter_builder.consultation import moment
from charter_builder.contributions import Origin, Refusal, Submission, admitted
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.register import AnyEntry, Contribution, Recorded, clean_text
from charter_builder.storage.register_files import Journal, Stamp
from charter_builder.units import FrozenVersion


class Outcome(NamedTuple):
    """A contribution that is in the register."""

    standing: Standing
    is_new: bool
    """Or it was there already: the same key, sent again."""


def random_hex() -> str:
    """Return 128 fresh random bits, as the register writes keys and salts."""
    return secrets.token_hex(16)


@dataclass
class Registrar:
    """Records in one register, against the frozen versions of its workspace.

    `random` gives keys and salts; only the sample replaces it, to be the same twice.
    """

    journal: Journal
    versions: Mapping[int, FrozenVersion]
    random: Callable[[], str] = random_hex

    def record(
        self, submission: Submission, origin: Origin, typed: bool = False
    ) -> Outcome:
        """Record a contribution, once however many times it is sent.

        What a person `typed` has a new key each time: the same words of the same
        organisation are then the same contribution. Raises `Refusal` with the field to mend, or what `Journal.append` raises; then
        nothing is recorded.
        """
        salts = self.random(), self.random()
        size = len(self.journal.entries)

        def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
            nonlocal size
            size = stamp.seq - 1
            known = dialogue.keys.get(submission.key)
            if known is not None:
                return _same(self.journal.entries[known - 1], submission, origin)
            again = _typed_before(dialogue, submission, origin) if typed else None
            if again is not None:
                return self.journal.entries[again.seq - 1]
            contribution = admitted(
                submission, origin, dialogue, self.versions, stamp.at, salts
            )
            return Recorded(**stamp._asdict(), contribution=contribution)

        entry = self.journal.append(make)
        assert isinstance(entry, Recorded)
        standing = self.journal.dialogue.standing(entry.contribution.id)
        return Outcome(standing, entry.seq > size)

    def foresee(self, submission: Submission, origin: Origin) -> bool:
        """Return whether recording this would add an entry; nothing is written.

        Raises `Refusal` as `record` would.
        """
        dialogue = self.journal.refresh()
        known = dialogue.keys.get(submission.key)
        if known is not None:
            _same(self.journal.entries[known - 1], submission, origin)
            return False
        at = max(moment(self.journal.clock()), dialogue.last_at)
        admitted(submission, origin, dialogue, self.versions, at, (_NO_SALT, _NO_SALT))
        return True


_NO_SALT = "0" * 32


def _typed_before(
    dialogue: Dialogue, submission: Submission, origin: Origin
) -> Standing | None:
    """Return what the organisation already said in these words, unless withdrawn."""
    for standing in dialogue.of(origin.organisation):
        known = standing.contribution
        if (
            standing.withdrawn_at is None
            and known.text is not None
            and _says(known, submission)
            and known.proposed == (clean_text(submission.proposed or "") or None)
        ):
            return standing
    return None


def _same(entry: AnyEntry, submission: Submission, origin: Origin) -> AnyEntry:
    """Return the entry of a key sent again. Raises `Refusal` if it is not the same."""
    if (
        isinstance(entry, Recorded)
        and entry.contribution.organisation == origin.organisation
        and _says(entry.contribution, submission)
    ):
        return entry
    raise Refusal(
        "key",
        "une autre contribution porte déjà cette clé : celle-ci a été modifiée après son "
        "envoi. Déposez-la comme une nouvelle contribution.",
    )


def _says(known: Contribution, submission: Submission) -> bool:
    # An erased text cannot be compared: the key is enough.
    return (
        (known.kind, known.target.unit, known.target.version)
        == (submission.kind, submission.unit, submission.version)
        and known.text in (None, clean_text(submission.text))
        and known.proposed in (None, clean_text(submission.proposed or ""))
        and known.choice == submission.choice
    )
