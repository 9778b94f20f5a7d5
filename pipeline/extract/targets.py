"""Numeric targets: quantities that a plan commits to reach, keep or carry out (guideline, targets).

Each quantity of the text (`pipeline.numbers`) is looked at in its sentence. It is no target where

- it is part of a time, a title or a document number (`deadlines.mentions`), or masked;
- it stands in a stretch about the past or the present state (`past.py`), or inside a quoted name;
- it stands in a table of indicators, whose columns say what is a target (`indicators.py`);
- a rule of the group `refuse` fits: names (三项行动), subsidies, thresholds of classes, ordinals;
- its figure is 一 as an article, or has no unit and nothing that says it is to be reached.

What is left is a target. Its span takes in comparators (不少于, 以上, 超); its op is, in this order:
ratio; inc or dec where it says by how much something changes (增长6%左右); the comparator's; range; eq.

Rules see the figure between ⟦ and ⟧ (`rules/targets.yaml`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

from pipeline.extract.deadlines import mentioned, quoted
from pipeline.extract.measured import indicator
from pipeline.extract.notes import Notes, notes_of
from pipeline.extract.past import inside, past
from pipeline.model import Op, Stretch, Target
from pipeline.numbers import Quantity, quantities, unit_lists
from pipeline.rules import Groups, Rule, Rules, alternation, load, patterns
from pipeline.rules.needs import quick

if TYPE_CHECKING:
    from spacy.tokens import Doc

LEFT, RIGHT = 40, 24
LONGEST_LIST = 8
"""Targets of one list that a later figure may go with."""
Hit = tuple[Rule, re.Match[str]]
POWERS = frozenset("十百千万亿")
PER = re.compile(
    r"(?:每|平均每|各)(?:个|一)?"
    r"(学期|学年|年度|季度|半年|半个?月|半天|年|月|周|星期|天|日|晚|班|(?:[两二三四五六]|\d{1,2})个?[月周年天日])"
    r"|(?<![第十百\d])一(学期|学年|年|个?月|周|天)(?=(?:至少[一-龥]{0,4}|不少于|不低于)?[一二两三四五六\d]*$)|([年月日周])均(?!浓度|值|气温|温度|降[水雨])"
    r"|(?<![\d今本去全每同当近多学半隔次来老少成青中壮常历整一二三四五六七八九十])([年月周])(?:人均|生均|(?![度末底初级])[一-龥]{2,4}(?:量|时间|时长)(?:达到?|为|约|不少于|不低于|不超过|(?:控制|保持|稳定)在|(?:提高|增加|压减)[到至])?$)"
    r"|(?:人均|生均)([年月周])(?![度末底初级])"
    r"|(?<![\d今本去全每当同近多])([日年])(?:处理|供水|供气|供热|产|加工|屠宰|消纳)(?:能力|规模|量)?"
    r"(?:(?:由|从)[^,。;]{1,10}?)?(?:约|达到?|为|[提增][高加]?[到至])?(?=$)"
)
PER_BEHIND = re.compile(r"(?:以[上下内]|左右)?[/每](学期|学年|年|月|周|天|日|班)")
JOINED = re.compile(r"[、和与及]")
HOLDS_ON = re.compile(r"[全我本各每所]")
PER_SIGN = re.compile("[每各均一量时处供产加屠消]")
"""A character that a rate holds."""
COUNTED_WITH = ("所", "家", "个")
"""Units of institutions: one that is counted itself is not whom its figure covers."""
LIST_JOINT = re.compile(r"[、,和及与]{1,2}|以及")
MARKS = "。;!?\n"
"""Each ends a sentence."""
STARTS = re.compile("[由从将把]")
FROM = re.compile(r"[由从将把][^,。;到至]{0,18}$")
CLAUSE_END = re.compile(r"[,。;!?]")
ENDS = re.compile(r"[到至为](?:\d{4}年的)?(?:约|近)?[ ]?$")
TO = re.compile(
    r"[^,。;\d]{0,8}?(?:提高|增加|上升|下降|降低?|增长?|提升|扩大|减少|压缩|缩短|扩展|延长|发展|压减|调整|升|增|减|降)[到至为]"
    r"(?:\d{4}年的)?(?:约|近)?[ ]?$"
)

MERGES = re.compile("(?:合并|撤并|归并|整合)[为成]")
MERGED = re.compile(rf"[^,。;\d]{{0,8}}?{MERGES.pattern}")
ALL_MERGED = re.compile(rf"(?:[^,。;\d]{{0,8}}[、和]\d+[个所家])?{MERGED.pattern}")
"""The same where 将 takes two kinds: 「将3所小学、2所初中合并为1所」."""


class Sight(NamedTuple):
    """A quantity in its sentence.

    Args:
        quantity: with offsets in its sentence.
        start, end: where it stands in the plan.
        left, right: what stands on its two sides.
        marked: the two with the figure marked.
        begun: where the sentence begins, in an item before its own where that ends without a mark.
    """

    quantity: Quantity
    start: int
    end: int
    left: str
    right: str
    marked: str
    begun: int


@cache
def rules(group: str) -> Rules:
    """The compiled rules of one group of `rules/targets.yaml`.

    Args:
        group: `before`, `behind`, `change`, `refuse` or `scopes`.
    """
    parts = {name: alternation(words) for name, words in load("targets")["scope_parts"].items()}
    return patterns("targets", parts if group == "scopes" else None, group=group)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return quick(load("targets")[name])


def targets(plan: Doc | Notes, *, keep_past: bool = False, keep_names: bool = False) -> Iterator[Target]:
    """The numeric targets of a plan.

    Args:
        plan: its notes, or its `Doc` (see `pipeline.extract.layers`).
        keep_past: give figures of the past and the present state as well.
        keep_names: give figures inside quoted names as well.

    Yields:
        One record a target, in reading order, offsets in characters of the readable text; `item` and
        `deadline` are left to `pipeline.extract.link`.
    """
    notes = notes_of(plan)
    sights = list(_sights(notes, [] if keep_past else past(notes), [] if keep_names else quoted(notes)))
    given: list[Target] = []
    for sight, fitting in zip(sights, _fitting([sight.marked for sight in sights]), strict=True):
        if _starting_point(sight):
            continue
        target = _target(notes, sight, fitting, given[-LONGEST_LIST:])
        if target is not None:
            given.append(target)
            yield target


class _Fitting(NamedTuple):
    """The rules of each group that may fit a figure in its sentence, in order."""

    before: Sequence[Rule]
    behind: Sequence[Rule]
    refuse: Sequence[Rule]
    change: Sequence[Rule]


def _fitting(marked: Sequence[str]) -> list[_Fitting]:
    """The rules that may fit each of some figures, which stand between ⟦ and ⟧ in their sentences."""
    found = [_Fitting(*some) for some in _groups().within_each(marked)]
    # Print and character recognition leave a space before a figure: 「提高 5%」.
    apart = [at for at, text in enumerate(marked) if " ⟦" in text]
    for at, change in zip(apart, rules("change").within_each([_closed_up(marked[at]) for at in apart]), strict=True):
        found[at] = found[at]._replace(change=change)
    return found


@cache
def _groups() -> Groups:
    return Groups(rules("before"), rules("behind"), rules("refuse"), rules("change"))


def _closed_up(marked: str) -> str:
    return marked.replace(" ⟦", "⟦")


def annotate(notes: Notes) -> None:
    """Put what `targets` finds into `notes.found`."""
    notes.found["targets"] = tuple(targets(notes))


def _sights(notes: Notes, bygone: Sequence[Stretch], names: Sequence[Stretch]) -> Iterator[Sight]:
    """The quantities inside items that may be targets by where they stand, each in its sentence.

    Args:
        notes: of the plan.
        bygone: what tells of the past.
        names: in quotation marks.
    """
    text, taken = notes.lines, mentioned(notes)
    at = 0
    repeated = _repeated_cells(notes)
    told = frozenset(bygone)  # sentences that tell of the past do so as a whole as a rule
    for cuts in notes.cuts:
        for low, high in cuts:
            if (low, high) in told:
                continue
            for found in quantities(text[low:high]):
                start, end = low + found.start, low + found.end
                if found.masked or inside(bygone, start) or inside(names, start) or inside(repeated, start):
                    continue
                while at < len(taken) and taken[at].end <= start:
                    at += 1
                if at < len(taken) and taken[at].start < end:
                    continue
                left, right = text[max(low, start - LEFT) : start], text[end : min(high, end + RIGHT)]
                # The sentence of an item's first cut may begin in the item above.
                begun = low if text[low - 1 : low] in MARKS else 1 + max(text.rfind(mark, 0, low) for mark in MARKS)
                yield Sight(found, start, end, left, right, f"{left}⟦{text[start:end]}⟧{right}", begun)


def _repeated_cells(notes: Notes) -> list[tuple[int, int]]:
    """Cells that say what the cell above them says: one merged cell, written out again in each row of a table."""
    repeated, written = [], notes.text
    above: dict[str, list[str]] = {}
    last = -1
    for index, row in notes.rows.items():
        if index != last + 1:
            above = {}
        here: dict[str, list[str]] = {}
        for column, start, end in row.cells:
            content = written[start:end].strip()
            here.setdefault(column, []).append(content)
            if content and content in above.get(column, ()):
                repeated.append((start, end))
        above, last = here, index
    return sorted(repeated)


def _starting_point(sight: Sight) -> bool:
    """「由3所增加到5所」, 「将8所合并为5所」: the first figure is the state from which the second is to be reached."""
    if MERGES.search(sight.right):
        merged = ALL_MERGED if FROM.search(sight.left) else MERGED
        if any(merged.fullmatch(sight.right[: found.start]) for found in quantities(sight.right)):
            return True
    if not FROM.search(sight.left):
        return False
    return any(
        _starts_from(sight.left, sight.quantity, sight.right[: found.start], found) for found in quantities(sight.right)
    )


def _baseline(sight: Sight) -> float | None:
    """The figure of 「由3所增加到⟦5所⟧」 that the target starts from."""
    if not STARTS.search(sight.left) or not ENDS.search(sight.left):
        return None
    for found in quantities(sight.left):
        if _starts_from(sight.left[: found.start], found, sight.left[found.end :], sight.quantity):
            return found.value
    return None


def _starts_from(ahead: str, first: Quantity, between: str, second: Quantity) -> bool:
    """Whether the state that a figure gives is that from which another is to be reached.

    Args:
        ahead: what stands before the first.
        first, second: the two figures.
        between: what stands between them.
    """
    start = FROM.search(ahead)
    if start is None or not TO.fullmatch(between):
        return False
    # 将 and 把 take the object too: 「将20名学生的补助提高到500元」.
    return any(word in start[0] for word in "由从") or (first.unit == second.unit and "的" not in between)


def _target(notes: Notes, sight: Sight, fitting: _Fitting, given: Sequence[Target]) -> Target | None:
    """The target that a quantity is behind those that were found before it, or None."""
    found, last = sight.quantity, given[-1] if given else None
    if _hit(fitting.refuse, sight.marked):
        return None
    before, behind = _hit(fitting.before, sight.marked), _hit(fitting.behind, sight.marked)
    changed = _hit(fitting.change, _closed_up(sight.marked))
    change = changed[0] if changed else None
    text = notes.lines
    start = sight.start - (len(before[1]["span"]) if before else 0)
    end = sight.end + (len(behind[1]["span"]) if behind else 0)
    per = _per(sight)
    shared = last is not None and per is None and _shares_rate(text, last, found, start)
    if shared:
        per = cast(Target, last).per
    compared = before is not None or behind is not None
    if not shared and not _committed(sight, compared=compared, changed=change is not None, per=per):
        return None
    listed = last if last is not None and LIST_JOINT.fullmatch(text[last.end : start]) else None
    op: Op
    if found.ratio:
        op, rule = "ratio", "ratio"
    elif change is not None:
        op, rule = cast(Op, change.fields["op"]), change.name
    elif listed is not None and _shares_op(text, listed, found, compared=compared):
        op, rule = listed.op, listed.rule
    elif found.range:
        op, rule = "range", "range"
    elif before is not None and before[0].fields["op"] != "eq":
        op, rule = cast(Op, before[0].fields["op"]), before[0].name
    elif behind is not None:
        op, rule = cast(Op, behind[0].fields["op"]), behind[0].name
    elif found.approx:
        op, rule = "gt", "and_more"
    else:
        op, rule = "eq", before[0].name if before else "share" if found.percent else "rate" if per else "count"
    measured = indicator(notes, start, end, found, given, listed is not None)
    return Target(
        start=start,
        end=end,
        text=notes.text[start:end],
        rule=rule,
        indicator=measured,
        op=op,
        value=cast(float, found.value),
        value2=found.value2,
        unit=found.unit,
        per=per,
        baseline=_baseline(sight),
        scope=_scope(notes, sight.begun, start, last, measured, found.unit),
    )


def _scope(
    notes: Notes, low: int, start: int, last: Target | None, measured: str | None, unit: str | None
) -> str | None:
    """Whom a figure covers: 「城区公办园占比达到⟦60%⟧」, and 「全县」 in the later clauses of its sentence too.

    None where the measure is of two at once: 「城镇、农村居民收入增长⟦6%⟧」.
    """
    text = notes.lines
    clause = max(low, text.rfind(",", low, start) + 1)
    scopes = rules("scopes").within(text[low:start])
    matches = [match for rule in scopes for match in rule.regex.finditer(text, clause, start)]
    # A place before an earlier figure is that figure's, but in a list of figures of one measure.
    apart = last is not None and last.indicator != measured and "分别" not in text[clause:start]
    behind = last.end if last is not None and apart and last.end <= start else clause
    counted = measured if unit in COUNTED_WITH and not HOLDS_ON.match(measured or "") else None
    found = [match.span() for match in matches if match.start() >= behind or HOLDS_ON.match(match[0])]
    found = [place for place in found if notes.text[slice(*place)] != counted]
    if not found:
        wholes = (rule for rule in scopes if "whole" in rule.regex.groupindex)
        openings = (match for rule in wholes for match in rule.regex.finditer(text, low, clause) if match["whole"])
        found = [match.span("whole") for match in openings if _opens_clause(notes, match.start(), low)]
    if not found:
        return None
    names = [notes.text[slice(*place)] for place in sorted(found, key=lambda place: (-place[1], place[0]))]
    named = [name for name in names if measured and name in measured]
    if len({name for name in named if name not in named[0]}) and JOINED.search(measured or ""):
        return None
    return named[0] if named else names[0]


def _opens_clause(notes: Notes, at: int, low: int) -> bool:
    """Whether a clause of the sentence that starts at `low` begins at `at`, with a time before it or without."""
    times = mentioned(notes)
    index = bisect_right(times, at, key=lambda mention: mention.end) - 1
    start = times[index].start if index >= 0 and times[index].end == at else at
    return start <= low or notes.lines[start - 1] in ",:、"


def _shares_op(text: str, listed: Target, found: Quantity, *, compared: bool) -> bool:
    """Whether a figure of a list has the op of the one before: it changes as that does (「分别增长5%、6%」), or
    the comparator before the first holds for each (「分别不低于90%和85%」)."""
    if listed.unit != found.unit:
        return False
    apiece = re.search(r"分别(?:要|应|须|均)?$", text[max(0, listed.start - 4) : listed.start])
    return listed.op in ("inc", "dec") or (apiece is not None and not compared)


def _shares_rate(text: str, last: Target, found: Quantity, start: int) -> bool:
    """Whether a clause counts for another what the one before it gave a rate of, or a part of it: 「每学期教师听课
    25节,干部不少于⟦30节⟧」, 「每天运动2小时,其中跑步⟦1小时⟧」."""
    alike = last.per not in (None, "班") and last.unit == found.unit and not found.percent
    alike = alike and found.unit not in unit_lists()["money"]
    return alike and bool(_pattern("of_another").fullmatch(text, last.end, start))


def comparators(marked: str) -> tuple[Hit | None, Hit | None]:
    """What before and behind a figure belongs to it and compares: the rule that fits, and its match.

    Args:
        marked: the figure between ⟦ and ⟧ in its sentence.
    """
    return _hit(rules("before").within(marked), marked), _hit(rules("behind").within(marked), marked)


def _hit(some: Sequence[Rule], marked: str) -> Hit | None:
    for rule in some:
        match = rule.regex.search(marked)
        if match:
            return rule, match
    return None


def _committed(sight: Sight, *, compared: bool, changed: bool, per: str | None) -> bool:
    """Whether a figure that no rule refuses is one to be reached, kept or carried out."""
    found = sight.quantity
    if found.ratio:
        return bool(re.search(r"比|达|按照?$|:\d[\d.]*[、,和]$", sight.left[-14:]))
    if found.unit is None:
        # 「增长12」 has lost what it grew by, 12 percent or 12 of something.
        return not changed and (compared or _attained(sight)) and not re.match(r"[A-Za-z.:+*×□○]", sight.right)
    if found.unit.endswith("工作日"):
        return False
    if found.unit in unit_lists()["times"]:
        long_enough = (
            changed or _attained(sight) or (found.unit not in ("年", "个月", "月") and sight.right.startswith("以上"))
        )
        return (long_enough and not re.match(r"之?内|前|后|来|期", sight.right)) or bool(
            _pattern("exercise").search(sight.marked)
        )
    if found.unit == "岁":
        return bool(re.search(r"寿命|平均年龄", sight.left))
    if found.unit == "分":
        return compared or changed or _attained(sight)
    if found.numeral == "二" and not found.percent:
        return False  # 二 before a measure word counts off (二期, 二次开发); a count of two is 两
    if found.numeral == "一":
        # 一 is an article unless a rate or a comparator makes it a figure, 一批 even so (guideline, targets).
        counted = found.unit in unit_lists()["counts"] and found.unit != "批"
        return bool(per and counted) or compared or found.unit in ("倍", "番", "%")
    if found.numeral in ("一半", "半数", "过半") or (found.numeral and set(found.numeral) <= POWERS - {"十"}):
        return compared or changed or _attained(sight) or bool(_pattern("round").search(sight.marked))
    return True


def _attained(sight: Sight) -> bool:
    """Whether words before a figure say that it is to be reached or kept."""
    return _pattern("attained").search(sight.marked) is not None


def _per(sight: Sight) -> str | None:
    """The recurrence that a figure is per: 「每学期听课⟦20节⟧」, 「⟦2次⟧/学期」."""
    behind = PER_BEHIND.match(sight.right)
    if behind:
        return behind[1]
    clause = CLAUSE_END.split(sight.left)[-1]
    if not PER_SIGN.search(clause):
        return None
    found = [next(group for group in match.groups() if group) for match in PER.finditer(clause)]
    return next((per for per in reversed(found) if per != "班"), found[-1] if found else None)
