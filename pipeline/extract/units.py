"""Responsible units: who a plan charges with what (guideline, units).

Four readers look at a plan, and where two of them read the same characters the earlier one wins:

1. cells of a task table whose column is for units (`item.cells`);
2. lists behind a label, 「牵头单位：…；责任单位：…」, in brackets or on a line of their own;
3. lists in brackets closed by a verb, 「（市商务局牵头，合肥海关配合）」, or lists of units and nothing else behind
   a measure, 「…。（市教育局、市财政局）」;
4. sentences: a unit as the subject of a planned action, 「由…负责」, 「会同…」. A subject stands at the start
   of a clause; a rule that takes many a predicate (`refuses`) asks more of the name before it.

The first three read the whole text, since a line that holds nothing but a label and its list may be
taken for a heading. The last reads items alone, and leaves out what tells of the past or present.

Words and patterns are data: `pipeline/rules/organs.yaml`, `pipeline/rules/units.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import jieba

from pipeline.errors import RuleError
from pipeline.extract.notes import Notes, notes_of
from pipeline.extract.past import inside, past
from pipeline.labels import opens_with_label
from pipeline.model import Responsibility, Role
from pipeline.rules import Groups, Rule, Rules, alternation, patterns, words
from pipeline.rules.needs import begins, quick
from pipeline.rules.sieve import Places, Words

if TYPE_CHECKING:
    from spacy.tokens import Doc

SEPARATORS = "、,;/"
OPENING, CLOSING = "([{<《“", ")]}>》”"
MARKS = re.compile(f"[{re.escape(SEPARATORS + OPENING + CLOSING)} \n]")
CLAUSE_MARKS = ",。;:!?\n)]"
CLAUSE_BEFORE = re.compile(rf".*[{re.escape(CLAUSE_MARKS)}]", re.DOTALL)
BRACKETED = re.compile(r"[(\[]((?:[^()\[\]\n]|\([^()\n]{1,12}\)){3,300})[)\]]")
BRACKET_CLOSES = re.compile(r"[)\]][ ]*(?:[。;]|\n|$)")
LONGEST = 30  # characters of a name
SHORT = 6  # characters of a field of government at the most
FARTHEST = 80  # characters from the start of a clause to its predicate
# When a unit acts, straight behind its name: 「财务科6月底前完成…」, 「县财政今年安排…」.
TIME = r"""(?: (?:到|至|自|在|于|每)? (?:
      (?:20|19)?\d{2}年?[-—至~](?:20|19)?\d{2}年
    | (?:20|19)?\d{2}年 | \d{1,2}[、至—~-]?\d{0,2}月 | [一二三四五六七八九十]{1,2}月 | 第?[一二三四1234]季度
    | [上下]半年 | [今明全]年 | 年[底内初末] | 月[初底末] | [上中下]旬 | 当[天日月年] | 本?学[期年] | [上下]学期
    | [春夏秋冬]季 | [寒暑]假 | 开学[前后初] | 期[初中末] | 会[前后] | [课考]前 | 提前[\d一二两三四五六七八九十]
    | \d{1,3}个?(?:工作日|小时|日|天|周(?!岁)|月)
    | [一二两三四五六七八九十]{1,3}个?(?:工作日|小时|日|天|周|月|学期)[内前] ) )"""

AND_BELOW = "下同"
SHORTEST_HEADING = 4
"""Characters of a heading that a subject may follow without a mark."""
SHORTEST_DUTY = 3
"""Characters in a bracket behind a name from which on it may say what the unit does; 「(市)」 belongs to the name."""
Piece = tuple[int, int]
Found = tuple[int, int, Role, str]
Predicate = tuple[Rule, int, re.Match[str]]
"""With where the last word of the name before it begins."""
ADDITION = r"(?:\([^()\n]{1,12}\))?"
"""An addition to a name, 「市委组织部(人才办)」."""


class Name(NamedTuple):
    """A name before a predicate.

    Args:
        start, end: where it stands, without what belongs to no name.
        text: the name.
        is_field: whether it is the field of a department, 「教育、公安等部门」.
    """

    start: int
    end: int
    text: str
    is_field: bool


@cache
def rules(group: str) -> Rules:
    """The compiled rules of one group of `rules/units.yaml`.

    Args:
        group: `labels`, `conventions`, `verbs`, `own_roles`, `subjects`, `constructions` or `names`.

    Returns:
        The rules, in the file's order: the first that fits decides.
    """
    return patterns("units", _parts(), group=group)


@cache
def _endings() -> frozenset[str]:
    """The words that names end with."""
    return frozenset(word for name in ("organ", "post", "territory") for word in words("organs", f"{name}_endings"))


@cache
def _parts() -> dict[str, str]:
    """Parts of the patterns in rules/units.yaml."""
    endings = {name: words("organs", f"{name}_endings") for name in ("organ", "post", "territory")}
    return {
        "organ": alternation([*endings["organ"], *endings["post"]]),
        "territory": alternation(endings["territory"]),
        "end": f"(?:{alternation(_endings())}{ADDITION})",
        # 「…是由农业部门实施的项目」 says what a thing is; 「二是由…」 and 「主要是由…」 charge.
        "by": r"(?:(?<![指是])(?<!参[加与])由|(?<=是)由(?![^,。;:\n]{2,40}的(?!工作)[一-鿿]{2,8}(?:[,。;\n]|$)))",
        "list": r"(?:(?!会同)[^,。;:!?\n“”《》的把对让]|(?<=指定|委托|授权|资质|资格|条件)的){0,40}?",
        "member": r"(?:(?!会同)[^,、。;:!?\n“”《》的把对让和与及]){0,16}?",
        "verb": alternation(words("organs", "not_at_start")),
        "joint_verb": alternation(words("organs", "joint_verbs")),
        "planned": alternation(words("organs", "planned_verbs")),
        "work": f"{alternation(words('organs', 'noun_verbs'))}(?!{alternation(words('organs', 'noun_tails'))})",
        "noun_use": alternation(words("organs", "noun_uses")) + alternation(words("organs", "noun_use_tails")),
        "noun_tail": alternation(words("organs", "noun_tails")),
        "manner": alternation(words("organs", "manner_words")),
        "agent_verb": alternation(words("organs", "agent_verbs")),
        "person": f"(?!周[一二三四五六日末]){alternation(words('organs', 'surnames'))}[一-鿿]{{1,2}}",
        "time": TIME,
        **{name: alternation(words("organs", name)) for name in ("collective", "not_units", "verb_names")},
    }


@cache
def _regex(name: str) -> re.Pattern[str]:
    """A pattern of the group `names`, by its name."""
    return next(rule.regex for rule in rules("names") if rule.name == name)


def responsibilities(plan: Doc | Notes, *, sentences: bool = True) -> Iterator[Responsibility]:
    """The units that a plan charges with an action.

    Args:
        plan: its notes, or its `Doc` (see `pipeline.extract.layers`).
        sentences: read sentences too; without them cells and lists alone tell who is charged.

    Yields:
        One record a unit, in reading order, offsets in characters of the readable text, `item` left open.
    """
    notes = notes_of(plan)
    text: str = notes.folded
    written = notes.text
    found: list[Found] = []
    for row in notes.rows.values():
        for (column, start, end), head in row.headed:
            if column in ("lead", "support", "resp"):
                of_leaders = head is not None and "领导" in text[slice(*head)]
                found += _cell(text, start, end, cast(Role, column), of_leaders=of_leaders)
    found += _labelled(notes.lines)
    found += _bracketed(text)
    if sentences:
        behind = past(notes)
        found += (record for record in _in_sentences(notes) if not inside(behind, record[0]))
    taken: list[Found] = []
    used = bytearray(len(text))
    for start, end, role, rule in found:
        if not any(used[start:end]):
            used[start:end] = b"\1" * (end - start)
            taken.append((start, end, role, rule))
    full_names = {text[slice(*short)]: written[slice(*full)] for short, full in abbreviations(text)}
    for start, end, role, rule in sorted(taken):
        full_name = full_names.get(text[start:end])
        yield Responsibility(start=start, end=end, text=written[start:end], rule=rule, role=role, full_name=full_name)


def annotate(notes: Notes) -> None:
    """Put what `responsibilities` finds into `notes.found`."""
    notes.found["responsibilities"] = tuple(responsibilities(notes))


def abbreviations(text: str) -> Iterator[tuple[Piece, Piece]]:
    """The units that a plan abbreviates: 「青禾县教育局(以下简称县局)」.

    Args:
        text: folded text.

    Yields:
        The stretches of the short name and of the full one.
    """
    for match in _regex("abbreviation").finditer(text):
        first = 1 + max(text.rfind(mark, 0, match.start()) for mark in CLAUSE_MARKS)
        *_, (start, end) = (_strip(text, *piece) for piece in _pieces(text, first, match.start()))
        while (opening := _regex("not_at_start").match(text[start:end])) is not None:
            start += opening.end()
        if _is_named(text[start:end]) and end - start > len(match["short"]):
            yield match.span("short"), (start, end)


def split(text: str, start: int, end: int) -> Iterator[Piece]:
    """Cut a list of units into names.

    Brackets inside a name are kept, 「等相关单位」 is dropped, names that run together are cut where one
    ends like an organ and the next begins with a territory, remarks are left out.

    Args:
        text: folded text.
        start, end: where the list stands.

    Yields:
        The stretch of each name.
    """
    for first, last in _pieces(text, start, end):
        a, b = _strip(text, first, last)
        name = text[a:b]
        if not 2 <= len(name) <= LONGEST or _regex("remark").search(name) or name.isascii():
            continue
        if not _regex("time_in_brackets").match(name) or _is_named(name):
            yield a, b


def _pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """The stretches between separators that stand outside brackets, cut again at seams and conjunctions."""
    depth, first = 0, start
    cuts: list[Piece] = []
    for found in MARKS.finditer(text, start, end):
        at, mark = found.start(), found[0]
        if mark in OPENING:
            depth += 1
        elif mark in CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and (mark in SEPARATORS or (mark in " \n" and _is_named(text[first:at]))):
            cuts.append((first, at))
            first = at + 1
    cuts.append((first, end))
    for a, b in _share(text, cuts):
        edges = [a, *(seam.start() for seam in _regex("seam").finditer(text, a, b) if _plain(text, a, seam.start())), b]
        for low, high in pairwise(edges):
            yield from _conjuncts(text, low, high)


def _share(text: str, cuts: list[Piece]) -> Iterator[Piece]:
    """Join a territory that stands alone to the name behind it, which it shares: 「县财政局和市、县水务局」."""
    first = cuts[0][0]
    for (a, b), (behind, _) in pairwise(cuts):
        alone = _regex("shared_behind").search(text, first, b)
        if alone and _is_named(text[first : alone.start()]):
            yield first, alone.start()
            first = alone.start("territory")
        elif not (_regex("shared").match(text[a:b]) and _regex("shares").match(text, b)):
            yield first, b
            first = behind
    yield first, cuts[-1][1]


def _plain(text: str, start: int, at: int) -> bool:
    """Whether position `at` stands outside brackets opened since `start`, and behind a name of 3 or more."""
    whole = text[start:at] in words("organs", "whole")
    return (at - start >= 3 or whole) and text.count("(", start, at) + text.count("[", start, at) == text.count(
        ")", start, at
    ) + text.count("]", start, at)


def _conjuncts(text: str, start: int, end: int) -> Iterator[Piece]:
    """Cut 「各中小学和各幼儿园」 at 和, but not 「人力资源和社会保障局」: a name has to end before the 和.

    No name holds 或, but two kinds may share one: 「公办或民办幼儿园」.
    """
    first = start
    for word in _regex("and").finditer(text, start, end):
        before = text[first : word.start()]
        if word[0].startswith("或") and before[-1:] in ("办", "级", "性"):
            continue
        named = _is_named(before) or (word[0].startswith("或") and before in words("organs", "fields"))
        if named and _plain(text, start, word.start() + 3):
            yield first, word.start()
            first = word.end()
    yield first, end


def _strip(text: str, start: int, end: int) -> Piece:
    """Take off what belongs to no name: spaces, 由 in front, 「等部门」 and 「负责」 behind."""
    while start < end and (text[start] in " \n.。由" or text[start] in CLOSING):
        start += 1
    while end > start and text[end - 1] in " \n.。:":
        end -= 1
    if designated := _regex("designated").match(text, start, end):
        start = designated.end()
    while start < end and text[start] in OPENING and not set(CLOSING) & set(text[start:end]):
        start += 1
    while end > start and text[end - 1] in CLOSING and not set(OPENING) & set(text[start:end]):
        end -= 1
    for name in ("task", "rest", "paced", "seat", "formed"):
        tail = _regex(name).search(text, start, end)
        if tail and tail.start() > start:
            end = tail.start()
    return start, _without_duty(text, start, end)


def _without_duty(text: str, start: int, end: int) -> int:
    """The end of a name without a bracket that says what for: 「学生科(信息报送)」, but not 「组织部(人才办)」."""
    if text[end - 1 : end] != ")":
        return end
    opening = text.rfind("(", start, end)
    inner = text[opening + 1 : end - 1]
    duty = len(inner) >= SHORTEST_DUTY and "、" not in inner and not _is_named(text[opening + 1 : end - 1])
    return opening if opening > start and duty and _is_named(text[start:opening]) else end


def _is_named(stretch: str) -> bool:
    """Whether a stretch ends like a unit and not like one of the words that only look so."""
    name = stretch.strip()
    if name in words("organs", "whole"):
        return True
    if not 2 <= len(name) <= LONGEST or _regex("refused").search(name):
        return False
    return bool(_regex("named").search(name) or _regex("territory").match(name))


def _own_role(text: str, start: int, end: int, role: Role, rule: str) -> Found:
    """A name of a list with its role, which brackets or a verb behind it may set: 「县教育局(牵头)」."""
    for own in rules("own_roles"):
        bracket = own.regex.search(text, start, end)
        if bracket and bracket.start() - start >= 2:
            return start, bracket.start(), cast(Role, own.fields["role"]), own.name
    for verb in rules("verbs"):  # 「…,各乡镇配合做好征迁」: a list that goes on as a sentence
        match = verb.regex.search(text, start, end)
        if match and match.end() < end and _is_named(text[start : match.start()]):
            return start, match.start(), cast(Role, verb.fields["role"]), verb.name
    return start, end, role, rule


def _cell(text: str, start: int, end: int, role: Role, *, of_leaders: bool) -> Iterator[Found]:
    """The units of a table cell: a list, or lists closed by verbs, 「县教育局牵头,县财政局配合」.

    A column of leaders (分管领导) names persons as a rule: their posts count there, their names do not.
    """
    if _labels().search(text, start, end):
        return  # 「牵头单位:…」 is read as it is in running text
    closed = _closed_by_verbs(text, start, end)
    for pieces, verb in closed:
        for a, b in pieces:
            yield a, b, cast(Role, verb.fields["role"]), verb.name
    leads = role == "resp" and any(
        rule.name == "first_lead" and rule.regex.search(text) for rule in rules("conventions")
    )
    pieces = [piece for low, high in _persons(text, start, end) for piece in split(text, low, high)]
    pieces = [piece for piece in pieces if not of_leaders or _is_named(text[slice(*piece)])]
    for number, (a, b) in enumerate(() if closed else pieces):
        yield (a, b, "lead", "first_lead") if leads and not number else _own_role(text, a, b, role, f"cell_{role}")


def _persons(text: str, start: int, end: int) -> Iterator[Piece]:
    """A cell cut where a space stands between short names, as those of persons are listed: 「李明 王小芳」."""
    first = start
    for gap in re.finditer(r"(?<![一-鿿])[一-鿿]{2,4}(?P<gap>[ \n]+)(?=[一-鿿]{2,4}(?![一-鿿]))", text[start:end]):
        at = start + gap.start("gap")
        if not _regex("territory_alone").search(text, first, at):
            yield first, at
            first = start + gap.end("gap")
    yield first, end


@cache
def _labels() -> re.Pattern[str]:
    """All labels in one pattern; each alternative's group has the name of its rule."""
    return quick("|".join(f"(?P<{rule.name}>{rule.source})" for rule in rules("labels")), re.VERBOSE)


