"""Number, issuer, region, years and date of issue."""

from __future__ import annotations

import pytest

from pipeline.model import Block, Document, PlanHead
from pipeline.plans import split
from pipeline.rules import patterns

BODY = """一、工作目标
办学质量稳步提高，群众满意度逐年上升，师生幸福感明显增强。
二、工作措施
各年级组按月检查备课与作业，教研室按学期组织质量分析。"""


def head_of(text: str) -> PlanHead:
    blocks, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(start=at, end=at + len(line)))
        at += len(line) + 1
    document = Document(text=text, blocks=tuple(blocks), format="txt", sha256="0" * 64, bytes=len(text.encode()))
    return split(document)[0]


def years(title: str, body: str = BODY) -> tuple[int | None, int | None]:
    head = head_of(f"{title}\n{body}")
    assert head.title is not None
    return head.year_start, head.year_end


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("青禾县教育局2031年工作计划", (2031, 2031)),
        ("青禾县教育局２０３１年工作计划", (2031, 2031)),
        ("青禾县教育局二〇三一年工作计划", (2031, 2031)),
        ("二〇三一年青禾县教育工作计划", (2031, 2031)),
        ("青禾县教育行动计划（2031—2033年）", (2031, 2033)),
        ("青禾县教育行动计划（2031年至2033年）", (2031, 2033)),
        ("青禾县教育事业发展“十四五”规划", (2021, 2025)),
        ("青禾县教育事业发展十三五规划", (2016, 2020)),
        ("青禾县教育事业发展第十二个五年规划", (2011, 2015)),
        ("青禾中学2030-2031学年德育工作计划", (2030, 2031)),
        ("青禾中学2030—31学年德育工作计划", (2030, 2031)),
        ("青禾中学2030学年德育工作计划", (2030, 2031)),
        ("青禾中学德育工作计划", (None, None)),
        ("青禾中学德育工作计划\n（2030—2031学年度上学期）", (2030, 2031)),
        ("青禾中学发展规划\n2031年9月——2034年8月", (2031, 2034)),
        ("青禾中学四年（2031.9—2035.8）发展计划", (2031, 2035)),
        ("青禾中学活动方案（2008年9-10月）", (2008, 2008)),
        ("青禾中学活动方案（2031年9月至12月）", (2031, 2031)),
    ],
)
def test_years_of_a_title(title: str, expected: tuple[int | None, int | None]) -> None:
    assert years(title) == expected


def test_an_older_document_number_outweighs_a_redated_title() -> None:
    head = head_of(f"2033年青禾县教育工作要点\n青教发〔2029〕65号\n{BODY}")
    assert (head.doc_number, head.year_start, head.year_end) == ("青教发〔2029〕65号", 2029, 2029)
    assert head.warnings == ("title says 2033, document number 2029: 2029 kept",)


def test_the_number_of_the_year_before_does_not() -> None:
    head = head_of(f"2033年青禾县教育工作要点\n青教发〔2032〕65号\n{BODY}")
    assert (head.year_start, head.warnings) == (2033, ())


def test_what_the_text_schedules_outweighs_a_redated_title() -> None:
    head = head_of(f"2033年青禾县教育工作要点\n{BODY}\n2029年3月完成摸底。\n2029年9月完成整改。")
    assert head.year_start == 2029
    assert head.warnings == ("title says 2033, the text schedules 2029: 2029 kept",)


def test_a_heading_names_the_year() -> None:
    body = "一、2030年工作回顾\n成绩来之不易，应当倍加珍惜。\n二、2031年工作安排\n抓实各项重点任务，确保按期完成。"
    assert years("青禾县教育工作计划", body) == (2031, 2031)


