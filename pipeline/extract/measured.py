"""What a target measures: the phrase that names it (guideline, targets: `indicator`).

The noun stands behind a figure that counts it (「新建⟦3所⟧公办幼儿园」), else before it (「入学率达到⟦99%⟧」):

- behind, it ends where a predicate begins (「为⟦300名⟧幼儿|提供餐食」), where what is done to it follows
  (「⟦3所⟧学校|的改造工作」) or where the next figure has its own noun (「⟦4个⟧社区|和6个村」);
- before, it reaches back to the clause's start, an earlier figure or a time, and is cleared of who acts, for whom and
  where (「保卫处安排|保安员⟦6名⟧」), of verbs at both ends, of what the figure is compared with or is a share of and of
  the state that it starts from (「由30%提高到⟦50%⟧」);
- a clause that has a verb alone, or says but of whom or how often, speaks of what the clause before it named
  (「产值达到8亿元,比上年增长⟦5%⟧」, 「培训6次,每次⟦2学时⟧」, 「教师听课10节,校长⟦20节⟧」).

A part of a rate is named with it (「合格率:小学⟦98%⟧」: 小学合格率). Of a list that goes with a list of figures each
figure has its own (「水稻、小麦产量分别达到⟦3万吨⟧、⟦2万吨⟧」).

Words are data: `indicator` in `rules/targets.yaml`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache

from pipeline.extract.deadlines import Mention, mentioned
from pipeline.extract.notes import Notes
from pipeline.model import Target
from pipeline.numbers import Quantity, quantities
from pipeline.rules import alternation, load
from pipeline.rules.needs import quick

LEFT, RIGHT = 90, 60
SENTENCES_BEFORE = re.compile(r"(?s:.*)[。;!?\n]")
LONGEST = 8
"""Characters of the longest trailing word, and what stands before it."""
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
BORDERS = ":|│"
"""Marks behind which a clause begins: a colon, and what parts the cells of a table that is typed."""
IN_CLAUSE = r"(?:[^,。;]|(?<=\d),(?=\d{3}))"
CLOSED = re.compile(r"“[^“”\n]{0,30}”|\"[^\"\n]{0,30}\"|\([^()\n]{0,60}\)|《[^《》\n]{0,40}》")
"""Quotes, brackets and titles: no mark inside one ends a phrase."""
REMARK = re.compile(r"\([^()\n]{1,16}\)")
END_OF_CLAUSE = re.compile(r"[,。;:!?\n⟦()“”·\t|│]")
AND = r"以及|(?<![共调饱缓平温柔附])和(?![谐美睦平解])|与(?!其[他它])|(?<![普涉顾])及(?![格其时])"
JOINT = re.compile(rf"[、,]|{AND}")
AND_A_FIGURE, AND_AT_START = re.compile("[、和]"), re.compile("[及和与]")
OF_WHICH = re.compile(r"\(其中")
RATE = r"率|量(?![化子])|数(?![字据学])|额|速度|水平|进度|强度|人数|合格率|质量(?!强)"
"""Behind a verb these make a name with it: 「培训合格率」."""
JOINT_AT_END = re.compile(r"(?:(?:[、,和及与]|以及)+[近约超]?| +)\Z")
LABEL = (
    r"[ *•●■◆△▲○★☆□—-]*+(?:\d{1,2}[.、)](?!\d[\d.]*[%→])|[①-⑳⑴-⒛]|[一二三四五六七八九十]{1,2}[是要、]"
    r"|\((?:[一二三四五六七八九十]{1,2}|\d{1,2})\))?[ 、]*+"
)
LABEL_AMID = re.compile(r"\([一二三四五六七八九十]{1,3}\)(?!班)|[①-⑳⑴-⒛]|(?<=[一-龥)”])\d{1,2}\.(?=[一-龥])")
"""A label run into the text, behind which a new sentence begins."""
JOINT_AT_START = re.compile(
    r"(?:[、,·/)\s]|[新大]?台阶(?!教室)|大关|以及|与(?!会[代人嘉])|[和及](?![谐美睦平解时格]))+"
)
NO_NAME = re.compile(
    r"(?:[\d一二三四五六七八九十]+年内?|的?\d(?![\d., ·万亿]*元?级)[\d., ·]*[万亿]*[一-龥%‰]{0,4}[→>]?"
    r"|[人户生]均|每[一-龥]{1,2}|[全本每一](?:学期|学年|年度))?\Z"
)
ADJECTIVE = re.compile(r"(?:[化型性式级类]|特色|智能)\Z")
ONE_CHARACTER = re.compile("[村县镇乡校园区市企店厂站库户馆院]")
RELATIVE = re.compile(r"[^、]{1,24}的[^的、]{1,10}\Z")
THRESHOLD = re.compile(r"以[上下内]|的")
NAMES_WITH_A_TIME = frozenset({"part_of_name", "holiday_name"})
"""Rules of `rules/deadlines.yaml` for words that only look like a time."""
MEMBERS = re.compile(rf"、|{AND}")
SHARE = re.compile(r"(?:占比|比重|比例)\Z")
PERSONS = frozenset("人名位户")
TOTAL = re.compile(r"总[数量]\Z")
COUNTED_PART = re.compile(r"\d%|[成半]")
COUNTED = re.compile(r"\d(?!\d*周?岁)|[一二两三四五六七八九十][个所家项]")


@cache
def _words(group: str) -> str:
    return alternation(load("targets")["indicator"][group])


@cache
def _regex(name: str) -> re.Pattern[str]:
    """A pattern of the group `patterns`, by its name."""
    pattern: str = load("targets")["indicator"]["patterns"][name]
    return quick(pattern.replace("{clause}", IN_CLAUSE).replace("{doers}", _words("doers")))


def indicator(notes: Notes, start: int, end: int, found: Quantity, given: Sequence[Target], listed: bool) -> str | None:
    """The phrase that names what a figure measures.

    Args:
        notes: of the plan.
        start, end: where the target stands, comparators and all.
        found: its figure.
        given: the targets before it.
        listed: it is a member of one list with the last of them.

    Returns:
        The phrase as it stands in the text; of a list that is shared out, put together from two stretches. None where
        none was found.
    """
    text = notes.lines
    last = given[-1] if given else None
    shared = _shared_out(notes, start, end, given)
    if shared:
        return shared
    if last is not None and listed and found.percent:
        return last.indicator
    low = _clause(text, start)
    if last is not None and low < last.end <= start:
        low = last.end
        noun = len(last.indicator or "")
        if noun and notes.text[low : low + noun] == last.indicator and JOINT.match(text, low + noun):
            low += noun
    counted = None if found.percent or found.ratio else _behind(notes, low, start, end, found)
    if counted and listed and last is not None and _predicate()[3].fullmatch(text, *counted):
        return last.indicator  # 「农户20户、⟦60人⟧增收」
    if counted and not (_regex("indeed_before").search(text, low, start) or _regex("started").search(text, low, start)):
        return notes.text[slice(*counted)]
    before = _before(notes, low, start, found)
    if found.percent and _regex("bare_scope").match(text[slice(*before)] if before else ""):
        share = _behind(notes, low, start, end, found)
        before = share or before
    if before:
        if last is not None and _elliptic(notes, *before, found, last):
            return _deed(last)
        if last is not None and text.startswith("占", before[0]) and text[last.end : before[0]] in (",", ",其中"):
            return (last.indicator or "") + notes.text[slice(*before)]
        whole = _whole(notes, *before, given) if found.percent else None
        return notes.text[slice(*before)] + (whole or "")
    if counted:
        return notes.text[slice(*counted)]
    if last is not None and (same := _same(notes, low, start, found, last, listed)):
        return same
    topic = _label(notes, low, start) or _topic(notes, low, start) or _object(notes, low, found) or _further(notes, end)
    return notes.text[slice(*topic)] if topic else None


def _same(notes: Notes, low: int, start: int, found: Quantity, last: Target, listed: bool) -> str | None:
    """What the figure before measures, where a clause that names nothing says more of it.

    Args:
        notes: of the plan.
        low: where the clause begins.
        start: where the target stands.
        found: its figure.
        last: the target before it.
        listed: the two are members of one list.
    """
    text = notes.lines
    if listed or _regex("carries_on").fullmatch(text, last.end, start):
        return last.indicator
    stage = _regex("stage").fullmatch(text[last.end : start].lstrip("、,和"))
    if stage and last.indicator and (same := re.search(_regex("stage").pattern + r"\Z", last.indicator)):
        return last.indicator[: same.start()] + stage[0]
    if last.indicator is None or _regex("no_name_alone").fullmatch(last.indicator):
        return None
    if average := _regex("average").fullmatch(text, last.end, start):
        return last.indicator if average[1] in last.indicator else average[1] + TOTAL.sub("", last.indicator)
    shares, events = load("numbers")["shares"], load("targets")["indicator"]["events"]
    alike = (found.unit in shares) == (last.unit in shares) and not (last.unit in PERSONS and found.unit in events)
    if alike and _regex("each").fullmatch(text, last.end, start):
        return last.indicator
    if found.unit == last.unit and _regex("further_aim").fullmatch(text, last.end, start):
        return last.indicator
    return None


def _elliptic(notes: Notes, low: int, high: int, found: Quantity, last: Target) -> bool:
    """Whether a clause names but who does what the clause before it named: 「教师听课10节,校长⟦20节⟧」."""
    text = notes.lines
    return (
        found.unit == last.unit
        and found.unit in load("targets")["indicator"]["events"]
        and found.unit != "人次"
        and low >= last.end
        and bool(re.fullmatch(r"[,、](?:其中)?", text[last.end : low]))
        and bool(_regex("doer").search(text, low, high))
    )


def _deed(last: Target) -> str | None:
    """What a target names without who does it: 「护士|培训⟦10次⟧」."""
    named = last.indicator or ""
    doer = _regex("doer_named").match(named)
    return (named[_behind_verbs(named, doer.end(), len(named)) :] if doer else named) or None


def _whole(notes: Notes, low: int, high: int, given: Sequence[Target]) -> str | None:
    """The rate of which a part alone is named: 「合格率:小学⟦98%⟧,初中⟦95%⟧」, 「参与率80%,其中低年级⟦90%⟧」."""
    text = notes.lines
    if not _regex("part").fullmatch(text, low, high) or text.startswith("占", high):
        return None
    sentence = _sentence(text, low)
    mark = max(text.rfind(":", sentence, low), text.rfind("其中", sentence, low))
    between = text[mark + 1 : low]
    if mark < 0 or not all(map(COUNTED_PART.search, JOINT.split(between)[:-1])):
        return None
    if text[mark] == ":":
        start = 1 + max(text.rfind(sign, sentence, mark) for sign in ",:")
        whole = notes.text[_behind_verbs(text, max(start, sentence), mark) : mark]
    else:
        whole = next((target.indicator or "" for target in reversed(given) if sentence <= target.end <= mark), "")
        if SHARE.search(whole):
            return None  # 「党员占比50%,其中女性⟦40%⟧」: of the members
    return whole if re.search(rf"{_words('rates')}\Z", whole) and len(whole) <= 20 else None


def _sentence(text: str, at: int) -> int:
    """Where the sentence of a place begins, or what is looked at of it."""
    low = max(0, at - LEFT)
    before = SENTENCES_BEFORE.match(text, low, at)
    return before.end() if before else low


def _clause(text: str, at: int) -> int:
    """Where the clause of a place begins, or what is looked at of it; a comma inside a figure or brackets ends none."""
    low = _sentence(text, at)
    masked = _masked(text[low:at])
    comma = masked.rfind(",")
    while comma >= 0 and THOUSANDS.match(text, low + comma):
        comma = masked.rfind(",", 0, comma)
    return low + 1 + max(comma, *(masked.rfind(mark) for mark in BORDERS))


def _masked(text: str) -> str:
    """A text in which what is in brackets or quotes is blotted out."""
    return CLOSED.sub(lambda closed: "□" * len(closed[0]), text)


def _behind(notes: Notes, low: int, start: int, end: int, found: Quantity) -> tuple[int, int] | None:
    """The noun phrase that a figure counts, where one follows it.

    Args:
        notes: of the plan.
        low: where the figure's clause begins.
        start, end: where the target stands.
        found: its figure.
    """
    text = notes.lines
    remark = REMARK.match(text, end) or (re.compile(r"\)").match(text, end) if _in_remark(text, low, start) else None)
    at = remark.end() if remark else end
    part = text.startswith("的", at)
    while text.startswith((" ", "的"), at):
        at += 1
    masked = _masked(text[at : min(at + RIGHT, _next_time(notes, at))])
    if JOINT_AT_START.match(masked) or _predicate()[4].match(masked) or _regex("on_duty").match(masked):
        return None
    stop = END_OF_CLAUSE.search(masked)
    masked = masked[: stop.start()] if stop else masked
    figure = _regex("other_figure").search(masked, _size(masked, found))
    if figure and (head := _regex("sized").search(masked)):
        return at + head.start(1), at + head.end(1)
    if figure:
        masked = masked[: figure.start()]
        joints = [joint.start() for joint in JOINT.finditer(masked)]
        masked = masked[: joints[-1]] if joints else masked
    event = found.unit in load("targets")["indicator"]["events"]
    whole = masked
    masked = _without_predicate(masked, pivot=bool(_pivot().search(text, low, start)), event=event)
    if found.percent and not part and masked == whole:
        return None  # 「⟦80%⟧配齐教师」; 「⟦80%⟧学校|配备校医」
    masked = _coordinated(masked, counted=found.percent or found.unit in load("numbers")["counts"])
    final = None if event else _predicate()[3].search(masked, 1)
    masked = masked[: final.start()].removesuffix("的") if final else masked
    if parts := OF_WHICH.search(text, at, at + len(masked)):
        masked = masked[: parts.start() - at]
    masked = JOINT_AT_END.sub("", masked)
    if len(masked) < 2 and not ONE_CHARACTER.fullmatch(masked):
        return None
    return at, at + len(masked)


def _size(phrase: str, found: Quantity) -> int:
    """Where the size ends with which what is counted begins: 「⟦3座⟧10万立方米|水库」; 0 where there is none."""
    if not phrase[:1].isdigit() or found.unit in ("户", "人", "名"):
        return 0
    size = next(iter(quantities(phrase)), None)
    sized = (
        size is not None and not size.start and size.unit in (*load("numbers")["measures"], *load("numbers")["money"])
    )
    return size.end if size and sized and _regex("of_that_size").match(phrase, size.end) else 0


def _next_time(notes: Notes, at: int) -> int:
    """Where the next time begins that no count stands in: 「⟦6所⟧学校|年内完工」."""
    times = mentioned(notes)
    for time in times[bisect_left(times, (at,)) :]:
        if time.start > at + RIGHT:
            break
        if not _is_threshold(notes.lines, time):
            return time.start
    return len(notes.lines)


def _in_remark(text: str, low: int, start: int) -> bool:
    """Whether a figure stands in a bracket behind one that counts the same: 「20户(累计⟦50户⟧)农户」."""
    return bool(re.search(r"\((?:累计|总数|合计|其中)(?:达到?|约)?\Z", text[low:start]))


@cache
def _predicate() -> tuple[re.Pattern[str], ...]:
    """Where the predicate of a counted noun begins, what is left of one at a phrase's end, and what is no noun."""
    clausal = quick(f"{_words('predicates')}|{_regex('toward').pattern}")
    compound = quick(rf"{_words('compounding')}(?!.*{_words('compound_heads')}\Z)")
    done_to = quick(rf"的(?:[^的、]{{0,12}}?{_words('actions')}(?:、|\Z)|[^的]{{0,30}}?{_words('actions')}\Z)")
    final = quick(rf"(?:[一二三四五]级|全面|基本|全)?(?<!化)(?:{_words('final')}|(?:建设|改造)(?:任务|工作))+\Z")
    return clausal, compound, done_to, final, re.compile(_words("no_noun"))


