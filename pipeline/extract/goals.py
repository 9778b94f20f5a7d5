"""Goals: sentences that state a state of affairs to be reached (guideline, goals).

Evidence is weighed, for no single mark tells an aim from a measure: under which heading the sentence
stands, how it opens and closes, what its verb is, and what speaks against it (a tale of the past, a
slogan of the guiding ideology, a lead-in). Each piece of evidence is a rule with a weight in
`pipeline/rules/goals.yaml`; a sentence whose weights add up to the threshold is a goal, and the heaviest
rule gives its name to the record. A sentence that goes on after a semicolon, or after the colon of a line, where
an aim was named (「主要预期目标是：…；…；…」) shares that aim. In a row of a task table each cell of a task or a
target is weighed by itself, and sentence by sentence where it is no aim as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from pipeline.extract.notes import Notes, notes_of
from pipeline.extract.past import inside, past
from pipeline.model import Goal, Stretch, fold
from pipeline.rules import Rule, Rules, alternation, load, patterns, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

CONTINUES = frozenset({"names_aim"})
# What stands in quotes is a name, 「开展“争创文明班级”活动」; short ones may be part of a date, 「“十五五”末」.
QUOTED = re.compile(r"“[^“”\n]{5,40}”")
SENTENCE = re.compile(r"[^;。!\s][^;。!]*[;。!]?")
LABEL = re.compile(r"[()第\d一二三四五六七八九十百、.章节条款①-⑳]+")

# 「二是09年,要 努力…」, 「按2030年价格计算,…」
MARKS = r"""\s | [一二三四五六七八九十]{1,2} (?:是|要|、) | [(]? [\d一二三四五六七八九十]{1,3} [).、.]
        | [①-⑳] | 要(?!求) | (?:今|本|当|明|全)年,? | 本?学(?:期|年),?
        | “?十[一二三四五六七八九]五”?(?:期间|时期),? | 经过[^,]{2,12}努力,
        | (?:在[^,。;]{2,8}基础上,?)? 再(?:奋斗|努力|经过|用)[一二三四五六七八九十\d]{1,3}年(?:时间|努力|左右)?,
        | [一二三四五六七八九十]个?(?:确保|力争|实现|杜绝):
        | (?:计划|规划|纲要)(?:要求|规定|提出), | 按照?[^,。;:]{2,16}(?:价格|口径)计算, | 扣除[^,。;]{2,12}因素,"""

BETTERS = (
    "水平|质量|能力|素[养质]|条件|环境|效[率益]|比重|满意度|面貌|结构|功能|实力|竞争力|生活|收入|(?:普及|利用|使用)率"
)

# Parts of the patterns in rules/goals.yaml, verbose:
#   「二是09年,要 努力…」                   marks
#   「二是2030年底,要 …」                  lead, which gives nothing back: what it took is no subject
#   「…达到 80%以上」                      attain, number
#   「护士由20人 增加到30人」                staff: an appointment
#   「学费」, 「产假」                        terms: what an order sets
#   「…水平 要…」                          betters: what is good to have more of
#   「到二〇三五年」                         year
#   「推动…」, 「随着…」, 「为了…」              causes: what brings the state about
#   「物价将 …」                           forecast: what is expected, whatever the plan does
PARTS = {
    "marks": rf"(?: {MARKS} )*",
    "lead": rf"""(?: {MARKS} | [到至在]? (?:19|20)\d\d年 (?![-~至的度\d]) [底末]? [前时]? ,?
        | [到至]? [一二][〇零○九][〇零○一二三四五六七八九]{{2}}年 [底末前]? , | 新的一年,
        | “[六七八九十]五”(?:期间|时期|末),? | (?:今后|未来)[一二两三四五六七八九十\d]{{1,2}}年[内间]?,?
        | [一二两三四五六七八九十\d]{{1,2}}年[内间],? | (?:规划|计划)期[内间末],? | 到?本世纪(?:末|中叶),?
        | 在[^,。;]{{2,16}}(?:基础上|前提下), )*+""",
    "reach": r"""(?: 实现|建成|建设|创建|创成|打造|形成|达到|完成|争创|成为|办好|构建|把|将|使|做到|开创|谱写 )""",
    "attain": r"""(?: (?:力争)? 达到? (?:[^,。;\d]{2,10}的(?=\d))? | 超过? | 突破 (?![,。;]|$)
        | (?:提高|提升|上升|增长|增加|扩大|延长|缩短|降低|减少) (?:到|至) | 下?降[至到] | 不低于
        | (?:稳定|控制|保持) 在 | 保持 (?=\d) | 确保 (?=\d[\d.]*[%‰]) | (?<![|]\s) [≥≤] (?=\d[\d.]*[%‰]) )""",
    "number": r"""(?: [约近]? (?: \d | [一二两三四五六七八九十百千]+[成个所万亿%倍] | [十百千万]+分之
        | [Xx]{1,2}% ))""",
    "measure": r"""(?: 进一步|不断|持续|全面|加强|加快|加大|深化|完善|健全|推进|推动|提高|提升|促进|强化|优化|积极
        | 大力|切实 )""",
    "staff": r"""(?: (?!每[百千万]) [^,。;:]{0,16}
        (?:护士|[校法]医|医[生师护]|教师|教职工|厨师|保安|司机|[民辅干]警|干部
        |(?:医护|工作|管理|执法)人员|(?<![人学会党])员)
        (?:总?数)? ,? [要将应]? (?:[由从][^,。;\d]{0,6}\d+[人名位个][^,。;]{0,6})? (?:增加|减少|扩大|增[至到])
        [^,。;\d]{0,3} \d+ [人名位个] )""",
    "terms": r"""(?: [^,。;:]{0,16} (?:学费|押金|门票(?!收入)|票价|限额(?!以上)|产假|期限|日期|截止|试用期
        |课间(?=[由从延])|午休时|间隔|班线|开放时|营业时|包联|年龄(?!人口|段)
        |温度|血[糖压]|限速|高度(?!重视|一致|认同)|[间株行]距|最[长多高]不?超过) (?![^,。;:]{0,12}率) )""",
    "betters": f"(?:{BETTERS})",
    "causes": r"(?:推动|促进|通过|随着|由于|为(?:了|使|促进|推动|保|实现|加快|进一步)|使|让)",
    "year": r"(?:(?:19|20)\d\d|[一二][〇零○九][〇零○一二三四五六七八九]{2})",
    "forecast": rf"""(?: [^,。;:]{{0,24}} (?:物价|价格|形势|老龄化|失业) [^,。;:]{{0,6}} 将
        | (?! [^,。;:]{{0,24}} (?:{BETTERS}|比例|覆盖面|程度|率) [^,。;:将]{{0,8}} 将 )
          [^,。;:将]{{2,24}} 将 (?!军) [^,。;]{{0,10}} (?:提高|提升|扩大) )""",
}


@cache
def rules(group: str) -> Rules:
    """The compiled rules of one group of `rules/goals.yaml`.

    Args:
        group: `sections` or `sentences`.

    Returns:
        The rules, in the file's order.
    """
    named = {"act": "action_verbs", "well": "good_states"}
    lists = {part: alternation(words("goals", group_of)) for part, group_of in named.items()}
    return patterns("goals", {**PARTS, **lists}, group=group)


@cache
def _sentences(*, against: bool) -> Rules:
    """The rules of the group `sentences` that speak for an aim, or those that speak against one."""
    return Rules(rule for rule in rules("sentences") if (rule.fields["weight"] < 0) is against)


def goals(plan: Doc | Notes, *, threshold: float | None = None) -> Iterator[Goal]:
    """The sentences of a plan that state an aim.

    Args:
        plan: its notes, or its `Doc` (see `pipeline.extract.layers`).
        threshold: the sum of weights that makes a goal; None takes that of `rules/goals.yaml`.

    Yields:
        One record a goal, in reading order, offsets in characters of the readable text, `item` left open.
    """
    notes = notes_of(plan)
    least = load("goals")["threshold"] if threshold is None else threshold
    text: str = notes.folded
    written = notes.text
    places = [(item.start, tuple(item.path or ())) for item in notes.items]
    rows = {row.start: row.cells for row in notes.rows.values()}
    told: set[str] = set()
    behind = past(notes)
    found: list[Goal] = []
    supported: list[tuple[Stretch, list[tuple[str, float]], bool]] = []
    at = -1
    goes_on = led = False
    listed_at: list[str] = []
    speaking_for = _sentences(against=False).within_stretches(notes.codes, notes.sentences)
    for (start, end), some in zip(notes.sentences, speaking_for, strict=True):
        while at + 1 < len(places) and places[at + 1][0] <= start:
            at += 1
        path = places[at][1] if at >= 0 else ()
        if inside(behind, start) and inside(behind, end - 1):
            goes_on = False
            continue
        if start in rows:
            goes_on = False
            for cell in _aim_cells(rows[start]):
                whole = _sum(weigh(text[slice(*cell)], ())) >= least
                for low, high in [cell] if whole else _sentences_of(text, *cell):
                    aim = text[low:high]
                    evidence = weigh(aim, ())
                    if _sum(evidence) >= least and aim not in told:
                        told.add(aim)  # a merged cell is repeated in every row that it spans
                        name = max(evidence, key=lambda pair: pair[1])[0]
                        found.append(Goal(start=low, end=high, text=written[low:high], rule=name))
            continue
        if written.find("\t", start, end) >= 0:
            goes_on = False
            continue  # a row of figures, of a table that no heading row tells
        evidence = weigh(text[start:end], path, some)
        member = goes_on and _headings(path) == listed_at  # a list ends with its section
        led = led and member
        if member:
            evidence = [("continues_aim", 3), *evidence]
        if not evidence:
            goes_on = False
            continue
        if _sum(evidence) >= least:  # else nothing that speaks against it matters
            supported.append(((start, end), evidence, led))
        named = any(name in CONTINUES for name, _ in evidence)
        leads = named and text[end - 1] == ":"
        goes_on = leads or ((member or named) and text[end - 1] == ";")
        led = led or leads
        listed_at = _headings(path) if goes_on else []
    speaking_against = _sentences(against=True).within_stretches(notes.codes, [place for place, *_ in supported])
    for ((start, end), evidence, led), some in zip(supported, speaking_against, strict=True):
        evidence = [*evidence, *weigh(text[start:end], (), some)]
        activity = led and any(name == "against_activity" for name, _ in evidence)
        if _sum(evidence) >= least and not activity:
            name = max(evidence, key=lambda pair: pair[1])[0]
            found.append(Goal(start=start, end=end, text=written[start:end], rule=name))
    yield from sorted(found, key=attrgetter("start"))


def annotate(notes: Notes) -> None:
    """Put what `goals` finds into `notes.found`."""
    notes.found["goals"] = tuple(goals(notes))


def weigh(sentence: str, path: Sequence[str], some: Sequence[Rule] | None = None) -> list[tuple[str, float]]:
    """The evidence for and against one sentence being a goal.

    Args:
        sentence: its folded text.
        path: the headings above it, from the top.
        some: the rules that may fit it, in order, where that is known.

    Returns:
        The name and weight of each rule that fits; the section's comes first.
    """
    some = rules("sentences").within(sentence) if some is None else some
    section = _section(tuple(path))
    if not (some or section):
        return []
    if "“" in sentence:
        sentence = QUOTED.sub(lambda quoted: "“" + "□" * (len(quoted[0]) - 2) + "”", sentence)
    aims = any(rule.fields["weight"] > 0 for rule in section)
    fitting = [rule for rule in some if (aims or not rule.fields.get("below_aims")) and rule.look(sentence)]
    return [(rule.name, float(rule.fields["weight"])) for rule in (*section, *fitting)]


def _sum(evidence: Sequence[tuple[str, float]]) -> float:
    return sum(weight for _, weight in evidence)


def _aim_cells(cells: Sequence[tuple[str, int, int]]) -> list[tuple[int, int]]:
    """The cells of a task table's row that may state an aim: tasks and targets, each a sentence of its own."""
    return sorted((start, end) for column, start, end in cells if column in ("target", "task") and start < end)


def _sentences_of(text: str, start: int, end: int) -> list[Stretch]:
    """The sentences of a cell that holds several."""
    return [match.span() for match in SENTENCE.finditer(text, start, end)]


@lru_cache(maxsize=256)  # sentences of a section have one path
def _section(path: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rule of the deepest heading that says what its section holds, if one does.

    A rule marked `own_text_only` holds for the text right under its heading, in numbered paragraphs
    without a heading too, but not for subsections: those have tasks of their own. One marked `under` holds where a
    heading above has that word.
    """
    headings = _headings(path)
    for depth, heading in enumerate(reversed(headings)):
        for rule in rules("sections").within(heading):
            if rule.regex.search(heading) and _holds_under(rule, headings[: len(headings) - depth - 1]):
                return () if depth and rule.fields.get("own_text_only") else (rule,)
    return ()


def _headings(path: Sequence[str]) -> list[str]:
    """The headings of a path, folded, without labels that stand alone."""
    return [folded for heading in path if (folded := fold(heading)) and not LABEL.fullmatch(folded)]


def _holds_under(rule: Rule, above: Sequence[str]) -> bool:
    return "under" not in rule.fields or any(rule.fields["under"] in heading for heading in above)
