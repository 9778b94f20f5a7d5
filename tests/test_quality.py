"""The pipeline keeps up the quality that it once had on the project's own gold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import evaluate

GOLD = Path(__file__).parent / "gold"


@pytest.fixture(scope="module")
def tallies() -> dict[str, evaluate.Tally]:
    return evaluate.run_and_score(GOLD)


@pytest.fixture(scope="module")
def floors() -> dict[str, float]:
    return json.loads((GOLD / evaluate.FLOORS).read_text(encoding="utf-8"))


def test_the_floors_hold_for_this_gold_and_these_sources(floors):
    assert floors["corpus"] == evaluate.corpus_hash(evaluate.gold_files(GOLD)), (
        "gold or sample changed: run `make floors`, which writes the floors anew"
    )


def test_no_score_falls_below_its_floor(tallies, floors):
    below = {n: (round(t.f1, 4), floors["f1"][n]) for n, t in tallies.items() if t.f1 < floors["f1"][n]}
    assert not below


def test_every_layer_has_a_floor(tallies, floors):
    assert set(floors["f1"]) == set(tallies)


def test_a_floor_is_not_lowered_by_accident(tmp_path):
    path = tmp_path / evaluate.FLOORS
    path.write_text('{"corpus": "", "f1": {"goals span": 0.9}}', encoding="utf-8")
    worse = {"goals span": evaluate.Tally(hits=1, found=2, wanted=2)}
    with pytest.raises(SystemExit, match="goals span"):
        evaluate.write_floors(tmp_path, worse, lower=False)
    evaluate.write_floors(tmp_path, worse, lower=True)
    assert json.loads(path.read_text(encoding="utf-8"))["f1"] == {"goals span": 0.5}


def test_offsets_are_carried_over_into_a_text_with_other_line_breaks():
    place = evaluate._alignment("一、目标\n达到 80%", "页眉\n一、目\n标达到80%")
    assert [place[i] for i in (0, 3, 5, 8, 10)] == [3, 7, 8, 10, 12]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("80.0", 80, True),
        ("", None, True),
        ("（一）", "(一)", True),
        ("5", "50", False),
        ("工作计划 篇2", "工作计划", True),
    ],
)
def test_values_agree_as_numbers_or_folded_text(a, b, same):
    assert evaluate._same(a, b) is same


def test_an_optional_row_is_neither_wanted_nor_wrong():
    found = [{"from": 0, "to": 4}]
    wanted = [{"from": 0, "to": 4, "optional": True}]
    assert list(evaluate.pairs("goals", found, wanted)) == [(found[0], wanted[0])]
