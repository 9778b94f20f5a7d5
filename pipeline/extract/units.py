"""Responsible units: who a plan charges with what (guideline, units).

Four readers look at a plan, and where two of them read the same characters the earlier one wins:

1. cells of a task table whose column is for units (`item._.cells`);
2. lists behind a label, 「牵头单位：…；责任单位：…」, in brackets or on a line of their own;
3. lists in brackets closed by a verb, 「（市商务局牵头，合肥海关配合）」;
4. sentences: a unit as the subject of a planned action, 「由…负责」, 「会同…」.

The first three read the whole text, since a line that holds nothing but a label and its list may be
taken for a heading. The last reads items alone, and none under a heading about the past or present.

Words and patterns are data: `pipeline/rules/organs.yaml`, `pipeline/rules/units.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import cast

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.extract.layers import store
from pipeline.model import Responsibility, Role
from pipeline.rules import Rule, alternation, load, patterns, words

SEPARATORS = "、,;/"
OPENING, CLOSING = "([{<《“", ")]}>》”"
CLAUSE_MARKS = ",。;:!?\n)]"
LONGEST = 30

Piece = tuple[int, int]


@cache
def rules(group: str) -> tuple[Rule, ...]:
    """The compiled rules of one group of `rules/units.yaml`.

    Args:
        group: `labels`, `conventions`, `verbs`, `subjects` or `constructions`.

    Returns:
        The rules, in the file's order: the first that fits decides.
    """
    parts = {
        "end": _ending(),
        "names": r"[^,。;:!?\n“”《》的把对让]{1,40}?",
        "verb": alternation(load("organs")["not_at_start"]),
    }
    return patterns("units", parts, group=group)


@cache
def _ending() -> str:
    """A pattern for the end of a unit's name, an addition in brackets included: 「市委组织部(人才办)」."""
    groups = ("organ_endings", "territory_endings", "post_endings")
    ends = alternation([word for group in groups for word in words("organs", group)])
    return rf"(?:{ends}(?:\([^()\n]{{1,12}}\))?)"


@cache
def _regex(name: str) -> re.Pattern[str]:
    """The patterns that are made of word lists alone, by name."""
    lexicon = load("organs")
    collective = alternation(lexicon["collective"])
    ends = alternation([*lexicon["organ_endings"], *lexicon["post_endings"]])
    return re.compile(
        {
            # 「市教育局」, 「分管副校长」: the name ends like an organ or a post.
            "named": rf"(?:{ends})(?:\([^()\n]{{1,12}}\))?$",
            # 「各乡镇」, 「有关区县」: a territory is a unit only behind 各, 有关 …
            "territory": rf"{collective}.{{0,8}}?{alternation(lexicon['territory_endings'])}$",
            "collective": rf"{collective}",
            "refused": rf"{alternation(lexicon['not_units'])}$",
            "not_at_start": rf"(?!{alternation(lexicon['verb_names'])}){alternation(lexicon['not_at_start'])}",
            # Run together without a mark, 「市经信局市科技局」: cut where an organ's end meets a territory.
            "seam": r"(?:(?<=[局委办厅部院会处司行室])|(?<=中心)|(?<=集团)|(?<=公司))"
            r"(?=(?:市|省|区|县|州|团[市省区县]|各)(?!场|级|政|容|民|辖|直|域|别|划|块|道)[一-鿿]{2})",
            # 「…局等相关部门」: what follows 等 names nobody.
            "rest": r"(?<![高初中平同上])等(?:[一-鿿]{0,8}(?:部门|单位|机构|区县|成员|机关|力量))?$",
            "task": r"(?:按照?(?:各自)?职(?:责|能)(?:分工)?)?(?:分别|具体|组织|共同)?(?:负责|落实|实施|牵头|配合)$",
            # A piece with one of these is a remark, not a name: 「多个牵头部门的按照职责分工负责，下同」.
            "remark": r"[的为按是谁了均]|下同|不再|如下|第[一二三]|^(?:各|多个)?(?:牵头|责任|配合)(?:单位|部门)$",
            # No name holds these: 「政务部门可以委托第三方机构」, 「教研室指导各校教师」.
            "sentence": r"[的了是着被在将把让使]|(?<!所)有(?!关|企|限|资|色)|不(?!动产)|对(?!外|口)|可以|授权|激励|鼓励|要求"
            r"|指导(?!中心|小?组|委|站|室|科|处|办|部门)|^[“《]|《|  ",
            # A territory alone shares the name behind it: 「州、县(市)人民政府」.
            "shared": r"^各?(?:国家|省|市|州|县|区|旗|自治区|自治州|直辖市|盟|镇|乡|街道)(?:\([^()]{1,4}\))?$",
            "place_in_brackets": r"[(\[][市县区州旗镇乡街道盟、,]{1,8}[)\]]$",
            "and": r"以及|及其?|和|与",
            "past": r"了(?!解|望|如|然)|已经?(?!婚)|曾经?|去年|截至|过去|以来",
            "lead_in": _LEAD_IN,
        }[name],
        re.VERBOSE if name == "lead_in" else 0,
    )


