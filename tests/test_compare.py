"""Invented plans of one county, of its neighbour and of the county's government, against rows told beforehand."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pyarrow import parquet

import pipeline
from pipeline.cli import main
from pipeline.compare import KINDS, Compared, Figure, moved, outcome, summary, write
from pipeline.matching import Measure

FOLDER = Path(__file__).parent / "compare"
NAMES = ("qinghe_2023", "qinghe_2024", "qinghe_2025", "qinghe_report_2025", "songgang_2024", "qinghe_2024_on_a_site")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    pipeline.run([FOLDER / f"{name}.txt" for name in NAMES], folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def done(out: Path) -> Compared:
    return write(out)


@pytest.fixture(scope="module")
def names(out: Path) -> dict[str, str]:
    """File name by plan id; the copy on a web site counts as what it is a copy of."""
    sources = {row["source_id"]: Path(row["path"]).stem.removesuffix("_on_a_site") for row in rows(out, "sources")}
    return {row["plan_id"]: sources[row["source_id"]] for row in rows(out, "plans")}


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return parquet.read_table(out / f"{table}.parquet").to_pylist()


def expected(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(plan_id: str, out: Path) -> str:
    return (out / "text" / f"{plan_id.split('.')[0]}.txt").read_text(encoding="utf-8")


def said(row: dict[str, Any], side: str, out: Path) -> str:
    """The line of the source up to a figure, and the figure between brackets."""
    start, end = row[f"char_start_{side}"], row[f"char_end_{side}"]
    if start is None:
        return ""
    text = text_of(row[f"plan_{side}"], out)
    low = max(text.rfind(mark, 0, start) for mark in "，。、\n") + 1
    return f"{text[low:start]}[{text[start:end]}]"


def test_every_change_is_found_and_no_other(out: Path, done: Compared, names: dict[str, str]) -> None:
    found = [
        {
            "change": row["change"],
            "plan_before": names[row["plan_before"]],
            "plan_after": names[row["plan_after"]],
            "before": said(row, "before", out),
            "after": said(row, "after", out),
        }
        for row in rows(out, "changes")
    ]
    assert found == expected("changes")


def test_every_sentence_that_travelled_is_found_and_no_other(out: Path, done: Compared, names: dict[str, str]) -> None:
    found = [
        {
            "plan_from": names[row["plan_from"]],
            "plan_to": names[row["plan_to"]],
            "from": text_of(row["plan_from"], out)[row["char_start_from"] : row["char_end_from"]],
            "to": text_of(row["plan_to"], out)[row["char_start_to"] : row["char_end_to"]],
            "order_by": row["order_by"],
            "same_place": str(row["same_place"]).lower(),
            "same_figures": str(row["same_figures"]).lower(),
        }
        for row in rows(out, "reuse")
    ]
    assert found == expected("reuse")


def test_every_kind_of_change_is_in_the_corpus(done: Compared) -> None:
    kinds = {row["change"] for row in expected("changes")}
    assert kinds == set(KINDS) - {"below"}  # `test_outcome` has it


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_change_leads_to_its_targets(side: str, out: Path, done: Compared) -> None:
    targets = {row["target_id"]: row for row in rows(out, "targets")}
    changes = rows(out, "changes")
    for row in changes:
        target = targets.get(row[f"target_{side}"])
        if target is None:
            assert row[f"value_{side}"] is None or (side, row["change"]) in {
                ("after", c) for c in ("met", "above", "missed")
            }
            continue
        assert target["plan_id"] == row[f"plan_{side}"]
        if row["change"] in ("met", "missed", "above", "below") and side == "after":
            assert row["value_after"] == target["baseline"]
        else:
            names = ("indicator", "op", "value", "value2", "unit", "per", "char_start", "char_end", "page")
            assert {name: row[f"{name}_{side}"] for name in names} == {name: target[name] for name in names}
    assert len({row["change_id"] for row in changes}) == len(changes)


def test_each_target_of_a_step_has_one_row(out: Path, done: Compared, names: dict[str, str]) -> None:
    changes = [row for row in rows(out, "changes") if row["change"] not in ("met", "missed", "above", "below")]
    for plan, side in (("qinghe_2023", "before"), ("qinghe_2025", "after")):
        targets = [row["target_id"] for row in rows(out, "targets") if names[row["plan_id"]] == plan]
        found = [
            row[f"target_{side}"] for row in changes if names[row[f"plan_{side}"]] == plan and row[f"target_{side}"]
        ]
        assert sorted(found) == sorted(targets)


def test_figures_come_with_what_they_are_set_against(out: Path, done: Compared) -> None:
    row = next(row for row in rows(out, "changes") if row["change"] == "missed")
    assert (row["value_before"], row["value_after"], row["difference"]) == (93, 92.4, -0.6)
    assert (row["due_before"].isoformat(), row["due_after"]) == ("2023-12-31", None)
    assert (row["place"], row["issuer"], row["year_before"], row["year_after"]) == (
        "青禾县",
        "青禾县教育局",
        2023,
        2024,
    )
    assert row["text_after"].endswith("高中阶段毛入学率由92.4%提高到94%。")
    assert row["score"] > 0.7


def test_the_data_package_tells_of_both_tables(out: Path, done: Compared) -> None:
    command = [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"]
    result = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
    assert json.loads(result.stdout)["valid"], result.stdout
    resources = {
        resource["name"]: resource for resource in json.loads((out / "datapackage.json").read_text())["resources"]
    }
    assert {"changes", "reuse", "plans"} <= set(resources)
    assert (out / "changes.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (out / "reuse.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == [field["name"] for field in resources["reuse"]["schema"]["fields"]]


def test_tables_do_not_depend_on_the_order_of_files_or_on_a_run_before(
    out: Path, done: Compared, tmp_path: Path
) -> None:
    for number, name in enumerate(reversed(NAMES)):
        shutil.copy(FOLDER / f"{name}.txt", tmp_path / f"{number}.txt")
    pipeline.run([tmp_path / f"{number}.txt" for number in range(len(NAMES))], tmp_path / "out")
    for _ in range(2):
        write(tmp_path / "out")
        for table in ("changes", "reuse"):
            for ending in ("csv", "parquet"):
                name = f"{table}.{ending}"
                assert (tmp_path / "out" / name).read_bytes() == (out / name).read_bytes()
    assert not list((tmp_path / "out").glob(".compare-*"))


def test_hard_wrapped_lines_change_nothing(out: Path, done: Compared, tmp_path: Path) -> None:
    """Offsets lead to the same words where the file breaks its lines in the middle of them."""
    for name in ("qinghe_2023", "qinghe_2024"):
        lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n")
        wrapped = [line[at : at + 22] for line in lines for at in range(0, max(1, len(line)), 22)]
        (tmp_path / f"{name}.txt").write_text("\n".join(wrapped), encoding="utf-8")
    pipeline.run([tmp_path], tmp_path / "out")
    write(tmp_path / "out")
    found = rows(tmp_path / "out", "changes")
    plain = [row for row in expected("changes") if row["plan_after"] == "qinghe_2024"]
    assert [row["change"] for row in found] == [row["change"] for row in plain]
    for side in ("before", "after"):
        figures = [said(row, side, tmp_path / "out").partition("[")[2] for row in found]
        assert [figure.replace("\n", "") for figure in figures] == [row[side].partition("[")[2] for row in plain]
        assert any("\n" in figure for figure in figures)


FIVE_YEARS = """青禾县教育事业发展规划（2021—2025年）
一、发展目标
到2025年，学前三年毛入园率达到92%以上，建成智慧校园20所。
二、保障措施
各乡镇每年召开一次专题会议，研究解决校园周边的交通和卫生问题。
"""
AFTERWARDS = """青禾县教育局2026年工作要点
一、2025年工作回顾
2025年，学前三年毛入园率达到93.4%。2024年，建成智慧校园12所。
二、重点工作
新建公办幼儿园2所，组织三轮消防演练，完善值班值守和信息报送制度。
"""


def test_what_was_reached_counts_for_the_year_that_it_is_of(tmp_path: Path) -> None:
    """The plan of five years is of another series; the figure for 2024 says nothing of what was due in 2025."""
    for name, text in (("plan", FIVE_YEARS), ("afterwards", AFTERWARDS)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    pipeline.run([tmp_path], tmp_path / "out")
    write(tmp_path / "out")
    (row,) = rows(tmp_path / "out", "changes")
    assert (row["change"], row["year_before"], row["year_after"]) == ("met", 2021, 2026)
    assert (row["value_before"], row["value_after"], row["due_before"].isoformat()) == (92, 93.4, "2025-12-31")


def test_counts_by_place_year_and_issuer(done: Compared) -> None:
    found = done.changes.rows
    assert {key: row.total() for key, row in summary(found, "region").items()} == {"青禾县": len(expected("changes"))}
    assert list(summary(found, "year")) == ["2023 > 2024", "2024 > 2025"]
    assert summary(found, "issuer")["青禾县人民政府"] == {"met": 2, "missed": 1, "above": 1}
    assert (done.changes.pairs, done.changes.others, done.changes.alone) == (2, 1, 2)
    assert (done.reuse.boilerplate, done.reuse.duplicates) == (0, 1)


# The command


def call(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def test_the_command_sums_up(out: Path) -> None:
    result = call(out, "--by", "year")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert (
        lines[0]
        == "2023 > 2024: kept 1, raised 3, lowered 2, altered 1, new 5, dropped 1, due 8, met 2, missed 1, above 1"
    )
    assert "4 sentences taken over, most from plan to plan:" in lines
    assert "   2 青禾县教育局2023年工作要点 > 松岗县教育局2024年工作要点" in lines
    assert "left out: 1 near-duplicate plans (not looked at for sentences)" in lines
    assert lines[-1] == f"tables changes and reuse in {out}"


def test_boilerplate_is_left_out_and_said_so(out: Path) -> None:
    result = call(out, "--common", "2")
    assert "2 sentences taken over, most from plan to plan:" in result.stdout.splitlines()
    assert "left out: 3 sentences in more than 2 plans" in result.stdout.splitlines()
    assert len(rows(out, "reuse")) == 2
    write(out)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    result = call(tmp_path)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {tmp_path} holds no tables of a run; make them with `planpipe run INPUT --out {tmp_path}`\n"
    )


def test_one_plan_is_too_few(tmp_path: Path) -> None:
    pipeline.run([FOLDER / "qinghe_2023.txt"], tmp_path / "out")
    result = call(tmp_path / "out")
    assert result.exit_code == 1
    assert "holds 1 plan; comparing takes two or more in one run" in result.stderr
    assert not (tmp_path / "out" / "changes.csv").exists()


def test_plans_that_are_no_editions_give_empty_tables(tmp_path: Path) -> None:
    pipeline.run([FOLDER / "qinghe_2023.txt", FOLDER / "songgang_2024.txt"], tmp_path / "out")
    result = call(tmp_path / "out")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("No two plans are editions of one")
    assert rows(tmp_path / "out", "changes") == []
    assert len(rows(tmp_path / "out", "reuse")) == 2


@pytest.mark.parametrize("missing", ["targets.parquet", "items.parquet", "text"])
def test_half_a_run_is_refused(missing: str, out: Path, tmp_path: Path) -> None:
    shutil.copytree(out, tmp_path / "out")
    path = tmp_path / "out" / missing
    if path.is_dir():
        for file in path.iterdir():
            file.unlink()
    else:
        path.unlink()
    result = call(tmp_path / "out")
    assert result.exit_code == 1
    again = "run `planpipe run` with the same --out again" if missing == "text" else f"{missing} cannot be read"
    assert again in result.stderr
    assert "planpipe run" in result.stderr


# Single figures


def figure(value: float, value2: float | None = None, op: str = "eq") -> Figure:
    measure = Measure(indicator="学位", op=op, unit="个")  # type: ignore[arg-type]
    return Figure(measure=measure, row={"value": value, "value2": value2}, target=None, theme=None)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (figure(3), figure(3, op="ge"), "kept"),
        (figure(3), figure(4), "raised"),
        (figure(4, op="le"), figure(5, op="le"), "raised"),
        (figure(4), figure(3), "lowered"),
        (figure(4, 6, "range"), figure(6), "raised"),
        (figure(4, 6, "range"), figure(4), "lowered"),
        (figure(4, 6, "range"), figure(5), "altered"),
        (figure(4, 6, "range"), figure(3, 7, "range"), "altered"),
        (figure(15, 1, "ratio"), figure(14, 1, "ratio"), "lowered"),
        (figure(15, 1, "ratio"), figure(30, 2, "ratio"), "kept"),
    ],
)
def test_which_way_a_figure_went(before: Figure, after: Figure, change: str) -> None:
    assert moved(before, after) == change


@pytest.mark.parametrize(
    ("op", "reached", "result"),
    [
        *[("ge", 90, "met"), ("ge", 89.9, "missed"), ("gt", 90, "missed"), ("gt", 90.1, "met")],
        *[("le", 90, "met"), ("le", 90.1, "missed"), ("lt", 90, "missed"), ("lt", 89.9, "met")],
        *[("inc", 91, "met"), ("inc", 89, "missed"), ("dec", 91, "met"), ("dec", 89, "missed")],
        *[("eq", 90, "met"), ("eq", 91, "above"), ("eq", 89, "below")],
    ],
)
def test_outcome(op: str, reached: float, result: str) -> None:
    assert outcome(figure(90, op=op), figure(reached)) == result


@pytest.mark.parametrize(("reached", "result"), [(3, "below"), (4, "met"), (5, "met"), (7, "above")])
def test_outcome_of_a_range(reached: float, result: str) -> None:
    assert outcome(figure(4, 6, "range"), figure(reached)) == result