@pytest.mark.parametrize(
    ("title", "opening", "expected"),
    [
        ("青禾县教育工作计划", "2031年，全县教育工作的总体思路是：坚持立德树人。", 2031),
        ("青禾县教育工作计划", "2031年，各校将坚持五育并举。", 2031),
        ("青禾县教育工作计划", "2031年是全县教育的关键之年。", 2031),
        ("青禾县教育工作计划", "2031年，我校取得了优异成绩，将继续努力。", None),
        ("青禾县教育工作计划", "2031年我校被评为先进。", None),
        ("青禾中学运动会方案", "一、比赛时间：2031年10月24日至26日", 2031),
        ("青禾中学演练方案", "一、演练时间\n2031年11月8日上午", 2031),
        ("青禾中学读书节方案", "经研究，决定于2031年3月1日至31日开展活动。", 2031),
        ("青禾中学校庆方案", "为庆祝建校50周年（1973年建校），开展活动。", None),
        ("青禾县招商工作计划", "现将我县2031年招商工作打算汇报如下：", 2031),
        ("市第十五中学德育工作计划", "", None),
        ("青禾县任务分解工作计划", "根据市十五届人大四次会议精神，分解任务。", None),
        ("2033年青禾县教育工作计划", "2031年，全县教育工作的总体要求是：坚持立德树人。", 2031),
        ("2033年青禾县教育工作计划", "2032年，我局按照县委总体要求，狠抓落实，成效明显。", 2033),
        ("2033年青禾县教育工作计划", "2032年全县教育工作以高质量发展为总体思路，取得明显成效。", 2033),
        ("青禾县教育工作计划", "2031年是极不平凡的一年，全局上下攻坚克难。", None),
        ("青禾县教育工作计划", "2031年是我校发展的关键一年，教学质量有了提高。", None),
        ("青禾县教育工作计划", "2031年，全局干部按照县委要求，完成各项任务。", None),
        ("青禾县教育工作计划", "2031年，我局坚持绿色发展，完成各项任务。", None),
        ("青禾县教育工作计划", "2031年是为了群众办好教育的关键之年。", 2031),
        ("青禾县教育工作计划", "2031年，全县教育工作按照“一年打基础、两年见成效”的思路推进。", 2031),
        ("青禾县教育工作计划", "2031年，全县教育工作坚持质量第一，办学水平有所提高。", None),
        ("青禾县培训方案", "现将我局2031年培训情况总结如下。", None),
    ],
)
def test_the_first_lines_tell_the_year(title: str, opening: str, expected: int | None) -> None:
    assert years(title, f"{opening}\n{BODY}") == (expected, expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("2031年，毛入园率达到90%。2031年，完成校舍工程。2036年，达到98%。2036年，实现现代化。", None),
        ("2031年，毛入园率达到90%。2031年，完成校舍工程。2036年，达到98%。", 2031),
        ("浓度较2031年下降12%。排放量比2031年下降18%。", None),
    ],
)
def test_the_last_milestone_is_not_the_year_of_a_plan(body: str, expected: int | None) -> None:
    assert years("青禾县教育工作计划", body) == (expected, expected)


def test_a_day_above_the_note_of_release_is_the_day_of_issue() -> None:
    notice = "青禾县教育局关于印发《青禾县课后服务方案》的通知\n现印发给你们，请落实。\n2031年5月11日\n（此件公开发布）"
    head = head_of(f"{notice}\n青禾县课后服务方案\n{BODY}")
    assert (head.issued_on, head.year_start) == ("2031-05-11", 2031)


def test_a_number_in_brackets_behind_a_title_whose_text_runs_on() -> None:
    head = head_of(f"青禾县课后服务意见（青教发〔2031〕9号）各中小学：为做好服务，现提出如下意见。\n{BODY}")
    assert (head.doc_number, head.year_start) == ("青教发〔2031〕9号", 2031)


def test_an_upload_date_is_no_evidence() -> None:
    head = head_of(f"发布时间：2032-05-06\n青禾中学德育工作计划\n{BODY}")
    assert (head.year_start, head.issued_on) == (None, None)


def test_masked_years_are_null() -> None:
    assert years("青禾中学20xx年德育工作计划", BODY + "\nxx年9月开展评比。") == (None, None)


def test_a_cited_number_is_not_the_documents_own() -> None:
    head = head_of(f"青禾中学德育工作计划\n按照《关于课后服务的办法》（青教发〔2029〕65号）要求，安排如下。\n{BODY}")
    assert head.doc_number is None
    assert head.year_start is None