# What may stand between the start of a clause and its subject:
#   「二是09年,科室将…」  「同时,各校要…」  「(3)要求每位教师…」
_LEAD_IN = r"""
    (?: \s+
      | [一二三四五六七八九十]{1,2} (?:是|要|、)      # spoken enumeration
      | 第[一二三四五六七八九十百]+条
      | [(]? [\d一二三四五六七八九十]{1,3} [).、.]    # a label left in the text
      | [①-⑳]
      | (?:到|至|从|在|自)? (?:20|19)?\d{2}年 (?:\d{1,2}月份?)? (?:底|末|前|起|内|以前|之前|年底)?
      | (?:今|明|本|当|每)年 (?:度|底|内|起)? | 每?本?(?:学期|学年) | \d{1,2}月份?
      | 同时 | 其[次中] | 首先 | 此外 | 另外 | 最后 | 因此 | 为此 | 然后 | 特别是 | 尤其是 | 期间
      | 要求 | 规定 | 强调
    )*
"""

Found = tuple[int, int, Role, str]


def responsibilities(doc: Doc, *, past: tuple[str, ...] | None = None) -> Iterator[Responsibility]:
    """The units that a plan charges with an action.

    Args:
        doc: a plan with `doc._.folded` and `doc.spans["items"]`, see `pipeline.extract.layers`.
        past: words of headings under which sentences charge nobody, since they tell of the past or the
            present; None takes `past_headings` of `rules/goals.yaml`.

    Yields:
        One record a unit, in reading order, offsets in characters of `doc.text`, `item` left open.
    """
    text: str = doc._.folded
    headings = alternation(list(words("goals", "past_headings") if past is None else past))
    found: list[Found] = []
    for item in doc.spans.get("items", ()):
        for column, start, end in item._.cells or ():
            if column in ("lead", "support", "resp"):
                found += ((a, b, cast(Role, column), f"cell_{column}") for a, b in split(text, start, end))
    found += _labelled(text)
    found += _bracketed(text)
    for item in doc.spans.get("items", ()):
        if not any(re.search(headings, heading or "") for heading in item._.path or ()):
            found += _charged(text, item.start_char, item.end_char)
    taken: list[Found] = []
    used = bytearray(len(text))
    for start, end, role, rule in found:
        if not any(used[start:end]):
            used[start:end] = b"\1" * (end - start)
            taken.append((start, end, role, rule))
    for start, end, role, rule in sorted(taken):
        yield Responsibility(start=start, end=end, text=doc.text[start:end], rule=rule, role=role)


@Language.component("planpipe_responsibilities")
def component(doc: Doc) -> Doc:
    """Keep what `responsibilities` finds as `doc.spans["responsibilities"]`."""
    return store(doc, "responsibilities", responsibilities(doc))


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
        if b - a < 2 or b - a > LONGEST or _regex("remark").search(text, a, b) or text[a:b].isascii():
            continue
        yield a, b


