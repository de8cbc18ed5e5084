"""责任事项、追责情形的分条与环节。"""

from hypothesis import given
from hypothesis import strategies as st

from quanze.core.listsheet.clauses import split_clauses, split_responsibilities


def stages(text: str) -> list[tuple[str, str, str]]:
    return [(duty.number, duty.stage, duty.text) for duty in split_responsibilities(text)]


def test_numbered_stages_are_split_with_their_names():
    assert stages("1.受理责任：公示材料。\n2、审查阶段：核对3.5万元以上的材料。\n3．决定责任。依法决定。") == [
        ("1", "受理", "公示材料。"),
        ("2", "审查", "核对3.5万元以上的材料。"),
        ("3", "决定", "依法决定。"),
    ]


def test_stages_written_on_without_numbers_are_split_too():
    assert stages("受理责任：公示；审查责任：核对。决定责任：作出决定") == [
        ("", "受理", "公示；"),
        ("", "审查", "核对。"),
        ("", "决定", "作出决定"),
    ]


def test_numbers_that_run_on_within_a_line_split_and_decimals_do_not():
    assert stages("1.受理：收。2.审查：查1.5公里内的。") == [("1", "受理", "收。"), ("2", "审查", "查1.5公里内的。")]
    assert stages("①受理：接收②审查：核对") == [("①", "受理", "接收"), ("②", "审查", "核对")]
    assert stages("（一）受理责任。接收。（二）审查责任。核实。") == [
        ("一", "受理", "接收。"),
        ("二", "审查", "核实。"),
    ]


def test_headings_group_the_duties_below_them():
    text = "直接实施责任：\n1.制定标准。\n2.依法实施。\n指导监督责任:\n3.指导下级。"
    assert [(duty.group, duty.number, duty.text) for duty in split_responsibilities(text)] == [
        ("直接实施责任", "1", "制定标准。"),
        ("直接实施责任", "2", "依法实施。"),
        ("指导监督责任", "3", "指导下级。"),
    ]


def test_a_stage_that_is_not_written_is_not_invented():
    assert stages("1.依法履行职责；\n2.其他法律法规规定的责任。") == [
        ("1", "", "依法履行职责；"),
        ("2", "", "其他法律法规规定的责任。"),
    ]
    assert stages("没有编号的一段") == [("", "", "没有编号的一段")]
    assert stages("") == []


def test_accountability_has_its_preamble_apart_and_nested_points_stay_inside():
    split = split_clauses(
        "因不履行职责，有下列情形的，应承担责任：\n1.不受理的；\n2.有下列行为的：（1）索贿；（2）拖延；\n3.其他行为。"
    )
    assert split.preamble == "因不履行职责，有下列情形的，应承担责任："
    assert [(clause.number, clause.text) for clause in split.clauses] == [
        ("1", "不受理的；"),
        ("2", "有下列行为的：（1）索贿；（2）拖延；"),
        ("3", "其他行为。"),
    ]


def test_numbering_may_start_again_on_a_new_line():
    assert [clause.number for clause in split_clauses("1.甲\n2.乙\n1.丙\n2.丁").clauses] == ["1", "2", "1", "2"]


@given(st.text(alphabet="12345.、（）一二三①②责任阶段：；。\n 受理审查", max_size=80))
def test_every_part_is_a_piece_of_the_text(text: str):
    for duty in split_responsibilities(text):
        assert duty.text in text
        assert 0 <= duty.span[0] <= duty.span[1] <= len(text)
        assert text[slice(*duty.span)].endswith(duty.text)