@cache
def _pivot() -> re.Pattern[str]:
    return quick(rf"{_words('pivots')}(?:全[省市县区国])?(?:超过?|约|近)?\Z")


def _without_predicate(phrase: str, *, pivot: bool, event: bool) -> str:
    """A phrase behind a figure without what is said of the noun or done to it.

    Args:
        phrase: quotes and brackets blotted out.
        pivot: a verb or preposition before the figure has the noun for its object, so that a predicate may follow.
        event: it is events that are counted, whose names are verbs.
    """
    if event and not pivot:
        return phrase
    clausal, compound, done_to, *_ = _predicate()
    if clausal.match(phrase):
        return ""
    done = done_to.search(phrase, 1)
    if done and not _regex("relation").match(phrase):
        phrase = phrase[: done.start()]
    if not pivot and RELATIVE.match(phrase):
        return phrase
    first = max(1, phrase.rfind("的") + 1) if _regex("relation").match(phrase) else 1
    for pattern in (clausal, compound):
        if found := pattern.search(phrase, first):
            phrase = phrase[: found.start()]
            phrase = phrase[:partner] if (partner := phrase.find("与", 1)) > 0 else phrase
    return phrase


def _coordinated(phrase: str, *, counted: bool) -> str:
    """A phrase to the first 、 behind which something else than a further noun follows."""
    besides = phrase.find("以及", 1)
    if besides > 0 and not ADJECTIVE.search(phrase[:besides]):
        phrase = phrase[:besides]
    at = phrase.find("、")
    if not _regex("list_of_kinds").search(phrase) and ("等" in phrase or phrase.count("、") > 2):
        return phrase[:at] if at >= 0 else phrase
    while at >= 0:
        further = phrase[at + 1 :]
        member = further.partition("、")[0]
        one = _regex("list_of_kinds").search(phrase) or ADJECTIVE.search(phrase[:at])
        if not one and (not counted or len(member) > 14 or _is_clause(member)):
            return phrase[:at]
        at = phrase.find("、", at + 1)
    return phrase