@pytest.mark.parametrize("number", ["青教发〔2031〕9号", "青教[2031]9号", "青政办发（2031）9号", "青教发﹝2031﹞9号"])
def test_document_number_as_written(number: str) -> None:
    assert head_of(f"青禾县教育工作要点\n{number}\n{BODY}").doc_number == number


@pytest.mark.parametrize(
    ("title", "issuer"),
    [
        ("青禾县教育局2031年工作计划", "青禾县教育局"),
        ("青禾县人民政府办公室关于推进校园安全的实施方案", "青禾县人民政府办公室"),
        ("青禾县人民政府关于推进校园安全的意见", "青禾县人民政府"),
        ("青禾县云岭中学2031年工作计划", "青禾县云岭中学"),
        ("云岭小学教学工作计划", "云岭小学"),
        ("2031年教育工作要点", None),
        ("关于推进校园安全的意见", None),
        ("2031年青禾县教育局工作要点", "青禾县教育局"),
        ("2031年度县教育局工作要点", "县教育局"),
        ("青禾县教育局 2031 年工作要点", "青禾县教育局"),
        ("青禾县图书馆2031年工作计划", "青禾县图书馆"),
        ("青禾镇卫生院2031年工作计划", "青禾镇卫生院"),
        ("城东街道2031年消防工作方案", "城东街道"),
        ("九年级组工作计划", "九年级组"),
        ("组织部2031年工作计划", "组织部"),
        ("云岭小学消防演练方案", "云岭小学"),
        ("云岭小学德育处工作计划", "云岭小学德育处"),
        ("求真笃学——云岭小学三年主动发展规划", "云岭小学"),
        ("青禾县教育和体育局推进家校共育工作方案", "青禾县教育和体育局"),
        ("云岭村2031年工作计划", "云岭村"),
        ("青禾县红十字会2031年工作计划", "青禾县红十字会"),
        ("云岭镇卫生院重点工作计划", "云岭镇卫生院"),
        ("内科护理组工作计划", None),
        ("美丽乡村2031年建设计划", None),
        ("图书馆建设三年行动计划", None),
        ("创建省级绿色学校工作规划", None),
        ("校园足球特色学校工作计划", None),
        ("全县中小学安全工作方案", None),
        ("乡镇卫生院医疗质量提升方案", None),
        ("青禾县小学教师培训计划", None),
        ("2031年全县乡镇工作要点", None),
        ("青禾县中学2031年工作计划", "青禾县中学"),
        ("青禾县医院2031年工作计划", "青禾县医院"),
        ("平安小学2031年工作计划", "平安小学"),
        ("青禾县示范幼儿园2031年工作计划", "青禾县示范幼儿园"),
        ("建设小学2031年工作计划", "建设小学"),
        ("建设路小学德育工作计划", "建设路小学"),
        ("建设大道小学2031年工作计划", "建设大道小学"),
        ("优化营商环境办公室2031年工作要点", "优化营商环境办公室"),
        ("组织员办公室2031年工作要点", "组织员办公室"),
        ("政务服务大厅2031年工作要点", "政务服务大厅"),
        ("全州县教育局2031年工作计划", "全州县教育局"),
        ("各庄镇2031年工作计划", "各庄镇"),
        ("城乡建设局2031年工作计划", "城乡建设局"),
        ("中小学教研室2031年工作计划", "中小学教研室"),
        ("新建区教育局2031年工作计划", "新建区教育局"),
        ("驻村工作队2031年工作计划", "驻村工作队"),
        ("大新村2031年工作计划", "大新村"),
        ("红旗街道2031年工作计划", "红旗街道"),
        ("青禾县驻村工作计划", None),
        ("青禾县创建文明村工作方案", None),
        ("青禾镇贫困村工作方案", None),
        ("打击食品加工厂安全工作方案", None),
        ("青禾县社区教育工作方案", None),
        ("青禾县社区2031年工作要点", None),
        ("青禾县开发区教育工作方案", None),
        ("青禾县学校2031年安全工作计划", None),
        ("乡镇卫生院2031年工作方案", None),
        ("城乡小学2031年工作计划", None),
        ("老旧小区社区工作计划", None),
        ("班级图书馆读书计划", None),
        ("本村2031年工作计划", None),
        ("本科教学工作计划", None),
        ("干部教育工作要点", None),
    ],
)
def test_issuer_of_a_title(title: str, issuer: str | None) -> None:
    assert head_of(f"{title}\n{BODY}").issuer == issuer


