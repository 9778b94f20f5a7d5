"""Word documents: text as Word shows it, numbering, tables, and what is left out."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.errors import Damaged, EmptyFile, ReadError
from pipeline.model import Document
from pipeline.read import detect, docx, read
from pipeline.read.numbering import shown
from pipeline.read.source import Source
from tests.made import grid, texts

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def package(body: str, **parts: str) -> bytes:
    """A document of the given body; `parts` are the contents of styles, numbering, footnotes, endnotes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {NAMES}>{content}</w:{name}>")
    return buffer.getvalue()


def document_of(body: str, **parts: str) -> Document:
    return docx.read(Source.of(package(body, **parts), "plan.docx"))


def p(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{r(text, run)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def listed(text: str, level: int = 0, name: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{name}"/></w:numPr>')


def level(at: int, digits: str, pattern: str, more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{digits}"/>'
        f'<w:lvlText w:val="{pattern}"/>{more}</w:lvl>'
    )


def abstract(name: int, *content: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{name}">{"".join(content)}</w:abstractNum>'


def num(name: int, of: int, more: str = "") -> str:
    return f'<w:num w:numId="{name}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'


PLAN = abstract(
    7,
    level(0, "chineseCounting", "%1、"),
    level(1, "chineseCountingThousand", "（%2）"),
    level(2, "decimal", "%3."),
    level(3, "decimalEnclosedCircle", "%4"),
)


def test_text_of_runs() -> None:
    document = document_of(
        "<w:p><w:r><w:t>关于</w:t></w:r><w:ins><w:r><w:t>做好</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>搞好</w:delText></w:r></w:del>"
        "<w:smartTag><w:r><w:t>2031年</w:t></w:r></w:smartTag><w:hyperlink><w:r><w:t>工作</w:t></w:r></w:hyperlink>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:t>A</w:t><w:noBreakHyphen/><w:t>B</w:t><w:tab/>"
        '<w:t>的通知</w:t><w:sym w:font="Wingdings" w:char="F0FE"/></w:r></w:p>'
    )
    assert document.text == "关于做好2031年工作A-B 的通知☑"
    assert document.format == "docx"
    assert document.pages is None


def test_breaks_end_a_block_and_deleted_marks_join_two() -> None:
    document = document_of(
        "<w:p><w:r><w:t>上行</w:t><w:br/><w:t>下行</w:t><w:cr/></w:r></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p><w:p><w:r><w:t>后半</w:t></w:r></w:p>"
    )
    assert texts(document) == ["上行", "下行", "前半后半"]
    assert document.text == "上行\n下行\n前半后半"


def test_fields_show_their_results_and_contents_are_left_out() -> None:
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "separate", "end"))
    document = document_of(
        f"<w:p>{begin}<w:r><w:instrText>TOC \\o</w:instrText></w:r>{separate}{r('一、目标 1')}</w:p>"
        f"<w:p>{r('二、任务 2')}{end}</w:p>"
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{p('目录')}</w:sdtContent></w:sdt>"
        f"{p('三、保障 3', '<w:pStyle w:val=TOC1/>'.replace('TOC1', chr(34) + 'TOC1' + chr(34)))}"
        f"<w:sdt><w:sdtContent>{p('控件里的正文')}</w:sdtContent></w:sdt>"
        f"<w:p>{r('共')}{begin}<w:r><w:instrText>SEQ x</w:instrText></w:r>{separate}{r('5')}{end}{r('项')}</w:p>",
        styles='<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>',
    )
    assert texts(document) == ["控件里的正文", "共5项"]


def test_text_boxes_once_and_notes_last() -> None:
    box = f"<w:txbxContent>{p('文本框')}</w:txbxContent>"
    document = document_of(
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r><w:r><mc:AlternateContent>"
        f"<mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        f"{p('末段')}",
        footnotes=f'<w:footnote w:id="0" w:type="separator">{p("线")}</w:footnote>'
        f'<w:footnote w:id="2">{p("脚注")}</w:footnote>',
    )
    assert texts(document) == ["正文", "文本框", "末段", "脚注"]
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph", "paragraph", "note"]


def test_a_field_that_does_not_end_hides_no_text() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>'
    document = document_of(f"<w:p>{r('见')}{begin}{r('附件。')}</w:p>{p('一、目标')}")
    assert texts(document) == ["见附件。", "一、目标"]


def test_prompts_of_content_controls_are_left_out_and_wordart_is_read() -> None:
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('单击此处输入文字')}</w:sdtContent></w:sdt>"
    art = '<w:r><w:pict><v:shape><v:textpath string="青禾县教育局文件"/></v:shape></w:pict></w:r>'
    document = document_of(f"<w:p>{r('单位：')}{prompt}</w:p><w:p>{art}</w:p>{p('正文')}")
    assert texts(document) == ["单位：", "青禾县教育局文件", "正文"]


def test_numbers_are_written_out() -> None:
    document = document_of(
        listed("目标")
        + listed("年度", 1)
        + listed("总体", 1)
        + listed("培训", 2)
        + listed("听课", 2)
        + listed("每周", 3)
        + p("正文")
        + listed("任务")
        + listed("教研", 1)
        + p("无号", '<w:numPr><w:numId w:val="0"/></w:numPr>'),
        numbering=PLAN + num(1, 7),
    )
    assert texts(document) == [
        "一、目标",
        "（一）年度",
        "（二）总体",
        "1. 培训",
        "2. 听课",
        "①每周",
        "正文",
        "二、任务",
        "（一）教研",
        "无号",
    ]
    first, training = document.blocks[0], document.blocks[3]
    assert document.text[first.start : first.label_end] == "一、"
    assert document.text[training.start : training.label_end] == "1."
    assert [block.outline for block in document.blocks] == [1, 2, 2, 3, 3, 4, None, 1, 2, None]
    assert document.blocks[6].label_end is None


def test_restarts_and_overrides() -> None:
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    document = document_of(
        "".join(listed(text, 0, name) for text, name in (("甲", 1), ("乙", 2), ("丙", 3), ("丁", 3), ("戊", 1))),
        numbering=PLAN + num(1, 7) + num(2, 7) + num(3, 7, restart),
    )
    assert texts(document) == ["一、甲", "二、乙", "五、丙", "六、丁", "七、戊"]
    kept = abstract(7, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2", '<w:lvlRestart w:val="0"/>'))
    document = document_of(listed("甲") + listed("乙", 1) + listed("丙") + listed("丁", 1), numbering=kept + num(1, 7))
    assert texts(document) == ["1. 甲", "1.1 乙", "2. 丙", "2.2 丁"]


def test_legal_digits_bullets_and_suffix() -> None:
    rules = abstract(
        1,
        level(0, "chineseCounting", "第%1章"),
        level(1, "decimal", "%1.%2", "<w:isLgl/>"),
        level(2, "bullet", "●"),
        level(3, "decimal", "(%4)", '<w:suff w:val="nothing"/>'),
        level(4, "none", "附："),
    )
    document = document_of("".join(listed("条目", at) for at in range(5)), numbering=rules + num(1, 1))
    assert texts(document) == ["第一章条目", "1.1 条目", "条目", "(1)条目", "附：条目"]


def test_numbering_through_styles() -> None:
    styles = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/>'
        '<w:rPr><w:sz w:val="32"/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr>'
        '<w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/><w:jc w:val="center"/></w:pPr>'
        "<w:rPr><w:b/></w:rPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="3"><w:name w:val="heading 3"/><w:basedOn w:val="2"/><w:pPr>'
        '<w:numPr><w:numId w:val="0"/></w:numPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
        '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="8"/></w:numPr></w:pPr></w:style>'
    )
    numbering = (
        abstract(1, '<w:numStyleLink w:val="L"/>')
        + abstract(
            2,
            '<w:styleLink w:val="L"/>',
            level(0, "chineseCounting", "%1、", '<w:pStyle w:val="1"/>'),
            level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="2"/>'),
        )
        + num(1, 1)
        + num(8, 2)
    )
    body = "".join(
        p(text, f'<w:pStyle w:val="{style}"/>') for text, style in (("甲", 1), ("乙", 2), ("丙", 2), ("丁", 3))
    )
    document = document_of(body + p("戊"), styles=styles, numbering=numbering)
    assert texts(document) == ["一、甲", "（一）乙", "（二）丙", "丁", "戊"]
    assert [block.outline for block in document.blocks] == [1, 1, 1, None, None]
    assert [block.bold for block in document.blocks] == [True, True, True, True, False]
    assert [block.centred for block in document.blocks] == [True, True, True, True, False]
    assert {block.size for block in document.blocks} == {16.0}


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("decimal", {1: "1", 12: "12"}),
        ("decimalZero", {1: "01", 12: "12"}),
        ("upperRoman", {4: "IV", 1999: "MCMXCIX"}),
        ("lowerRoman", {9: "ix"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA", 28: "BB"}),
        ("lowerLetter", {3: "c"}),
        ("chineseCounting", {9: "九", 10: "十", 11: "十一", 20: "二十", 99: "九十九", 101: "一〇一"}),
        ("chineseCountingThousand", {10: "十", 100: "一百", 101: "一百零一", 110: "一百一十", 2005: "二千零五"}),
        ("taiwaneseCounting", {15: "十五"}),
        ("taiwaneseCountingThousand", {115: "一百一十五"}),
        ("chineseLegalSimplified", {3: "叁", 10: "壹拾", 12: "壹拾贰"}),
        ("japaneseCounting", {10: "十", 110: "百十", 1001: "千一"}),
        ("ideographDigital", {10: "一〇"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {12: "亥"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalFullWidth", {10: "１０"}),
        ("decimalEnclosedParen", {1: "⑴"}),
        ("ideographEnclosedCircle", {10: "㊉"}),
        ("ideographLegalTraditional", {6: "陸"}),
        ("ideographZodiacTraditional", {1: "甲子", 12: "乙亥", 60: "癸亥"}),
        ("japaneseLegal", {1: "壱", 10: "壱拾"}),
        ("japaneseDigitalTenThousand", {10: "一〇"}),
        ("koreanCounting", {11: "십일"}),
        ("ganada", {3: "다"}),
        ("aiueoFullWidth", {46: "ン"}),
        ("irohaFullWidth", {3: "ハ"}),
        ("numberInDash", {2: "- 2 -"}),
        ("hex", {26: "1A"}),
        ("ordinal", {1: "1st", 12: "12th", 23: "23rd"}),
        ("cardinalText", {7: "Seven", 21: "Twenty-one", 40: "Forty", 100: "100"}),
        ("ordinalText", {3: "Third", 12: "Twelfth", 20: "Twentieth", 21: "Twenty-first", 100: "100th"}),
        ("chicago", {1: "*", 6: "††"}),
        ("001", {7: "007", 1000: "1000"}),
        ("unheardOf", {7: "7"}),
    ],
)
def test_number_formats(digits: str, expected: dict[int, str]) -> None:
    assert {count: shown(count, digits) for count in expected} == expected


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(p(part) for part in text.split('|'))}</w:tc>"


def test_tables() -> None:
    restart, goes_on, span = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    rows = (
        cell("任务") + cell("责任单位", span) + cell("时限"),
        cell("校舍|建设", restart) + cell("教育局") + cell("住建局") + cell("2031年"),
        cell("", goes_on) + cell("School|board") + cell("") + cell("每学期"),
    )
    deleted = f"<w:tr><w:trPr><w:del/></w:trPr>{cell('删')}</w:tr>"
    table = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}{deleted}</w:tbl>"
    document = document_of(p("见下表。") + table + p("后文") + table)
    expected = [
        ["任务", "责任单位", None, "时限"],
        ["校舍建设", "教育局", "住建局", "2031年"],
        ["校舍建设", "School board", None, "每学期"],
    ]
    assert grid(document) == expected * 2
    rows_found = [block for block in document.blocks if block.kind == "row"]
    assert [(row.table, row.row) for row in rows_found] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert "校舍建设\tSchool board\t\t每学期" in document.text.split("\n")


def test_nested_table_and_frame() -> None:
    inner = f"<w:tbl><w:tr>{cell('丙')}{cell('丁')}</w:tr></w:tbl>"
    nested = f"<w:tbl><w:tr>{cell('甲')}<w:tc>{p('乙')}{inner}</w:tc></w:tr></w:tbl>"
    frame = f"<w:tbl><w:tr>{cell('一、目标|正文。')}</w:tr></w:tbl>"
    document = document_of(nested + frame)
    assert grid(document) == [["甲", "乙丙丁"]]
    assert texts(document)[1:] == ["一、目标", "正文。"]


def test_python_docx_makes_what_is_read(tmp_path: Path) -> None:
    from docx import Document as Word

    word = Word()
    word.add_heading("青禾县教育工作要点", 0)
    word.add_heading("主要目标", 1)
    word.add_paragraph("力争建成20所新优质学校。")
    word.sections[0].header.paragraphs[0].text = "页眉"
    word.save(tmp_path / "misnamed.txt")
    document = read(tmp_path / "misnamed.txt")
    assert texts(document) == ["青禾县教育工作要点", "主要目标", "力争建成20所新优质学校。"]
    assert [block.outline for block in document.blocks] == [None, 1, None]


def test_strict_variant_and_macros_are_read() -> None:
    data = package(p("严格格式"))
    strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", strict)
            new.writestr(name, content)
        new.writestr("word/vbaProject.bin", b"x")
    assert docx.read(Source.of(buffer.getvalue(), "plan.docm")).text == "严格格式"


@pytest.mark.parametrize("body", ["", p(" \u3000"), p("隐藏", "", "<w:vanish/>")])
def test_without_text(body: str) -> None:
    with pytest.raises(EmptyFile):
        document_of(body)


def test_damaged_parts() -> None:
    with pytest.raises(Damaged, match="let it repair the file"):
        document_of("<w:p>")
    whole = bytearray(package(p("正文" * 500)))
    middle = whole.index(b"document.xml") + 60
    whole[middle : middle + 20] = bytes(20)
    with pytest.raises(Damaged, match="let it repair the file"):
        docx.read(Source.of(bytes(whole), "plan.docx"))


def repacked(data: bytes, **changed: bytes | None) -> bytes:
    """A package with some members of `word/` replaced, or left out where they are None."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = changed.get(name.removeprefix("word/").removesuffix(".xml"), old.read(name))
            if content is not None:
                new.writestr(name, content)
    return buffer.getvalue()


def test_what_stands_before_damage_is_read() -> None:
    whole = package(p("一、目标") + p("听课20节。") + p("二、任务"))
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        body = archive.read("word/document.xml")
    cut = repacked(whole, document=body[: body.index("二、".encode()) - 30])
    document = docx.read(Source.of(cut, "plan.docx"))
    assert texts(document) == ["一、目标", "听课20节。"]
    assert document.partial
    assert "what follows the damage is missing" in document.warnings[0]


def test_a_member_that_cannot_be_unpacked_to_its_end_is_read_so_far() -> None:
    lines = [
        f"第{n}段：" + "".join(chr(0x4E00 + (n * 7919 + i * 104729) % 20000) for i in range(60)) for n in range(3000)
    ]
    whole = bytearray(package("".join(map(p, lines))))
    at = len(whole) * 3 // 4
    whole[at : at + 40] = bytes(40)
    document = docx.read(Source.of(bytes(whole), "plan.docx"))
    found = texts(document)
    assert document.partial
    assert 100 < len(found) < len(lines)
    assert found[:-1] == lines[: len(found) - 1]


@pytest.mark.parametrize(
    ("part", "missed"),
    [("numbering", "automatic numbers"), ("styles", "levels of headings"), ("footnotes", "the footnotes")],
)
def test_a_broken_part_is_reported_and_the_rest_is_read(part: str, missed: str) -> None:
    note = '<w:r><w:footnoteReference w:id="1"/></w:r></w:p>'
    whole = package(
        listed("目标") + p("正文").removesuffix("</w:p>") + note,
        numbering=PLAN + num(1, 7),
        styles='<w:style w:type="paragraph" w:styleId="a"/>',
        footnotes=f'<w:footnote w:id="1">{p("脚注")}</w:footnote>',
    )
    assert not docx.read(Source.of(whole, "plan.docx")).partial
    document = docx.read(Source.of(repacked(whole, **{part: b"<w:styles"}), "plan.docx"))
    expected = ["一、目标", "正文", "脚注"]
    without = {"numbering": ["目标", "正文", "脚注"], "styles": expected, "footnotes": expected[:2]}
    assert texts(document) == without[part]
    assert document.partial
    assert f"word/{part}.xml is damaged" in document.warnings[0]
    assert missed in document.warnings[0]


def with_relationships(data: bytes, numbering: str) -> bytes:
    """A package whose body and numbering have names of their own, the second one under `word/`."""
    space = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(
                {"word/document.xml": "word/document2.xml", "word/numbering.xml": "word/N1.xml"}.get(name, name),
                old.read(name),
            )
        for name, target, of in (
            ("_rels/.rels", "/word/document2.xml", "officeDocument"),
            ("word/_rels/document2.xml.rels", numbering, "numbering"),
        ):
            new.writestr(
                name,
                f'<Relationships {space}><Relationship Id="a" Type="{kind}/{of}" Target="{target}"/>'
                f'<Relationship Id="b" Type="{kind}/styles" Target="http://203.0.113.9/s.xml" TargetMode="External"/>'
                "</Relationships>",
            )
    return buffer.getvalue()


def test_parts_are_found_by_their_relationships() -> None:
    whole = package(listed("目标"), numbering=PLAN + num(1, 7))
    source = Source.of(with_relationships(whole, "n1.xml"), "plan.docx")
    document = docx.read(source)
    assert detect(source) == "docx"
    assert texts(document) == ["一、目标"]
    assert not document.partial
    document = docx.read(Source.of(with_relationships(whole, "gone.xml"), "plan.docx"))
    assert texts(document) == ["目标"]
    assert document.warnings[0].startswith("the part word/gone.xml is not in the document: automatic numbers")


def test_padded_numbers_and_hidden_paragraph_marks() -> None:
    custom = '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/>'
    choice = f"<mc:AlternateContent><mc:Choice Requires='w14'>{custom}</mc:Choice><mc:Fallback>"
    numbering = abstract(
        1,
        level(0, "decimal", "%1）").replace(
            '<w:numFmt w:val="decimal"/>', (f'{choice}<w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>')
        ),
    )
    hidden = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:rPr><w:vanish/></w:rPr></w:pPr>'
        f"{r('隐藏', '<w:vanish/>')}</w:p>"
    )
    document = document_of(listed("甲") + hidden + listed("乙"), numbering=numbering + num(1, 1))
    assert texts(document) == ["001）甲", "002）乙"]


def test_bomb_is_refused() -> None:
    with pytest.raises(ReadError, match="unpack to 19 MB"):
        document_of(p(" " * 20_000_000))


def test_entities_are_not_resolved() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "word/document.xml",
            '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            f"<w:document {NAMES}><w:body><w:p><w:r><w:t>要点&x;</w:t></w:r></w:p></w:body></w:document>",
        )
    assert docx.read(Source.of(buffer.getvalue(), "plan.docx")).text == "要点"
