"""What is to be filled in, apart from how it is shown."""

from charter_builder.forms import Blank, side_by_side


def blank(kind: str, label: str = "Nom", **fields: object) -> Blank:
    return Blank.model_validate({"kind": kind, "label": label, **fields})


def test_a_row_to_fill_in_is_blank_save_for_its_title() -> None:
    table = blank("table", columns=("Avis", "Oui", "Non"), rows=("Encadrant", ""))

    assert table.table_rows() == [("Encadrant", "", ""), ("", "", "")]


def test_a_hint_takes_the_place_of_the_number_of_boxes() -> None:
    one = blank("choice", choices=("oui", "non"))
    several = blank("choices", choices=("oui", "non"))
    told = blank("choices", choices=("oui", "non"), hint="cocher tout")

    assert one.remark == "une seule case"
    assert several.remark == "une ou plusieurs cases"
    assert told.remark == "cocher tout"
    assert blank("line").remark == ""


def test_signatures_that_follow_each_other_stand_side_by_side() -> None:
    agent, head = blank("signature", "L’agent"), blank("signature", "L’encadrant")
    line = blank("line")

    assert list(side_by_side([line, agent, head, line, agent])) == [
        (line,),
        (agent, head),
        (line,),
        (agent,),
    ]
