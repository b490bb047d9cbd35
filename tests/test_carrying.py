"""What becomes of a passage from the version somebody read to a later one."""

from collections import Counter
from copy import deepcopy
from random import Random

import pytest
from versions import passage, version

from charter_builder.carrying import Carried, carried, passage_link
from charter_builder.register import Passage

HOURS = "L’agent est joignable entre 9 h et 12 h, puis entre 14 h et 16 h."


def became(before: str, exact: str, *after: str) -> Carried:
    """Return what a passage of an article became in its next texts."""
    texts = [before, *after]
    versions = [version(n, {"horaires": text}) for n, text in enumerate(texts, 1)]
    return carried("horaires", passage(before, exact), versions)


# --- where a search by likeness goes wrong -------------------------------------------


def test_hours_that_change_do_not_jump_to_the_afternoon() -> None:
    found = became(
        HOURS,
        "entre 9 h et 12 h",
        HOURS.replace("entre 9 h et 12 h", "entre 8 h 30 et 11 h 45"),
    )

    assert (found.state, found.new) == ("modified", "entre 8 h 30 et 11 h 45")


def test_a_negation_that_goes_is_a_change() -> None:
    before = "Le soir, l’agent n’est pas tenu de répondre aux messages."
    found = became(
        before, "l’agent n’est pas tenu de répondre", before.replace("n’est pas", "est")
    )

    assert (found.state, found.new) == ("modified", "l’agent est tenu de répondre")


def test_words_are_never_cut() -> None:
    before = (
        "Un agent travaille chez lui deux jours par semaine, en accord avec son chef."
    )
    found = became(
        before,
        "chez lui deux jours par semaine",
        before.replace("deux jours par semaine", "trois jours par semaine"),
    )

    assert (found.state, found.new) == ("modified", "chez lui trois jours par semaine")


def test_a_few_words_that_are_elsewhere_by_chance_are_not_the_passage() -> None:
    before = "Le quota est de deux jours par semaine."
    after = "Le quota est libre.\n\nLe parc est ouvert deux jours par semaine."
    found = became(before, "deux jours par semaine", after)

    assert found.state == "deleted"


def test_a_few_words_in_a_sentence_rewritten_come_with_that_sentence() -> None:
    before = "Chacun choisit avec son chef ses jours, deux par semaine."
    after = "Le quota annuel est libre, deux par semaine."
    found = became(before, "deux par semaine", after)

    assert (found.state, found.new) == ("modified", after)


def test_a_few_words_are_not_followed_into_another_sentence() -> None:
    before = "Le quota est de deux jours par semaine."
    after = "Le quota est libre.\n\nLe parc est ouvert trois jours par semaine."

    assert became(before, "deux jours par semaine", after).state == "deleted"


def test_the_same_words_that_were_already_elsewhere_are_not_the_passage() -> None:
    monday = (
        "Le lundi, chacun est joignable au bureau entre 9 h et 12 h sans exception."
    )
    tuesday = monday.replace("lundi", "mardi")
    texts = f"{monday}\n\n{tuesday}"
    place = texts.index("est joignable")
    quoted = Passage(
        exact=monday[place:], start=place, end=len(monday)
    )  # also in the other one
    versions = [version(1, {"horaires": texts}), version(2, {"horaires": tuesday})]

    assert carried("horaires", quoted, versions).state == "deleted"


def test_a_passage_cut_inside_words_is_read_in_whole_words() -> None:
    found = became(HOURS, "oignable entre 9 h et 1", "Le matin compte. " + HOURS)

    assert (found.state, found.old) == ("unchanged", "joignable entre 9 h et 12")


# --- the four outcomes ---------------------------------------------------------------


def test_a_passage_is_unchanged_when_the_text_around_it_moves() -> None:
    found = became(HOURS, "entre 9 h et 12 h", "Le matin compte. " + HOURS)

    assert found.state == "unchanged"
    assert (found.start, found.end) == (39, 56)


