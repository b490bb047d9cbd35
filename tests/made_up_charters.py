"""Two made-up documents, and how the small library says them."""

import shutil
from pathlib import Path

from trees import write_tree

SMALL = Path(__file__).parent / "small"

CHARTER = """\
id: ville
title: Charte d'une ville inventée
issuer: Ville inventée
kind: charte
year: 2025
url: nulle part
completeness: full
provisions:
  - id: ville-p1
    theme: horaires
    kind: rule
    provision: Les journées commencent à heure fixe
    parameters: {debut: '09:00'}
    seen: text
  - id: ville-p2
    theme: horaires
    kind: rule
    provision: Les soirées sont très longues
    seen: text
  - id: ville-p3
    theme: couts
    kind: right
    provision: Un forfait et une prime
    seen: text
  - id: ville-p4
    theme: couts
    kind: rule
    provision: Les coûts
    seen: heading
"""
GUIDE = """\
id: guide
title: Guide inventé
issuer: Syndicat inventé
kind: guide
year: 2024
url: nulle part
completeness: partial
provisions:
  - id: guide-p1
    theme: divers
    kind: principle
    provision: Chacun salue son chat
    seen: secondary
"""
BASE = "act_date: '2027-03-01'\nprofile: court\nvalues: {nom: Essai}\n"
ENTRIES = """\
ville-p1: {kind: expressed, clauses: [horaires/plage], values: {debut: '09:00'}}
ville-p2:
  kind: refused
  rule: temps.repos
  clauses: [horaires/plage]
  values: {debut: '22:00', fin: '07:00'}
ville-p3: {kind: partial, clauses: [couts/forfait], lacks: La prime.}
ville-p4: {kind: expressed, clauses: [couts]}
"""
GUIDE_ENTRIES = "guide-p1: {kind: absent, why: Ce n'est pas une règle de travail.}\n"


def documents(folder: Path) -> Path:
    """Write the documents; return their folder."""
    return write_tree(folder, {"ville.yml": CHARTER, "guide.yml": GUIDE})


def mapped_library(folder: Path) -> Path:
    """Copy the small library, with its mapping; return its folder."""
    shutil.copytree(SMALL, folder)
    return write_tree(
        folder,
        {
            "coverage/base.yml": BASE,
            "coverage/ville.yml": ENTRIES,
            "coverage/guide.yml": GUIDE_ENTRIES,
        },
    )
