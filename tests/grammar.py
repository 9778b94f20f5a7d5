"""Random plans whose section trees are known: how much of the grammar of labels is read back.

    python -m tests.grammar [PLANS] [--show N]

A plan is a tree of numbered parts in one of `STYLES`, printed as text and then damaged in one of the ways of
`DAMAGES`. It is read back exactly where every label and every parent is right. The table that is printed gives
the share of plans read back exactly, style by damage; --show prints the first N plans that were not.
"""

from __future__ import annotations

import argparse
import difflib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from opencc import OpenCC

from pipeline.model import Block, Document
from pipeline.plans import split
from pipeline.sections import tree

TITLE = "青禾县教育局2031年工作计划"

STYLES = {
    "articles": ("第{c}章 ", "第{c}节 ", "第{c}条 "),
    "parts": ("第{c}编 ", "第{c}章 ", "第{c}节 "),
    "chapters": ("第{c}章 ", "{c}、", "（{c}）", "{n}."),
    "chapters in digits": ("第{n}章 ", "第{n}节 ", "{n}、"),
    "official": ("{c}、", "（{c}）", "{n}.", "（{n}）", "{o}"),
    "official, commas": ("{c}、", "（{c}）", "{n}、", "（{n}）"),
    "official, half width": ("{c}、", "({c})", "{n}.", "({n})"),
    "official, full width": ("{c}、", "（{c}）", "{w}．", "（{w}）"),
    "official, spaces": ("{c}、 ", "（{c}） ", "{n}. ", "（{n}） "),
    "stops": ("{c}. ", "（{c}） ", "{n}）"),
    "digits": ("{n}.", "（{n}）", "{o}"),
    "letters": ("{n}．", "（{n}）", "{A}."),
    "roman": ("{R}.", "{n}.", "（{n}）"),
    "half brackets": ("{c}）", "{n}）"),
    "brackets": ("（{c}）", "{n}．", "{o}"),
    "small brackets": ("{c}、", "{n}、", "{p}"),
    "portions": ("第{c}部分 ", "{c}、", "（{c}）", "{n}."),
    "formal": ("{F}、", "{c}、", "（{c}）"),
    "without marks": ("{c} ", "（{c}）", "{n}."),
    "small letters": ("{n}.", "（{n}）", "{a}."),
    "colon headings": (":", "{n}."),
    "usual headings": ("#", "{c}、", "{n}."),
}
"""The labels of each level, top first: a Chinese numeral, digits, digits of full width, a circled figure, a letter
…; 「:」 and 「#」 are headings without a number."""

NEED_LINES = ("without marks",)
"""Styles whose labels are told from other numerals by their place at a line's start alone: run into the text, or with
spaces inside, they look like any numeral, and are not damaged so."""

CHINESE = [
    tens + unit
    for tens in ("", "十", "二十", "三十", "四十", "五十", "六十", "七十", "八十", "九十")
    for unit in ["", *"一二三四五六七八九"]
]
NUMERALS: dict[str, Sequence[str]] = {
    "c": CHINESE[1:],
    "n": [str(n) for n in range(1, 100)],
    "w": [str(n).translate({48 + d: 0xFF10 + d for d in range(10)}) for n in range(1, 100)],
    "o": [chr(0x2460 + n) for n in range(20)],
    "p": [chr(0x2474 + n) for n in range(20)],
    "R": [chr(0x2160 + n) for n in range(10)],
    "A": "ABCDEFGH",
    "a": "abcdefgh",
    "F": "壹贰叁肆伍陆柒捌玖拾",
}