def test_rules_for_what_is_no_issuer_hit_their_examples_and_not_their_counters() -> None:
    for rule in patterns("issuers", group="not_issuers"):
        assert rule.regex.search(rule.example)
        assert not rule.regex.search(rule.counter)


def test_signature_under_the_plan() -> None:
    head = head_of(f"关于推进校园安全的意见\n{BODY}\n青禾县教育局\n2031年9月1日")
    assert (head.issuer, head.issued_on) == ("青禾县教育局", "2031-09-01")
    assert head.year_start == 2031


@pytest.mark.parametrize(
    "line",
    [
        "青禾县水务局2031年5月6日发布，征求意见截止2031年6月5日。",
        "2031年5月6日青禾县水务局公布，公示期至2031年5月15日。",
        "青禾县水务局　2031年5月6日印发",
    ],
)
def test_who_published_a_plan(line: str) -> None:
    head = head_of(f"关于推进校园安全的意见\n{BODY}\n{line}")
    assert (head.issuer, head.issued_on, head.year_start) == ("青禾县水务局", "2031-05-06", 2031)
    assert head.reading.text.endswith("质量分析。")
    titled = head_of(f"青禾县教育局关于推进校园安全的意见\n{BODY}\n{line}")
    assert titled.issuer == "青禾县教育局"


def test_signature_in_chinese_numerals() -> None:
    head = head_of(f"关于推进校园安全的意见\n{BODY}\n青禾县教育局\n二〇三一年十二月二十一日")
    assert (head.issuer, head.issued_on) == ("青禾县教育局", "2031-12-21")


def test_an_impossible_date_is_no_date() -> None:
    assert head_of(f"关于推进校园安全的意见\n{BODY}\n青禾县教育局\n2031年2月30日").issued_on is None


@pytest.mark.parametrize("line", ["青禾县人民政府县长 王某", "现在，我代表青禾县人民政府向大会报告工作，请予审议。"])
def test_speaker_of_a_report(line: str) -> None:
    head = head_of(f"政府工作报告\n——2031年2月8日在青禾县第九届人民代表大会第一次会议上\n{line}\n{BODY}")
    assert (head.issuer, head.issued_on, head.level) == ("青禾县人民政府", "2031-02-08", "county")


@pytest.mark.parametrize(
    ("line", "issuer"),
    [("现在，我代表县政府，向大会报告工作。", "县政府"), ("现在，我代表全体教职工向大会报告工作。", None)],
)
def test_in_whose_name_a_report_is_given(line: str, issuer: str | None) -> None:
    assert head_of(f"2031年政府工作报告\n{line}\n{BODY}").issuer == issuer


def test_a_government_without_its_place_yields_to_the_title() -> None:
    told = "现在，我代表县政府向大会报告工作。"
    assert head_of(f"青禾县人民政府工作报告\n{told}\n{BODY}").issuer == "青禾县人民政府"


def test_region_by_former_name() -> None:
    head = head_of(f"宣武区教育委员会2005年工作计划\n{BODY}")
    assert (head.region, head.region_code, head.level) == ("宣武区", "110104", "county")


def test_an_ambiguous_region_has_no_code_and_a_warning() -> None:
    head = head_of(f"鼓楼区教育局2020年工作计划\n{BODY}")
    assert (head.region, head.region_code) == ("鼓楼区", None)
    assert any("鼓楼区 is ambiguous" in warning for warning in head.warnings)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("南京市鼓楼区云岭小学2020年工作计划", "school"),
        ("常州市教育局2020年工作计划", "city"),
        ("江苏省教育厅2020年工作要点", "province"),
        ("青禾县教育局2020年工作计划", "county"),
        ("青禾镇人民政府2020年工作计划", "town"),
        ("教育部2020年工作要点", "national"),
        ("德育工作计划", None),
    ],
)
def test_level(title: str, level: str | None) -> None:
    assert head_of(f"{title}\n{BODY}").level == level


