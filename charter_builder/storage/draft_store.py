"""Replies in preparation, one for each contribution, kept until they are decided."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping

from pydantic import ValidationError

from charter_builder import french
from charter_builder.errors import ConflictError, InputError
from charter_builder.replies import Draft, SavedDraft
from charter_builder.storage.private_store import PrivateStore

_COLUMNS = "role, content, seen, revision, updated"


def drafts(store: PrivateStore) -> list[SavedDraft]:
    """Return every reply in preparation, in the order of the contributions."""
    with store.reading() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM draft ORDER BY length(contribution), contribution"
        ).fetchall()
    return [_saved(store, *row) for row in rows]


def draft_of(store: PrivateStore, contribution: str) -> SavedDraft | None:
    """Return the reply in preparation to one contribution, if any."""
    with store.reading() as db:
        row = db.execute(
            f"SELECT {_COLUMNS} FROM draft WHERE contribution = ?", (contribution,)
        ).fetchone()
    return _saved(store, *row) if row else None


def save_draft(
    store: PrivateStore, draft: Draft, role: str, seen: int, at: str, over: int
) -> None:
    """Keep a reply in preparation in place of the revision `over`, zero if none.

    Raises `ConflictError` when somebody saved another one meanwhile.
    """
    content = draft.model_dump_json(exclude_none=True)
    with store.writing() as db:
        _refuse_other(db.execute(_REVISION, (draft.contribution,)).fetchone(), over)
        db.execute(
            "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, ?, ?)",
            (draft.contribution, role, content, seen, _new_revision(), at),
        )


def discard_draft(store: PrivateStore, contribution: str) -> bool:
    """Forget the reply in preparation to a contribution; return whether it was there."""
    with store.writing() as db:
        found = db.execute("DELETE FROM draft WHERE contribution = ?", (contribution,))
        return found.rowcount > 0


def discard_decided(store: PrivateStore, decided: Iterable[SavedDraft]) -> None:
    """Forget the drafts that a decision made official, unless written again since."""
    with store.writing() as db:
        db.executemany(
            "DELETE FROM draft WHERE contribution = ? AND revision = ?",
            [(saved.draft.contribution, saved.revision) for saved in decided],
        )


def forget_decided(
    store: PrivateStore, decided: Collection[SavedDraft], decision: str
) -> None:
    """Forget the drafts of a decision, which stands even if that fails."""
    try:
        discard_decided(store, decided)
    except InputError as error:
        numbers = french.enumeration([saved.draft.contribution for saved in decided])
        raise InputError(
            f"{error} La décision {decision} est inscrite : ne la refaites pas. Seuls "
            f"restent les projets de réponse ({numbers}), à oublier ensuite : « charter "
            "consultation reply NUMÉRO --discard »."
        ) from None


def keep_begun(
    store: PrivateStore, contribution: str, role: str, fields: Mapping[str, str]
) -> None:
    """Keep what one role typed so far of a reply, in place of what it typed before."""
    with store.writing() as db:
        db.execute(
            "INSERT OR REPLACE INTO begun VALUES (?, ?, ?)",
            (contribution, role, json.dumps(dict(fields), ensure_ascii=False)),
        )


def begun(store: PrivateStore, contribution: str, role: str) -> dict[str, str]:
    """Return what one role typed of a reply it did not finish: nothing most often."""
    with store.reading() as db:
        row = db.execute(
            "SELECT content FROM begun WHERE contribution = ? AND role = ?",
            (contribution, role),
        ).fetchone()
    return {str(k): str(v) for k, v in json.loads(row[0]).items()} if row else {}


def forget_begun(store: PrivateStore, contribution: str) -> bool:
    """Forget what was typed of a reply, by any role; return whether there was any."""
    with store.writing() as db:
        found = db.execute("DELETE FROM begun WHERE contribution = ?", (contribution,))
        return found.rowcount > 0


def _new_revision() -> int:
    """Return a number that no draft had: one given up and written again is another."""
    return 1 + secrets.randbelow(2**53)


_REVISION = "SELECT revision FROM draft WHERE contribution = ?"


def _refuse_other(row: tuple[int] | None, over: int) -> None:
    if (row[0] if row else 0) != over:
        raise ConflictError(
            "une autre personne a enregistré un projet de réponse à cette contribution "
            "pendant ce temps. Relisez-le."
        )


def _saved(
    store: PrivateStore, role: str, content: str, seen: int, revision: int, updated: str
) -> SavedDraft:
    try:
        draft = Draft.model_validate_json(content)
    except ValidationError:
        raise InputError(
            f"{store.path} : un projet de réponse y est abîmé. Le registre n’y perd "
            "rien : reprenez ce fichier d’une sauvegarde."
        ) from None
    return SavedDraft(draft, role, seen, revision, updated)
