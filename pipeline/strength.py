"""How binding an item is: binding, firm or soft.

The classes are those of published work, which `rules/strength.yaml` names beside the words: Ang's grey, black and
red directives, 立法技术规范（试行）（一） on 应当, 必须, 不得 and 禁止, the 约束性 and 预期性 figures of five-year
plans. Each clause of an item is graded:

1. Where it forbids, demands or guarantees (不得, 必须, 确保), it is binding; unless what it demands is itself
   soft (应鼓励…).
2. Where it invites, explores, permits, strives or hedges (鼓励, 探索, 可, 力争, 原则上), it is soft, its figures and
   dates too: 力争达到90%. So are the clauses that it reaches: those of 力争 and its like to the end of the sentence,
   behind a colon to the end of the list; those of 鼓励 and its like until a clause opens with a date, a charge or a
   measure of its own.
3. Where neither, a figure, a promised sum, a recurrence or a date makes it binding. A clause that is nothing but a
   date lends it to the next one of its sentence, in a row of a table to the measure, in a bracket to what stands
   before. The plan's own year or term (今年) is no date by which anything is due.
4. Where it charges (要), endorses (大力) or opens with the verb of a measure (加强), it is firm.
5. Else it is plain.

The item is what its strongest clause is: binding before firm before soft; plain clauses alone make it firm, since they
state without degree. Quoted names and titles do not count, nor what tells of the past or the present state; an item
that has nothing else, or that only says why the document is made, what it is guided by and how things stand, has no
strength.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from pipeline.dates import whole_year
from pipeline.extract.notes import Notes, Passage, notes_of
from pipeline.extract.past import past as past_of
from pipeline.model import Deadline, Strength, Stretch, Target, fold
from pipeline.rules import Groups, Rule, Rules, alternation, load, patterns
from pipeline.rules.needs import quick

if TYPE_CHECKING:
    from spacy.tokens import Doc

STRENGTHS: tuple[Strength, ...] = get_args(Strength)

BORDER = re.compile(r"[,。;:!?\n\t()]")
ENDS_SENTENCE = frozenset("。;!?\n")
NAME = re.compile(r"《[^《》]{1,60}》|“[^“”。;]{1,40}”|「[^「」。;]{1,40}」|『[^『』。;]{1,40}』|\"[^\"。;\n]{1,40}\"")
BLANK = "□"
SAYS = re.compile(f"[^{BLANK},。;:!?()\\s]")
OPENS = re.compile(
    r"(?:[(]?[一二三四五六七八九十\d]{1,3}[是要)、.])?(?:不断|进一步|继续|持续|积极|认真|扎实|深入|有序|稳步|同时){0,2}"
)
OWN_PERIOD = re.compile("[今本]年度?|全年|[本新]学[年期]|[本新]学年度")
PURPOSE = re.compile("为了?|通过|在|以|围绕|根据|按照|结合|对|针对|随着|凡")
AS_CHARGED = 4
"""How many characters may stand between a duty and the soft word that it charges with: 应当积极鼓励."""
NEAR = 10
"""Characters of a clause among which the verb of a measure stands."""
OF_A_DATE = 2
"""How many characters beside a date a clause may have and still say nothing else."""


@dataclass(slots=True)
class _Clause:
    """A clause of an item, and what it was graded as."""

    start: int
    end: int
    border: str
    sentence: int
    row: bool
    grade: Strength | None = None
    counts: bool = False
    silent: bool = False


@cache
def rules(group: str) -> Rules:
    """The compiled rules of one group of `rules/strength.yaml`.

    Args:
        group: `marks`, `labels`, `sums` or `preambles`.
    """
    return patterns("strength", group=group)


@cache
def _marks() -> tuple[re.Pattern[str], dict[str, Mapping[str, Any]]]:
    """A pattern for all marks, and what the rule file says of those that do not only look like one."""
    marks = rules("marks")
    any_mark = "|".join(f"(?P<{rule.name}>{rule.regex.pattern})" for rule in marks)
    return quick(any_mark, re.VERBOSE), {rule.name: rule.fields for rule in marks if rule.fields["strength"] != "none"}


@cache
def _words(group: str) -> re.Pattern[str]:
    words = load("strength")[group]
    return re.compile(alternation(words + load("goals")["action_verbs"] if group == "openings" else words))


def strength(
    text: str,
    *,
    figures: Sequence[Stretch] = (),
    dates: Sequence[Stretch] = (),
    past: Sequence[Stretch] = (),
    expected: bool = False,
) -> Strength | None:
    """How binding a text is, None where it commits to nothing.

    Args:
        text: an item's, folded or not.
        figures: where its numeric targets and recurrences stand, half-open, in code points.
        dates: where its dates, periods and durations stand.
        past: which stretches tell of the past or the present state.
        expected: it goes on with a list that a soft lead (主要预期目标是：) governs.
    """
    text = fold(text)
    (fitting,) = _fitting([text])
    return _read(text, figures, dates, past, expected, fitting)[0]


class _Fitting(NamedTuple):
    """The rules of each group that may fit an item, in order; of the marks those that bind or soften."""

    marks: Sequence[Rule]
    labels: Sequence[Rule]
    sums: Sequence[Rule]
    preambles: Sequence[Rule]


def _fitting(texts: Sequence[str]) -> list[_Fitting]:
    """The rules that may fit each of some folded texts, or a part of it."""
    return [_Fitting(*some) for some in _groups().within_each(texts)]


@cache
def _groups() -> Groups:
    deciding = Rules(rule for rule in rules("marks") if rule.fields["strength"] in ("binding", "soft"))
    return Groups(deciding, *map(rules, _Fitting._fields[1:]))


def _read(
    text: str,
    figures: Sequence[Stretch],
    dates: Sequence[Stretch],
    past: Sequence[Stretch],
    expected: bool,
    fitting: _Fitting,
) -> tuple[Strength | None, bool]:
    """The strength of a folded text, and whether the next one goes on with its list under a soft lead."""
    named = masked = NAME.sub(lambda name: BLANK * len(name[0]), text)
    for start, end in past:
        masked = masked[:start] + BLANK * (end - start) + masked[end:]
    if not SAYS.search(masked):
        return None, False
    # What is found in no part of the item is found in no clause: these marks do not ask where a clause ends.
    marked = bool([rule for rule in fitting.marks if rule.regex.search(masked)])
    sums = [match.span() for rule in fitting.sums for match in rule.regex.finditer(masked)]
    given = [*figures, *sums]
    if not (marked or dates or expected or fitting.labels or fitting.preambles):  # most items
        if not given:
            return "firm", False
        if any(SAYS.search(masked, low, high) for low, high in given):  # in a clause that nothing softens
            return "binding", False
    clauses = _clauses(text, masked, [*figures, *dates])
    if fitting.preambles:
        _silence(named, clauses, fitting.preambles)
    grader = _Grader(masked, given, dates, expected, marked, fitting.labels)
    grader.grade(clauses)
    goes_on = grader.lasting and bool(clauses) and clauses[-1].border in ":;"
    return _strongest(masked, [clause for clause in clauses if clause.counts]), goes_on


def _strongest(text: str, clauses: Sequence[_Clause]) -> Strength | None:
    """The strength of an item by those of its clauses that count."""
    if not clauses:
        return None
    grades = {clause.grade for clause in clauses}
    strongest: Strength = next((one for one in STRENGTHS if one in grades), "firm")
    if strongest == "soft" and any(clause.grade is None and _opens_as_measure(text, clause) for clause in clauses):
        return "firm"
    return strongest


def _by_item(items: Sequence[Passage], stretches: Iterable[Stretch]) -> dict[int, list[Stretch]]:
    """What of some stretches lies in each item that holds any, by its index and counted from its start."""
    starts, ends = [item.start for item in items], [item.end for item in items]
    result: dict[int, list[Stretch]] = {}
    for low, high in stretches:
        for index in range(bisect_right(ends, low), bisect_left(starts, high)):
            start = starts[index]
            result.setdefault(index, []).append((max(low, start) - start, min(high, ends[index]) - start))
    return result


def strengths(plan: Doc | Notes) -> tuple[Strength | None, ...]:
    """How binding each item of a plan is, by its words and by what the extractors found.

    Args:
        plan: its notes, or its `Doc` (see `pipeline.extract.layers`), with targets and deadlines.

    Returns:
        One entry an item, in their order.
    """
    notes = notes_of(plan)
    targets: list[Target] = list(notes.found["targets"])
    times: list[Deadline] = list(notes.found["deadlines"])
    figures = [(one.start, one.end) for one in targets]
    # 逐年 and the like name no rate that could be kept.
    figures += [(one.start, one.end) for one in times if one.kind == "recur" and not one.text.startswith("逐")]
    dates = [(one.start, one.end) for one in times if one.kind != "recur" and not _of_the_plan(notes, one)]
    figured, dated, told = [_by_item(notes.items, some) for some in (figures, dates, past_of(notes))]
    result: list[Strength | None] = []
    section, expected = None, False
    called = _groups().within_stretches(notes.codes, [(item.start, item.end) for item in notes.items])
    for n, (item, some) in enumerate(zip(notes.items, called, strict=True)):
        text, fitting = notes.folded[item.start : item.end], _Fitting(*some)
        expected = expected and item.section == section
        section = item.section
        one, expected = _read(text, figured.get(n, ()), dated.get(n, ()), told.get(n, ()), expected, fitting)
        result.append(one)
    return tuple(result)


def _of_the_plan(notes: Notes, time: Deadline) -> bool:
    """Whether a time is no more than the plan's own year or term, by which nothing is due."""
    years = notes.years
    whole = years and years[0] == years[1] and (time.since, time.until) == whole_year(years[0])
    return bool((whole and "内" not in time.text) or OWN_PERIOD.fullmatch(time.text))