VERBS = ["加强", "推进", "优化", "改进", "抓实", "规范", "三个聚焦推进", "两类课程落实", "切实改善"]
MATTERS = [
    *("师资建设", "校舍安全", "课堂教学", "后勤服务", "家校协作", "劳动教育", "学籍管理", "教研活动", "队伍培训"),
    *("“双减”工作", "一年级入学衔接", "第二课堂", "三、四年级书法教学", "2031年招生工作", "十百千名师培养"),
]
COLON_HEADINGS = ["活动流程", "近期安排", "评比办法", "人员分工", "经费来源", "宣传方式", "报名方法", "场地布置"]
USUAL_HEADINGS = ["指导思想", "工作目标", "主要任务", "工作措施", "保障措施", "工作要求", "组织领导"]
SENTENCES = [
    "各镇中心校按月检查备课与作业。",
    "教研室每学期组织两次质量分析。",
    "毛入学率提高1.5个百分点。",
    "2031年9月底前完成招生任务。",
    "到2031.9.1前上报实施办法。",
    "全年新建改建学校12所（其中小学9所）。",
    "小学三、四年级每周安排一节书法课。",
    "落实青教发（2031）12号文件要求。",
    "落实青教发〔2030〕18号文件精神。",
    "突出三个聚焦，做到两个确保。",
    "生师比控制在8∶1以内；班额控制在45人以内。",
    "生师比控制在13.5:1以内。",
    "学校食堂实行陪餐制，宿舍实行专人值守。",
    "按照第三条规定办理入学手续。",
    "每10名学生配备1名导师。",
    "第一学期完成摸底，第二学期完成整改。",
    "第一，抓好常规；第二，抓好教研。",
    "一是抓备课，二是抓作业，三是抓辅导。",
    "由督导室牵头，7-9年级全部参加。",
    "坚持每周一、三、五晨读。",
    "1、2、3号楼按期完成改造。",
    "覆盖率分别达到98%、95%、90%。",
    "办园年限较短（三年）的幼儿园纳入帮扶。",
    "每天下午第三节课后开展社团活动。",
    "A级学校达到12所，B级学校达到20所。",
    "详见附件（2）的任务清单。",
    "参训教师320人次，累计学时3.2万个。",
    "实施十、百、千名师培养工程。",
    "8:30到校，17:30离校，不得提前。",
    "立足县情，办好每一所家门口的学校，让群众满意。",
]
WHOLE = [
    "各校于9月底前上报实施办法，并报教研室备案。",
    "教研员每学期听课不少于60节，并写出评课意见。",
    "到2031年，全县85%的幼儿园达到合格标准。",
    "逐校核对人数，逐人核对信息，按期上报台账。",
    "由教研室牵头，每月组织一次联片教研，各校轮流承办。",
    "责任单位为督导室，配合单位为各镇（街道）中心校。",
]
"""Paragraphs of one sentence: a part that holds nothing else has no heading."""
LEADS = [
    "为做好全年工作，制定本计划。",
    "围绕提高质量推进各项工作。",
    "根据县教发（2031）3号文件精神，结合实际，制定本计划。",
]


@dataclass
class Node:
    """A part of a plan.

    Args:
        label: as the tables give it, None without a number.
        shown: the label as it is printed.
        heading: None where the part has none.
        parent: index of the part above.
        lines: its own paragraphs; the label is printed before the first one.
    """

    label: str | None
    shown: str
    heading: str | None
    parent: int | None
    lines: list[str]


@dataclass
class Plan:
    """A plan as text, and the truth about it."""

    style: str
    damage: str
    text: str
    nodes: list[Node]

    def wanted(self) -> list[tuple[str | None, int | None]]:
        """Label and parent of each section."""
        return [(node.label, node.parent) for node in self.nodes]

    def headings(self) -> list[str | None]:
        """Heading of each section."""
        return [node.heading for node in self.nodes]


def _label(form: str, number: int) -> tuple[str, str]:
    """A label as the tables give it, and as it is printed."""
    kind = form[form.index("{") + 1]
    numeral = NUMERALS[kind][number - 1]
    shown = form.replace(f"{{{kind}}}", numeral)
    plain = form.replace(f"{{{kind}}}", str(number) if kind == "w" else numeral)
    return plain.replace("（", "(").replace("）", ")").rstrip(" 、.．"), shown