def test_typography_is_no_change() -> None:
    found = became(HOURS, "L’agent est", HOURS.replace("’", "'"))

    assert (found.state, found.new) == ("unchanged", "L'agent est")


def test_words_added_inside_a_passage_modify_it() -> None:
    found = became(HOURS, "entre 9 h et 12 h", HOURS.replace("9 h", "9 h précises"))

    assert (found.state, found.new) == ("modified", "entre 9 h précises et 12 h")


def test_a_word_added_right_against_a_passage_modifies_it() -> None:
    found = became(HOURS, "entre 9 h et 12 h", HOURS.replace("12 h", "12 h 30"))

    assert (found.state, found.new) == ("modified", "entre 9 h et 12 h 30")

    found = became(HOURS, "joignable entre 9 h", HOURS.replace("joig", "pas joig"))

    assert (found.state, found.new) == ("modified", "pas joignable entre 9 h")


def test_a_word_added_before_the_first_one_modifies_it() -> None:
    text = "Jours de télétravail par an : douze. Le reste du texte ne change pas ici."
    found = became(text, "Jours de télétravail", f"Deux {text}")

    assert (found.state, found.new) == ("modified", "Deux Jours de télétravail")


def test_a_clause_added_after_a_comma_leaves_a_passage_unchanged() -> None:
    found = became(HOURS, "entre 9 h et 12 h", HOURS.replace("12 h,", "12 h, au plus,"))

    assert found.state == "unchanged"


def test_a_sentence_that_goes_to_another_article_has_moved() -> None:
    sentence = "Un écran est fourni à qui le demande."
    before = version(1, {"couts": f"Tout est payé. {sentence}", "lieux": "Ici."})
    after = version(2, {"couts": "Tout est payé.", "lieux": f"Ici. {sentence}"})
    quoted = passage(before.units[0].text, "Un écran est fourni")

    found = carried("couts", quoted, [before, after])

    assert (found.state, found.unit, found.new) == (
        "moved",
        "lieux",
        "Un écran est fourni",
    )


def test_a_sentence_now_in_two_places_is_not_said_to_have_moved() -> None:
    sentence = "Un écran est fourni à qui le demande."
    before = version(1, {"couts": f"Tout est payé. {sentence}", "lieux": "Ici."})
    after = version(
        2, {"couts": "Tout est payé.", "lieux": f"Ici. {sentence}", "droits": sentence}
    )
    quoted = passage(before.units[0].text, sentence)

    assert carried("couts", quoted, [before, after]).state == "deleted"


def test_a_passage_goes_with_its_article() -> None:
    before = version(1, {"couts": HOURS, "lieux": "Ici."})
    after = version(2, {"lieux": "Ici."})

    found = carried("couts", passage(HOURS, "entre 9 h"), [before, after])

    assert found == Carried("deleted", 2, "entre 9 h", "", None, 0, 0)


def test_a_passage_mostly_rewritten_is_deleted() -> None:
    found = became(
        "Un casque audio et un clavier sont prêtés aux volontaires.",
        "un clavier sont prêtés aux volontaires",
        "Un casque audio et tout autre matériel utile à chacun.",
    )

    assert found.state == "deleted"


def test_words_in_too_many_places_are_not_said_to_have_moved() -> None:
    sentence = "Un écran est fourni à tous les agents qui le demandent par écrit."
    before = version(1, {"couts": f"Tout est payé. {sentence}", "lieux": "Ici."})
    after = version(
        2, {"couts": "Tout est payé.", "lieux": " ".join(["Ici.", *[sentence] * 20])}
    )

    assert (
        carried("couts", passage(before.units[0].text, sentence), [before, after]).state
        == "deleted"
    )


# --- without a passage ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "state"),
    [
        ({"horaires": HOURS}, "unchanged"),
        ({"horaires": HOURS.replace("16", "17")}, "modified"),
        ({"horaires": "Chaque équipe décide seule de tout."}, "deleted"),
        ({"lieux": "Ici."}, "deleted"),
        ({"temps": HOURS}, "moved"),
    ],
)
def test_a_contribution_without_passage_follows_its_article(
    after: dict[str, str], state: str
) -> None:
    versions = [version(1, {"horaires": HOURS}), version(2, after)]

    assert carried("horaires", None, versions).state == state