def _labelled(text: str) -> Iterator[Found]:
    """Lists behind a label (guideline: 「named by 责任单位 / 牵头 / 配合」)."""
    labels = list(_labels().finditer(text))
    if not labels:
        return
    limits = [*(label.start() for label in labels[1:]), len(text)]
    lists = [(label.end(), _list_end(text, label.end(), limit)) for label, limit in zip(labels, limits, strict=True)]
    everywhere = _conventions(text, lists)
    for (end, stop), label in zip(lists, labels, strict=True):
        rule = next(rule for rule in rules("labels") if rule.name == label.lastgroup)
        role = cast(Role, rule.fields["role"])
        remarks = {rule.name for rule in rules("conventions") if rule.regex.search(text, end, stop)}
        conventions = everywhere | remarks
        if not remarks and (closed := _closed_by_verbs(text, end, stop)):  # 「责任单位:A局牵头,B局配合。」
            for listed, verb in closed:
                for a, b in listed:
                    yield a, b, cast(Role, verb.fields["role"]), verb.name
            continue
        pieces = list(split(text, end, stop))
        if rule.name in ("label_head", "label_member"):
            pieces = [piece for piece in pieces if _is_named(text[slice(*piece)])]
        leads, convention = 0, ""
        if role == "resp" and pieces and "comma_lead" in conventions:
            comma = text.find(",", end, stop)
            leads, convention = sum(comma < 0 or b <= comma for _, b in pieces), "comma_lead"
        elif role == "resp" and "first_lead" in conventions:
            leads, convention = 1, "first_lead"
        for number, (a, b) in enumerate(pieces):
            yield (a, b, "lead", convention) if number < leads else _own_role(text, a, b, role, rule.name)


