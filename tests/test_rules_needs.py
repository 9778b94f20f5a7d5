"""A rule that is passed over for want of a character could not have matched."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pipeline import labels, numbers, plans, stages, strength
from pipeline.errors import RuleError
from pipeline.extract import past, units
from pipeline.model import fold
from pipeline.read import read
from pipeline.rules import Groups, Rules, load
from pipeline.rules.needs import begins, fill, needs, pairs, quick, traits
from pipeline.rules.sieve import Codes, Places, Words
from tests.made import CASES
from tests.test_rules import compiled, groups

GOLD = Path(__file__).parent / "gold"


@cache
def texts() -> tuple[str, ...]:
    """Sentences of the gold plans and of all cases, with an unlike neighbour: hits and misses of every rule file."""
    found = {line for path in GOLD.glob("*.txt") for line in re.split("(?<=。)", read(path).text)}
    for path in CASES.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found.update(value for row in csv.DictReader(file) for value in row.values() if value)
    return tuple(sorted(fold(text) for text in found))


@pytest.mark.parametrize("group", groups())
def test_no_match_is_lost(group: str) -> None:
    rules = Rules(compiled(group))
    examples = [fold(rule.example) for rule in rules]
    for text in (*examples, *texts()):
        kept = {rule.name for rule in rules.within(text)}
        assert [rule.name for rule in rules if rule.name not in kept and rule.regex.search(text)] == []


@pytest.mark.parametrize("group", groups())
def test_no_match_is_lost_among_many_texts(group: str) -> None:
    rules = Rules(compiled(group))
    many = [*(fold(rule.example) for rule in rules), *texts()]
    for text, kept in zip(many, rules.within_each(many), strict=True):
        assert [rule for rule in rules if rule in kept] == list(kept), "they are in order"
        assert [rule.name for rule in rules if rule not in kept and rule.regex.search(text)] == []


@pytest.mark.parametrize("group", groups())
def test_matches_begin_where_they_may(group: str) -> None:
    """A pattern whose beginnings are certain never matches elsewhere; of many of them they are."""
    certain = [rule for rule in compiled(group) if begins(rule.regex.pattern, rule.regex.flags)]
    whole = "\n".join(texts())
    for rule in certain:
        may = Places(begins(rule.regex.pattern, rule.regex.flags) or ()).may(Codes(whole), np.arange(len(whole)))
        assert all(may[match.start()] for match in rule.regex.finditer(whole))
        assert may.mean() < 0.6


def test_words_are_found_before_places() -> None:
    """Of words that begin at one place the longest first; the text's last word has nothing behind it."""
    words, verb, name = Words(["学", "学校", "局"]), Places("要"), Places(["校长"])
    found = words.within_stretches(Codes("学校要评局要学校长,局"), [(0, 2), (1, 4), (4, 11)], verb, name)
    assert found == [([(0, 2)], ()), ((), ()), ([(4, 5)], [(6, 7)])]
    assert words.within_stretches(Codes("学区要"), [(0, 3)], verb) == [((),)], "no word, for all its beginning"
    assert words.within_stretches(Codes("局要"), [(0, 1)], verb) == [([(0, 1)],)]
    assert words.within_stretches(Codes("学校要学要"), [(0, 5)], Places(["校", "要"])) == [([(0, 2), (0, 1), (3, 4)],)]
    assert words.within_stretches(Codes(""), [], verb) == []


def test_groups_are_told_apart() -> None:
    first, second = (Rules(compiled(group)) for group in ("deadlines.times", "past.markers"))
    many = texts()[:200]
    apart = list(zip(first.within_each(many), second.within_each(many), strict=True))
    assert Groups(first, second).within_each(many) == apart
    assert any(one for one, _ in apart)
    assert any(other for _, other in apart)


def test_odd_texts_are_sifted() -> None:
    rules = Rules(compiled("deadlines.times"))
    assert rules.within_each([]) == []
    odd = ["", "\0", "到2031年底\0", "\U00020000到2031年底\U00020000", "\ud800", "到2031年底", "到2031", "年底"]
    called = zip(odd, rules.within_each(odd), strict=True)
    told = [any(rule.regex.search(text) for rule in some) for text, some in called]
    assert told == [False, False, True, True, False, True, False, True]


@pytest.mark.parametrize("group", ["deadlines.times", "units.subjects", "strength.marks"])
def test_stretches_of_a_text_are_sifted_as_texts_are(group: str) -> None:
    """Stretches that overlap by a character, as those with what a look-behind sees, down to the text's end."""
    rules = Rules(compiled(group))
    text = "各校到2031年底要完成。\n每月检查一次。教务处负责。\n特此通知"
    cuts = range(0, len(text) + 1, 3)
    for end in range(len(text) + 1):
        stretches = [(max(0, low - 1), min(low + 3, end)) for low in cuts if low < end]
        expected = rules.within_each([text[low:high] for low, high in stretches])
        assert rules.within_stretches(Codes(text[:end]), stretches) == expected


