"""Links: records to items, targets to the deadlines that govern them."""

import re
from itertools import pairwise

import pytest

from pipeline.extract import deadlines, link, targets
from pipeline.extract.notes import Passage
from pipeline.model import Goal
from tests.made import notes_of, notes_of_lines


def linked(*lines):
    """The targets of a plan of one item a line, each with the text of its deadline and its item."""
    notes = notes_of_lines(*lines, years=(2026, 2028))
    for annotate in (deadlines.annotate, targets.annotate, link.annotate):
        annotate(notes)
    times = notes.found["deadlines"]
    return [(t.text, None if t.deadline is None else times[t.deadline].text, t.item) for t in notes.found["targets"]]


def test_a_date_governs_the_list_behind_it():
    assert linked("到2028年，新建学校5所、改造校舍3栋。") == [("5所", "到2028年", 0), ("3栋", "到2028年", 0)]


def test_the_nearest_date_governs():
    assert linked("到2027年建成3所，到2028年建成5所。") == [("3所", "到2027年", 0), ("5所", "到2028年", 0)]


def test_a_recurrence_is_a_rate():
    assert linked("每学期听课不少于20节。") == [("不少于20节", None, 0)]
    assert linked("到2028年，每学期听课不少于20节。") == [("不少于20节", "到2028年", 0)]


def test_a_duration_behind_the_target_governs_in_its_sentence_alone():
    assert linked("新建学校5所，力争3年内完成。") == [("5所", "3年内", 0)]
    assert linked("新建学校5所。力争3年内完成。") == [("5所", None, 0)]


def test_no_deadline_from_another_item():
    assert linked("到2028年完成改造。", "新建学校5所。") == [("5所", None, 1)]


def test_a_date_governs_the_later_sentences_of_its_item():
    assert linked("到2028年全面建成。新增学位300个。") == [("300个", "到2028年", 0)]


def test_a_time_inside_an_earlier_sentence_governs_nothing_behind_it():
    assert linked("落实2028年远景规划。新增学位300个。") == [("300个", None, 0)]
    assert linked("5月底举办歌会，11月召开运动会。近视率降到40%。") == [("40%", None, 0)]
    assert linked("一是力争2028年全面建成。新增学位300个。") == [("300个", "2028年", 0)]


def test_a_time_in_a_bracket_is_that_of_the_part():
    assert linked("年均产量46万吨（其中2028年为48万吨），比上期增加2万吨。") == [
        ("46万吨", None, 0),
        ("48万吨", "2028年", 0),
        ("2万吨", None, 0),
    ]
    assert linked("新建学校5所（2027年底前完成）。") == [("5所", "2027年底前", 0)]


def test_a_time_behind_belongs_to_the_figure_of_its_clause():
    assert linked("新增就业3000人以上，失业率全年控制在5%以内。") == [
        ("3000人以上", None, 0),
        ("5%以内", "全年", 0),
    ]
    assert linked("新建学校5所、改建3所，2027年底前完成。") == [("5所", "2027年底前", 0), ("3所", "2027年底前", 0)]


@pytest.mark.parametrize("done", ["建成投用", "前栽完", "全部竣工", "开学"])
def test_a_time_behind_tells_when_a_target_is_done(done):
    assert linked(f"新建渔港5座，2027年9月{done}。") == [("5座", f"2027年9月{'前' if done[0] == '前' else ''}", 0)]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("提前一个月完成招生300人。", "提前一个月"),
        ("3天内培训船员200人。", "3天内"),
        ("整改隐患30处，两天内整改完毕。", "两天内"),
    ],
)
def test_a_short_time_in_which_something_is_carried_out_is_a_deadline(text, due):
    assert [time for _, time, _ in linked(text)] == [due]


@pytest.mark.parametrize(
    "text",
    [
        "评选优秀船员⟦5名⟧，9月集中表彰。",
        "评选优秀船员⟦5名⟧, 6月表彰。",
        "接到求助后3天内完成回复，满意率⟦98%⟧。",
        "每月检查渔船⟦一次⟧，隐患3天内整改到位。",
        "每月抽检⟦1次⟧，抽检结果3个工作日内反馈。",
        "渔船准点率⟦98%⟧，海上求助5分钟内响应。",
        "船队每两周集训⟦一次⟧，教练提前一周发通知。",
        "海上求助24小时内响应率⟦100%⟧。",
        "船票⟦3万张⟧，渔政站4月起对无证船只开展为期两周的专项执法。",
    ],
)
def test_a_time_of_another_action_or_of_a_service_is_no_deadline(text):
    (target,) = (marked[1:-1] for marked in re.findall("⟦[^⟧]*⟧", text))
    assert linked(re.sub("[⟦⟧]", "", text)) == [(target, None, 0)]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("中心组全年集中学习12次，支部每月学习1次。", ["全年", None]),
        ("每月开展质量检查一次，并将结果于9月5日前上报。", [None]),
        ("到2028年，教师每学期听课不少于20节。", ["到2028年"]),
        ("建成日处理能力2万吨的水厂1座，2027年6月底前投用。", ["2027年6月底前", "2027年6月底前"]),
    ],
)
def test_a_rate_takes_no_time_of_another_clause(text, times):
    assert [time for _, time, _ in linked(text)] == times