def _conventions(text: str, lists: Sequence[Piece]) -> set[str]:
    """The conventions that hold in all of a text: those that say so (下同) or stand in no list of units."""
    found = set()
    for rule in rules("conventions"):
        for match in rule.regex.finditer(text):
            own = [high for low, high in lists if low <= match.start() < high]
            if not own or AND_BELOW in text[match.end() : own[0]]:
                found.add(rule.name)
    return found


def _list_end(text: str, start: int, limit: int) -> int:
    """Where the list that starts at `start` ends: its bracket, a full stop, the line, another label or `limit`."""
    depth = 0
    over = _regex("list_over")
    for at in range(start, limit):
        mark = text[at]
        if mark in OPENING:
            depth += 1
        elif mark in CLOSING:
            depth -= 1
            if depth < 0:
                return at
        elif mark in "。!?\n" or (not depth and over.match(text, at, limit)):
            return at
    return limit


def _bracketed(text: str) -> Iterator[Found]:
    """Lists in brackets, closed by verbs or bare: 「(省商务厅牵头,合肥海关配合)」, 「(市教育局、市财政局)」."""
    for bracket in BRACKETED.finditer(text):
        closed = _closed_by_verbs(text, *bracket.span(1))
        for pieces, rule in closed:
            for a, b in pieces:
                yield a, b, cast(Role, rule.fields["role"]), rule.name
        if not closed:
            yield from _bare(text, *bracket.span(1))


