"""Confidence: what the gold and first contact say of a rule, in the tables too."""

import csv
from pathlib import Path

import pytest

from pipeline.extract.confidence import confidence
from pipeline.extract.notes import LAYERS
from pipeline.rules import load
from tests import evaluate

GOLD = Path(__file__).parent / "gold"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_rule_that_the_gold_does_not_know_has_its_layers_share_at_first_contact(layer):
    assert confidence(layer, "no_such_rule") == load("confidence")["first_contact"][layer]


def test_rows_of_the_gold_move_a_rule_away_from_first_contact():
    weight, prior = load("confidence")["weight"], load("confidence")["first_contact"]["targets"]
    right, found = load("confidence")["counts"]["targets"]["count"]
    assert confidence("targets", "count") == round((right + weight * prior) / (found + weight), 2)
    assert found > 100


def test_a_layer_of_a_users_own_was_never_measured():
    assert confidence("budgets", "count") is None


def test_among_rows_at_nine_tenths_nine_in_ten_are_right():
    with evaluate.ran(GOLD) as (golds, out):
        counts = evaluate.rule_counts(golds, out)
        with (out / "targets.csv").open(encoding="utf-8-sig", newline="") as file:
            written = [(row["rule"], row["confidence"]) for row in csv.DictReader(file)]
    assert all(float(sure) == confidence("targets", rule) for rule, sure in written)
    for layer, rules in counts.items():
        sure = [count for rule, count in rules.items() if (confidence(layer, rule) or 0) >= 0.9]
        assert sum(right for right, _ in sure) >= 0.9 * sum(found for _, found in sure) > 0
