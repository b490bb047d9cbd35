"""The oracle: what is lawful, written from the fact sheet and not from `clauses/`.

Whoever writes a line here reads the legal facts, the themes and the names of the
questions: never `clauses/rules/` nor the `legal:` bounds. Two independent readings of
the law are compared by `walk.py`; where they disagree, one of them is wrong.

Each `Predicate` says in French what is lawful, on which facts, when, and from which
answers; its force × confidence, copied from the fact sheet, says what a breach is worth.
A `Contradiction` is a charter that contradicts itself without breaking a text: the
library may refuse it, nothing obliges it to.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Verdict = Literal["error", "warning"]


@dataclass(frozen=True)
class Given:
    """The answers that count: those asked, the options chosen, the date of the act."""

    act_date: str
    values: Mapping[str, object]
    chosen: Mapping[str, tuple[str, ...]]
    """The slugs of the options, by theme id; a closed theme has none."""

    def n(self, name: str) -> Decimal | None:
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        return Decimal(value)

    def at(self, name: str) -> int | None:
        """Return a time of day in minutes."""
        value = self.values.get(name)
        if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
            return None
        return int(value[:2]) * 60 + int(value[3:])

    def takes(self, option: str) -> bool:
        theme, slug = option.split("/")
        return slug in self.chosen.get(theme, ())

    def opens(self, theme: str) -> bool:
        return bool(self.chosen.get(theme))

    def says(self, name: str, value: object) -> bool:
        return self.values.get(name) == value


# Force and confidence of each fact, as the fact sheet gives them.
FACTS: dict[str, tuple[str, str]] = {
    "regime.regle-de-visa": ("HARD", "partly"),
    "cgfp.L251-5.seuil-50": ("HARD", "verified"),
    "cgfp.L251-9.seuil-200": ("HARD", "verified"),
    "cgfp.L223-1.majorite": ("HARD", "verified"),
    "cgfp.R254-38.delais-convocation": ("HARD", "verified"),
    "cgfp.R254-74.suites": ("HARD", "verified"),
    "decret-2016-151.art-2.lieux": ("HARD", "verified"),
    "decret-2016-151.art-2-1.modalites": ("HARD", "verified"),
    "decret-2016-151.art-3.quotite": ("HARD", "verified"),
    "decret-2016-151.art-3.base-mensuelle": ("HARD", "verified"),
    "decret-2016-151.art-3.temps-partiel": ("HARD", "not-verified"),
    "decret-2016-151.art-4.1.sante-handicap": ("HARD", "verified"),
    "decret-2016-151.art-4.3.proche-aidant": ("HARD", "verified"),
    "decret-2016-151.art-5.demande-ecrite": ("HARD", "verified"),
    "decret-2016-151.art-5.reponse-1-mois": ("HARD", "verified"),
    "decret-2016-151.art-5.refus-motive": ("HARD", "verified"),
    "decret-2016-151.art-5.adaptation-3-mois": ("HARD", "verified"),
    "decret-2016-151.art-5.fin-preavis-2-mois": ("HARD", "verified"),
    "decret-2016-151.art-5.fin-preavis-1-mois-adaptation": ("HARD", "verified"),
    "decret-2016-151.art-6.byod": ("HARD", "verified"),
    "decret-2016-151.art-7.1.activites": ("MANDATORY-CONTENT", "verified"),
    "decret-2016-151.art-7.2.locaux": ("MANDATORY-CONTENT", "verified"),
    "decret-2016-151.art-7.3.securite-si": ("MANDATORY-CONTENT", "verified"),
    "decret-2016-151.art-7.4.temps-securite-sante": ("MANDATORY-CONTENT", "verified"),
    "decret-2016-151.art-7.5.acces-institutions": ("MANDATORY-CONTENT", "verified"),
    "decret-2016-151.art-7.6.controle-temps": ("MANDATORY-CONTENT", "verified"),
    "decret-2016-151.art-7.7.couts": ("MANDATORY-CONTENT", "partly"),
    "decret-2016-151.art-7.8.formation": ("MANDATORY-CONTENT", "not-verified"),
    "decret-2016-151.art-7.9.attestation": ("MANDATORY-CONTENT", "partly"),
    "decret-2016-151.art-8.acte-individuel": ("HARD", "verified"),
    "decret-2016-151.art-9.bilan-annuel": ("HARD", "verified"),
    "decret-2016-151.art-10.cap-fonctionnaire": ("HARD", "verified"),
    "cgfp.L430-1.egalite-droits": ("HARD", "verified"),
    "arrete-2021-08-26.montant": ("HARD", "verified"),
    "forfait.pas-de-modulation": ("SOFT", "verified"),
    "temps.garanties-minimales": ("HARD", "verified"),
    "temps.definition": ("HARD", "verified"),
    "temps.cycles": ("HARD", "verified"),
    "temps.horaires-variables": ("HARD", "verified"),
    "deconnexion.repos-socle": ("HARD", "partly"),
    "cgfp.L822-21.citis": ("HARD", "partly"),
    "violation-donnees": ("HARD", "not-verified"),
    "fmd.fpt": ("HARD", "partly"),
    "actes.publication-electronique": ("HARD", "verified"),
    "piege.renouvelable-une-fois": ("HARD", "verified"),
    "piege.avis-medical-grossesse": ("HARD", "verified"),
    "piege.preavis-employeur-court": ("HARD", "verified"),
    "piege.aucun-cout": ("HARD", "verified"),
    "piege.poste-par-poste": ("HARD", "verified"),
    "piege.transport-50": ("HARD", "verified"),
    "piege.acceptation-tacite": ("HARD", "verified"),
    "piege.surveillance": ("HARD", "verified"),
    "piege.visite-imposee": ("HARD", "verified"),
    "piege.byod-regulier": ("HARD", "verified"),
    "piege.visa-perime": ("HARD", "partly"),
    "piege.quatre-jours": ("HARD", "verified"),
}


def worth(fact: str) -> Verdict | None:
    """Return what breaking a fact amounts to: force × confidence (product, §5)."""
    force, confidence = FACTS[fact]
    if force in ("HARD", "MANDATORY-CONTENT"):
        return "warning" if confidence == "not-verified" else "error"
    return "warning" if force == "SOFT" else None


@dataclass(frozen=True)
class Predicate:
    """One thing the law asks. `lawful` is None when it has nothing to say."""

    id: str
    says: str
    facts: tuple[str, ...]
    """The first decides what a breach is worth."""
    names: tuple[str, ...]
    """The questions, and the themes by their id, it reads."""
    lawful: Callable[[Given], bool | None]
    from_: str = ""
    until: str = "9999-12-31"
    edges: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    """The values where its answer tips over, for the sets to come close to them."""

    @property
    def verdict(self) -> Verdict | None:
        return worth(self.facts[0])

    def broken(self, given: Given) -> bool:
        in_force = self.from_ <= given.act_date <= self.until
        return in_force and self.lawful(given) is False


@dataclass(frozen=True)
class Contradiction:
    """A charter that says two things at once: the library may refuse it."""

    id: str
    says: str
    names: tuple[str, ...]
    found: Callable[[Given], bool]
    edges: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """An answer between two limits; None when it was not asked."""

    name: str
    least: Decimal | None = None
    most: Decimal | None = None

    def __call__(self, given: Given) -> bool | None:
        value = given.n(self.name)
        if value is None:
            return None
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


def at_most(name: str, most: str) -> Measure:
    return Measure(name, most=Decimal(most))


def at_least(name: str, least: str) -> Measure:
    return Measure(name, least=Decimal(least))


def limit(
    says: str,
    facts: tuple[str, ...],
    measure: Measure,
    since: str = "2020-05-07",
) -> Predicate:
    edges = tuple(x for x in (measure.least, measure.most) if x is not None)
    return Predicate(
        f"limite.{measure.name}",
        says,
        facts,
        (measure.name,),
        measure,
        from_=since,
        edges={measure.name: edges},
    )


def opened(requirement: str, theme: str, says: str, *facts: str) -> Predicate:
    return Predicate(
        f"contenu.{requirement}.{theme}",
        says,
        facts,
        (theme,),
        lambda g: g.opens(theme),
    )


def hours(given: Given, start: str, end: str) -> Decimal | None:
    """Return the hours from one time to the other, past midnight if need be."""
    a, b = given.at(start), given.at(end)
    return None if a is None or b is None else Decimal((b - a) % 1440) / 60


def overlap(
    given: Given, slot: tuple[str, str], range_: tuple[str, str]
) -> bool | None:
    """Return whether a slot of the day bites into a range that may pass midnight."""
    a, b = given.at(slot[0]), given.at(slot[1])
    c, d = given.at(range_[0]), given.at(range_[1])
    if a is None or b is None or c is None or d is None:
        return None
    inside = {m % 1440 for m in range(c, c + (d - c) % 1440)}
    return any(m % 1440 in inside for m in range(a, a + (b - a) % 1440))


def total_within(given: Given, most: int, *names: str) -> bool | None:
    values = [given.n(name) for name in names]
    known = [value for value in values if value is not None]
    return sum(known) <= most if len(known) == len(values) else None


MORNING = ("plage_matin_debut", "plage_matin_fin")
AFTERNOON = ("plage_apres_midi_debut", "plage_apres_midi_fin")
SLOTS = (*MORNING, *AFTERNOON)
DISCONNECTED = ("debut_deconnexion", "fin_deconnexion")
CUT = ("debut_coupure", "fin_coupure")


SLOT_EDGES = {
    "plage_matin_debut": ("07:00", "08:00"),
    "plage_matin_fin": ("12:30",),
    "plage_apres_midi_debut": ("13:30",),
    "plage_apres_midi_fin": ("18:00", "19:00", "20:00"),
}
NIGHT_EDGES = {
    "debut_deconnexion": ("19:00", "20:00"),
    "fin_deconnexion": ("06:00", "07:00", "08:00"),
}


def slots_are_ordered(given: Given) -> bool:
    times = [given.at(name) for name in SLOTS]
    known = [time for time in times if time is not None]
    if len(known) < 4:
        return True
    return known[0] < known[1] <= known[2] < known[3]


def slot_hours(given: Given) -> Decimal | None:
    morning, afternoon = hours(given, *MORNING), hours(given, *AFTERNOON)
    return None if morning is None or afternoon is None else morning + afternoon


def slots_within(
    given: Given, measured: Decimal | None, most: Decimal | None
) -> bool | None:
    # Slots out of order measure nothing: see the contradiction.
    if measured is None or most is None or not slots_are_ordered(given):
        return None
    return measured <= most


def disconnection_respected(given: Given) -> bool | None:
    met = [overlap(given, slot, DISCONNECTED) for slot in (MORNING, AFTERNOON)]
    if None in met or not slots_are_ordered(given):
        return None
    return not any(met)


def late_work(given: Given) -> bool | None:
    span = hours(given, "plage_matin_debut", "articulation_reprise_fin")
    return None if span is None else span <= 12


def committee(given: Given) -> bool | None:
    staff = given.n("effectif")
    if staff is None:
        return None
    if staff >= 50:
        return not given.says("cst", "centre-de-gestion")
    # The committee of a management centre is its own.
    return not given.says("cst", "propre") or given.says("type_collectivite", "cdg")


def special_body(given: Given) -> bool | None:
    staff = given.n("effectif")
    if staff is None or "formation_specialisee" not in given.values:
        return None
    return staff < 200 or given.says("formation_specialisee", True)


def daily_amount(given: Given, too_much: bool) -> bool | None:
    amount = given.n("forfait_jour")
    if amount is None:
        return None
    order = Decimal("2.88")
    return amount <= order if too_much else amount >= order


def published_long_enough(given: Given) -> bool | None:
    months, people = given.n("duree_publication"), given.n("habitants")
    small = people is None or people < 3500
    if months is None or (given.says("type_collectivite", "commune") and small):
        return None
    bound = ("commune", "departement", "region", "epci")
    if not any(given.says("type_collectivite", kind) for kind in bound):
        return None
    return months >= 2


COUNTING = ("auto-declaration", "badge-virtuel", "forfait-journalier")

PREDICATES: tuple[Predicate, ...] = (
    # --- the territory ---------------------------------------------------------------
    Predicate(
        "cst.seuil",
        "À partir de 50 agents, la collectivité a son comité social territorial ; en "
        "dessous, celui du centre de gestion est compétent.",
        ("cgfp.L251-5.seuil-50",),
        ("effectif", "cst", "type_collectivite"),
        committee,
        from_="2023-01-01",
        edges={"effectif": (50,)},
    ),
    Predicate(
        "formation-specialisee.seuil",
        "La formation spécialisée est obligatoire à partir de 200 agents.",
        ("cgfp.L251-9.seuil-200",),
        ("effectif", "formation_specialisee"),
        special_body,
        from_="2023-01-01",
        edges={"effectif": (200,)},
    ),
    # --- T05, T06: modes and quotité -------------------------------------------------
    limit(
        "Au plus trois jours par semaine, en moyenne quand on compte au mois.",
        ("decret-2016-151.art-3.quotite", "piege.quatre-jours"),
        at_most("teletravail_max_semaine", "3"),
    ),
    limit(
        "Au moins deux jours de présence par semaine, en moyenne quand on compte au mois.",
        ("decret-2016-151.art-3.quotite",),
        at_least("presence_min_semaine", "2"),
    ),
    limit(
        "Compté au mois : au plus douze jours pour quatre semaines.",
        ("decret-2016-151.art-3.base-mensuelle", "decret-2016-151.art-3.quotite"),
        at_most("teletravail_max_mois", "12"),
    ),
    limit(
        "Compté au mois : au moins huit jours de présence pour quatre semaines.",
        ("decret-2016-151.art-3.base-mensuelle", "decret-2016-151.art-3.quotite"),
        at_least("presence_min_mois", "8"),
    ),
    Predicate(
        "quotite.semaine",
        "Télétravail et présence tiennent dans une semaine de cinq jours.",
        ("decret-2016-151.art-3.quotite",),
        ("teletravail_max_semaine", "presence_min_semaine"),
        lambda g: total_within(g, 5, "teletravail_max_semaine", "presence_min_semaine"),
        edges={"teletravail_max_semaine": (2, 3), "presence_min_semaine": (2, 3)},
    ),
    Predicate(
        "quotite.mois",
        "Télétravail et présence tiennent dans quatre semaines de cinq jours.",
        ("decret-2016-151.art-3.base-mensuelle", "decret-2016-151.art-3.quotite"),
        ("teletravail_max_mois", "presence_min_mois"),
        lambda g: total_within(g, 20, "teletravail_max_mois", "presence_min_mois"),
        edges={"teletravail_max_mois": (8, 12), "presence_min_mois": (8, 12)},
    ),
    limit(
        "Sur quatre jours travaillés, deux de présence : deux de télétravail au plus.",
        ("decret-2016-151.art-3.quotite", "decret-2016-151.art-3.temps-partiel"),
        at_most("temps_partiel_80", "2"),
    ),
    limit(
        "Sur trois jours travaillés, deux de présence : un de télétravail au plus.",
        ("decret-2016-151.art-3.quotite", "decret-2016-151.art-3.temps-partiel"),
        at_most("temps_partiel_60_50", "1"),
    ),
    limit(
        "Les jours fixes ne dépassent pas trois par semaine.",
        ("decret-2016-151.art-3.quotite",),
        at_most("jours_fixes_semaine", "3"),
    ),
    limit(
        "La réserve de jours flottants reste dans trois jours par semaine.",
        ("decret-2016-151.art-3.quotite",),
        at_most("jours_flottants_semaine", "3"),
    ),
    limit(
        "La réserve de jours flottants reste dans douze jours par mois.",
        ("decret-2016-151.art-3.quotite", "decret-2016-151.art-3.base-mensuelle"),
        at_most("jours_flottants_mois", "12"),
    ),
    # --- T07: derogations ------------------------------------------------------------
    limit(
        "La dérogation de santé ou de handicap vaut six mois au plus, renouvelable.",
        ("decret-2016-151.art-4.1.sante-handicap",),
        at_most("duree_sante_handicap", "6"),
        since="2021-12-23",
    ),
    limit(
        "La dérogation du proche aidant vaut trois mois au plus, renouvelable.",
        ("decret-2016-151.art-4.3.proche-aidant",),
        at_most("duree_aidant", "3"),
        since="2021-12-23",
    ),
    # --- T11, T12: the answer within one month ----------------------------------------
    *(
        limit(
            "Toute demande reçoit une réponse écrite dans le mois : trente jours.",
            ("decret-2016-151.art-5.reponse-1-mois",),
            at_most(name, "30"),
        )
        for name in (
            "delai_reponse",
            "delai_interne_reponse",
            "delai_second_regard",
            "crise_delai_autorisation",
        )
    ),
    # --- T13: adaptation and notices ---------------------------------------------------
    limit(
        "La période d'adaptation dure trois mois au plus.",
        ("decret-2016-151.art-5.adaptation-3-mois",),
        at_most("duree_adaptation", "3"),
    ),
    limit(
        "Le préavis de la collectivité n'est pas inférieur à deux mois : soixante jours.",
        ("decret-2016-151.art-5.fin-preavis-2-mois", "piege.preavis-employeur-court"),
        at_least("preavis_employeur", "60"),
    ),
    limit(
        "Pendant l'adaptation, le préavis n'est pas inférieur à un mois : trente jours.",
        (
            "decret-2016-151.art-5.fin-preavis-1-mois-adaptation",
            "piege.preavis-employeur-court",
        ),
        at_least("preavis_employeur_adaptation", "30"),
    ),
    limit(
        "Le préavis demandé à l'agent ne dépasse pas deux mois ; plus court, il lui est "
        "favorable.",
        ("decret-2016-151.art-5.fin-preavis-2-mois",),
        at_most("preavis_agent", "60"),
    ),
    # --- T14: working time -------------------------------------------------------------
    limit(
        "Dix heures de travail par jour au plus.",
        ("temps.garanties-minimales",),
        at_most("duree_jour_max", "10"),
    ),
    limit(
        "Douze heures d'amplitude au plus.",
        ("temps.garanties-minimales",),
        at_most("amplitude_max", "12"),
    ),
    limit(
        "Onze heures de repos quotidien au moins.",
        ("temps.garanties-minimales",),
        at_least("repos_quotidien", "11"),
    ),
    limit(
        "Trente-cinq heures de repos hebdomadaire au moins.",
        ("temps.garanties-minimales",),
        at_least("repos_hebdo", "35"),
    ),
    limit(
        "Vingt minutes de pause au moins par six heures de travail.",
        ("temps.garanties-minimales",),
        at_least("pause_6h", "20"),
    ),
    limit(
        "Six heures de crédit ou de débit au plus par quinzaine.",
        ("temps.horaires-variables",),
        at_most("credit_debit_sur_quinzaine", "6"),
    ),
    limit(
        "Douze heures de crédit ou de débit au plus par mois.",
        ("temps.horaires-variables",),
        at_most("credit_debit", "12"),
    ),
    Predicate(
        "temps.decompte",
        "La charte dit comment le temps de travail est compté : une alerte ne compte pas.",
        ("decret-2016-151.art-7.6.controle-temps",),
        ("temps-travail",),
        lambda g: any(g.takes(f"temps-travail/{option}") for option in COUNTING),
    ),
    Predicate(
        "temps.decompte-quotidien",
        "Sous horaires variables, le temps de chaque agent est compté chaque jour : "
        "badge ou déclaration.",
        ("temps.horaires-variables",),
        ("horaires_variables", "temps-travail"),
        lambda g: (
            g.takes("temps-travail/auto-declaration")
            or g.takes("temps-travail/badge-virtuel")
            if g.says("horaires_variables", True)
            else None
        ),
    ),
    # --- T15, T17, T18: slots, rest and disconnection -----------------------------------
    Predicate(
        "plages.amplitude",
        "Du début de la plage du matin à la fin de celle de l'après-midi : douze heures "
        "au plus.",
        ("temps.garanties-minimales", "temps.cycles"),
        SLOTS,
        lambda g: slots_within(
            g, hours(g, "plage_matin_debut", "plage_apres_midi_fin"), Decimal(12)
        ),
        edges=SLOT_EDGES,
    ),
    Predicate(
        "plages.cycle-amplitude",
        "Les plages tiennent dans la journée de travail : son amplitude locale.",
        ("temps.cycles", "decret-2016-151.art-8.acte-individuel"),
        (*SLOTS, "amplitude_max"),
        lambda g: slots_within(
            g,
            hours(g, "plage_matin_debut", "plage_apres_midi_fin"),
            g.n("amplitude_max"),
        ),
        edges={**SLOT_EDGES, "amplitude_max": (10, 12)},
    ),
    Predicate(
        "plages.duree",
        "Être à disposition est travailler : dix heures de plages au plus par jour.",
        ("temps.garanties-minimales", "temps.definition"),
        SLOTS,
        lambda g: slots_within(g, slot_hours(g), Decimal(10)),
        edges=SLOT_EDGES,
    ),
    Predicate(
        "plages.cycle-duree",
        "Les plages tiennent dans la journée de travail : sa durée locale.",
        ("temps.cycles", "temps.definition"),
        (*SLOTS, "duree_jour_max"),
        lambda g: slots_within(g, slot_hours(g), g.n("duree_jour_max")),
        edges={**SLOT_EDGES, "duree_jour_max": (8, 10)},
    ),
    Predicate(
        "deconnexion.onze-heures",
        "La plage de déconnexion laisse au moins onze heures.",
        ("deconnexion.repos-socle", "temps.garanties-minimales"),
        DISCONNECTED,
        lambda g: None if (span := hours(g, *DISCONNECTED)) is None else span >= 11,
        edges=NIGHT_EDGES,
    ),
    Predicate(
        "plages.deconnexion",
        "Les plages de joignabilité sont hors de la plage de déconnexion.",
        ("deconnexion.repos-socle",),
        (*SLOTS, *DISCONNECTED),
        disconnection_respected,
        edges={**SLOT_EDGES, **NIGHT_EDGES},
    ),
    Predicate(
        "articulation.interruption",
        "La journée et son interruption tiennent dans douze heures.",
        ("temps.garanties-minimales",),
        ("duree_jour_max", "articulation_interruption"),
        lambda g: total_within(g, 12, "duree_jour_max", "articulation_interruption"),
        edges={"duree_jour_max": (8, 10), "articulation_interruption": (2, 4)},
    ),
    Predicate(
        "articulation.amplitude",
        "Le travail décalé finit dans les douze heures qui suivent le début du matin.",
        ("temps.garanties-minimales",),
        ("articulation_reprise_fin", "plage_matin_debut"),
        late_work,
        edges={
            "plage_matin_debut": ("08:00", "09:30"),
            "articulation_reprise_fin": ("20:00", "21:30", "07:00"),
        },
    ),
    # --- T09: places --------------------------------------------------------------------
    Predicate(
        "lieux.locaux",
        "Les locaux que la collectivité met à disposition sont listés.",
        ("decret-2016-151.art-7.2.locaux",),
        ("lieux", "locaux_mis_a_disposition"),
        lambda g: (
            bool(g.values.get("locaux_mis_a_disposition"))
            if g.takes("lieux/tiers-lieux") or g.takes("lieux/sites-collectivite")
            else None
        ),
    ),
    # --- T26, T29: equipment and security ------------------------------------------------
    Predicate(
        "byod.jours-fixes",
        "Le matériel personnel ne sert pas pour les jours fixes de télétravail régulier.",
        ("decret-2016-151.art-6.byod", "piege.byod-regulier"),
        ("usage_materiel_personnel",),
        lambda g: (
            "jours-fixes" not in used
            if isinstance(used := g.values.get("usage_materiel_personnel"), tuple)
            else None
        ),
    ),
    limit(
        "L'incident se signale assez tôt pour prévenir la CNIL dans les 72 heures.",
        ("violation-donnees",),
        at_most("delai_signalement", "72"),
    ),
    # --- T27, T34: money -------------------------------------------------------------------
    Predicate(
        "forfait.jour-trop-haut",
        "Le forfait par jour ne dépasse pas le montant de l'arrêté.",
        ("arrete-2021-08-26.montant",),
        ("forfait_jour",),
        lambda g: daily_amount(g, too_much=True),
        from_="2023-01-01",
        edges={"forfait_jour": (Decimal("2.88"),)},
    ),
    Predicate(
        "forfait.jour-trop-bas",
        "Selon la doctrine, le montant par jour ne se module pas à la baisse.",
        ("forfait.pas-de-modulation",),
        ("forfait_jour",),
        lambda g: daily_amount(g, too_much=False),
        from_="2023-01-01",
        edges={"forfait_jour": (Decimal("2.88"),)},
    ),
    limit(
        "Le plafond annuel local ne dépasse pas celui de l'arrêté.",
        ("arrete-2021-08-26.montant",),
        at_most("forfait_plafond_an", "253.44"),
        since="2025-01-01",
    ),
    limit(
        "Le forfait mobilités durables ne dépasse pas 300 euros par an.",
        ("fmd.fpt",),
        at_most("fmd_plafond", "300"),
    ),
    # --- T32, T36: accidents and crisis ------------------------------------------------------
    limit(
        "L'accident se déclare dans les quinze jours.",
        ("cgfp.L822-21.citis",),
        at_most("delai_declaration_interne", "15"),
    ),
    limit(
        "Sept jours de suite ne laissent pas trente-cinq heures de repos par semaine.",
        ("temps.garanties-minimales",),
        at_most("roles_jours_consecutifs", "6"),
    ),
    # --- T30, T39, T40: bodies ---------------------------------------------------------------
    limit(
        "Les membres du comité connaissent dans les deux mois la suite de leurs avis.",
        ("cgfp.R254-74.suites",),
        at_most("delai_suites_membres_cst", "2"),
        since="2025-02-01",
    ),
    limit(
        "Le bilan est au moins annuel.",
        ("decret-2016-151.art-9.bilan-annuel",),
        at_most("periodicite_bilan", "12"),
    ),
    *(
        limit(
            "Les documents parviennent au comité huit jours au moins avant la séance.",
            ("cgfp.R254-38.delais-convocation",),
            at_least(name, "8"),
            since="2025-02-01",
        )
        for name in ("delai_envoi_bilan", "delai_envoi_outils")
    ),
    # --- T41, T42: vehicle and publication -----------------------------------------------------
    Predicate(
        "accord.election",
        "L'élection de référence précède l'acte.",
        ("cgfp.L223-1.majorite",),
        ("date_election_reference",),
        lambda g: (
            day <= g.act_date
            if isinstance(day := g.values.get("date_election_reference"), str)
            else None
        ),
    ),
    Predicate(
        "limite.duree_publication",
        "Publiée en ligne par obligation, la délibération le reste deux mois au moins.",
        ("actes.publication-electronique",),
        ("duree_publication", "type_collectivite", "habitants"),
        published_long_enough,
        from_="2022-07-01",
        edges={"duree_publication": (2,), "habitants": (3500,)},
    ),
    # --- compulsory contents (C01 to C29): the article exists ----------------------------------
    opened(
        "C01",
        "activites-eligibles",
        "Les activités éligibles sont dites.",
        "decret-2016-151.art-7.1.activites",
    ),
    opened(
        "C02",
        "lieux",
        "Les locaux mis à disposition sont dits.",
        "decret-2016-151.art-7.2.locaux",
    ),
    opened(
        "C15",
        "lieux",
        "Les lieux ouverts sont dits.",
        "decret-2016-151.art-2.lieux",
    ),
    opened(
        "C03",
        "securite-si",
        "La sécurité informatique et les données sont traitées.",
        "decret-2016-151.art-7.3.securite-si",
    ),
    opened(
        "C24",
        "securite-si",
        "L'usage du matériel personnel est dit.",
        "decret-2016-151.art-6.byod",
    ),
    opened(
        "C04",
        "temps-travail",
        "Le temps de travail est traité (C04, C06).",
        "decret-2016-151.art-7.4.temps-securite-sante",
        "decret-2016-151.art-7.6.controle-temps",
    ),
    opened(
        "C05",
        "sante-prevention",
        "La santé et l'accès des instances au lieu de télétravail sont traités.",
        "decret-2016-151.art-7.5.acces-institutions",
        # Half of what that article asks for; working time is the other.
        "decret-2016-151.art-7.4.temps-securite-sante",
    ),
    opened(
        "C07",
        "couts-forfait",
        "La prise en charge des coûts est dite.",
        "decret-2016-151.art-7.7.couts",
    ),
    opened(
        "C08",
        "formation",
        "La formation aux outils est dite.",
        "decret-2016-151.art-7.8.formation",
    ),
    opened(
        "C09",
        "espace-conformite",
        "Les conditions de l'attestation de conformité sont dites.",
        "decret-2016-151.art-7.9.attestation",
    ),
    opened(
        "C12",
        "quotite",
        "La quotité et sa base sont dites.",
        "decret-2016-151.art-3.quotite",
    ),
    opened(
        "C13",
        "situations-particulieres",
        "Les quatre dérogations sont dites.",
        "decret-2016-151.art-4.1.sante-handicap",
    ),
    opened(
        "C14",
        "modalites",
        "Les modalités ouvertes sont dites.",
        "decret-2016-151.art-2-1.modalites",
    ),
    opened(
        "C16",
        "demande-autorisation",
        "La demande et la réponse dans le mois sont dites.",
        "decret-2016-151.art-5.demande-ecrite",
    ),
    opened(
        "C17",
        "refus-recours",
        "Le refus motivé et l'entretien sont dits.",
        "decret-2016-151.art-5.refus-motive",
    ),
    opened(
        "C19",
        "refus-recours",
        "La saisine de la commission est dite.",
        "decret-2016-151.art-10.cap-fonctionnaire",
    ),
    opened(
        "C18",
        "adaptation-reversibilite",
        "L'adaptation et les préavis sont dits.",
        "decret-2016-151.art-5.adaptation-3-mois",
    ),
    opened(
        "C22",
        "objectifs-principes",
        "L'égalité de droits entre agents est dite.",
        "cgfp.L430-1.egalite-droits",
    ),
    opened(
        "C25",
        "bilan-retex",
        "Le bilan annuel est dit.",
        "decret-2016-151.art-9.bilan-annuel",
    ),
)


def exceeds(name: str, other: str) -> Callable[[Given], bool]:
    def found(given: Given) -> bool:
        a, b = given.n(name), given.n(other)
        return a is not None and b is not None and a > b

    return found


def is_after(name: str, other: str) -> Callable[[Given], bool]:
    def found(given: Given) -> bool:
        a, b = given.at(name), given.at(other)
        return a is not None and b is not None and a >= b

    return found


def over(total: int, *names: str) -> Callable[[Given], bool]:
    return lambda given: total_within(given, total, *names) is False


def bites(slot: tuple[str, str], range_: tuple[str, str]) -> Callable[[Given], bool]:
    return lambda given: bool(overlap(given, slot, range_))


def falls_inside(given: Given, moment: str, range_: tuple[str, str]) -> bool:
    at, start, end = given.at(moment), given.at(range_[0]), given.at(range_[1])
    if at is None or start is None or end is None:
        return False
    return 0 < (at - start) % 1440 < (end - start) % 1440


def lunch_is_short(given: Given) -> bool:
    gap = hours(given, "plage_matin_fin", "plage_apres_midi_debut")
    lunch = given.n("pause_meridienne")
    return gap is not None and lunch is not None and gap * 60 < lunch


def replacement_is_closed(given: Given) -> bool:
    proposed = given.values.get("solutions_rechange")
    if not isinstance(proposed, tuple) or given.takes("lieux/lieu-libre"):
        return False
    return ("tiers-lieu" in proposed and not given.takes("lieux/tiers-lieux")) or (
        "autre-site" in proposed and not given.takes("lieux/sites-collectivite")
    )


CONTRADICTIONS: tuple[Contradiction, ...] = (
    Contradiction(
        "modalites.cumul",
        "La quotité ajoute une réserve aux jours fixes ; les modalités le refusent.",
        ("cumul_fixe_reserve",),
        lambda g: (
            g.takes("quotite/un-jour-plus-forfait")
            and g.takes("modalites/mixte")
            and g.values.get("cumul_fixe_reserve") is False
        ),
    ),
    Contradiction(
        "plages.ordre",
        "Les plages ne se suivent pas dans la journée : rien n'y est mesurable.",
        (*SLOTS, *DISCONNECTED, *CUT, "duree_jour_max", "amplitude_max"),
        lambda g: not slots_are_ordered(g),
    ),
    Contradiction(
        "plages.pause-meridienne",
        "Entre les deux plages, la pause de midi ne tient pas.",
        (*SLOTS, "pause_meridienne"),
        lunch_is_short,
    ),
    *(
        Contradiction(
            f"quotite.{name}",
            "Une partie du télétravail dépasse le maximum.",
            (name, "teletravail_max_semaine"),
            exceeds(name, "teletravail_max_semaine"),
        )
        for name in (
            "jours_fixes_semaine",
            "jours_flottants_semaine",
            "temps_partiel_80",
            "temps_partiel_60_50",
            "teletravail_min_service",
            "volume_depart_accompagne",
        )
    ),
    Contradiction(
        "quotite.flottants-mois",
        "La réserve du mois dépasse le maximum du mois.",
        ("jours_flottants_mois", "teletravail_max_mois"),
        exceeds("jours_flottants_mois", "teletravail_max_mois"),
    ),
    Contradiction(
        "collectif.jours-communs",
        "Jours communs et télétravail ne tiennent pas dans la semaine.",
        ("jours_communs_semaine", "teletravail_max_semaine"),
        over(5, "jours_communs_semaine", "teletravail_max_semaine"),
    ),
    Contradiction(
        "temps.journee",
        "La journée est plus longue que son amplitude.",
        ("duree_jour_max", "amplitude_max"),
        exceeds("duree_jour_max", "amplitude_max"),
    ),
    Contradiction(
        "temps.nuit",
        "Amplitude et repos ne tiennent pas dans vingt-quatre heures.",
        ("amplitude_max", "repos_quotidien"),
        over(24, "amplitude_max", "repos_quotidien"),
    ),
    Contradiction(
        "refus.second-regard",
        "Le second regard dure plus que le délai de réponse.",
        ("delai_second_regard", "delai_reponse"),
        exceeds("delai_second_regard", "delai_reponse"),
    ),
    Contradiction(
        "visio.ordre",
        "Les réunions finissent avant de pouvoir commencer.",
        ("visio_pas_avant", "visio_pas_apres", *DISCONNECTED),
        is_after("visio_pas_avant", "visio_pas_apres"),
    ),
    Contradiction(
        "deconnexion.reunions",
        "Une réunion entre dans la déconnexion.",
        ("visio_pas_avant", "visio_pas_apres", *DISCONNECTED),
        bites(("visio_pas_avant", "visio_pas_apres"), DISCONNECTED),
    ),
    Contradiction(
        "deconnexion.travail-decale",
        "Le travail décalé finit pendant la déconnexion.",
        ("articulation_reprise_fin", *DISCONNECTED),
        lambda g: falls_inside(g, "articulation_reprise_fin", DISCONNECTED),
    ),
    Contradiction(
        "plages.coupure",
        "Une plage de joignabilité tombe pendant la coupure technique.",
        (*SLOTS, *CUT),
        lambda g: bool(overlap(g, MORNING, CUT) or overlap(g, AFTERNOON, CUT)),
    ),
    Contradiction(
        "demande.entretien",
        "L'entretien vient après la réponse.",
        ("delai_entretien", "delai_reponse"),
        lambda g: (
            (a := g.n("delai_entretien")) is not None
            and (b := g.n("delai_reponse")) is not None
            and a >= b
        ),
    ),
    Contradiction(
        "inegalites.lieu-ferme",
        "La solution de rechange est dans un lieu que la charte n'ouvre pas.",
        ("solutions_rechange", "lieux"),
        replacement_is_closed,
    ),
    Contradiction(
        "byod.sans-jours-flottants",
        "Le matériel personnel est admis pour des jours flottants qui n'existent pas.",
        ("usage_materiel_personnel", "modalites"),
        lambda g: (
            isinstance(used := g.values.get("usage_materiel_personnel"), tuple)
            and "jours-flottants" in used
            and not (g.takes("modalites/jours-flottants") or g.takes("modalites/mixte"))
        ),
    ),
    Contradiction(
        "accord.vehicule",
        "La charte prévoit un accord alors que le véhicule est une délibération.",
        ("vehicule", "accord-ou-deliberation"),
        lambda g: (
            g.takes("accord-ou-deliberation/accord-majoritaire")
            and g.says("vehicule", "deliberation")
        ),
    ),
    Contradiction(
        "publication.date-etat-droit",
        "L'état du droit a été vérifié après l'acte.",
        ("date_etat_droit",),
        lambda g: (
            isinstance(day := g.values.get("date_etat_droit"), str) and day > g.act_date
        ),
    ),
)


@dataclass(frozen=True)
class UnlawfulWording:
    """A pattern seen in practice (fact sheet, §12), with sentences that show it."""

    id: str
    facts: tuple[str, ...]
    samples: tuple[str, ...]
    from_: str = ""
    severity: Verdict = field(default="error")


WORDINGS: tuple[UnlawfulWording, ...] = (
    UnlawfulWording(
        "renouvelable-une-fois",
        ("piege.renouvelable-une-fois",),
        ("La dérogation accordée pour raison de santé est renouvelable une fois.",),
    ),
    UnlawfulWording(
        "avis-medical-grossesse",
        ("piege.avis-medical-grossesse",),
        (
            "Les femmes enceintes peuvent dépasser trois jours après avis du médecin du "
            "travail.",
        ),
    ),
    UnlawfulWording(
        "aucun-cout",
        ("piege.aucun-cout",),
        ("Aucun frais lié au télétravail n'est pris en charge.",),
    ),
    UnlawfulWording(
        "poste-par-poste",
        ("piege.poste-par-poste",),
        ("Les encadrants sont exclus du télétravail.",),
    ),
    UnlawfulWording(
        "transport-50",
        ("piege.transport-50",),
        ("L'abonnement de transport est remboursé à hauteur de 50 %.",),
        from_="2023-09-01",
    ),
    UnlawfulWording(
        "acceptation-tacite",
        ("piege.acceptation-tacite",),
        ("Le silence gardé pendant un mois vaut acceptation.",),
    ),
    UnlawfulWording(
        "surveillance",
        ("piege.surveillance",),
        ("La caméra reste allumée pendant toute la journée de télétravail.",),
    ),
    UnlawfulWording(
        "visite-imposee",
        ("piege.visite-imposee",),
        ("L'agent est tenu d'accepter la visite de son domicile.",),
    ),
    UnlawfulWording(
        "visa-comite-technique",
        ("piege.visa-perime",),
        ("Vu l'avis du comité technique,", "Après avis du CHSCT,"),
        from_="2025-02-01",
    ),
    UnlawfulWording(
        "visa-decret-cst",
        ("piege.visa-perime",),
        ("Vu le décret n° 2021-571 du 10 mai 2021,",),
        from_="2025-02-01",
    ),
    # The switch of 1 August 2026 rests on one source: a warning until somebody has read
    # the code (product, §5).
    UnlawfulWording(
        "visa-decret-2016",
        ("regime.regle-de-visa",),
        ("Vu le décret n° 2016-151 du 11 février 2016,",),
        from_="2026-08-01",
        severity="warning",
    ),
    UnlawfulWording(
        "quatre-jours",
        ("piege.quatre-jours",),
        ("Tout agent peut télétravailler quatre jours par semaine.",),
    ),
)


def broken(given: Given) -> list[Predicate]:
    """Return what the law refuses in these answers."""
    return [predicate for predicate in PREDICATES if predicate.broken(given)]


def contradictions(given: Given) -> list[Contradiction]:
    """Return where these answers contradict one another."""
    return [found for found in CONTRADICTIONS if found.found(given)]