def _silence(text: str, clauses: Sequence[_Clause], preambles: Sequence[Rule]) -> None:
    """Mark the clauses that commit to nothing: those of a preamble, and those that only lead in."""
    of_sentences = [rule for rule in preambles if rule.fields["scope"] == "sentence"]
    of_clauses = [rule for rule in preambles if rule.fields["scope"] == "clause"]
    for _, group in groupby(clauses, key=attrgetter("sentence")):
        sentence = list(group)
        whole = text[sentence[0].start : sentence[-1].end]
        silent = any(rule.look(whole) for rule in of_sentences)
        for clause in sentence:
            words = text[clause.start : clause.end]
            clause.silent = silent or any(rule.look(words) for rule in of_clauses)


def _clauses(text: str, masked: str, kept: Sequence[Stretch]) -> list[_Clause]:
    """The clauses of a text that say something, parted at punctuation outside of figures and dates."""
    row = "\t" in text
    within = {border.start() for low, high in kept for border in BORDER.finditer(text, low, high)}
    result, start, sentence = [], 0, 0
    for border in [*BORDER.finditer(text), None]:
        end = border.start() if border else len(text)
        if end in within:
            continue
        if masked[start:end].strip(BLANK + " "):
            result.append(_Clause(start, end, border[0] if border else "", sentence, row))
        if border:
            start = border.end()
            sentence += border[0] in ENDS_SENTENCE
    return result


