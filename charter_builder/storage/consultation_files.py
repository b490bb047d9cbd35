"""`consultation/`: the settings of a consultation, and what is needed to act on it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from charter_builder.consultation import (
    VISIBILITY_LABELS,
    ConsultationSettings,
    Visibility,
)
from charter_builder.dialogue import Dialogue
from charter_builder.errors import InputError
from charter_builder.storage.register_files import Journal, now
from charter_builder.storage.version_files import load_versions
from charter_builder.storage.workspace_files import SETTINGS as WORKSPACE_SETTINGS
from charter_builder.storage.workspace_files import (
    Workspace,
    load_settings,
    yaml_scalar,
)
from charter_builder.units import FrozenVersion

SETTINGS = "consultation.yml"
REGISTER = "register"
MEMORY = "registre.json"
CACHE = "registre-lu.json"
_SETTINGS = TypeAdapter(ConsultationSettings)


def settings_path(place: Workspace) -> Path:
    return place.consultation / SETTINGS


def load_consultation(place: Workspace) -> ConsultationSettings:
    """Return `consultation.yml`. Raises `DocumentErrors` or `InputError`."""
    return load_settings(settings_path(place), _SETTINGS)


def journal(place: Workspace, clock: Callable[[], datetime] = now) -> Journal:
    """Return the register of a workspace, to write in."""
    return Journal(
        place.consultation / REGISTER,
        place.private / MEMORY,
        clock,
        place.private / CACHE,
    )


def dialogue_of(place: Workspace) -> Dialogue:
    """Return where the consultation of a workspace stands."""
    return journal(place).refresh()


def sound_register(place: Workspace) -> Journal:
    """Return the register to publish: what it says is what was recorded.

    Raises `InputError` for one that is damaged, or a text of it that was altered.
    """
    register = journal(place)
    register.refresh()
    if register.hides:
        # An erasure was cut short: holding the register ends it.
        register.settle()
    return register


def versions_of(place: Workspace) -> dict[int, FrozenVersion]:
    """Return the frozen versions by number."""
    return {version.version: version for version in load_versions(place.root)}


def refuse_other_consultation(place: Workspace, dialogue: Dialogue) -> None:
    """Raise `InputError` when the register is not that of `consultation.yml`."""
    path = settings_path(place)
    if dialogue.settings is None or not path.exists():
        return
    named = load_consultation(place).id
    if named != dialogue.settings.id:
        raise InputError(
            f"{place.consultation / REGISTER} : ce registre est celui d’une autre "
            f"concertation, « {dialogue.settings.id} » ; {path} nomme « {named} ». "
            "Reprenez l’un ou l’autre d’une sauvegarde."
        )


def refuse_publication(place: Workspace, visibility: Visibility) -> None:
    """Raise `InputError` when a register some may read would be published for all."""
    if place.settings.visibility == "public" and visibility != "public":
        raise InputError(
            f"{place.root / WORKSPACE_SETTINGS} : le site serait publié, registre compris, alors que "
            f"les contributions se lisent par {VISIBILITY_LABELS[visibility]}. Écrivez "
            "« visibility: private »."
        )


def consultation_text(settings: ConsultationSettings) -> str:
    """Return `consultation.yml` with a comment for each key."""
    organisations = "".join(
        f"  - id: {organisation.id}\n"
        f"    name: {yaml_scalar(organisation.name)}\n"
        f"    college: {organisation.college}\n"
        + "".join(
            f"    {key}: '{day}'\n"
            for key, day in (
                ("since", organisation.since),
                ("until", organisation.until),
            )
            if day
        )
        for organisation in settings.organisations
    )
    roles = "".join(
        f"  - id: {role.id}\n    title: {yaml_scalar(role.title)}\n"
        for role in settings.roles
    )
    return f"""\
# La concertation : qui participe, quand, qui peut lire. Aucun nom de personne.
id: {settings.id}
title: {yaml_scalar(settings.title)}

# Qui peut lire le registre : parties, agents ou public. Ce choix ne change plus ensuite.
visibility: {settings.visibility}

# Le premier et le dernier jour, jusqu'à minuit à Paris.
opens: '{settings.opens}'
closes: '{settings.closes}'

# Le délai de réponse à une contribution, en jours.
response_days: {settings.response_days}

# Les organisations. college : staff-representatives, employer ou staff.
# Un mandat qui commence ou finit pendant la concertation : since et until, avec un jour.
organisations:
{organisations}
# Les fonctions de l'employeur : qui prépare les réponses, qui les valide. Deux au moins.
roles:
{roles}"""
