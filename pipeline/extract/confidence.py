"""How sure a row is: the share of right ones among rows that its rule has found.

`rules/confidence.yaml` holds, for each rule, how many of its rows were right on the gold (`python -m
tests.evaluate tests/gold --confidence` counts anew), and for each layer the share right of plans that no rule had
seen. The rules have been mended with the gold in view, so that its counts alone would promise too much: each rule
starts from its layer's share at first contact, which weighs as much as `weight` rows.
"""

from __future__ import annotations

from functools import cache

from pipeline.rules import load


@cache
def confidence(layer: str, rule: str) -> float | None:
    """The share of right rows to expect of a rule.

    Args:
        layer: `goals`, `targets`, `deadlines` or `responsibilities`.
        rule: a rule's name; one that the gold does not know has its layer's share.

    Returns:
        A share from 0 to 1, two digits; None for a layer that was never measured.
    """
    measured = load("confidence")
    prior = measured["first_contact"].get(layer)
    if prior is None:
        return None
    right, found = measured["counts"].get(layer, {}).get(rule, (0, 0))
    share: float = (right + measured["weight"] * prior) / (found + measured["weight"])
    return round(share, 2)