def _is_clause(member: str) -> bool:
    clausal, compound, _, final, _ = _predicate()
    return bool(
        not member
        or _behind_verbs(member, 0, len(member))
        or clausal.search(member)
        or compound.search(member)
        or final.search(member)
    )


@cache
def _edges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What belongs to no indicator: verbs and particles at its start, and at its end."""
    words = load("targets")["indicator"]
    verb = f"(?:(?!{_words('names')}|{words['nominal']})(?:{_words('leading')}|{words['of_one_character']})(?!{RATE}))"
    adverb = f"(?:{_words('adverbs')}(?={_words('adverbs')}*{verb})|{_words('manner')}(?={verb}[一-龥“]{{2}}))"
    scope = rf"(?:(?:全[国省市县区州旗镇乡校]|[我本各][省市县区州校]|国家|各级)(?={adverb}*{verb}))"
    leading = rf"{LABEL}(?:{scope}|{adverb}|{verb}(?:[、和及与](?={verb}))?)*[ 、]*"
    return re.compile(leading), quick(rf"(?:{_words('trailing')}|{words['cut_off']})\Z")


@cache
def _doing() -> re.Pattern[str]:
    """Verbs before the object that a count counts: 「修缮|校舍⟦3栋⟧」, not 「养殖大户⟦3家⟧」."""
    of = load("targets")["indicator"]["doing"]
    two = f"(?!{of['apart']})[{of['first']}][{of['second']}]"
    verb = f"(?!{alternation(of['removing'])})(?:{alternation(of['words'])}|{two})(?:出(?![口生版台具]))?"
    verb += f"(?!{RATE}|{of['attributive']})"
    adverb = f"(?:(?!新)(?:{_words('adverbs')}|{_words('manner')}))*"
    where = "(?:[在从向到赴][^,。;的]{2,14}|每[^,。;的]{1,6}|分[^,。;的]{1,2}[批期次轮])?"
    joint = f"(?:[、和及与](?={verb})|(?![、和及与]))"
    return quick(rf"(?:{where}{adverb}(?!{_words('names')}){verb}(?=[^,。;的]{{2,}}\Z){joint})+")


@cache
def _acting(event: bool) -> re.Pattern[str]:
    """Who acts, for whom or where, and the verb: 「保卫处安排|保安员⟦6名⟧」, 「为老人提供|体检⟦2次⟧」.

    Args:
        event: it is events that are counted, whose names are verbs too.
    """
    of = load("targets")["indicator"]["acting"]
    verbs = of["arranging"] if event else [*of["arranging"], *of["making"]]
    verb = alternation(verbs) if event else f"(?:{alternation(verbs)}|{of['short']})"
    verb = f"(?!{_words('names')}|{of['apart']}){verb}(?!{RATE}|{of['attributive']})"
    who = f"(?:[^,。;:的]{{0,18}}?(?:{of['agents']})|{of['openers']})"
    between = f"(?:{of['between']})*"
    return quick(f"{LABEL}{who}{between}(?:{of['toward']}{between})?{verb}(?=[^,。;]{{2,}}\\Z)")


@cache
def _next_verb() -> re.Pattern[str]:
    """A 、 between two predicates: 「实施更新行动、|完成投资⟦3亿元⟧」."""
    return quick(rf"(?<=[一-龥)”□]{{3}})、(?=(?!{_words('names')}){_words('next_verbs')})")


@cache
def _medial() -> re.Pattern[str]:
    """A verb amid a phrase before a count, behind which its object stands: 「各校开展|培训⟦3次⟧」."""
    return quick(rf"(?<=[一-龥)”])(?!{_words('names')}){_words('medial')}(?=[^,。;]{{2}})")


def _before(notes: Notes, low: int, high: int, found: Quantity) -> tuple[int, int] | None:
    """The phrase before a figure that names what it measures.

    Where nothing but a verb stands behind a time, it is what precedes the time: 「入学率到2031年达到⟦99%⟧」.
    """
    text = notes.lines
    high = _without_state(text, low, high, share=found.percent)
    for a, b in _parts(notes, low, high):
        a, b = _stripped(text, a, b, found)
        if a < b:
            return a, b
    return None


def _without_state(text: str, low: int, high: int, *, share: bool) -> int:
    """Where a stretch ends that is cleared of verbs, and of what its figure is compared with, rises from or, of a
    share, is one of: 「培训经费达到公用经费的⟦8%⟧」."""
    if share and (whole := _regex("share_of").search(text, low, high)):
        return whole.start()
    if started := _regex("started").search(text, low, high):
        return started.start()
    end = _trimmed(text, low, high)
    for pattern in (_regex("against"), _regex("basis")):
        found = pattern.search(text, low, end)
        if found and (found.start() > low or pattern is _regex("against") or _regex("level").search(found[0])):
            return found.start()
    return high


def _behind_verbs(text: str, low: int, high: int) -> int:
    leading = _edges()[0].match(text, low, high)
    return leading.end() if leading else low


def _trimmed(text: str, low: int, high: int) -> int:
    trailing = _edges()[1]
    while low < high and (end := trailing.search(text[max(low, high - LONGEST) : high])) is not None:
        high = max(low, high - LONGEST) + end.start()
    return high


def _parts(notes: Notes, low: int, high: int) -> list[tuple[int, int]]:
    """The stretches before a figure, nearest first: behind a time and before it."""
    times = mentioned(notes)
    at = bisect_right(times, high, key=lambda mention: mention.end) - 1
    while at >= 0 and times[at].end > low and _is_threshold(notes.lines, times[at]):
        at -= 1  # 「有一年以上经历的教师」
    if at < 0 or times[at].end <= low:
        return [(low, high)]
    return [(times[at].end, high), (low, times[at].start)]


def _is_threshold(text: str, time: Mention) -> bool:
    """Whether a time is none by which something is due: 「一年以上」, 「三八红旗手」, or it stands in a title."""
    start, end, rule, _ = time
    return (
        rule.name in NAMES_WITH_A_TIME
        or bool(THRESHOLD.match(text, end))
        or text[end - 2 : end - 1] == "以"
        or text[start] == "《"
    )


def _stripped(text: str, low: int, high: int, found: Quantity | None) -> tuple[int, int]:
    """A stretch without verbs and particles at its ends, and without an earlier figure.

    Args:
        text: of the plan.
        low, high: where the stretch begins and ends.
        found: the figure behind it; None where there are several.
    """
    if low >= high:
        return low, low
    counts = found is not None and not found.percent and not found.ratio
    earlier = list(_regex("earlier").finditer(_masked(text[low:high])))
    if earlier:
        low += earlier[-1].end()
    if counts and "、" in text[low:high] and (clauses := list(_next_verb().finditer(_masked(text[low:high])))):
        low += clauses[-1].end()
    if labels := list(LABEL_AMID.finditer(text, low, high)):
        low = labels[-1].end()
    event = found is not None and found.unit in load("targets")["indicator"]["events"]
    if counts and (acting := _acting(event).match(text, low, high)):
        low = acting.end()
    if joint := JOINT_AT_START.match(text, low, high):
        low = joint.end()
    if text.startswith("(", low) and ")" not in text[low:high]:
        low += 1
    low = _behind_verbs(text, low, high)
    if counts and (acting := _acting(event).match(text, low, high)):
        low = _behind_verbs(text, acting.end(), high)
    if found and found.percent and (assured := _regex("assured").search(text, low, high)):
        low = assured.end()
    thing = found is not None and found.unit in load("numbers")["counts"]
    if (thing or event) and (apiece := _regex("apiece_event" if event else "apiece").match(text, low, high)):
        low = _behind_verbs(text, apiece.end(), high)
    if event and (doer := _regex("doer_acts").match(text, low, high)):
        low = doer.end()
    if text.startswith("的", low, high):
        low += 1
    if counts and (verbs := list(_medial().finditer(_masked(text[low:high])))):
        low += verbs[-1].end()
    high = _trimmed(text, low, high)
    while low < high and text[high - 1] in "、, /(":
        high -= 1
    if counts and not event:
        joint = AND_AT_START.match(text, low, high)
        done = _doing().match(text, joint.end() if joint else low, high)
        low = done.end() if done else low
    if NO_NAME.match(text[low:high]) or (high - low == 1 and _regex("no_noun_alone").match(text, low)):
        return low, low
    return _balanced(text, low, high)


def _balanced(text: str, low: int, high: int) -> tuple[int, int]:
    """A stretch that holds both of its quotes and brackets, or neither."""
    phrase = text[low:high]
    if phrase.isalpha():
        return low, high
    for opening, closing in ("“”", "()"):
        if phrase.count(closing) > phrase.count(opening) and text[max(0, low - 1) : low] == opening:
            low -= 1
        if phrase.count(opening) > phrase.count(closing):
            at = text.rfind(opening, low, high)
            if at == low:
                low += 1
            elif opening == "(":
                high = at
    return (low, high) if high > low else (low, low)


def _label(notes: Notes, low: int, start: int) -> tuple[int, int] | None:
    """The words before a colon that a figure stands right behind: 「骨干教师:⟦30人⟧」."""
    text = notes.lines
    border = notes.folded[low - 1 : low]  # a bar is none of `lines`
    if (
        not border
        or border not in BORDERS
        or any(text[a : _trimmed(text, a, b)].strip() for a, b in _parts(notes, low, start))
    ):
        return None
    a, b = 1 + max(text.rfind(mark, max(0, low - LEFT), low - 1) for mark in ",。;\n\t" + BORDERS), low - 1
    if text.endswith(" ", a, b):
        b -= 1
    a = _behind_verbs(text, a, b)
    return (a, b) if 2 <= b - a <= 20 and not re.search(rf"\d|{_words('labels')}\Z", text[a:b]) else None


def _topic(notes: Notes, low: int, start: int) -> tuple[int, int] | None:
    """The noun that a sentence sets before its clauses: 「人口自然增长率,2028年控制在⟦5‰⟧以内」."""
    text = notes.lines
    if low < 2 or text[low - 1] != ",":
        return None
    a, b = _sentence(text, low - 1), low - 1
    times = mentioned(notes)
    at = bisect_right(times, a, key=lambda mention: mention.start) - 1
    if at >= 0 and times[at].start <= a < times[at].end <= b:
        a = times[at].end
    a += text.startswith(",", a)
    phrase = text[a:b]
    if not 2 <= len(phrase) <= 40 or re.search(r"[\d,:]", phrase):
        return None
    if re.match(_words("prepositions"), phrase) and "的" not in phrase:
        return None
    a = _behind_verbs(text, a, b)
    return (a, b) if a < b and re.search(_words("heads") + r"\Z", phrase) else None


def _object(notes: Notes, low: int, found: Quantity) -> tuple[int, int] | None:
    """What a clause without a figure says is held, where the next says how often: 「开设陶艺课,每周⟦2课时⟧」."""
    text = notes.lines
    if low < 2 or text[low - 1] != "," or found.unit not in load("targets")["indicator"]["events"]:
        return None
    begin, b = _clause(text, low - 1), low - 1
    a, b = next(((x, y) for x, y in _parts(notes, begin, b) if x < y), (b, b))
    acting = _acting(True).match(text, a, b)
    a, begin = _behind_verbs(text, acting.end() if acting else a, b), a
    return (a, b) if begin < a and _regex("held").fullmatch(text, a, b) else None


def _further(notes: Notes, end: int) -> tuple[int, int] | None:
    """The noun behind a second figure that measures the same: 「⟦1200户⟧、9万平方米危旧房改造」."""
    text = notes.lines
    joint = AND_A_FIGURE.match(text, end)
    figure = next(iter(quantities(text[joint.end() : joint.end() + 16])), None) if joint else None
    if joint is None or figure is None or figure.start or figure.percent or figure.unit is None:
        return None
    at = joint.end()
    return _behind(notes, at, at, at + figure.end, figure)


def _shared_out(notes: Notes, start: int, end: int, given: Sequence[Target]) -> str | None:
    """The member of a list that goes with a figure of a list: 「A、B产量分别达到3吨、⟦2吨⟧」.

    The list may stand behind 分别 as well, or be that of the figures before: 「A达到3吨,B达到2吨,分别增长5%、⟦4%⟧」.
    """
    text = notes.lines
    apiece = text.rfind("分别", max(0, start - LEFT), start)
    if apiece < 0 or apiece < (low := _sentence(text, start)):
        return None
    begin = apiece
    if re.search("[由从]", text[apiece:start]) and (rise := re.search("[到至]", text[apiece:start])):
        begin += rise.end()
    run: list[Quantity] = []
    window = text[begin : start + RIGHT]
    for figure in quantities(window):
        if run and not _regex("list_of_figures").fullmatch(window, run[-1].end, figure.start):
            if begin + figure.start > start:
                break
            run = []
        run.append(figure)
    mine = next((at for at, figure in enumerate(run) if start <= begin + figure.start < end), None)
    if mine is None:
        return None
    sentence, low = low, max(low, 1 + max(text.rfind(mark, low, apiece) for mark in ",:"))
    a, b = next(((x, y) for x, y in _parts(notes, low, apiece) if x < y), (low, low))
    a, b = _stripped(text, a, b, None)
    if a == b:
        before = [target for target in given if sentence <= target.start and target.end <= low][-len(run) :]
        if len(run) == len(before) > 1 and _trimmed(text, apiece, begin + run[0].start) == apiece:
            return before[mine].indicator
        a, b = _stripped(text, apiece + 2, begin + run[0].start, None)
    members = MEMBERS.split(notes.text[a:b])
    if len(members) != len(run) or len(members) < 2 or not all(members) or COUNTED.search(text, a, b):
        return None
    ending = re.match(r"分别((?:占比|比重|占))", text[apiece:start])
    tail = ending[1] if ending else _tail(members)
    if tail is None:
        return None
    member = members[mine]
    return member if member.endswith(tail) else member + tail


def _tail(members: list[str]) -> str | None:
    """What the members of a list share and the last alone is written with; None where that is not plain."""
    *others, last = members
    heads = re.compile(rf"的?(?:种植|播种|养殖|[年总日]|年均|平均|人均)?{_words('heads')}\Z")
    if all(heads.search(other) for other in others):
        return ""
    if possessive := re.search(r"的[^的]{2,10}\Z", last):
        return possessive[0]
    near = others[-1]
    end = last.find(near[-1]) + 1 if near[-1] in "级类型" else len(near)  # 「国家级、省级示范校」
    rest, same_kind = last[end:], last[end - 1 : end] == near[-1]
    alike = same_kind or (len(near) in (2, 3) and near not in rest and not _regex("ends_word").match(rest))
    if len(rest) > 1 and alike and (heads.search(rest) or (same_kind and near[-1] in "级类型学中")):
        return rest
    found = heads.search(last)
    return found[0] if found and found.start() and len(found[0]) > 1 else None