def test_a_new_title_modifies_a_whole_article() -> None:
    versions = [
        version(1, {"horaires": HOURS}),
        version(2, {"horaires": HOURS}, title="Autre titre"),
    ]

    assert carried("horaires", None, versions).state == "modified"


def test_a_passage_that_was_not_found_follows_the_whole_article() -> None:
    versions = [version(1, {"horaires": HOURS}), version(2, {"horaires": HOURS})]

    assert carried("horaires", Passage(exact="la nuit"), versions).state == "unchanged"


# --- several versions ----------------------------------------------------------------


def test_one_version_changes_nothing() -> None:
    assert became(HOURS, "entre 9 h").state == "unchanged"


def test_changes_that_cancel_out_leave_it_unchanged() -> None:
    other = HOURS.replace("entre 9 h et 12 h", "entre 8 h et 12 h")

    assert became(HOURS, "entre 9 h et 12 h", other, HOURS).state == "unchanged"


def test_a_passage_changed_then_moved_is_modified() -> None:
    kept = "Tout est payé par la collectivité."
    sentence = "Un écran est fourni aux agents qui le demandent par écrit."
    changed = sentence.replace("écran", "clavier")
    versions = [
        version(1, {"couts": f"{kept} {sentence}", "lieux": "Ici."}),
        version(2, {"couts": f"{kept} {changed}", "lieux": "Ici."}),
        version(3, {"couts": kept, "lieux": f"Ici. {changed}"}),
    ]

    found = carried("couts", passage(versions[0].units[0].text, sentence), versions)

    assert (found.state, found.unit, found.new) == ("modified", "lieux", changed)


def test_small_changes_add_up_to_a_deletion() -> None:
    one = "alpha bravo charlie delta"

    assert became(one, one, "alpha bravo charlie autre").state == "modified"
    assert (
        became(
            one,
            one,
            "alpha bravo charlie autre",
            "alpha bravo encore autre",
            "alpha tout encore autre",
        ).state
        == "deleted"
    )


def test_what_is_gone_stays_gone() -> None:
    found = became(HOURS, "entre 9 h et 12 h", "Rien.", HOURS)

    assert (found.state, found.version) == ("deleted", 2)


# --- six hundred changes (consultation.md, 2.6) --------------------------------------

SUBJECTS = [
    "L’agent",
    "Le responsable",
    "La collectivité",
    "Chaque équipe",
    "Le comité",
]
VERBS = [
    "est joignable",
    "fournit un écran",
    "rend un avis",
    "tient une réunion",
    "donne son accord",
]
TIMES = [
    "entre 9 h et 12 h",
    "entre 14 h et 16 h",
    "deux jours par semaine",
    "une fois par mois",
]
WHERE = ["au bureau", "à distance", "dans son service", "en un autre lieu"]
ENDS = [
    "sauf urgence",
    "après demande écrite",
    "avec l’accord de son chef",
    "sans préavis",
]


def sentences(source: Random, count: int) -> list[str]:
    """Return sentences made of the same few phrases, each once."""
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [source.choice(p) for p in (SUBJECTS, VERBS, TIMES, WHERE, ENDS)]
        found[" ".join(parts) + "."] = None
    return list(found)


