"""One document of every kind of field, on the small library."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from variants import edited

from charter_builder.library import Library

REQUEST = """\
kind: document
title: Demande de repos
purpose: L'agent demande ses heures.
for: Remplie par l'agent.
references: [repos.quotidien]
satisfies: [C03]
sections:
  - title: L'agent
    text: |
      Le repos dure {{ repos_minimal|heures }}.
    fields:
      - {kind: line, label: Nom}
      - {kind: date, label: À partir du}
      - {kind: lines, lines: 2, label: "Pourquoi ?"}
  - title: Les heures
    article: true
    fields:
      - kind: choice
        label: La demande porte sur
        choices: |
          {% if 'plage' in horaires %}
          - la plage de {{ debut|heure }} à {{ fin|heure }} ;
          {% endif %}
          - une autre plage ;
      - kind: choices
        label: Les cas
        hint: cocher ce qui convient
        when: "'souple' in horaires"
        choices: |
          {% for un_cas in cas %}
          - {{ un_cas }}
          {% endfor %}
      - {kind: checkbox, label: L'agent a lu la charte.}
  - title: Le grand service
    article: true
    when: agents >= 200
    text: |
      Un second avis est rendu.
  - title: La réponse
    article: true
    new_page: true
    fields:
      - kind: table
        label: Les avis
        columns: [Avis, Oui, Non]
        rows: |
          - encadrant
        blank_rows: 1
      - {kind: signature, label: L'agent}
      - {kind: signature, label: L'encadrant}
"""
SMALL = Path(__file__).parent / "small"
MANIFEST = (SMALL / "library.yml").read_text(
    encoding="utf-8"
) + "documents: [demande]\n"
"""The manifest of the small library, once it has that document."""


def with_document(library: Library, **fields: Any) -> Library:
    """Return the library with that document, some of its fields changed."""
    told = _frozen(YAML(typ="safe").load(REQUEST))
    return edited(
        library,
        {"annexes/demande": told | fields, "library": {"documents": ("demande",)}},
    )


def _frozen(told: Any) -> Any:
    """Return plain data with the tuples that strict values want."""
    if isinstance(told, dict):
        return {key: _frozen(value) for key, value in told.items()}
    return tuple(map(_frozen, told)) if isinstance(told, list) else told