def evidence(text: str) -> dict[str, str]:
    """What the evidence of each value says, as it stands in the text."""
    return {name: text[span.start : span.end] for name, span in head_of(text).evidence}


def test_evidence_leads_back_into_the_text() -> None:
    text = f"青禾县教育局文件\n青教发〔2031〕8号\n宣武区关于推进校园安全的意见\n{BODY}\n青禾县教育局\n2031年9月1日"
    assert evidence(text) == {
        "title": "宣武区关于推进校园安全的意见",
        "doc_number": "青教发〔2031〕8号",
        "issuer": "青禾县教育局",
        "region": "宣武区",
        "year": "青教发〔2031〕8号",
        "issued_on": "2031年9月1日",
    }


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (f"青禾县教育局2031年工作计划\n{BODY}", "2031"),
        (f"青禾县教育事业发展“十四五”规划\n{BODY}", "“十四五”"),
        (f"2033年青禾县教育工作要点\n{BODY}\n2029年3月完成摸底。\n2029年9月完成整改。", "2029"),
        (f"青禾中学德育工作计划\n{BODY}", None),
    ],
)
def test_evidence_of_the_year(text: str, year: str | None) -> None:
    assert evidence(text).get("year") == year


@pytest.mark.parametrize(
    ("title", "opening", "expected"),
    [
        ("青禾县学前教育三年行动计划（2031—2033年）", "", (2031, 2033)),
        ("青禾县学前教育三年行动计划", "根据要求，制定2031年至2033年行动计划。\n", (2031, 2033)),
        ("青禾县2031年学前教育三年行动计划", "", (2031, 2033)),
        ("青禾县学前教育三年行动计划", "", (None, None)),
        ("青禾县2031年三年级质量提升工作计划", "", (2031, 2031)),
        ("青禾县第十四个五年规划和二〇三五年远景目标纲要", "", (2021, 2025)),
        ("2022年落实“十四五”规划工作要点", "", (2022, 2022)),
        ("青禾县第六个五年计划（1981一1985）", "", (1981, 1985)),
    ],
)
def test_years_of_a_plan_for_several_years(title: str, opening: str, expected: tuple[int | None, int | None]) -> None:
    assert years(title, opening + BODY) == expected


def test_years_that_were_counted_are_said() -> None:
    assert head_of(f"青禾县2031年学前教育三年行动计划\n{BODY}").warnings == (
        "the 3 years of the plan are counted from 2031",
    )


@pytest.mark.parametrize(
    ("above", "issuer"),
    [
        ("青禾县教育局文件\n青教发〔2031〕8号\n", "青禾县教育局"),
        ("青禾县教育局文件\n", "青禾县教育局"),
        ("青禾县教育局\n青教发〔2031〕8号\n", "青禾县教育局"),
        ("青禾县教育局\n", "青禾县教育局"),
        ("青禾县教育局召开会议部署工作\n", None),
        ("各镇中心校\n青禾县有学校四十所\n", None),
    ],
)
def test_red_head(above: str, issuer: str | None) -> None:
    assert head_of(f"{above}关于推进校园安全的意见\n{BODY}").issuer == issuer


def test_a_signature_outweighs_the_red_head() -> None:
    text = f"青禾县教育局文件\n关于推进校园安全的意见\n{BODY}\n青禾县人民政府\n2031年9月1日"
    assert head_of(text).issuer == "青禾县人民政府"


@pytest.mark.parametrize("signature", ["青禾县教育局 2031年9月1日", "青禾县教育局（代章）\n2031年9月1日"])
def test_forms_of_a_signature(signature: str) -> None:
    head = head_of(f"关于推进校园安全的意见\n{BODY}\n{signature}")
    assert (head.issuer, head.issued_on) == ("青禾县教育局", "2031-09-01")