def _pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    """The stretches between separators that stand outside brackets, cut again at seams and conjunctions."""
    depth, first = 0, start
    cuts: list[Piece] = []
    for at in range(start, end):
        mark = text[at]
        if mark in OPENING:
            depth += 1
        elif mark in CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and (mark in SEPARATORS or mark in " \n" and _is_named(text, first, at)):
            cuts.append((first, at))
            first = at + 1
    cuts.append((first, end))
    for a, b in _share(text, cuts):
        edges = [a, *(seam.start() for seam in _regex("seam").finditer(text, a, b) if _plain(text, a, seam.start())), b]
        for low, high in pairwise(edges):
            yield from _conjuncts(text, low, high)


def _share(text: str, cuts: list[Piece]) -> Iterator[Piece]:
    """Join a territory that stands alone to the name behind it, which it shares."""
    first: int | None = None
    for a, b in cuts:
        first = a if first is None else first
        if (a, b) == cuts[-1] or not _regex("shared").match(text[a:b]):
            yield first, b
            first = None


def _plain(text: str, start: int, at: int) -> bool:
    """Whether position `at` stands outside brackets opened since `start`, and behind a name of 3 or more."""
    return at - start >= 3 and text.count("(", start, at) + text.count("[", start, at) == text.count(
        ")", start, at
    ) + text.count("]", start, at)


def _conjuncts(text: str, start: int, end: int) -> Iterator[Piece]:
    """Cut 「各中小学和各幼儿园」 at 和, but not 「人力资源和社会保障局」: a name has to end before the 和."""
    first = start
    for word in _regex("and").finditer(text, start, end):
        if _is_named(text, first, word.start()) and _plain(text, start, word.start() + 3):
            yield first, word.start()
            first = word.end()
    yield first, end


def _strip(text: str, start: int, end: int) -> Piece:
    """Take off what belongs to no name: spaces, 由 in front, 「等部门」 and 「负责」 behind."""
    while start < end and (text[start] in " \n.。由" or text[start] in CLOSING):
        start += 1
    while end > start and text[end - 1] in " \n.。:":
        end -= 1
    while end > start and text[end - 1] in CLOSING and not set(OPENING) & set(text[start:end]):
        end -= 1
    for name in ("task", "rest"):
        tail = _regex(name).search(text, start, end)
        if tail and tail.start() > start:
            end = tail.start()
    return start, end


def _is_named(text: str, start: int, end: int) -> bool:
    """Whether a stretch ends like a unit and not like one of the words that only look so."""
    name = text[start:end].strip()
    if name in words("organs", "whole"):
        return True
    if not 2 <= len(name) <= LONGEST or _regex("refused").search(name):
        return False
    return bool(_regex("named").search(name) or _regex("territory").match(name))


def _labelled(text: str) -> Iterator[Found]:
    """Lists behind a label (guideline: 「named by 责任单位 / 牵头 / 配合」)."""
    conventions = {rule.name for rule in rules("conventions") if rule.regex.search(text)}
    places = [(*match.span(), rule) for rule in rules("labels") for match in rule.regex.finditer(text)]
    places.sort(key=lambda place: (place[0], -place[1]))
    for index, (start, end, rule) in enumerate(places):
        if index and start < places[index - 1][1]:
            continue
        following = next((s for s, _, _ in places[index + 1 :] if s >= end), len(text))
        stop = min(_list_end(text, end), following)
        role = cast(Role, rule.fields["role"])
        pieces = list(split(text, end, stop))
        if rule.name in ("label_head", "label_member"):
            pieces = [piece for piece in pieces if _is_named(text, *piece)]
        leads = 0
        if role == "resp" and pieces:
            comma = text.find(",", end, stop)
            if "comma_lead" in conventions:
                leads = sum(b <= comma for _, b in pieces) if comma > 0 else len(pieces)
            elif "first_lead" in conventions:
                leads = 1
        for number, (a, b) in enumerate(pieces):
            yield a, b, "lead" if number < leads else role, rule.name


