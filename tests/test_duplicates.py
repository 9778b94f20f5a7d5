from __future__ import annotations

import random
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from pipeline.duplicates import PERMUTATIONS, SHINGLE, THRESHOLD, agreement, clusters, near, signature
from tests.bench import duplicates as bench
from tests.bench import written

ALONE = "青禾县教育局2031年工作计划\n一、办好学前教育。新建公办园三所，毛入园率达到92%。\n二、稳步推进课后服务。\n"
PINNED = "52cf7800466b860536b476036d089100"


def plan(seed: int) -> str:
    """An invented plan of some 2,000 characters; all of them are made of the same few clauses and words."""
    rng = random.Random(seed)
    fill = {"who": written.WHO, "thing": written.THINGS}
    lines = [
        rng.choice(written.CLAUSES).format(
            **{name: rng.choice(words) for name, words in fill.items()}, n=rng.randrange(2, 99), m=rng.randrange(2, 12)
        )
        for _ in range(120)
    ]
    return "\n".join(("，".join(lines[at : at + 4]) + "。") for at in range(0, len(lines), 4))


@pytest.fixture(scope="module")
def plans() -> list[str]:
    return [plan(seed) for seed in range(8)]


def estimate(first: str, second: str) -> float:
    values = np.frombuffer(signature(first) + signature(second), dtype="<u4").reshape(2, PERMUTATIONS)
    return float(agreement(values, np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize("damage", bench.DAMAGES)
def test_a_damaged_copy_is_in_the_plans_cluster_and_no_other(damage: str, plans: list[str]) -> None:
    rng = random.Random(2)
    given = [(f"plan{n}", signature(text)) for n, text in enumerate(plans)]
    copies = [(f"plan{n}.copy", signature(bench.DAMAGES[damage](text, rng))) for n, text in enumerate(plans)]
    found = clusters([*copies, *given])
    assert found == {name: name.removesuffix(".copy") for name, _ in [*given, *copies]}


def test_plans_of_the_same_clauses_stay_apart(plans: list[str]) -> None:
    pairs = [bench.similarity(first, second, SHINGLE) for first, second in combinations(plans, 2)]
    assert min(pairs) > 0.1  # they do share what one must not fall for
    assert max(pairs) < THRESHOLD
    assert clusters((f"p{n}", signature(text)) for n, text in enumerate(plans)) == {f"p{n}": f"p{n}" for n in range(8)}


def test_a_plan_that_borrows_a_third_stays_apart(plans: list[str]) -> None:
    borrowed = bench.borrowing(plans[1], plans[0], 0.3, random.Random(3))
    found = clusters([("a", signature(plans[0])), ("b", signature(borrowed)), ("c", signature(plans[1]))])
    assert found == {"a": "a", "b": "b", "c": "b"}


def test_what_is_not_content_does_not_count() -> None:
    spaced = ALONE.replace("，", " , ").replace("。", "．\n\n").replace("2031", "２０３１").replace("教", " 教")
    assert signature(spaced) == signature(ALONE)
    assert signature(ALONE.replace("學", "学")) == signature(ALONE)
    assert signature(ALONE.replace("92", "93")) != signature(ALONE)


def test_the_signature_estimates_the_similarity(plans: list[str]) -> None:
    texts = [*plans, *(bench.shortened(text, random.Random(5)) for text in plans[:4])]
    errors = [estimate(a, b) - bench.similarity(a, b, SHINGLE) for a, b in combinations(texts, 2)]
    assert abs(float(np.mean(errors))) < 0.03
    assert max(map(abs, errors)) < 5 * (0.25 / PERMUTATIONS) ** 0.5


def test_the_signature_is_the_same_in_every_process_and_version() -> None:
    """A change of these bytes parts the plans of an archive from those that were read before."""
    code = "import sys; from pipeline.duplicates import signature; print(signature(sys.argv[1]).hex()[:32])"
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code, ALONE]
        printed = subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        assert printed.stdout.strip() == PINNED
    assert len(signature(ALONE)) == 4 * PERMUTATIONS


def test_long_texts_are_taken_in_parts(plans: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = signature(plans[0])
    monkeypatch.setattr("pipeline.duplicates.CHUNK", 7)
    assert signature(plans[0]) == whole


@pytest.mark.parametrize("text", ["", "。", "计划", " \n\t", "\ud800"])
def test_texts_without_content_are_like_nothing(text: str, plans: list[str]) -> None:
    found = clusters([("a", signature(text)), ("b", signature("")), ("c", signature(plans[0]))])
    assert found == {"a": "a", "b": "b", "c": "c"}


def test_no_plans_no_clusters() -> None:
    assert clusters([]) == {}


def test_the_order_of_plans_does_not_count(plans: list[str]) -> None:
    rng = random.Random(4)
    scanned = bench.scanned(0.01)
    given = [(f"{n}.{copy}", signature(scanned(text, rng))) for n, text in enumerate(plans) for copy in "cab"]
    found = clusters(given)
    assert set(found.values()) == {f"{n}.a" for n in range(8)}
    for _ in range(5):
        rng.shuffle(given)
        assert clusters(iter(given)) == found


def test_likeness_is_handed_on() -> None:
    """Of three in a row the ends are like each other by the middle alone, which leads no bucket."""
    values = np.arange(3 * PERMUTATIONS, dtype="<u4").reshape(3, PERMUTATIONS)
    values[1, :80] = values[0, :80]
    values[1, 80:] = values[2, 80:]
    values[2, 48:80] = values[0, 48:80]
    assert agreement(values, np.array([0, 1, 0]), np.array([1, 2, 2])).tolist() == [80 / 128, 80 / 128, 32 / 128]
    rows = [values[n].tobytes() for n in (0, 1, 2)]
    for names in ("abc", "bac", "cab"):
        assert set(clusters(zip(names, rows, strict=True)).values()) == {"a"}


def test_a_crowded_bucket_is_taken_apart() -> None:
    """Fifty pairs of copies that all share one band: each copy is found, and nothing else is joined."""
    rng = np.random.default_rng(6)
    values = rng.integers(0, 2**32 - 1, (50, PERMUTATIONS), dtype=np.uint32)
    values[:, :4] = values[0, :4]
    both = np.concatenate([values, values])
    both[50:, 4::8] = rng.integers(0, 2**32 - 1, both[50:, 4::8].shape, dtype=np.uint32)
    found = clusters((f"{n:03}", row.tobytes()) for n, row in enumerate(both))
    assert found == {f"{n:03}": f"{n % 50:03}" for n in range(100)}


def test_thousands_of_copies_are_not_compared_each_with_each() -> None:
    row = np.arange(PERMUTATIONS, dtype=np.uint32)
    for first, second in near(np.tile(row, (3000, 1)), THRESHOLD):
        assert set(first.tolist()) <= {0}
        assert len(second) in (0, 2999)


def test_in_small_buckets_each_is_compared_with_each() -> None:
    rows = np.stack([np.arange(PERMUTATIONS), np.arange(PERMUTATIONS), np.full(PERMUTATIONS, 7)]).astype(np.uint32)
    values = rows[[0, 2, 1, 0, 2]]
    for most, pairs in (
        (1, {(0, 2), (0, 3), (1, 4)}),
        (2, {(0, 2), (0, 3), (1, 4)}),
        (3, {(0, 2), (0, 3), (1, 4), (2, 3)}),
    ):
        found = [
            (int(a), int(b))
            for first, second in near(values, 0.5, most=most)
            for a, b in zip(first, second, strict=True)
        ]
        assert set(found) == pairs


def test_signatures_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="another version"):
        clusters([("a", signature(ALONE)[:256])])
