"""From a plan to rows: ids, links, and what an item sums up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.model import Deadline, Plan, Span
from pipeline.rows import ids, plan_rows, section_of, source_row


def spans(*starts: int) -> list[Span]:
    return [Span(start=start, end=start + 1) for start in starts]


def test_ids_are_offsets() -> None:
    assert ids("a1.p0.t", spans(0, 7, 12)) == ["a1.p0.t0", "a1.p0.t7", "a1.p0.t12"]


def test_second_at_one_offset_gets_a_letter() -> None:
    assert ids("t", spans(7, 7, 8, 7)) == ["t7", "t7b", "t8", "t7c"]


@pytest.mark.parametrize(("nth", "expected"), [(26, "t5z"), (27, "t5aa"), (28, "t5ab"), (53, "t5ba")])
def test_letters_do_not_run_out(nth: int, expected: str) -> None:
    found = ids("t", spans(*[5] * nth))
    assert found[-1] == expected
    assert len(set(found)) == nth


def test_item_sums_up_its_records(plan: Plan) -> None:
    goal, task = plan_rows([plan], "0123456789ab")["items"]
    assert (goal["is_goal"], task["is_goal"]) == (True, False)
    assert (goal["targets"], goal["due"], goal["themes"], goal["main_theme"]) == (["20所"], None, [], None)
    assert task["targets"] == ["不少于20节"]
    assert task["deadlines"] == ["2031年底前"]
    assert (task["units"], task["lead_units"]) == (["教研室", "各学校"], ["教研室"])
    assert (goal["stage"], task["stage"]) == (None, "junior")
    assert (goal["strength"], task["strength"]) == ("firm", "binding")
    assert (task["themes"], task["theme_scores"]) == (["curriculum", "teachers"], [0.91, 0.5])
    assert (task["main_theme"], task["due"], task["position"]) == ("curriculum", "2031-12-31", 2)


def test_due_is_the_latest_end(plan: Plan) -> None:
    first = plan.deadlines[0]
    later = replace(first, start=first.start + 1, until="2032-06-30")
    open_end = replace(first, start=first.start + 2, until=None, since="2033-01-01")
    changed = replace(plan, deadlines=(first, later, open_end))
    assert plan_rows([changed], "0123456789ab")["items"][1]["due"] == "2032-06-30"


def test_due_of_a_year_outside_of_the_item(plan: Plan) -> None:
    column = replace(plan.deadlines[0], item=None, until="2033-12-31")
    targets = (replace(plan.targets[0], deadline=0), plan.targets[1])
    rows = plan_rows([replace(plan, deadlines=(column,), targets=targets)], "0123456789ab")["items"]
    assert rows[plan.targets[0].item]["due"] == "2033-12-31"


def test_links(plan: Plan) -> None:
    rows = plan_rows([plan], "0123456789ab")
    target = rows["targets"][1]
    assert target["deadline_id"] == rows["deadlines"][0]["deadline_id"] == "0123456789ab.p0.d58"
    assert target["item_id"] == rows["items"][1]["item_id"]
    assert target["section_id"] == rows["sections"][2]["section_id"]
    assert target["baseline"] == -3


def test_record_outside_items_stands_in_the_innermost_section(plan: Plan) -> None:
    outer = plan.sections[2]
    inner = replace(outer, start=outer.start + 5, level=2, parent=2)
    changed = replace(plan, sections=(*plan.sections, inner))
    loose = replace(plan.deadlines[0], item=None)
    assert section_of(changed, loose) == 3
    title = Deadline(start=0, end=3, text="2031", rule="year", kind="date")
    assert section_of(changed, title) is None
    row = plan_rows([replace(changed, deadlines=(title,), targets=())], "0123456789ab")["deadlines"][0]
    assert (row["item_id"], row["section_id"]) == (None, None)


def test_text_before_the_first_node_has_a_row(plan: Plan) -> None:
    first = plan_rows([plan], "0123456789ab")["sections"][0]
    assert (first["label"], first["heading"], first["path"], first["position"]) == (None, None, None, 1)
    assert first["text"] == "全年工作围绕提高质量展开。"


def test_warnings_of_plans_go_to_their_source(plan: Plan) -> None:
    warned = replace(plan, head=replace(plan.head, warnings=("no year", "first; and second")))
    row = source_row(plan.document, [warned], "0123456789ab", "a.txt", 0.5)
    assert row["warnings"] == ["first; and second", "no year"]
    assert source_row(plan.document, [], "x", "a.txt", 0.5)["warnings"][-1] == "no plan was found in this file"


def test_partial_is_told(plan: Plan) -> None:
    assert source_row(replace(plan.document, partial=True), [plan], "x", "a.txt", 0.5)["status"] == "partial"