def _bare(text: str, start: int, end: int) -> Iterator[Found]:
    """A list of units that fills its bracket, but for times: 「(市经信局、各县区政府。完成时限:2024年12月)」.

    One name alone may be an addition to the word before it (「市委宣传部(网信办)」), so that it counts only
    where the bracket stands behind a sentence.
    """
    before = start - 1
    while before and text[before - 1] in " \n":
        before -= 1
    behind_sentence = before > 0 and text[before - 1] in "。;!"
    if not (behind_sentence or BRACKET_CLOSES.match(text, end)):
        return
    if any(rule.regex.search(text, start, end) for rule in rules("verbs").within(text[start:end])):
        return
    listed, described = [], 0
    for part in re.finditer(r"[^。;]+", text[start:end]):
        a, b = start + part.start(), start + part.end()
        for low, high in _pieces(text, a, b):
            if "的" in text[low:high] and (low == start or not text.startswith(("各", "有"), low)):
                return  # a description: 「(区级以上的教学能手,优秀班主任)」
            described += "的" in text[low:high]  # no name, beside names: 「(县教育局、有任务的乡镇)」
        if not _regex("time_in_brackets").match(text, a, b):
            listed += list(split(text, a, b))
    if not listed or not (behind_sentence or len(listed) + described > 1):
        return
    ranked = [bool(_regex("authority").match(text[a:b])) for a, b in listed]
    named = [_is_named(text[a:b]) and not _regex("not_at_start").match(text[a:b]) for a, b in listed]
    # One name in three may be missing from the lexicon, if its rank tells what it is.
    trusted = all(n or r for n, r in zip(named, ranked, strict=True)) and 3 * sum(named) >= 2 * len(listed)
    if trusted and (behind_sentence or any(ranked)):
        for a, b in listed:
            yield a, b, "resp", "bracket_bare"


