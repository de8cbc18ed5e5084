"""资料包：随带的可读且自洽；写错的说明哪个文件哪一处。"""

from __future__ import annotations

import pytest

from quanze.apps.catalog.domain import packs as domain
from quanze.apps.catalog.domain.naming import canonical_name, core_of
from quanze.apps.catalog.selectors.pack_files import read_pack
from quanze.apps.catalog.services.packs import power_types, shipped_packs
from quanze.core.errors import InvalidInput
from quanze.core.lint import Severity

SCHEMES = shipped_packs().schemes


def template(**fields):
    data = {
        "code": "x-1",
        "label": "某模板",
        "source": "测试",
        "code_scheme": "generic",
        "required": ["name"],
        **fields,
    }
    return domain.parse_template(data, "x-1.yaml", schemes=SCHEMES)


def test_the_ten_types_with_their_letters_and_numbers():
    assert [(one.code, one.label, one.letters, one.number) for one in power_types().types] == [
        ("license", "行政许可", "XK", "01"),
        ("penalty", "行政处罚", "CF", "02"),
        ("coercion", "行政强制", "QZ", "03"),
        ("levy", "行政征收", "ZS", "04"),
        ("benefit", "行政给付", "JF", "05"),
        ("inspection", "行政检查", "JC", "06"),
        ("confirmation", "行政确认", "QR", "07"),
        ("reward", "行政奖励", "JL", "08"),
        ("adjudication", "行政裁决", "CJ", "09"),
        ("other", "其他行政权力", "QT", "10"),
    ]


def test_types_are_found_by_label_and_alias():
    types = power_types()
    assert types.code_for("行政\n处罚") == "penalty"
    assert types.code_for("其他类") == "other"
    assert types.code_for("行政指导") == ""
    assert types.label("penalty") == "行政处罚"
    assert types.label("") == "未定"


def test_the_shipped_templates_are_there_and_the_narrow_settings_are_read():
    packs = shipped_packs()
    assert set(packs.templates) == {"base-2024", "published-2024", "full-2024", "town-2024"}
    severities = packs.template("published-2024").severities
    assert severities["R402.accountability_basis_text"] is Severity.WARNING
    with pytest.raises(InvalidInput, match="可用：base-2024、full-2024、published-2024、town-2024"):
        packs.template("nix")


def test_more_than_150_licences_and_each_finds_itself():
    licences = shipped_packs().licences
    assert len(licences.names) > 150
    for row in licences.names:
        for name in row:
            assert licences.match(name) == row[0], name


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"required": ["name", "colour"]}, "必填要素不认识：colour"),
        ({"code_scheme": "mars-9"}, "没有编码方案 mars-9"),
        ({"severities": {"S001": "deadly"}}, "严重程度“deadly”应为"),
        ({"severities": {"S1": "info"}}, "应写规则代码"),
        ({"severities": {"S001.colour": "info"}}, "应写规则代码"),
    ],
)
def test_a_wrong_template_names_file_and_entry(fields, said):
    with pytest.raises(InvalidInput, match=said) as caught:
        template(**fields)
    assert caught.value.place is not None
    assert caught.value.place.file == "x-1.yaml"


def test_silent_switches_a_rule_off():
    assert template(severities={"S010": "silent"}).severities == {"S010": None}


def test_two_types_with_one_number_are_refused():
    entry = {"label": "甲", "letters": "JA", "number": "01"}
    data = {
        "version": "1",
        "source": "测试",
        "types": [{"code": "a", **entry}, {"code": "b", **entry, "label": "乙", "letters": "YI"}],
    }
    with pytest.raises(InvalidInput, match="数字编码重复：01"):
        domain.parse_power_types(data)


def test_a_licence_named_twice_is_refused():
    with pytest.raises(InvalidInput, match="许可名称重复：甲许可"):
        domain.parse_licences({"version": "1", "source": "测试", "names": {"组": ["甲许可", ["乙许可", "甲许可"]]}})


def test_a_scheme_without_segments_must_say_that_it_is_free():
    with pytest.raises(InvalidInput, match="没有分段"):
        domain.parse_code_schemes({"schemes": [{"code": "x", "label": "某", "source": "测试"}]})


def test_a_missing_entry_is_named():
    with pytest.raises(InvalidInput, match="缺少“variants”"):
        domain.parse_naming(
            {
                "name_length": {"minimum": 1, "maximum": 2},
                "vague_openings": [],
                "vague_endings": [],
                "noun_openings": [],
                "abolished_wording": [],
                "filler_words": [],
            }
        )


def test_thresholds_need_every_parameter():
    with pytest.raises(InvalidInput, match="lint_small_list"):
        domain.thresholds_from({code: 1 for code in domain.THRESHOLD_CODES if code != "lint_small_list"})


def test_broken_yaml_is_reported_with_its_line(tmp_path):
    path = tmp_path / "坏.yaml"
    path.write_text("a: 1\nb: ]\nc: 2\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_pack(path)
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.row) == ("坏.yaml", 2)


def test_canonical_names_forgive_typography_only():
    assert canonical_name(" 1.对擅自\n设置（牌匾)的处罚 ") == "对擅自设置（牌匾）的处罚"
    assert canonical_name("（二）食品经营许可") == "食品经营许可"
    assert canonical_name("二手车经营备案") == "二手车经营备案"
    naming = shipped_packs().naming
    assert core_of("对拒绝登帐行为的处罚", fillers=naming.fillers, variants=naming.variants) == "拒绝登账处罚"