def outcome(source: Random, operation: str) -> Carried:
    """Change a charter in a sentence or around it; return what is said of it."""
    *texts, spare = sentences(source, 25)
    # Three articles of two paragraphs of four sentences.
    before = [[texts[n : n + 4] for n in (8 * u, 8 * u + 4)] for u in range(3)]
    after = deepcopy(before)
    home, rank, place = source.randrange(3), source.randrange(2), source.randrange(4)
    paragraph = after[home][rank]
    sentence = quoted = paragraph[place]
    if operation.startswith("fragment"):
        quoted = sentence.rsplit(" ", 2)[0]
    match operation.split()[-1]:
        case "deleted":
            del paragraph[place]
        case "replaced":
            paragraph[place] = "Rien ne s’y oppose, le bilan annuel en dira la suite."
        case "edited":
            words = quoted.split(" ")
            # A short word: most of the sentence stays.
            short = [n for n, word in enumerate(words) if n and len(word) <= 4]
            words[source.choice(short)] = "tout"
            paragraph[place] = sentence.replace(quoted, " ".join(words))
        case "moved":
            del paragraph[place]
            after[(home + 1) % 3][rank].insert(source.randrange(5), sentence)
        case "added":
            paragraph.insert(source.randrange(5), spare)
        case _:
            del paragraph[(place + 1 + source.randrange(3)) % 4]
    first, second = (
        version(
            number,
            {
                f"u{unit}": "\n\n".join(map(" ".join, paragraphs))
                for unit, paragraphs in enumerate(given)
            },
        )
        for number, given in ((1, before), (2, after))
    )
    start = first.units[home].text.index(sentence)
    read = Passage(exact=quoted, start=start, end=start + len(quoted))
    return carried(f"u{home}", read, [first, second])


PLAN = {
    "sentence deleted": (100, "deleted"),
    "sentence replaced": (60, "deleted"),
    "sentence edited": (100, "modified"),
    "fragment edited": (40, "modified"),
    "another added": (100, "unchanged"),
    "another gone": (100, "unchanged"),
    "moved": (100, "moved"),
}


@pytest.mark.parametrize("operation", PLAN)
def test_six_hundred_changes_are_told_as_they_were_made(operation: str) -> None:
    count, expected = PLAN[operation]
    source = Random(operation)
    states = Counter(outcome(source, operation).state for _ in range(count))

    assert states == {expected: count}


def test_the_plan_makes_six_hundred_changes() -> None:
    assert sum(count for count, _ in PLAN.values()) == 600


# --- links ---------------------------------------------------------------------------


def link(text: str, exact: str, *others: str) -> str:
    texts = {"horaires": text, **{f"u{n}": other for n, other in enumerate(others)}}
    return passage_link("2.html", version(1, texts), "horaires", passage(text, exact))


def test_a_link_quotes_the_passage_percent_encoded() -> None:
    assert link("Un rendez-vous, ou plus & mieux.", "rendez-vous, ou plus &") == (
        "2.html#horaires:~:text=rendez%2Dvous%2C%20ou%20plus%20%26"
    )


def test_a_link_keeps_the_spaces_and_accents_of_the_text() -> None:
    assert link("De 9\u00a0h à midi.", "9\u00a0h à").endswith(
        ":~:text=9%C2%A0h%20%C3%A0"
    )


def test_a_link_to_a_passage_said_twice_quotes_what_is_around_it() -> None:
    text = "Le lundi, dès 9 h au bureau."
    found = link(text, "dès 9 h", "Le mardi, dès 9 h ailleurs.")

    assert found.endswith(":~:text=Le%20lundi%2C-,d%C3%A8s%209%20h,-au%20bureau.")


def test_a_link_to_several_lines_quotes_both_ends() -> None:
    text = "Sont exclus :\n- le lundi matin ;\n- le vendredi soir."
    found = link(text, "exclus :\n- le lundi matin ;\n- le vendredi soir")

    assert found.endswith(":~:text=exclus%20%3A,le%20vendredi%20soir")


def test_a_link_to_a_long_passage_quotes_both_ends() -> None:
    words = [f"mot{number}" for number in range(60)]
    found = link(" ".join(words), " ".join(words[1:-1]))

    assert found.endswith(
        ":~:text=mot1%20mot2%20mot3%20mot4%20mot5,mot54%20mot55%20mot56%20mot57%20mot58"
    )


@pytest.mark.parametrize("place", [None, Passage(exact="la nuit")])
def test_a_link_without_a_place_leads_to_the_article(place: Passage | None) -> None:
    found = passage_link("2.html", version(1, {"horaires": HOURS}), "horaires", place)

    assert found == "2.html#horaires"
