"""Tables of indicators typed into a text: heads that tell what columns are for, rows that give targets."""

from pathlib import Path

import pytest

import pipeline
from pipeline.model import Target

HEAD = "序号\t指标\t单位\t2030年\t2035年\t年均增长（%）\t属性"


def find(folder: Path, *lines: str, title: str = "青禾县教育事业发展规划（2031—2035年）") -> list[Target]:
    path = folder / "plan.txt"
    path.write_text("\n".join((title, "一、主要指标", *lines, "二、主要任务", "办好每一所学校。")), encoding="utf-8")
    (view,) = pipeline.parse(path)
    return list(view.plan.targets)


def shown(found: list[Target]) -> list[str]:
    return [
        f"{t.indicator} {t.text} {t.op} {t.value:g}{f'~{t.value2:g}' if t.value2 else ''} {t.unit or '-'}"
        for t in found
    ]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1\t地区生产总值\t亿元\t157\t220\t7\t预期性", ["地区生产总值 220 eq 2.2e+10 元", "地区生产总值 7 inc 7 %"]),
        ("2\t粮食产量\t万吨\t11.3\t≥11.5\t—\t约束性", ["粮食产量 ≥11.5 ge 115000 吨"]),
        ("3\t森林覆盖率\t%\t68.2\t69以上\t\t约束性", ["森林覆盖率 69以上 ge 69 %"]),
        ("4\t新增就业\t万人\t[4.2]\t[5]\t-\t预期性", ["新增就业 5 eq 50000 人"]),
        ("5\t城镇化率（%）\t\t49.6\t55-58\t\t预期性", ["城镇化率 55-58 range 55~58 %"]),
        ("6\t装机容量\t千瓦\t300\t450\t\t预期性", ["装机容量 450 eq 450 千瓦"]),
        ("7\t收入比\t—\t2.2\t2.05\t\t预期性", ["收入比 2.05 eq 2.05 -"]),
        ("8\t生活垃圾处理率\t\t96%\t100%\t\t约束性", ["生活垃圾处理率 100% eq 100 %"]),
        ("9\t耕地保有量\t万亩\t41\t完成上级任务\t\t约束性", []),
        ("10\t单位能耗降低\t%\t—\t—\t—\t约束性", []),
    ],
)
def test_row(row: str, expected: list[str], tmp_path: Path) -> None:
    assert shown(find(tmp_path, HEAD, row)) == expected


def test_the_figure_of_the_year_before_the_plan_is_the_baseline(tmp_path: Path) -> None:
    (record,) = find(tmp_path, "指标\t单位\t2030年实际\t2035年目标", "5G基站\t万个\t0.8\t1.2")
    assert (record.value, record.baseline, record.unit) == (12000, 8000, "个")


def test_a_sentence_ends_the_table(tmp_path: Path) -> None:
    rows = ("1\t床位\t张\t5\t6\t\t预期性", "新建公路30公里。", "2\t学位\t个\t7\t8\t\t预期性")
    assert [target.text for target in find(tmp_path, HEAD, *rows)][:2] == ["6", "30公里"]


@pytest.mark.parametrize(
    "head",
    [
        "年份\t2030年\t2035年",
        "指标\t2025年\t2030年",  # both before the plan: what was reached
    ],
)
def test_other_tables_are_left_alone(head: str, tmp_path: Path) -> None:
    assert find(tmp_path, head, "床位\t5\t6") == []