@pytest.mark.parametrize("text", ["", "处", "教务处要抓", "处处", "\U00020000处要", "\ud800处\0要", "处(室)要会同班组"])
@pytest.mark.parametrize("openings", [["要", "(室"], ["会同", "处"], []])
def test_words_that_something_stands_behind(text: str, openings: list[str]) -> None:
    words = ["处", "班组", "教务处", "各班", "\U00020000处"]
    expected = {
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text))
        if text[start:end] in words and text.startswith(tuple(openings), end)
    }
    ((found,),) = Words(words).within_stretches(Codes(text), [(0, len(text))], Places(openings))
    assert list(found) == sorted(found, key=lambda word: (word[0], -word[1]))
    assert expected <= set(found)
    assert all(text[start:end] in words for start, end in found)


@pytest.mark.parametrize("group", ["deadlines.silent", "deadlines.times"])
def test_tried_where_they_may_begin_rules_find_what_they_find(group: str) -> None:
    rules = Rules(compiled(group))
    text = "\n".join(texts())
    stretches = [line.span() for line in re.finditer(r"[^。]+。*", text)]
    found, tried = set(), 0
    for (low, high), rule, places in rules.beginnings(Codes(text), stretches):
        assert all(low <= at < high for at in places)
        tried += len(places)
        found |= {(rule.name, match.span()) for at in places if (match := rule.fits(text, at, high))}
    called = rules.within_stretches(Codes(text), [(max(0, low - 1), high) for low, high in stretches])
    searched = {
        (rule.name, match.span())
        for (low, high), some in zip(stretches, called, strict=True)
        for rule in some
        for match in rule.regex.finditer(text, low, high)
    }
    assert searched
    assert searched <= found
    assert tried < 0.2 * len(text) * len(rules)


def test_no_text_has_no_beginnings() -> None:
    assert not list(Rules(compiled("deadlines.times")).beginnings(Codes(""), []))


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        ("(?:上|下)半年", ["上半", "下半"]),
        ("(?=[学院])(?:学[校院]|局|院)区", ["学校", "学院", "局区", "院区"]),
        ("年底?", ["年"]),
        ("(?:年底?)末", ["年底", "年末"]),
        (r"(?<!\d)\d年", [f"{digit}年" for digit in range(10)]),
        ("(?!年)月", ["月"]),
        ("年?底", ["年底", "底"]),
        ("(?:年|月)*底", ["年年", "年月", "年底", "月年", "月月", "月底", "底"]),
        ("(?:(?:再|也)?要)+", ["再要", "也要", "要"]),
        ("年?.", None),
        ("年?", None),
        ("(?i:a)b", None),
        (".年", None),
    ],
)
def test_begins(pattern: str, first: list[str] | None) -> None:
    found = begins(pattern)
    assert (found if found is None else sorted(found)) == (first if first is None else sorted(first))


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        ("确保|力[争求]", [["力争", "力求", "确保"]]),
        ("确保|须", [["确保", "须"]]),
        ("(?:半年)?底", []),
        ("到(?!明)年底", [["到年"], ["年底"]]),
        ("(?<=到年)底", [["到年"]]),
        (r"\d+月", [[f"{digit}月" for digit in range(10)]]),
        ("年.底", []),
        ("(?:年底|.)", []),
        ("(?i:ab)", []),
    ],
)
def test_pairs(pattern: str, sets: list[list[str]]) -> None:
    assert sorted(map(sorted, pairs(pattern))) == sorted(map(sorted, sets))


def without_beginnings(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """The pattern as it was before `quick`."""
    told = re.match(r"\(\?=\[(?:\\.|[^\\\]])+\]\)\(\?:", pattern.pattern, re.DOTALL)
    return re.compile(pattern.pattern[told.end() : -1], pattern.flags) if told else pattern


@pytest.mark.parametrize("group", groups())
def test_a_quick_pattern_finds_the_same(group: str) -> None:
    for rule in compiled(group):
        slow = without_beginnings(rule.regex)
        assert quick(slow.pattern, slow.flags).pattern == rule.regex.pattern
        for text in (fold(rule.example), *texts()[::5]):
            assert [m.span() for m in rule.regex.finditer(text)] == [m.span() for m in slow.finditer(text)]


@pytest.mark.parametrize(
    "pattern",
    [labels._any(), stages._any_rule(), strength._marks()[0], past._year(), numbers._quantity(), plans._SET_APART],
    ids=["labels", "stages", "marks", "years", "quantities", "gaps"],
)
def test_a_quick_union_finds_the_same(pattern: re.Pattern[str]) -> None:
    slow = without_beginnings(pattern)
    assert slow is not pattern
    for text in texts():
        assert [m.span() for m in pattern.finditer(text)] == [m.span() for m in slow.finditer(text)]


def test_most_patterns_tell_how_their_matches_begin() -> None:
    regexes = [rule.regex for group in groups() for rule in compiled(group)]
    told = sum(without_beginnings(regex) is not regex for regex in regexes)
    assert told > 0.4 * len(regexes)


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        ("(?:上|下)半年", None),  # Python makes a class of it
        (r"(?<!第)\d{1,2}月?", "0123456789"),
        ("(?:约|近)?[三五]成", "三五约近"),
        ("(?=甲|乙)..", "乙甲"),
        (r"[\]^-]?年", r"\-\]\^年"),
        ("[三五]成", None),
        ("年底", None),
        ("年?", None),
        ("(?!年).", None),
        ("(?:年|[^月])日", None),
        ("(?i:a)|b", None),
        (r"(甲)\1|乙", "乙甲"),
        ("(?s)(?:甲乙|丙).", None),
    ],
)
def test_quick(pattern: str, begins: str | None) -> None:
    expected = pattern if begins is None else f"(?=[{begins}])(?:{pattern})"
    assert quick(pattern).pattern == expected