def test_of_several_units_that_sign_the_first_issues() -> None:
    signed = "青禾县教育局\n（青禾县语言文字工作委员会）\n青禾县财政局\n2031年9月1日"
    head = head_of(f"关于推进校园安全的意见\n{BODY}\n{signed}")
    assert (head.issuer, head.issued_on) == ("青禾县教育局", "2031-09-01")
    assert head.reading.text.endswith("质量分析。")


@pytest.mark.parametrize("line", ["各校将进展情况报县教育局办公室", "（二）改扩建县第二中学", "成员单位：\n县发改局"])
def test_what_ends_as_a_units_name_does_signs_nothing(line: str) -> None:
    head = head_of(f"关于推进校园安全的意见\n{BODY}\n{line}\n青禾县教育局\n2031年9月1日")
    assert (head.issuer, head.issued_on) == ("青禾县教育局", "2031-09-01")
    assert head.reading.text.endswith(line)


def test_a_signature_broken_over_two_lines() -> None:
    title = "青禾县青蓝工程领导小组办公室关于印发《青禾县2031年教育工作要点》的通知"
    text = f"{title}\n青禾县“青蓝”工程\n领导小组办公室\n2031年9月1日\n青禾县2031年教育工作要点\n{BODY}"
    assert head_of(text).issuer == "青禾县青蓝工程领导小组办公室"


def test_a_signature_before_the_attachments() -> None:
    text = f"关于推进校园安全的意见\n{BODY}\n青禾县教育局\n2031年9月1日\n附件1\n任务分工表\n1.教学组\n负责备课。"
    head = head_of(text)
    assert (head.issuer, head.issued_on) == ("青禾县教育局", "2031-09-01")
    assert text[head.start : head.end].endswith("负责备课。")
    assert "2031年9月1日" not in head.reading.text
    assert "青禾县教育局" not in head.reading.text


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("青禾县中小学校园安全工作方案", "county"),
        ("青禾县创建全国义务教育优质均衡县实施方案", "county"),
        ("青禾县国民经济和社会发展第十四个五年规划纲要", "county"),
        ("国民经济和社会发展第十四个五年规划纲要", "national"),
        ("青禾县普惠性幼儿园扶持工作方案", "county"),
        ("青禾中学德育工作计划", "school"),
    ],
)
def test_level_of_a_title(title: str, level: str) -> None:
    assert head_of(f"{title}\n{BODY}").level == level


def test_the_state_council_reports() -> None:
    head = head_of(f"2031年政府工作报告\n各位代表：\n我代表国务院作一年来的工作报告。\n{BODY}")
    assert (head.issuer, head.level) == ("国务院", "national")


def test_region_of_the_place_of_a_report() -> None:
    text = (
        f"政府工作报告\n——2021年2月8日在江苏省第九届\n人民代表大会上\n现在，我代表省人民政府，向大会报告工作。\n{BODY}"
    )
    head = head_of(text)
    assert (head.region_code, head.issuer, head.issued_on) == ("320000", "省人民政府", "2021-02-08")


def test_region_of_the_place_of_a_report_in_brackets() -> None:
    place = "（2031年1月8日在云南省第二十届人民代表大会第四次会议上）"
    head = head_of(f"政府工作报告\n{place}\n各位代表：\n{BODY}")
    assert (head.region, head.issued_on) == ("云南省", "2031-01-08")


def test_the_place_of_a_report_outweighs_the_head_of_its_page() -> None:
    place = "——2031年1月8日在云南省第二十届人民代表大会第四次会议上"
    head = head_of(f"云南要闻\n云南日报\n2031年政府工作报告\n{place}\n各位代表：\n{BODY}")
    assert head.region == "云南省"


def test_traditional_characters() -> None:
    head = head_of(f"江蘇省教育廳2020年工作計劃\n{BODY}")
    assert (head.title, head.kind) == ("江蘇省教育廳2020年工作計劃", "plan")
    assert (head.issuer, head.region, head.region_code) == ("江蘇省教育廳", "江苏省", "320000")


def test_short_names_of_autonomous_prefectures() -> None:
    assert head_of(f"延边州教育局2020年工作计划\n{BODY}").region_code == "222400"
    assert head_of(f"黔东南州教育局2020年工作计划\n{BODY}").region_code == "522600"
