from typing import Any

import pytest
from pydantic import ValidationError

from charter_builder.workspace import (
    SHIPPED,
    LibraryLock,
    SiteSettings,
    WorkspaceSettings,
)


def test_a_workspace_is_private_and_follows_the_shipped_library_unless_it_says_so() -> (
    None
):
    settings = WorkspaceSettings(territory="ville-de-valmorane")

    assert (settings.library, settings.visibility) == (SHIPPED, "private")


@pytest.mark.parametrize(
    "fields",
    [
        {"contact": "charte.teletravail@ville-de-valmorane.fr"},
        {"address": "https://ville-de-valmorane.fr/charte/"},
        {"address": "https://localhost:8000"},
        {"opens": "2027-01-04", "closes": "2027-01-04"},
        {"closes": "2027-01-29"},
        {"accent": "#1B5e82"},
    ],
)
def test_the_settings_of_a_site_are_accepted(fields: dict[str, str]) -> None:
    told: dict[str, Any] = SiteSettings.model_validate(fields).model_dump()

    assert told.items() >= fields.items()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"contact": "rh"}, "« contact » doit être une adresse de messagerie."),
        ({"contact": "a@b.fr\nBcc: c@d.fr"}, "« contact » doit être une adresse"),
        ({"contact": "<script>@b.fr"}, "« contact » doit être une adresse"),
        ({"contact": "a@b.fr?subject=x"}, "« contact » doit être une adresse"),
        ({"address": "http://a.fr"}, "« address » doit être une adresse https://…"),
        ({"address": "javascript:alert(1)"}, "« address » doit être une adresse"),
        ({"address": 'https://a.fr/"><script>'}, "« address » doit être une adresse"),
        ({"address": "https://b@a.fr"}, "« address » doit être une adresse"),
        ({"opens": "2027-02-30"}, "« 2027-02-30 » n’est pas une date du calendrier"),
        (
            {"opens": "2027-02-01", "closes": "2027-01-01"},
            "« closes » est avant « opens » : inversez les deux dates.",
        ),
        ({"accent": "red"}, "string_pattern_mismatch"),
        ({"accent": "#1b5e82;x"}, "string_pattern_mismatch"),
        ({"logo": "a.png"}, "extra_forbidden"),
    ],
)
def test_settings_that_would_harm_a_page_are_refused(
    fields: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        SiteSettings.model_validate(fields)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"territory": "../ailleurs"},
        {"territory": "Ville"},
        {"territory": "a", "visibility": "publique"},
        {"territory": "a", "library": ""},
        {},
    ],
)
def test_a_workspace_with_a_wrong_setting_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        WorkspaceSettings.model_validate(fields)


@pytest.mark.parametrize("digest", ["", "0" * 63, "0" * 65, "G" * 64, "0" * 64 + "\n"])
def test_a_lock_holds_a_whole_digest(digest: str) -> None:
    with pytest.raises(ValidationError):
        LibraryLock(id="petite", version="1.0.0", digest=digest)
