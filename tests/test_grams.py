"""Known stretches are found wherever they stand, and nowhere else."""

from __future__ import annotations

import random

import pytest

from pipeline.grams import Table, grams

CHARS = "学校要开课A a\U00020000\ud800"


def occurrences(entries: list[str], texts: list[str]) -> list[tuple[int, int, int]]:
    """Place in the joined texts, entry and text of each, found one by one."""
    result, begins = [], 0
    for number, text in enumerate(texts):
        for index, entry in enumerate(entries):
            result += [(begins + at, index, number) for at in range(len(text)) if text.startswith(entry, at)]
        begins += len(text) + 1
    return sorted(result)


def found(entries: list[str], texts: list[str]) -> list[tuple[int, int, int]]:
    some = Table(entries).find(texts)
    return sorted(zip(some.place.tolist(), some.entry.tolist(), some.text.tolist(), strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_every_occurrence_is_found(seed: int) -> None:
    chance = random.Random(seed)
    texts = ["".join(chance.choices(CHARS, k=chance.randrange(40))) for _ in range(6)]
    known = sorted({gram for text in texts[:3] for gram in grams(text, (1, 7))})
    unknown = ["课课课课课课课课", "Z", "校Z"]
    entries = [*chance.sample(known, k=min(30, len(known))), *unknown]
    assert found(entries, texts) == occurrences(entries, texts)


@pytest.mark.parametrize("entries", [["要"], ["开课"], ["学校要"], ["要", "学校要开课学校要开课A"], ["\U00020000"], []])
@pytest.mark.parametrize(
    "texts", [[], [""], ["", "要"], ["学校要开课学校要开课A"], ["学校", "要开", "课"], ["\U00020001要"]]
)
def test_few_entries_and_short_texts(entries: list[str], texts: list[str]) -> None:
    assert found(entries, texts) == occurrences(entries, texts)


def test_an_entry_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="the same"):
        Table(["开课", "要", "开课"]).find(["要"])
