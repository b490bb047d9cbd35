"""The registrar: records what people send, the same way whatever brought it."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from charter_builder.consultation import moment
from charter_builder.contributions import (
    Origin,
    Refusal,
    Submission,
    admitted,
    says_again,
)
from charter_builder.dialogue import Dialogue, Standing
from charter_builder.register import AnyEntry, Recorded
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
        organisation are then the same contribution. Raises `Refusal` with the field
        to mend, or what `Journal.append` raises; then nothing is recorded.
        """
        salts = self.random(), self.random()
        size = len(self.journal.entries)

        def make(dialogue: Dialogue, stamp: Stamp) -> AnyEntry:
            nonlocal size
            size = stamp.seq - 1
            known = dialogue.keys.get(submission.key)
            if known is not None:
                return self._same(known, submission, origin)
            again = self._typed_before(dialogue, submission, origin) if typed else None
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
            self._same(known, submission, origin)
            return False
        at = max(moment(self.journal.clock()), dialogue.last_at)
        admitted(submission, origin, dialogue, self.versions, at, (_NO_SALT, _NO_SALT))
        return True

    def _same(self, seq: int, submission: Submission, origin: Origin) -> AnyEntry:
        """Return the entry of a key sent again. Raises `Refusal` if it says otherwise."""
        entry = self.journal.entries[seq - 1]
        if (
            isinstance(entry, Recorded)
            and entry.contribution.organisation == origin.organisation
            and says_again(entry.contribution, submission, self.versions)
        ):
            return entry
        raise Refusal(
            "key",
            "une autre contribution porte déjà cette clé : celle-ci a été modifiée après "
            "son envoi. Déposez-la comme une nouvelle contribution.",
        )

    def _typed_before(
        self, dialogue: Dialogue, submission: Submission, origin: Origin
    ) -> Standing | None:
        """Return what the organisation already said in these words.

        What was withdrawn or erased may be said again.
        """
        for standing in dialogue.of(origin.organisation):
            known = standing.contribution
            is_erased = known.text is None or (
                known.proposed_digest is not None and known.proposed is None
            )
            if standing.withdrawn_at or is_erased:
                continue
            if says_again(known, submission, self.versions):
                return standing
        return None


_NO_SALT = "0" * 32