def test_what_is_reached_in_time_amid_a_list_has_a_time_of_its_own():
    text = "到2028年，渔业占比达到12%，2027年前禁渔目标如期实现，城镇化率达到66%。"
    assert linked(text) == [("12%", "到2028年", 0), ("66%", "到2028年", 0)]
    assert linked("到2028年各项目标如期实现，入学率达到99%。") == [("99%", "到2028年", 0)]


def linked_parts(*parts):
    """As `linked`, where each part is an item of one run of text, with its section and the path of that."""
    text, items = "", []
    for part, section, path in parts:
        items.append(Passage(len(text), len(text) + len(part), section, path))
        text += part + "\n"
    notes = notes_of(text, years=(2026, 2028))
    notes.items = items
    for annotate in (deadlines.annotate, targets.annotate, link.annotate):
        annotate(notes)
    times = notes.found["deadlines"]
    return [None if t.deadline is None else times[t.deadline].text for t in notes.found["targets"]]


def test_a_line_that_leads_in_a_list_gives_its_time():
    assert linked_parts(
        ("到2028年，力争实现：", 1, ("目标",)),
        ("新建渔港5座。", 1, ("目标",)),
        ("渔船更新率达到90%。", 2, ("目标", "更新")),
        ("安排资金300万元。", 3, ("保障",)),
    ) == ["到2028年", "到2028年", None]
    assert linked_parts(
        ("到2027年底：", 1, ("目标",)),
        ("新建渔港3座。", 1, ("目标",)),
        ("到2028年底：", 1, ("目标",)),
        ("新建渔港5座。", 1, ("目标",)),
    ) == ["到2027年底", "到2028年底"]
    assert linked_parts(("8月20日前报名，条件如下：", 1, ("报名",)), ("推荐教练5名。", 1, ("报名",))) == [None]


def test_a_list_of_aims_has_the_time_that_opens_it():
    def due(text):
        notes = notes_of(text, years=(2026, 2028))
        cuts = [0, *(mark.end() for mark in re.finditer("[；。]", text))]
        notes.items = [Passage(a, b, 0, (), ()) for a, b in pairwise(cuts)]
        for annotate in (deadlines.annotate, targets.annotate, link.annotate):
            annotate(notes)
        times = notes.found["deadlines"]
        return [None if t.deadline is None else times[t.deadline].text for t in notes.found["targets"]]

    assert due("到2028年，渔民收入达到5万元；入托率达到60%。建成书屋3间。") == ["到2028年", "到2028年", None]
    assert due("到2028年，新建渔港6座；2026年绿化2万亩；培训船员200人。") == ["到2028年", "2026年", None]
    assert due("3月底前完成动员；检查渔船50艘。") == [None]
    assert due("“五一”前召开会议；培训船员50人。") == [None]


def test_a_list_of_aims_has_the_time_of_its_lead():
    notes = notes_of(
        "今年主要预期目标是：工业增加值增长7%；新增就业2万人；粮食产量稳定在9亿斤。启动扩建工程5项；绿化2万亩。"
    )
    cuts = [0, *(mark.end() for mark in re.finditer("[；。]", notes.text))]
    notes.items = [Passage(a, b, 0, (), ()) for a, b in pairwise(cuts)]
    for annotate in (deadlines.annotate, targets.annotate, link.annotate):
        annotate(notes)
    assert [t.deadline for t in notes.found["targets"]] == [0, 0, 0, None, None]


def test_a_cell_over_several_rows_has_no_time_of_one_step():
    lines = ("新增课题20项\t3月：动员", "新增课题20项\t9月：申报", "新建机房4间\t3月：启动；12月：验收")
    notes = notes_of_lines(*lines)
    ends = [line.index("\t") for line in lines]
    notes.items = [
        Passage(start, end, 0, (), (("task", start, start + tab), ("deadline", start + tab + 1, end)))
        for (start, end, *_), tab in zip(notes.items, ends, strict=True)
    ]
    for annotate in (deadlines.annotate, targets.annotate, link.annotate):
        annotate(notes)
    times = notes.found["deadlines"]
    due = [None if t.deadline is None else times[t.deadline].text for t in notes.found["targets"]]
    assert due == [None, "12月"]


def test_every_layer_gets_its_item():
    notes = notes_of_lines("甲。", "乙。")
    notes.found["goals"] = (Goal(start=3, end=5, text="乙。", rule="by_hand"),)
    link.annotate(notes)
    (goal,) = notes.found["goals"]
    assert goal.item == 1


@pytest.mark.parametrize(("at", "item"), [(0, 0), (3, None), (5, 1)])
def test_item_of(at, item):
    record = Goal(start=at, end=at + 1, text="x", rule="by_hand")
    assert link.item_of([(0, 3), (5, 8)], record) == item
