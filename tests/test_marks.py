"""Marks nest, whatever way they lie to each other, and lose no character."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.marks import Lines, Mark, Nodes, nested


def drawn(nodes: Nodes) -> str:
    """Nodes with brackets for marks: `[kind:…]`."""
    return "".join(node if isinstance(node, str) else f"[{node.mark.kind}:{drawn(node.inner)}]" for node in nodes)


def plain(nodes: Nodes) -> str:
    return "".join(node if isinstance(node, str) else plain(node.inner) for node in nodes)


def marks(*given: tuple[str, int, int]) -> list[Mark]:
    return [Mark(start, end, kind, "") for kind, start, end in given]


def test_a_deadline_in_a_target_in_a_goal() -> None:
    text = "力争到2026年每学期听课20节。此外"
    found = marks(("d", 8, 11), ("t", 8, 16), ("g", 0, 17), ("d", 2, 8))
    assert drawn(nested(text, 0, len(text), found)) == "[g:力争[d:到2026年][t:[d:每学期]听课20节]。]此外"


def test_crossing_marks_are_broken_inside() -> None:
    assert drawn(nested("abcdefgh", 0, 8, marks(("x", 1, 5), ("y", 3, 8)))) == "a[x:bc][y:[x:de]fgh]"
    assert drawn(nested("abcdef", 0, 6, marks(("x", 0, 4), ("y", 2, 6)))) == "[x:ab[y:cd]][y:ef]"


def test_of_equal_marks_the_first_lies_outside() -> None:
    assert drawn(nested("abc", 0, 3, marks(("x", 1, 2), ("y", 1, 2)))) == "a[x:[y:b]]c"
    assert drawn(nested("abc", 0, 3, marks(("y", 1, 2), ("x", 1, 2)))) == "a[y:[x:b]]c"


def test_neighbours_stay_apart() -> None:
    assert drawn(nested("abcd", 0, 4, marks(("x", 0, 2), ("x", 2, 4)))) == "[x:ab][x:cd]"


def test_what_lies_outside_is_cut_away() -> None:
    assert drawn(nested("abcdef", 2, 4, marks(("x", 0, 3), ("y", 4, 6), ("z", 3, 3)))) == "[x:c]d"


spans = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted), max_size=8)


@given(spans)
def test_no_character_is_lost_and_each_has_all_its_marks(given: list[list[int]]) -> None:
    text = "abcdefghijkl"
    found = [Mark(start, end, str(number), "") for number, (start, end) in enumerate(given)]
    seen: list[set[str]] = []

    def walk(nodes: Nodes, around: set[str]) -> None:
        for node in nodes:
            if isinstance(node, str):
                seen.extend([around] * len(node))
            else:
                assert node.mark.kind not in around
                walk(node.inner, around | {node.mark.kind})

    nodes = nested(text, 0, len(text), found)
    walk(nodes, set())
    assert plain(nodes) == text
    assert seen == [{mark.kind for mark in found if mark.start <= at < mark.end} for at in range(len(text))]


def test_lines_and_cells() -> None:
    text = "head\na\tbc\t\n\n  \nend"
    lines = Lines(text, marks(("x", 2, 8), ("y", 15, 18)))
    assert [[drawn(cell) for cell in line] for line in lines.of(0, len(text))] == [
        ["he[x:ad]"],
        ["[x:a]", "[x:b]c", ""],
        ["[y:end]"],
    ]
    assert [[drawn(cell) for cell in line] for line in lines.of(3, 6)] == [["[x:d]"], ["[x:a]"]]
    assert lines.of(4, 5) == []