def _list_end(text: str, start: int) -> int:
    """Where the list that starts at `start` ends: its bracket's end, a full stop or the line's end."""
    depth = 0
    for at in range(start, len(text)):
        mark = text[at]
        if mark in OPENING:
            depth += 1
        elif mark in CLOSING:
            depth -= 1
            if depth < 0:
                return at
        elif mark in "。!?\n":
            return at
    return len(text)


def _bracketed(text: str) -> Iterator[Found]:
    """Lists in brackets that end in a verb: 「(省商务厅牵头,合肥海关配合)」."""
    for bracket in re.finditer(r"[(\[]((?:[^()\[\]\n]|\([^()\n]{1,12}\)){3,200})[)\]]", text):
        start, end = bracket.span(1)
        verbs = sorted(
            (match.start(), -match.end(), index)
            for index, rule in enumerate(rules("verbs"))
            for match in rule.regex.finditer(text, start, end)
        )
        at, chunks = start, []
        for first, minus_last, index in verbs:
            if first >= at:
                chunks.append((at, first, rules("verbs")[index]))
                at = -minus_last
        if not chunks or text[at:end].strip(" ,。;"):
            continue
        listed = [(list(split(text, a, b)), rule) for a, b, rule in chunks]
        if not any(_is_named(text, a, b) for pieces, _ in listed for a, b in pieces):
            continue
        for pieces, rule in listed:
            for a, b in pieces:
                yield a, b, cast(Role, rule.fields["role"]), rule.name


def _charged(text: str, start: int, end: int) -> Iterator[Found]:
    """Units that a sentence charges: subjects of planned actions, 「由…负责」, 「会同…」."""
    for rule in rules("constructions"):
        for match in rule.regex.finditer(text, start, end):
            for a, b in split(text, *match.span("units")):
                if _is_named(text, a, b):
                    yield a, b, cast(Role, rule.fields["role"]), rule.name
    for rule in rules("subjects"):
        for match in rule.regex.finditer(text, start, end):
            yield from _subject(text, start, match, rule)


def _subject(text: str, start: int, match: re.Match[str], rule: Rule) -> Iterator[Found]:
    """The units that make up the subject ending where `match` begins its predicate, if they are one."""
    first = match.start()
    while True:
        first = max(start, 1 + max(text.rfind(mark, start, first) for mark in CLAUSE_MARKS))
        place = _regex("place_in_brackets").search(text, start, first)
        if not place:
            break
        first = place.start()  # the mark closed 「(市、区)」 inside the name
    quoted = 1 + max(text.rfind(mark, first, match.start()) for mark in "”》")
    if quoted and _regex("collective").match(text, quoted):
        first = quoted  # 「落实《…条例》各中小学要…」: the comma is missing
    lead_in = _regex("lead_in").match(text, first, match.start())
    first = lead_in.end() if lead_in else first
    predicate = re.compile(r"[^。;\n]*").match(text, match.end(), match.end() + 60)
    if match.end() - first > 60 or (predicate and _regex("past").search(predicate[0])):
        return
    names = list(_pieces(text, first, match.end()))
    for a, b in names:
        if not _may_be_subject(text, a, b):
            return
    for a, b in names:
        a, b = _strip(text, a, b)
        yield a, b, cast(Role, rule.fields["role"]), rule.name


def _may_be_subject(text: str, start: int, end: int) -> bool:
    """Whether a name can be a subject: it ends like a unit, and opens neither with a verb nor a preposition."""
    start, end = _strip(text, start, end)
    name = text[start:end]
    if not _is_named(text, start, end) or _regex("not_at_start").match(name):
        return False
    return not _regex("sentence").search(name) and name.count("“") == name.count("”")
