"""Lines put together."""

from __future__ import annotations

import pytest

from pipeline.read.join import join, stack


@pytest.mark.parametrize(
    ("lines", "joined", "stacked"),
    [
        (["教研室", "督导室"], "教研室督导室", "教研室 督导室"),
        (["校舍", "建设"], "校舍建设", "校舍建设"),
        (["县教育", "局", "人事股"], "县教育局人事股", "县教育局人事股"),
        (["School", "board"], "School board", "School board"),
        (["", "教研室", ""], "教研室", "教研室"),
        ([], "", ""),
    ],
)
def test_lines_of_a_page_and_lines_of_a_writer(lines: list[str], joined: str, stacked: str) -> None:
    assert (join(lines), stack(lines)) == (joined, stacked)