def grow(rng: random.Random, style: str, *, runs_on: bool = False, gap: bool = False) -> list[Node]:
    """A tree in a style's labels, in document order.

    Args:
        rng: where chance comes from.
        style: a key of `STYLES`.
        runs_on: numbering below the top level goes on under the next parent.
        gap: one number is missing.
    """
    forms = STYLES[style]
    depth = rng.randint(2, min(4, len(forms)))
    levels = [forms[0], *(forms[i] for i in sorted(rng.sample(range(1, len(forms)), depth - 1)))]
    counts = [0] * depth
    nodes: list[Node] = []
    if rng.random() < 0.4 and not {":", "#"} & set(levels):
        nodes.append(Node(None, "", None, None, [rng.choice(LEADS)]))
    titles = {":": rng.sample(COLON_HEADINGS, 5), "#": rng.sample(USUAL_HEADINGS, 5)}
    missing = rng.randint(2, 8) if gap else 0
    skipped = False

    def below(parent: int | None, level: int) -> None:
        nonlocal missing, skipped
        form = levels[level]
        if not (runs_on and level):
            counts[level] = 0
        for place in range(rng.randint(2, 5)):
            at = len(nodes)
            if "{" in form:
                missing -= 1
                skip = gap and not skipped and missing <= 0 and place > 0
                skipped = skipped or skip
                counts[level] += 1 + skip
                if counts[level] > len(NUMERALS[form[form.index("{") + 1]]):
                    return
                label, shown = _label(form, counts[level])
                nodes.append(Node(label, shown, rng.choice(VERBS) + rng.choice(MATTERS), parent, []))
            else:
                title = titles[form][place]
                nodes.append(Node(None, "", title, parent, [title + ("：" if form == ":" else "")]))
            branches = level + 1 < depth and (rng.random() < 0.7 or "{" not in form)
            _write(rng, nodes[at], form, leaf=not branches)
            if branches:
                below(at, level + 1)

    below(None, 0)
    return nodes


def _write(rng: random.Random, node: Node, form: str, *, leaf: bool) -> None:
    """Give a part its paragraphs: a heading on its own line, a title sentence, or text alone."""
    body = [rng.choice(SENTENCES) for _ in range(rng.randint(1, 4))]
    if node.label is None:
        node.lines += ["".join(body)] if leaf or rng.random() < 0.3 else []
    elif form.startswith("第{c}条"):
        node.heading, node.lines = None, ["".join([rng.choice(WHOLE), *body])]
    elif leaf and rng.random() < 0.2:
        node.heading, node.lines = None, [rng.choice(WHOLE)]
    elif leaf and rng.random() < 0.4 and not re.search(r"\d", node.heading or ""):
        node.lines = [f"{node.heading}。{''.join(body)}"]
    elif leaf or rng.random() < 0.2:
        cut = rng.randint(1, len(body))
        node.lines = [str(node.heading), *("".join(part) for part in (body[:cut], body[cut:]) if part)]
    else:
        node.lines = [str(node.heading)]


Paragraph = tuple[str, str]
"""A label as printed, "" where there is none, and the rest of the paragraph."""


def _paragraphs(nodes: Sequence[Node]) -> list[Paragraph]:
    return [("" if i else node.shown, line) for node in nodes for i, line in enumerate(node.lines)]


def _lines(paragraphs: Sequence[Paragraph], between: str = "\n") -> str:
    return between.join(label + text for label, text in paragraphs)


def _run_together(rng: random.Random, paragraphs: Sequence[Paragraph], share: float, unnumbered: set[str]) -> str:
    """The paragraphs with some of the breaks between them lost; headings without a number keep theirs."""
    text = ""
    for (label, line), before in zip(paragraphs, [("", ""), *paragraphs], strict=False):
        loses = (label or share == 1) and rng.random() < share and not {line, before[1]} & unnumbered
        text += ("" if loses else "\n") + label + line
    return text.lstrip("\n")


def _unnumbered(nodes: Sequence[Node]) -> set[str]:
    return {node.lines[0] for node in nodes if node.label is None and node.heading}


def joined(rng: random.Random, nodes: Sequence[Node]) -> str:
    """All lines run together."""
    return _run_together(rng, _paragraphs(nodes), 1, _unnumbered(nodes))


