"""Links inside a plan: each record to its item, each target to the deadline that governs it.

A target is governed by the nearest date, period or duration before it in its sentence (「到2025年,新建
5所、改建3所」 governs both), else by one that opens an earlier sentence of its item, else by the first behind it in
its sentence (「3年内」 may follow) where that tells when it is done, else by that of the words which its list hangs on
(「今年的目标是:…;…」, 「到2028年,…;…」). How fast a service is (「3个工作日内反馈」) is the deadline of no target. A
time in a bracket with a part (「其中2025年为5所」) is that of the part alone. In a row of a table the time of its cell,
of the head of its column or of the column for times goes before. A recurrence is the rate of a target, never its
deadline.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from pipeline.extract.notes import LAYERS, Link, Notes, Passage
from pipeline.model import Deadline, Found, Target
from pipeline.numbers import quantities

END = re.compile(r"[。;!?\n]")
SENTENCE = re.compile(r"[^。;!?\n\t:]*\Z")
CLAUSE_END = re.compile(r"[,\t]")
OPENING = re.compile(
    r"[\s\d.()一二三四五六七八九十、是—“-]*(?:力争|确保|争取|预计|计划|目标|总的|其中|我[们省市县区校]|全[省市县区校])*"
)
"""What may stand between the beginning of a sentence and the time that opens it."""
PART = re.compile(r"\((?:其中|含)[^()。;\n]*")
MOST_AIMS = 30
"""Aims of a list that are looked at for the words that it hangs on."""
SERVICE = re.compile(r"(?:小时|分钟|工作日)之?以?内|[当次][日天]")
"""A time that tells how fast a service is, or on what day of its own."""
SHORT = re.compile(r"(?<![\d十百])(?:\d|[一二两三五七十])[日天]之?以?内|提前")
"""A time that tells so too, unless it says by when something counted is carried out."""
CARRIED_OUT = re.compile(
    r"[^,。;:]{0,6}?(?:完成|完毕|到位|竣工|建成)(?!率|情况|后)|(?:培训|改造|走访|清理|拆除|安置|新建|招聘|整改)(?![^,。;:]{0,6}率)"
)
DONE = re.compile(
    r"(?![^,。;:]{0,6}(?:表彰|公布|公示|反馈|通报|汇报|总结|评比|抽查))"
    r"[^,。;:]{0,12}?(?:完成|建成|竣工|开工|投[产用入]|启[用动]|运[行营]|实现|达[到标产]|到位|交付|结束|落[实地]|办结"
    r"|[,。;:)]|$)"
)
"""What is told of a target where its time comes behind it: that it is done (「新建5所,2027年底前完成」), or a few words
(「3月底前栽完」), and no further action."""
IN_TIME = re.compile(r"(?!,?(?:各项|全部|总体|主要|既定|规划))[^,。;:\d]{1,16}如期(?:实现|完成|达到|达成),")
"""What a time is of that stands amid the figures of a list: 「增长5%,2035年前脱盲任务如期完成,⟦66%⟧」."""
FURTHER = re.compile("[,;]")
SHARED = re.compile(r"[到至]|“?(?:十[一二三四五六七八]?|[六七八九])五|[今本]年")
"""How a time begins that opens a list of aims and holds for each: 「到2028年,…;…;…」."""
TERMS = re.compile(r"[^,。;:]{1,10},[^,。;:]{0,6}(?:条件|要求|流程|材料|须知)如下:")
"""With what a line leads in the terms of something due at its time, no list of what is due: 「6月前报名,条件如下:」."""
AIMS = re.compile(r"(?:目标|任务|指标)[^,。;:]{0,8}:")


def annotate(notes: Notes) -> None:
    """Set `item` in the records of every layer, and `deadline` in the targets."""
    for layer, linked in links(notes).items():
        pairs = zip(notes.found[layer], linked, strict=True)
        notes.found[layer] = tuple([replace(record, **values) for record, values in pairs])


def links(notes: Notes) -> dict[str, list[Link]]:
    """What `annotate` sets in each record of each layer, by the names of its fields."""
    items = [(span.start, span.end) for span in notes.items]
    result: dict[str, list[Link]] = {
        layer: [{"item": item_of(items, record)} for record in notes.found[layer]] for layer in LAYERS
    }
    times: list[Deadline] = list(notes.found["deadlines"])
    for target, values in zip(notes.found["targets"], result["targets"], strict=True):
        values["deadline"] = _governing(notes, items, times, target, values["item"])
    return result


def item_of(items: Sequence[tuple[int, int]], record: Found) -> int | None:
    """The index of the item in whose span a record begins.

    Args:
        items: where the items stand, in order, none overlapping another.
        record: with offsets in the same text.
    """
    index = bisect_right(items, (record.start, float("inf"))) - 1
    return index if index >= 0 and items[index][0] <= record.start < items[index][1] else None


def governing(
    text: str, items: Sequence[tuple[int, int]], times: Sequence[Deadline], target: Target, item: int | None
) -> int | None:
    """The index of the deadline that governs a target.

    Args:
        text: folded text of the plan.
        items: where the items stand.
        times: the plan's deadlines in reading order.
        target: one of its targets.
        item: index of the target's item.
    """
    if item is None:
        return None
    low, high = items[item]
    at = bisect_right(times, target.start, key=lambda time: time.start)
    for i in range(at - 1, -1, -1):
        if times[i].start < low:
            break
        if times[i].kind == "recur" or _of_service(text, times[i], target) or _of_part(text, low, times[i], target):
            continue
        if IN_TIME.match(text, times[i].end, target.start):
            continue
        if target.per and times[i].text.startswith("全年") and FURTHER.search(text, times[i].end, target.start):
            break  # 「全年集中学习12次,支部每月⟦1次⟧」
        if _reaches(text, low, times[i], target):
            return i
        break
    end = END.search(text, target.end, high)
    until = end.start() if end else high
    for i in range(at, len(times)):
        if times[i].start >= until:
            break
        if times[i].kind == "recur" or _of_service(text, times[i], target):
            continue
        if _of_part(text, target.end, times[i], target):
            continue
        further = FURTHER.search(text, target.end, times[i].start)
        rate = target.per and "能力" not in text[max(low, target.start - 6) : target.start]  # 「日处理能力达到2万吨」
        if _of_another(text, target, times[i], until) or (rate and further):
            break  # 「每月检查⟦1次⟧,次月5日前上报」
        return i
    return _of_aims(text, items, times, item)


def _of_service(text: str, time: Deadline, target: Target) -> bool:
    """Whether a time tells how fast a service is: 「3天内反馈」, not 「3天内完成走访⟦500户⟧」."""
    if SERVICE.search(time.text):
        return True
    if not SHORT.search(time.text):
        return False
    apart = time.end <= target.start and "," in text[time.end : target.start]
    upon = text.endswith(("后", "起"), 0, time.start)
    measured = target.unit == "%" or target.per is not None  # 「每月检查⟦一次⟧,隐患3天内整改到位」
    return apart or upon or measured or not CARRIED_OUT.match(text, time.end)


def _of_part(text: str, low: int, time: Deadline, target: Target) -> bool:
    """Whether a time stands with a part, in a bracket that the target is outside of: 「5所(其中2025年3所)」."""
    part = PART.search(text, low, time.start)
    inside = part is not None and part.end() == time.start
    return inside and (target.start < time.start or ")" in text[time.end : target.start])


def _reaches(text: str, low: int, time: Deadline, target: Target) -> bool:
    """Whether a time in front of a target holds for it: it is in its sentence, opens an earlier one or is its head."""
    if not END.search(text, time.end, target.start) or text.startswith(":", time.end):
        return True
    sentence = SENTENCE.search(text, low, time.start)
    return sentence is not None and OPENING.fullmatch(sentence[0]) is not None


def _of_another(text: str, target: Target, time: Deadline, until: int) -> bool:
    """Whether a time behind a target is of a further clause, with its own figure (「⟦5所⟧,2026年扩建3所」) or of
    another action (「评选⟦5人⟧,5月集中表彰」)."""
    between = text[target.end : time.start].replace(", ", ",")
    if "," not in between:
        return False
    clause = CLAUSE_END.search(text, time.end, until)
    own = text[time.end : clause.start() if clause else until]
    if any(quantities(own)) or IN_TIME.match(text, time.end):
        return True
    return "," in between.rpartition(" ")[2] and not DONE.match(text, time.end, until)  # a space parts cells


def _of_aims(text: str, items: Sequence[tuple[int, int]], times: Sequence[Deadline], item: int) -> int | None:
    """The time of the words that a list of aims hangs on, one aim an item: 「今年主要目标是:产值增长6%;⟦3%⟧…」."""
    for head in range(item - 1, max(item - MOST_AIMS, 0) - 1, -1):
        if not text[items[head][0] : items[head + 1][0]].rstrip(" ").endswith(";"):
            break
        aims = AIMS.search(text, *items[head])
        if aims:
            at = bisect_right(times, aims.start(), key=lambda time: time.start) - 1
            named = at >= 0 and times[at].start >= items[head][0] and times[at].kind != "recur"
            return at if named else None
        opening = _opening(text, items[head], times)
        if opening is not None:
            return opening if SHARED.match(times[opening].text) else None
    return None


def _opening(text: str, item: tuple[int, int], times: Sequence[Deadline]) -> int | None:
    """The index of the time that opens an item."""
    at = bisect_left(times, item[0], key=lambda time: time.start)
    opens = at < len(times) and times[at].start < item[1] and times[at].kind != "recur"
    return at if opens and OPENING.fullmatch(text, item[0], times[at].start) else None


def _of_lead(notes: Notes, times: Sequence[Deadline], item: int | None) -> int | None:
    """The time of the line that leads in a list, which stands in its section or below: 「到2028年,力争实现:」."""
    if item is None:
        return None
    text, place = notes.folded, notes.items[item]
    leads = _leads(notes)
    for at in range(bisect_left(leads, item) - 1, -1, -1):
        head = leads[at]
        if head < item - MOST_AIMS:
            break
        lead = notes.items[head]
        if (opening := _opening(text, lead[:2], times)) is not None:
            below = bool(lead.path) and len(place.path) > len(lead.path) and place.path[: len(lead.path)] == lead.path
            if TERMS.match(text, times[opening].end, lead.end):
                return None
            return opening if lead.section == place.section or below else None
    return None


def _leads(notes: Notes) -> list[int]:
    """The items that end in a colon, by their index."""
    if "leads" not in notes.kept:
        notes.kept["leads"] = [at for at, item in enumerate(notes.items) if notes.folded.startswith(":", item.end - 1)]
    found: list[int] = notes.kept["leads"]
    return found


def _governing(
    notes: Notes,
    items: Sequence[tuple[int, int]],
    times: Sequence[Deadline],
    target: Target,
    item: int | None,
) -> int | None:
    """The index of the deadline that governs a target, in a row of a table by its cells."""
    row = notes.rows.get(item) if item is not None else None
    if row is not None:
        own = next(((cell[1:], head) for cell, head in row.headed if _in_place(cell[1:], target)), None)
        columns = [(start, end) for name, start, end in row.cells if name == "deadline"]
        if columns and own and own[0] not in columns and _spans_rows(notes, row, item, own[0]):
            # The times of the rows are those of its steps, but for one that is a whole year's.
            columns = [place for place in columns if any(_in_place(place, t) and _of_a_year(t) for t in times)]
            if not columns:
                return next((i for i, t in enumerate(times) if _in_place(own[0], t) and t.kind != "recur"), None)
        for stretch in (*(own or ()), *reversed(columns)):
            low, high = (bisect_left(times, at, key=lambda time: time.start) for at in stretch or (0, 0))
            within = [index for index in range(low, high) if times[index].kind != "recur"]
            if within:
                before = [index for index in within if times[index].start < target.start]
                if stretch in columns and own and stretch != own[0]:
                    return within[-1]  # 「3月启动,12月验收」
                return before[-1] if own and before and stretch == own[0] else within[0]
    found = governing(notes.folded, items, times, target, item)
    return _of_lead(notes, times, item) if found is None and row is None else found


def _spans_rows(notes: Notes, row: Passage, item: int | None, cell: tuple[int, int]) -> bool:
    """Whether a cell is one with that below it, which says the same under the same head."""
    below = notes.rows.get(item + 1) if item is not None else None
    if below is None:
        return False
    said = {(column, notes.text[a:b].strip()) for column, a, b in below.cells}
    return any((column, notes.text[a:b].strip()) in said for column, a, b in row.cells if (a, b) == cell)


def _in_place(place: tuple[int, int], record: Found) -> bool:
    return place[0] <= record.start < place[1]


def _of_a_year(time: Deadline) -> bool:
    return time.since is not None and time.since.endswith("-01-01") and f"{time.since[:5]}12-31" == time.until