def _closed_by_verbs(text: str, start: int, end: int) -> list[tuple[list[Piece], Rule]]:
    """Lists that each end in a verb, with the rule of the verb; none where anything else stands there."""
    some = rules("verbs").within(text[start:end])
    if not some:
        return []
    remark = _regex("remark_behind").search(text, start, end)
    end = remark.start() if remark else end
    verbs = sorted(
        (match.start(), -match.end(), index)
        for index, rule in enumerate(some)
        for match in rule.regex.finditer(text, start, end)
    )
    at, chunks = start, []
    for first, minus_last, index in verbs:
        if first >= at:
            chunks.append((at, first, some[index]))
            at = -minus_last
    if not chunks or text[at:end].strip(" ,。;"):
        return []
    listed = [(list(split(text, a, b)), rule) for a, b, rule in chunks]
    return listed if any(_is_named(text[a:b]) for pieces, _ in listed for a, b in pieces) else []


@cache
def _of_sentences() -> Groups:
    """Constructions, subjects, and those of the subjects whose predicate may begin with anything."""
    of_any = Rules(rule for rule in _subjects(of_office=False) if _begins(rule.source) is None)
    return Groups(rules("constructions"), _subjects(of_office=False), of_any)


@cache
def _subjects(*, of_office: bool) -> Rules:
    """The rules of the group `subjects`, those for offices alone, which stand last, or the others."""
    return Rules(rule for rule in rules("subjects") if bool(rule.fields.get("of_office")) is of_office)