def test_a_pattern_that_ignores_case_is_left_as_it_is() -> None:
    assert quick("(?:ab|c)年", re.IGNORECASE).pattern == "(?:ab|c)年"


def test_rules_are_passed_over() -> None:
    rules = Rules(compiled("deadlines.times"))
    counted = [len(rules.within(text)) for text in texts()]
    assert sum(counted) < 0.2 * len(rules) * len(counted)
    assert rules.within("加强管理。") == []


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        ("(?:上|下)半年", ["半", "年", "上下"]),
        (r"\d+(?:\.\d+)?%", ["%", "0123456789"]),
        ("(?<=到)[一二]月", ["到", "月", "一二"]),
        ("(?<!到)(?!底)月?", []),
        ("[^年]+", []),
        ("(?:年|)", []),
        ("(?:年底|.)", []),
        ("(?i:a)", []),
        (r"(?P<a>甲)(?P=a)(?>乙|丙)", ["甲", "乙丙"]),
        ("甲{0,3}乙{2,}", ["乙"]),
    ],
)
def test_needs(pattern: str, sets: list[str]) -> None:
    assert sorted(map(sorted, needs(pattern))) == sorted(map(sorted, sets))


PARTS = {
    "unit": "(?:教育局|学校)",
    "mark": ",。",
    "ways": "甲|乙",
    "word": "年底",
    "sign": "[,。]",
    "maybe": "(?:半年)?",
    "nothing": "",
}


@pytest.mark.parametrize(
    "pattern",
    [
        "{unit}",
        "到{word}",
        "由{unit}、{unit}负责",
        "(?<!{word})由{unit}",
        "(?<={word}){unit}",
        "(?:{unit}|{word})负责",
        "(?:{unit}|{maybe})负责",
        "{maybe}{unit}?{sign}",
        "[{mark}]到",
        "{nothing}到{nothing}年",
        "到{ways}",
        "(?:{ways})到",
        "(?P<a>{unit})(?P=a)(?(a){word}|{sign})",
        "(?>{unit}|{word})+月",
        "^{unit}",
        "(?i){unit}",
    ],
)
def test_parts_tell_what_they_do_where_they_are_written_out(pattern: str) -> None:
    assert traits(pattern, re.VERBOSE, PARTS) == traits(fill(pattern, PARTS), re.VERBOSE)


@pytest.mark.parametrize("pattern", ["{word}?到", "到{word}*", "{word}{2}到"])
def test_a_repeated_part_of_several_characters_tells_no_more(pattern: str) -> None:
    """Written out, the sign of repetition is for its last character."""
    found, written = traits(pattern, re.VERBOSE, PARTS), traits(fill(pattern, PARTS), re.VERBOSE)
    assert set(found.needs) <= set(written.needs)
    assert set(found.pairs) <= set(written.pairs)


def test_a_part_that_there_is_not_is_told() -> None:
    with pytest.raises(KeyError, match="else"):
        traits("{unit}{else}", 0, PARTS)


def test_a_pattern_that_ignores_case_needs_nothing() -> None:
    assert needs("a年", re.IGNORECASE) == needs("(?i)a年") == ()
    assert pairs("a年", re.IGNORECASE) == pairs("(?i)a年") == ()
    assert begins("a年", re.IGNORECASE) is begins("(?i)a年") is None


def test_every_predicate_is_tried_where_it_stands() -> None:
    whole = "\n".join(texts())
    codes = Codes(whole)
    tried: dict[str, set[int]] = {}
    places = (units._openings(of_office=False), units._openings(of_office=True))
    ((before_any, before_verbs),) = units._names().within_stretches(codes, [(0, len(whole))], *places)
    for at, behind in before_any:
        for name, bit in units._bits().items():
            if units._opened(whole, behind) & bit:
                tried.setdefault(name, set()).add(at)
    for rule in units._subjects(of_office=False):
        found = {match.start() for match in rule.regex.finditer(whole)}
        assert units._begins(rule.source) is None or found <= tried.get(rule.name, set())
    of_offices = {at for at, _ in before_verbs}
    for rule in units._subjects(of_office=True):
        found = {match.start() for match in rule.regex.finditer(whole) if match["verb"] in units._verbs()}
        assert found
        assert found <= of_offices


def test_a_predicate_behind_no_end_of_a_name_is_refused() -> None:
    with pytest.raises(RuleError, match="does not begin with"):
        units._begins("要.*")


def test_every_subject_begins_with_the_end_of_a_name() -> None:
    assert all(row["pattern"].startswith("{end} ") for row in load("units")["subjects"])
