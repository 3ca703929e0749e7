"""HTML's tags and elements."""

from gaupt.corpus.read import html_elements as elements


def tags(page: str) -> list[tuple[str | None, ...]]:
    return [tag.groups() for tag in elements.MARKUP.finditer(page)]


def test_a_tag_is_its_slash_its_name_and_its_attributes() -> None:
    assert tags("<p>甲</p><a href='x>y' b=c>") == [
        (None, "", "p", ""),
        (None, "/", "p", ""),
        (None, "", "a", " href='x>y' b=c"),
    ]


def test_an_element_without_markup_is_one_piece() -> None:
    (script, paragraph) = tags("<script>a < b; '<p>'</script><p>")
    assert script[0] == "script"
    assert paragraph[2] == "p"


def test_comments_and_declarations_have_no_name() -> None:
    assert {tag[2] for tag in tags("<!DOCTYPE html><!-- <p> --><?xml?></3>")} == {None}


def test_signs_are_no_tags() -> None:
    assert tags("1 < 2 << 3 <3") == []


def test_the_kinds_of_elements_agree() -> None:
    assert elements.LISTS <= elements.PARAGRAPHS <= elements.CONTAINERS
    assert elements.NEVER_TEXT <= elements.NO_TEXT
    assert not elements.CELLS & elements.BLOCKS
    assert elements.ENDS.keys() >= elements.BLOCKS