def _behind_name(source: str) -> str:
    """What a rule of the group `subjects` asks for behind a name.

    Raises:
        RuleError: the pattern does not begin with the end of a name.
    """
    if not source.startswith(_parts()["end"]):
        raise RuleError(f"rules/units.yaml, subjects: {source!r} does not begin with {{end}}")
    return source.removeprefix(_parts()["end"])


@cache
def _fits(source: str) -> Callable[[str, int, int], re.Match[str] | None]:
    """The match of a rule of the group `subjects` behind a word that ends names, before an end of a text."""
    return re.compile(ADDITION + _behind_name(source), re.VERBOSE).match


@cache
def _begins(source: str) -> frozenset[str] | None:
    """With what the predicates of a rule of the group `subjects` begin, None where that is not certain."""
    return begins(_behind_name(source), re.VERBOSE)


@cache
def _names() -> Words:
    """The words that names end with, before a predicate."""
    return Words(_endings())


@cache
def _bits() -> dict[str, int]:
    """A bit for each rule of the group `subjects` that is not for offices alone."""
    return {rule.name: 1 << bit for bit, rule in enumerate(_subjects(of_office=False))}


@cache
def _by_opening() -> dict[str, int]:
    """The bits of the rules whose predicates may begin with a character or a pair of characters."""
    found = {"(": sum(_bits().values())}  # an addition to the name
    for rule in _subjects(of_office=False):
        for opening in _begins(rule.source) or ():
            found[opening] = found.get(opening, 0) | _bits()[rule.name]
    return found


def _opened(text: str, at: int) -> int:
    """The bits of the rules whose predicates may begin at a place of a text."""
    found = _by_opening()
    return found.get(text[at : at + 2], 0) | found.get(text[at : at + 1], 0)


@cache
def _openings(*, of_office: bool) -> Places:
    """Where behind the end of a name a predicate may begin, or an addition in brackets."""
    return Places(["(", *_verbs(), *words("organs", "manner_words")] if of_office else _by_opening())


