"""文字清理：折行还原、不可见字符、混入文字；正常文字一字不动。"""

from pathlib import Path

import pytest

from quanze.core.listsheet.hygiene import are_mostly_wrapped, has_control, long_text, short_text, visible

SEEDS = Path(__file__).resolve().parents[3].parent / "shared" / "seeds"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("行政\n处罚", "行政处罚"),
        ("序  号", "序号"),
        (" XK 001 \n许可 ", "XK 001许可"),
        ("市\r\n局", "市局"),
        ("a  b", "a b"),
        ("_x000D_甲", "甲"),
    ],
)
def test_short_fields_are_one_line_without_blanks_between_characters(raw: str, text: str):
    assert short_text(raw) == text


def test_long_fields_keep_their_paragraphs():
    raw = "直接实施责任：\n1.制定标准。 \n\n2.依法实施。\n指导监督责任：\n3.加强指导。"
    assert long_text(raw) == "直接实施责任：\n1.制定标准。\n2.依法实施。\n指导监督责任：\n3.加强指导。"


def test_a_narrow_printed_column_is_put_together_again():
    raw = "1.执行上级制定\n的处罚标准 ，\n也可结合本地实\n际细化。\n2.依法实施处罚\n，公开决定。"
    assert long_text(raw) == "1.执行上级制定的处罚标准，也可结合本地实际细化。\n2.依法实施处罚，公开决定。"


def test_a_wide_printed_column_is_put_together_without_joining_points():
    raw = (
        "第四十四条：作为调查对象的机关、单位或者其他组织有下列行为之一的，由县级以上机\n"
        "构责令改正，给予警告，可以予以通报；其负有责任的领导人员和直接责任人员属于公职\n"
        "人员的，依法给予处分：\n（一）拒绝提供资料的；\n（二）提供不实资料的。"
    )
    assert long_text(raw).split("\n") == [
        "第四十四条：作为调查对象的机关、单位或者其他组织有下列行为之一的，由县级以上机构责令改正，给予警告，可以予以通报；"
        "其负有责任的领导人员和直接责任人员属于公职人员的，依法给予处分：",
        "（一）拒绝提供资料的；",
        "（二）提供不实资料的。",
    ]


def test_a_plain_list_of_short_lines_is_not_joined():
    assert long_text("身份证复印件\n营业执照副本\n申请表原件一份") == "身份证复印件\n营业执照副本\n申请表原件一份"


def test_where_the_whole_sheet_is_wrapped_doubtful_cells_are_joined_too():
    wrapped = "1.执行上级制定\n的处罚标准 ，\n也可结合本地实\n际细化。\n2.依法实施处罚\n，公开决定。"
    assert are_mostly_wrapped([wrapped] * 4)
    assert not are_mostly_wrapped(["甲\n乙\n丙\n丁"] * 8)
    assert long_text("负责\n本市\n检查", is_wrapped=True) == "负责本市检查"


def test_invisible_characters_are_found_and_removed():
    for raw in ("甲\u200b乙", "甲\u202e乙", "甲\x07乙", "\ufeff甲乙", "甲_x0000_乙"):
        assert has_control(raw)
        assert visible(raw) == "甲乙"
    assert not has_control("甲　乙\n丙\t丁")


@pytest.mark.parametrize(
    "text",
    [
        "开云·体育（中国）官方APP下载",
        "请加客服微信：abc12345",
        "澳门娱乐城官网",
        "体育平台登录入口",
        "注册送88元",
        "http://www.example.com/x",
        "<script src=x></script>",
        "某某APP下载安装",
    ],
)
def test_each_kind_of_injected_text_is_found(patterns, text: str):
    assert patterns.find(f"第一条 应当登记。{text}")


@pytest.mark.parametrize(
    "text",
    [
        "对擅自销售彩票的处罚",
        "举办高危险性体育赛事活动许可",
        "市综合体育馆管理",
        "对娱乐场所的监督检查",
        "对未经批准设立彩票销售网点的处罚",
        "办理地址：https://zwfw.example.gov.cn/a",
        "对互联网应用程序（APP）违法收集信息的处罚",
        "通过12345热线、微信公众号投诉",
        "安装防空警报设施",
        "对在线娱乐平台的监督检查",
        "点击率造假的处罚",
        "注册会计师、注册建造师注册",
    ],
)
def test_lawful_wording_is_not_taken_for_injected_text(patterns, text: str):
    assert patterns.find(text) == ()


@pytest.mark.req("L-80")
def test_the_published_article_with_injected_phrases_is_flagged_and_cleaned(patterns):
    if not SEEDS.is_dir():
        pytest.skip("SKIPPED LOUDLY: source articles are absent (shared/seeds beside the project)")
    text = next(SEEDS.glob("004*")).read_text(encoding="utf-8")
    cleaned, found = patterns.clean(text)
    assert [injection.code for injection in found] == ["app_download"] * 3 + ["brand_sports"]
    assert len(text) - len(cleaned) == sum(len(injection.text) for injection in found)
    assert patterns.find(cleaned) == ()
