"""What README shows works as it is written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.extract import goals
from pipeline.model import fold

ROOT = Path(__file__).parents[1]
SHOWN = ("二 工作目标", "县域义务教育发展的意见》", "新建校舍3所")
"""What each block of Python prints, among other things."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)


def test_every_block_of_python_is_known() -> None:
    assert len(blocks("python")) == len(SHOWN)


@pytest.mark.parametrize(("number", "shown"), list(enumerate(SHOWN)))
def test_the_python_of_readme_runs(tmp_path: Path, number: int, shown: str) -> None:
    (tmp_path / "corpora").symlink_to(ROOT / "corpora")
    block = blocks("python")[number]
    result = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert shown in result.stdout
    assert (tmp_path / "tables" / "targets.csv").is_file() == ("pp.run" in block)


def test_the_rule_of_readme_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = blocks("yaml")
    (row,) = yaml.safe_load(block)
    known = {rule.name for rule in goals.rules("sentences")}
    monkeypatch.setattr("pipeline.rules.load", lambda name: {"sentences": [row]})
    (rule,) = goals.patterns("goals", {**goals.PARTS, "act": "x"}, group="sentences")
    assert rule.name not in known
    assert rule.regex.search(fold(row["example"]))
    assert not rule.regex.search(fold(row["counter"]))