def _opening(text: str, clause: _Clause) -> str:
    """A clause from its first word on, what leads in left out."""
    words = text[clause.start : clause.end].lstrip()
    return words[OPENS.match(words).end() :]  # type: ignore[union-attr]


def _opens_as_measure(text: str, clause: _Clause) -> bool:
    opening = _opening(text, clause)
    return bool(_words("openings").search(opening, 0, NEAR) and not PURPOSE.match(opening))


class _Grader:
    """Grades the clauses of one item in order, and keeps what a soft word reaches.

    Args:
        marked: a mark that binds or softens stands in it.
        labels: those that may fit.
    """

    def __init__(
        self,
        text: str,
        figures: Sequence[Stretch],
        dates: Sequence[Stretch],
        expected: bool,
        marked: bool,
        labels: Sequence[Rule],
    ) -> None:
        self.text, self.dates, self.labels = text, dates, labels
        self.kept = [*figures, *dates]
        self.by_marks = marked or expected or bool(labels)
        self.reach: str | None = "aim" if expected else None
        self.lasting = expected
        self.lent = False

    def grade(self, clauses: Sequence[_Clause]) -> None:
        last: _Clause | None = None
        # Without labels no clause takes back what binds the item, and nothing goes on behind it.
        decides = not self.labels and bool(clauses) and clauses[-1].border not in ":;"
        for n, clause in enumerate(clauses):
            if last and clause.sentence != last.sentence:
                if not self.lasting or last.border != ";":
                    self.reach, self.lasting = None, False
                self.lent = False
            last = clause
            label = self._label(clause) if self.labels else None
            if label:
                for other in clauses[:n]:
                    if other.sentence == clause.sentence and other.counts:
                        other.grade = label
                continue
            if self.dates and self._only_date(clause):
                self._lend(clause, clauses, n)
                continue
            clause.counts = not clause.silent
            clause.grade = self._graded(clause)
            if decides and clause.counts and clause.grade == "binding":
                return
            if clause.border == ":" and self.reach:
                self.lasting = True

    def _label(self, clause: _Clause) -> Strength | None:
        words = self.text[clause.start : clause.end].strip()
        return next((rule.fields["strength"] for rule in self.labels if rule.regex.fullmatch(words)), None)

    def _only_date(self, clause: _Clause) -> bool:
        inside = sorted((low, high) for low, high in self.dates if clause.start <= low and high <= clause.end)
        if not inside:
            return False
        rest, at = "", clause.start
        for low, high in inside:
            rest += self.text[at:low]
            at = max(at, high)
        rest = (rest + self.text[at : clause.end]).strip()
        return len(rest) < OF_A_DATE or rest in load("strength")["remainders"]

    def _lend(self, clause: _Clause, clauses: Sequence[_Clause], n: int) -> None:
        """Give the date of a clause that has nothing else to the clause that it dates."""
        if self.reach == "sentence":
            self.reach = None
        following = n + 1 < len(clauses) and clauses[n + 1].sentence == clause.sentence
        dated = [
            other for other in clauses[:n] if other.counts and (not clause.row or other.sentence == clause.sentence)
        ]
        if clause.row and dated:
            dated = dated[:1]
        elif following and clause.border != ")":
            self.lent = True
            return
        for other in dated[-1:]:
            if other.grade != "soft":
                other.grade = "binding"

    def _graded(self, clause: _Clause) -> Strength | None:
        firm = False
        if self.by_marks and (marks := self._marks_in(clause)):
            soft = [mark for mark in marks if mark[2]["strength"] == "soft"]
            for _, end, fields in marks:
                charged = fields.get("yields") and any(0 <= start - end <= AS_CHARGED for start, *_ in soft)
                if fields["strength"] == "binding" and not charged:
                    self.reach = None
                    return "binding"
            if any(fields.get("charges") for *_, fields in marks):
                self.reach = None
                soft = [mark for mark in soft if not mark[2].get("weak")]
            if soft:
                reach = max((fields["reach"] for *_, fields in soft), key=("clause", "sentence", "aim").index)
                if self.reach != "aim":
                    self.reach = None if reach == "clause" else reach
                return "soft"
            firm = any(fields["strength"] == "firm" for *_, fields in marks)
        if self.reach == "sentence" and (
            firm or self._opens_dated(clause) or _words("measures").match(_opening(self.text, clause))
        ):
            self.reach = None
        if self.reach:
            return "soft"
        if self.lent or (self.kept and any(low < clause.end and clause.start < high for low, high in self.kept)):
            self.lent = False
            return "binding"
        return "firm" if firm else None

    def _marks_in(self, clause: _Clause) -> list[tuple[int, int, Mapping[str, Any]]]:
        """The marks of a clause, each with what the rule file says of it, in order."""
        any_mark, said = _marks()
        found = any_mark.finditer(self.text, clause.start, clause.end)
        return [(*match.span(), said[name]) for match in found if (name := match.lastgroup or "") in said]

    def _opens_dated(self, clause: _Clause) -> bool:
        return any(clause.start <= low <= clause.start + OF_A_DATE for low, _ in self.dates)
