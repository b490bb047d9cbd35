"""Who takes part: names that nobody can take for another's, and that stay names."""

from typing import Any

import pytest
from dialogues import SETTINGS
from pydantic import ValidationError

from charter_builder.consultation import ConsultationSettings


def named(*names: str, **others: Any) -> ConsultationSettings:
    """Return settings whose organisations have these names."""
    organisations = [{"id": f"org-{n}", "name": name} for n, name in enumerate(names)]
    given = SETTINGS.model_dump(exclude={"organisations"}, exclude_none=True)
    given |= {"organisations": tuple(organisations), **others}
    return ConsultationSettings.model_validate(given)


@pytest.mark.parametrize(
    "twin",
    [
        "CGT",
        "cgt",
        "C.G.T.",
        "CG\N{CYRILLIC CAPITAL LETTER TE}",
        "\N{FULLWIDTH LATIN CAPITAL LETTER C}GT",
        "CG\N{GREEK CAPITAL LETTER TAU}",
        "C\N{COMBINING ACUTE ACCENT}GT",
    ],
)
def test_two_organisations_do_not_have_names_that_look_alike(twin: str) -> None:
    with pytest.raises(ValidationError, match="se ressemblent"):
        named("CGT", twin)


def test_names_that_differ_are_admitted() -> None:
    names = ("CGT", "CGC", "FO", "Force ouvrière", "SNT", "UNSA", "CFDT 1", "CFDT 2")

    assert [o.name for o in named(*names).organisations] == [*names]


@pytest.mark.parametrize(
    "name", ["CGT\nEmpreinte : 12", "  ", "\N{NO-BREAK SPACE}", "CGT "]
)
def test_a_name_is_one_line_that_says_something(name: str) -> None:
    roles = ({"id": "a", "title": name}, {"id": "b", "title": "B"})

    with pytest.raises(ValidationError, match="une seule ligne"):
        named(name)
    for key, value in {"title": name, "roles": roles}.items():
        with pytest.raises(ValidationError, match="une seule ligne"):
            named("CGT", **{key: value})


def test_a_short_name_that_windows_keeps_for_itself_is_refused() -> None:
    organisations = ({"id": "con", "name": "Conseil"},)
    with pytest.raises(ValidationError, match="Windows"):
        named("CGT", organisations=organisations)
