"""Links: records to items, targets to the deadlines that govern them."""

import pytest

from pipeline.extract import deadlines, link, targets
from pipeline.model import Goal
from tests.made import notes_of_lines


def linked(*lines):
    """The targets of a plan of one item a line, each with the text of its deadline and its item."""
    notes = notes_of_lines(*lines, years=(2026, 2028))
    for annotate in (deadlines.annotate, targets.annotate, link.annotate):
        annotate(notes)
    times = notes.found["deadlines"]
    return [(t.text, None if t.deadline is None else times[t.deadline].text, t.item) for t in notes.found["targets"]]


def test_a_date_governs_the_list_behind_it():
    assert linked("到2028年，新建学校5所、改造校舍3栋。") == [("5所", "到2028年", 0), ("3栋", "到2028年", 0)]


def test_the_nearest_date_governs():
    assert linked("到2027年建成3所，到2028年建成5所。") == [("3所", "到2027年", 0), ("5所", "到2028年", 0)]


def test_a_recurrence_is_a_rate():
    assert linked("每学期听课不少于20节。") == [("不少于20节", None, 0)]
    assert linked("到2028年，每学期听课不少于20节。") == [("不少于20节", "到2028年", 0)]


def test_a_duration_behind_the_target_governs_in_its_sentence_alone():
    assert linked("新建学校5所，力争3年内完成。") == [("5所", "3年内", 0)]
    assert linked("新建学校5所。力争3年内完成。") == [("5所", None, 0)]


def test_no_deadline_from_another_item():
    assert linked("到2028年完成改造。", "新建学校5所。") == [("5所", None, 1)]


def test_a_date_governs_the_later_sentences_of_its_item():
    assert linked("到2028年全面建成。新增学位300个。") == [("300个", "到2028年", 0)]


def test_every_layer_gets_its_item():
    notes = notes_of_lines("甲。", "乙。")
    notes.found["goals"] = (Goal(start=3, end=5, text="乙。", rule="by_hand"),)
    link.annotate(notes)
    (goal,) = notes.found["goals"]
    assert goal.item == 1


@pytest.mark.parametrize(("at", "item"), [(0, 0), (3, None), (5, 1)])
def test_item_of(at, item):
    record = Goal(start=at, end=at + 1, text="x", rule="by_hand")
    assert link.item_of([(0, 3), (5, 8)], record) == item