def _in_sentences(notes: Notes) -> Iterator[Found]:
    """Units that sentences charge: subjects of planned actions, 「由…负责」, 「会同…」."""
    text, items = notes.lines, notes.items
    bits, offices, verbs = _bits(), _subjects(of_office=True), _verbs()
    pieces = [(_with_heading(text, item.start), item.end) for item in items]
    stretches = [(max(0, start - 1), end) for start, end in pieces]  # with what look-behinds see
    called = _of_sentences().within_stretches(notes.codes, stretches)
    named = _names().within_stretches(notes.codes, pieces, _openings(of_office=False), _openings(of_office=True))
    for (start, end), (constructions, subjects, of_any), (before_any, before_verbs) in zip(
        pieces, called, named, strict=True
    ):
        for rule in constructions:
            yield from _constructed(text, start, end, rule)
        predicates: list[Predicate] = []
        if subjects and (before_any or of_any):
            opened = [(name, _opened(text, name[1])) for name in before_any]
            for rule in subjects:
                if rule in of_any:
                    predicates += [(rule, found.start(), found) for found in rule.regex.finditer(text, start, end)]
                elif ends := [name for name, some in opened if some & bits[rule.name]]:
                    predicates += _predicates(rule, text, ends, end)
        if before_verbs:
            for rule in offices:
                of_verbs = _predicates(rule, text, before_verbs, end)
                predicates += [found for found in of_verbs if found[2]["verb"] in verbs]
        if predicates:
            yield from _charged(text, start, predicates)


def _with_heading(text: str, start: int) -> int:
    """Where an item begins, with a short heading before it that may name who: 「3.1 教务处:」, 「负责排课。」."""
    if text[start - 1 : start] != ":":
        return start
    first = max(0, start - LONGEST)
    line = max(text.rfind(mark, first, start) for mark in "。;\n")
    return line + 1 if line >= 0 or not first else start


def _constructed(text: str, start: int, end: int, rule: Rule) -> Iterator[Found]:
    """The units in a list that a rule of the group `constructions` finds in a sentence."""
    for match in rule.regex.finditer(text, start, end):
        fields = _fields(text, *match.span("units"))
        for a, b in split(text, *match.span("units")):
            if a in fields or _is_charged(text, a, b, rule):
                yield a, b, cast(Role, rule.fields["role"]), rule.name


def _is_charged(text: str, start: int, end: int, rule: Rule) -> bool:
    """Whether a rule of the group `constructions` charges a name."""
    if "refuses" in rule.fields:
        return _acts(_name(text, start, end), rule)
    name = text[start:end]
    if rule.fields.get("territories") and _regex("place").match(name) and not _regex("refused").search(name):
        return True
    return _is_named(name)


def _predicates(rule: Rule, text: str, ends: Iterable[Piece], end: int) -> Iterator[Predicate]:
    """The predicates that a rule of the group `subjects` finds behind words that end names, the longest tried first."""
    fits, free = _fits(rule.source), 0
    for at, behind in ends:
        if at >= free and behind <= end and (match := fits(text, behind, end)):
            free = match.end()
            yield rule, at, match


def _fields(text: str, start: int, end: int) -> set[int]:
    """Where a list that closes with 部门 names bare fields: 「教育、公安等部门」 means two departments.

    One name in two may be missing from the lexicon where it is as short as a field is.
    """
    if not text.endswith("部门", start, end):
        return set()
    names = list(split(text, start, end))
    fields = {a for a, b in names if text[a:b] in words("organs", "fields")}
    short = {a for a, b in names if b - a <= SHORT and not _regex("not_at_start").match(text[a:b])}
    return fields | short if len(fields) * 2 >= len(names) > 2 else fields


def _charged(text: str, start: int, predicates: Sequence[Predicate]) -> Iterator[Found]:
    """The units that make up the subjects of predicates, where they are subjects."""
    before: dict[tuple[Piece, bool], Sequence[Name]] = {}  # several rules may take one predicate
    decided: set[Piece] = set()
    for rule, last, predicate in predicates:
        place, relative = (last, predicate.end()), "behind_clause" in rule.fields
        if place in decided:
            continue
        if (place, relative) not in before:
            before[place, relative] = _subject(text, start, *place, relative=relative)
        if (names := before[place, relative]) and _takes(rule, text, names, place[1]):
            decided.add(place)  # the first rule that fits decides
            for name in names:
                yield name.start, name.end, cast(Role, rule.fields["role"]), rule.name


