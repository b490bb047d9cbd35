from variants import edited

from charter_builder.library import Library


def test_themes_come_in_the_order_of_the_articles(library: Library) -> None:
    assert library.theme_order == ("horaires", "couts")


def test_options_come_in_the_order_of_their_theme(library: Library) -> None:
    reversed_ = edited(library, {"horaires/theme": {"options": ("souple", "plage")}})

    assert [option.slug for option in reversed_.options_by_theme["horaires"]] == [
        "souple",
        "plage",
    ]


def test_questions_come_in_the_order_they_are_asked_with_who_asks(
    library: Library,
) -> None:
    assert [(name, owned.owner) for name, owned in library.owned.items()] == [
        ("nom", ""),
        ("agents", ""),
        ("debut", "horaires/plage"),
        ("fin", "horaires/plage"),
        ("cas", "horaires/souple"),
        ("materiel", "couts"),
        ("montant", "couts/forfait"),
    ]


def test_a_theme_without_option_is_still_in_preparation(library: Library) -> None:
    changed = edited(library, {"couts/theme": {"options": ()}})

    assert list(changed.open_themes()) == ["horaires"]


def test_figures_are_those_of_the_day(library: Library) -> None:
    assert library.figures_on("2027-03-01").keys() == {
        "repos_minimal",
        "forfait_officiel",
    }
    assert library.figures_on("2010-01-01") == {"repos_minimal": 11}


def test_a_clause_is_called_by_its_title(library: Library) -> None:
    assert library.title_of("couts/forfait") == "Un forfait"
    assert library.title_of("couts") == "Les coûts"
    assert library.title_of("inconnue") == "inconnue"


def test_one_nature_is_worth_for_every_paragraph(library: Library) -> None:
    theme, option = library.themes["horaires"], library.options["horaires/plage"]

    assert library.natures(theme, 3) == ("law", "law", "law")
    assert library.natures(option, 2) == ("choice", "practice")
