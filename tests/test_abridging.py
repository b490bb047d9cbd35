from charter_builder.abridging import around, differing

READ = "Un.\n\nDeux.\n\n- trois ;\n- quatre.\n\nCinq."


def test_texts_are_cut_down_to_the_paragraphs_that_differ() -> None:
    read, proposed, adopted = differing(
        READ, READ.replace("Deux", "Douze"), READ.replace("Cinq", "Quinze")
    )

    assert read == "[1 autre alinéa]\nDeux.\n[2 autres alinéas]\nCinq."
    assert proposed == "[1 autre alinéa]\nDouze.\n[3 autres alinéas]"
    assert adopted == "[4 autres alinéas]\nQuinze."


def test_a_paragraph_that_comes_goes_or_moves_is_shown() -> None:
    assert differing(READ, f"{READ}\n\nSix.")[1] == "[5 autres alinéas]\nSix."
    assert differing(READ, READ.replace("Un.", ""))[0] == "Un.\n[4 autres alinéas]"
    assert "Cinq." in differing(READ, "Cinq.\n\nUn.\n\nDeux.")[1]


def test_nothing_to_compare_leaves_a_count() -> None:
    assert differing(READ, "", "") == ("[5 alinéas]", "", "")
    assert differing("", "Neuf.") == ("", "Neuf.")


def test_spaces_and_apostrophes_make_no_difference() -> None:
    assert differing("L’an 2 000.", "L'an 2\xa0000.") == ("[1 alinéa]", "[1 alinéa]")


def test_a_remark_stands_beside_the_paragraph_it_quotes() -> None:
    start = READ.index("trois")

    assert around(READ, start, start + 5) == (
        "[2 autres alinéas]\n- trois ;\n[2 autres alinéas]"
    )
    assert around(READ, 0, len(READ)) == "Un.\nDeux.\n- trois ;\n- quatre.\nCinq."
