"""What `charter.yml` says of a territory's workspace."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from charter_builder.model import Day, Slug, Value

SHIPPED = "fournie"
"""The value of `library` for the library followed unless another is named."""


class SiteSettings(Value):
    """Les réglages du site publié."""

    accent: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#1b5e82"
    """La couleur de la collectivité : '#1b5e82'. Son contraste est vérifié."""
    contact: str | None = None
    """L’adresse fonctionnelle qui reçoit les contributions, jamais celle d’une
    personne."""
    address: str | None = None
    """L’adresse du site, une fois publié."""
    opens: Day | None = None
    """Le premier jour de la concertation : '2027-01-04'."""
    closes: Day | None = None
    """Le dernier jour de la concertation : '2027-01-29'."""

    @model_validator(mode="after")
    def _plain_addresses(self) -> "SiteSettings":
        if self.contact is not None and not re.fullmatch(
            r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+", self.contact
        ):
            raise ValueError("« contact » doit être une adresse de messagerie.")
        if self.address is not None and not re.fullmatch(
            r"https://[\w.-]+(:\d+)?(/[\w./~-]*)?", self.address
        ):
            raise ValueError("« address » doit être une adresse https://…")
        if self.opens and self.closes and self.closes < self.opens:
            raise ValueError(
                "« closes » est avant « opens » : inversez les deux dates."
            )
        return self


class WorkspaceSettings(Value):
    """`charter.yml` : la collectivité, la bibliothèque suivie, le site."""

    territory: Slug
    """Le nom court de la collectivité : ville-de-valmorane."""
    library: Annotated[str, Field(min_length=1, max_length=300)] = SHIPPED
    """La bibliothèque suivie : « fournie », le nom d’une autre bibliothèque fournie
    (« dialogue-social »), ou un dossier voisin."""
    visibility: Literal["private", "public"] = "private"
    """private : rien n’est publié ; public : la publication automatique est permise."""
    site: SiteSettings = SiteSettings()
    """Les réglages du site."""


class LibraryLock(Value):
    """`library.lock` : la version exacte de la bibliothèque du dernier projet."""

    id: str
    """L’identifiant de la bibliothèque."""
    version: str
    """Sa version."""
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """L’empreinte de ses fichiers."""