def _subject(text: str, start: int, last: int, end: int, *, relative: bool) -> Sequence[Name]:
    """The names in a clause up to `end`, where a predicate begins; that of the last one has its end at `last`.

    With `relative` they may stand behind a clause of their own: 「从事养殖的企业要…」.
    """
    first, start = last, max(start, last - FARTHEST)
    while True:
        clause = CLAUSE_BEFORE.match(text, start, first)
        first = clause.end() if clause else start
        place = _regex("place_in_brackets").search(text, start, first) if text[first - 1] in CLOSING else None
        if not place:
            break
        first = place.start()  # the mark closed 「(市、区)」 inside the name
    if last - first >= FARTHEST:
        return ()
    quoted = 1 + max(text.rfind("”", first, last), text.rfind("》", first, last))
    if quoted and _regex("collective").match(text, quoted):
        first = quoted  # 「落实《…条例》各中小学要…」: the comma is missing
    lead_in = _regex("lead_in").match(text[first:last])
    first += lead_in.end() if lead_in else 0
    if relative and (clause := _regex("relative").match(text, first, last)):
        if _regex("dealt_with").match(text, end):
            return ()
        first = clause.end()
    first = _behind_heading(text, first, end)
    fields = _fields(text, first, end)
    stretches = ((a in fields, *_strip(text, a, b)) for a, b in _pieces(text, first, end))
    return [Name(a, b, text[a:b], is_field) for is_field, a, b in stretches]


def _takes(rule: Rule, text: str, names: Sequence[Name], end: int) -> bool:
    """Whether a rule of the group `subjects` charges the names before a predicate that begins at `end`."""
    if rule.fields.get("of_office") and not all(_regex("office").match(name.text) for name in names):
        return False
    if not all(name.is_field or _acts(name.text, rule) for name in names):
        return False
    if rule.name != "subject_modal" and _regex("done").match(text[end : end + FARTHEST]):
        return False
    return not (rule.fields.get("unless_rate") and _regex("rate").match(text, end, end + FARTHEST))


def _behind_heading(text: str, start: int, end: int) -> int:
    """Where a subject begins that a heading runs into: 「(五)加强督导,推进依法治教督导室要…」."""
    name = text[start:end]
    office = _regex("run_into").search(name) if _regex("not_at_start").match(name) else None
    if office is None or office.start() < SHORTEST_HEADING:
        return start
    sentence = 1 + max(text.rfind(mark, 0, start) for mark in "。;!?\n")
    return start + office.start() if opens_with_label(text[sentence:start]) else start


@cache
def _verbs() -> frozenset[str]:
    """The verbs of two characters of jieba's dictionary, without those that tell of a state."""
    with jieba.get_dict_file() as file:
        verbs = re.findall(r"^(\S\S) \d+ v$", file.read().decode(), re.MULTILINE)
    return frozenset(verbs).difference(words("organs", "state_verbs"))


def _name(text: str, start: int, end: int) -> str:
    """A name without what belongs to none."""
    return text[slice(*_strip(text, start, end))]


def _acts(name: str, rule: Rule) -> bool:
    """Whether a name may be charged by a rule: one that takes many a predicate (`refuses`) asks more of it."""
    if rule.fields.get("territories") and _is_place(name):
        return True
    if not _may_be_subject(name):
        return False
    if "refuses" not in rule.fields:
        return True
    if any(name in words("organs", group) for group in rule.fields["refuses"]):
        return False
    return bool(rule.fields.get("takes_kinds")) or not (_regex("busy").search(name) or _regex("kind").match(name))


def _is_place(name: str) -> bool:
    """Whether a name is a territory's own: 「棠溪镇」."""
    return bool(_regex("place").match(name)) and not _regex("not_at_start").match(name)


def _may_be_subject(name: str) -> bool:
    """Whether a name can be a subject: it ends like a unit, and opens neither with a verb nor a preposition."""
    condition = _regex("condition").match(name)  # 「有条件的学校要…」
    rest = name[condition.end() :] if condition else name
    if _regex("not_at_start").match(rest) or not _is_named(name):
        return False
    return not _regex("clause").search(rest) and rest.count("“") == rest.count("”")