def run_in(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Some labels stand right behind the text before them."""
    return _run_together(rng, _paragraphs(nodes), 0.25, _unnumbered(nodes))


def spaced(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Spaces stand inside labels."""
    how = rng.choice([" ", " ", "　"])
    paragraphs = [
        (_letter_spaced(label, how) if rng.random() < 0.7 else label, line) for label, line in _paragraphs(nodes)
    ]
    return _lines(paragraphs)


def _letter_spaced(label: str, space: str) -> str:
    """「（十二）」 becomes 「（ 十二 ）」."""
    return space.join(re.findall(r"\d+|[一二三四五六七八九十]+|\S", label))


WIDTHS = {half: chr(ord(half) + 0xFEE0) for half in "0123456789().:,;"}
WIDTHS |= {full: half for half, full in WIDTHS.items()}


def mixed_widths(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Digits and punctuation stand at full or half width by chance."""
    return "".join(WIDTHS[c] if c in WIDTHS and rng.random() < 0.5 else c for c in _lines(_paragraphs(nodes)))


def _inside_words(line: str) -> list[int]:
    return [m.start() for m in re.finditer("(?<=[一-龥]{2})(?=[一-龥]{2})", line)]


def page_marks_inside(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Page marks and the break behind them stand inside words."""
    return _marked(rng, nodes, lambda page: f"-{page}-\n\n", 1)


def page_marks_alone(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Page marks stand on lines of their own, between paragraphs and inside them."""
    mark = rng.choice(["-{}-", "- {} -", "—{}—", "第{}页"])
    return _marked(rng, nodes, lambda page: f"\n{mark.format(page)}\n", 0.4)


def _marked(rng: random.Random, nodes: Sequence[Node], mark: Callable[[int], str], inside: float) -> str:
    paragraphs = _paragraphs(nodes)
    for page, at in enumerate(sorted(rng.sample(range(len(paragraphs)), min(3, len(paragraphs)))), 1):
        label, line = paragraphs[at]
        places = _inside_words(line)
        if rng.random() < inside:
            if places:
                cut = rng.choice(places)
                paragraphs[at] = label, line[:cut] + mark(page) + line[cut:]
        else:
            paragraphs[at] = label, line + mark(page).rstrip("\n")
    return _lines(paragraphs)


def hard_wrapped(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Paragraphs are broken into lines of equal length."""
    width = rng.randint(30, 40)
    whole = [label + line for label, line in _paragraphs(nodes)]
    return "\n".join(line[at : at + width] for line in whole for at in range(0, len(line), width))


def blank_lines(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Blank lines stand between paragraphs, and paragraphs are indented."""
    return _lines([("　　" + label, line) for label, line in _paragraphs(nodes)], "\n" * rng.randint(2, 3))


def _titles(nodes: Sequence[Node]) -> list[str]:
    """The headings as a list of contents gives them; none where there are but two."""
    titles = [node.shown + node.heading for node in nodes if node.heading]
    return titles if len(titles) > 2 else []


def contents(rng: random.Random, nodes: Sequence[Node]) -> str:
    """A list of contents stands first: a title, dots and page numbers."""
    dots = rng.choice(["……", "…………………", "........", "·········"])
    entries = [f"{title}{dots}{page}" for page, title in enumerate(_titles(nodes), 1)]
    return "\n".join(
        [*([rng.choice(["目录", "目 录", "目　　录"])] if entries else []), *entries, as_it_is(rng, nodes)]
    )


def contents_plain(rng: random.Random, nodes: Sequence[Node]) -> str:
    """A list of contents stands first, with its title or without, nothing behind its entries."""
    entries = _titles(nodes)
    title = ["目录"] if entries and (len(entries) < 4 or rng.random() < 0.5) else []
    return "\n".join([*title, *entries, as_it_is(rng, nodes)])


def traditional(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Traditional characters."""
    converter = OpenCC("s2t")
    for node in nodes:
        node.label = node.label and converter.convert(node.label)
    return str(converter.convert(as_it_is(rng, nodes)))


def half_lost(rng: random.Random, nodes: Sequence[Node]) -> str:
    """Some opening brackets of labels are lost, those of first numbers not."""
    for node in nodes:
        if node.label and node.label.strip("()") not in ("1", "一") and rng.random() < 0.2:
            node.label, node.shown = node.label.lstrip("("), node.shown.lstrip("（(")
    return as_it_is(rng, nodes)


def as_it_is(rng: random.Random, nodes: Sequence[Node]) -> str:
    """One paragraph a line."""
    return _lines(_paragraphs(nodes))


DAMAGES: dict[str, Callable[[random.Random, Sequence[Node]], str]] = {
    "none": as_it_is,
    "joined": joined,
    "run_in": run_in,
    "spaced": spaced,
    "widths": mixed_widths,
    "page_inside": page_marks_inside,
    "page_alone": page_marks_alone,
    "wrapped": hard_wrapped,
    "gap": as_it_is,
    "runs_on": as_it_is,
    "blank": blank_lines,
    "contents": contents,
    "contents_plain": contents_plain,
    "traditional": traditional,
    "half_lost": half_lost,
}


def make(seed: int) -> Plan:
    """The plan of a seed; seeds go through all styles under all damages in turn."""
    styles, damages = list(STYLES), list(DAMAGES)
    style, damage = styles[seed % len(styles)], damages[seed // len(styles) % len(damages)]
    if style in NEED_LINES and damage in ("joined", "run_in", "spaced"):
        damage = "none"
    rng = random.Random(seed)
    nodes = grow(rng, style, runs_on=damage == "runs_on", gap=damage == "gap")
    return Plan(style, damage, f"{TITLE}\n{DAMAGES[damage](rng, nodes)}", nodes)


def document(text: str) -> Document:
    """What the reader of text files makes of a text."""
    blocks, at = [], 0
    for line in text.split("\n"):
        if bare := line.strip():
            start = at + line.index(bare)
            blocks.append(Block(start=start, end=start + len(bare)))
        at += len(line) + 1
    return Document(text=text, blocks=tuple(blocks), format="txt", sha256="0" * 64, bytes=len(text.encode()))


@dataclass
class Result:
    """What was read of a plan."""

    plan: Plan
    found: list[tuple[str | None, int | None]]
    headings: list[str | None]

    @property
    def exact(self) -> bool:
        """All labels and parents are right."""
        return self.found == self.plan.wanted()

    @property
    def titled(self) -> bool:
        """All headings are right too."""
        return self.exact and self.headings == self.plan.headings()


def read(plan: Plan) -> Result:
    """Read a plan back."""
    made = document(plan.text)
    found = [section for head in split(made) for section in tree(made, head)]
    return Result(plan, [(s.label, s.parent) for s in found], [s.heading for s in found])


def results(count: int, first: int = 0) -> Iterator[Result]:
    """The plans of the seeds from `first` on, read back."""
    return (read(make(seed)) for seed in range(first, first + count))


def rates(read_back: Sequence[Result]) -> dict[str, float]:
    """The share of plans read back exactly, by damage."""
    ordered = sorted(read_back, key=lambda r: list(DAMAGES).index(r.plan.damage))
    groups = {damage: list(group) for damage, group in groupby(ordered, key=lambda r: r.plan.damage)}
    return {damage: sum(r.exact for r in group) / len(group) for damage, group in groups.items()}


def table(read_back: Sequence[Result]) -> str:
    """Style by damage: the share of plans read back exactly."""
    cells: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for result in read_back:
        cells[result.plan.style, result.plan.damage].append(result.exact)
    lines = [" " * 22 + "".join(f"{damage:>12}" for damage in DAMAGES)]
    for style in STYLES:
        shares = (cells[style, damage] for damage in DAMAGES)
        lines.append(f"{style:22}" + "".join(f"{sum(c) / len(c):12.3f}" if c else f"{'-':>12}" for c in shares))
    overall = rates(read_back)
    lines.append(f"{'all':22}" + "".join(f"{overall.get(damage, 0):12.3f}" for damage in DAMAGES))
    whole = [result for result in read_back if result.plan.damage == "none"]
    if whole:
        lines.append(
            f"undamaged: {overall['none']:.3f} exact, {sum(r.titled for r in whole) / len(whole):.3f} with headings"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How much of random plans' section trees is read back.")
    parser.add_argument("plans", nargs="?", type=int, default=2000)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print the first N plans not read back")
    parser.add_argument("--damage", choices=DAMAGES, help="show plans with this damage only")
    args = parser.parse_args()
    read_back = list(results(args.plans))
    wrong = [r for r in read_back if not (r.titled if r.plan.damage == "none" else r.exact)]
    for result in [r for r in wrong if args.damage in (None, r.plan.damage)][: args.show]:
        print(f"== {result.plan.style}, {result.plan.damage}\n{result.plan.text}")
        wanted, found = [*map(str, result.plan.wanted())], [*map(str, result.found)]
        if result.exact:
            wanted, found = [*map(str, result.plan.headings())], [*map(str, result.headings)]
        print("\n".join(line for line in difflib.ndiff(wanted, found) if line[0] in "+-"))
    print(table(read_back))


if __name__ == "__main__":
    main()
