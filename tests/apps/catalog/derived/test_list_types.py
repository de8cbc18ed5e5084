"""关联清单种类的资料包：随带的读得成；写错的指出哪一种、哪个要素。"""

import copy

import pytest

from quanze.apps.catalog.domain.list_types import parse_list_types
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.pack_files import PACK_FOLDER, read_pack
from quanze.core.errors import InvalidInput

KINDS = ("town", "subdistrict", "zone", "party", "government", "affiliated", "institution", "vertical", "mass")
TYPES = (
    "license",
    "penalty",
    "coercion",
    "levy",
    "benefit",
    "inspection",
    "confirmation",
    "reward",
    "adjudication",
    "other",
)


def _parse(data):
    return parse_list_types(data, power_types=TYPES, body_kinds=KINDS)


@pytest.fixture
def pack():
    return copy.deepcopy(dict(read_pack(PACK_FOLDER / "list_types.yaml")))


@pytest.mark.req("J-34", "J-40", "J-41", "J-42", "J-56")
def test_the_shipped_kinds_form_the_tiers():
    tiers = {}
    for one in list_types().types:
        tiers.setdefault(one.tier, []).append(one.code)
    assert tiers == {
        "2": ["ZWFW", "XZZF", "HLWJG", "SF", "ZJ", "BJ", "SD", "XK", "SJC", "ZM"],
        "3": ["ZWSS", "JGSS"],
        "4": ["YWBL"],
        "T2": ["PH"],
        "T3": ["JBLZ", "PHLZ", "SHSX"],
    }
    assert [one.code for one in list_types().derived_from("ZWFW")] == ["ZWSS"]
    assert list_types().of("BJ").minimum_references == 2
    assert "JB" not in list_types().by_code  # nothing is derived from assigned matters


def _change(pack, chosen, /, **fields):
    entry = next(one for one in pack["types"] if one["code"] == chosen)
    entry.update(fields)
    return entry


@pytest.mark.parametrize(
    ("code", "fields", "said", "place"),
    [
        ("ZWFW", {"tier": 5}, "层级“5”应为", "ZWFW"),
        ("ZWFW", {"from_items": [{"power_type": ["许可"]}]}, "职权类型“许可”应为", "ZWFW"),
        ("ZWFW", {"from_items": [{"colour": "red"}]}, "归集条件不认识：colour", "ZWFW"),
        ("ZWFW", {"inherited": ["bases"]}, "继承的要素“bases”", "ZWFW"),
        ("ZWFW", {"colour": "red"}, "不认识的键：colour", "ZWFW"),
        ("ZWSS", {"from_list": "NONE"}, "from_list 写的“NONE”不存在", "ZWSS"),
        ("ZWSS", {"from_parent": ["nothing"]}, "from_parent 写的“nothing”", "ZWSS"),
        ("YWBL", {"fields": [{"name": "a", "label": "甲", "kind": "colour"}]}, "要素种类“colour”", "YWBL.a"),
        ("YWBL", {"fields": [{"name": "a", "label": "甲", "kind": "choice"}]}, "选项种类须写 choices", "YWBL.a"),
        (
            "YWBL",
            {"fields": [{"name": "a", "label": "甲", "kind": "days", "tighten": {"field": "x", "rule": "not_more"}}]},
            "tighten 写的“x”上级没有",
            "YWBL.a",
        ),
        ("XK", {"code": "ZWFW"}, "种类重复：ZWFW", ""),
    ],
)
def test_what_is_written_wrongly_is_refused_with_pack_and_entry(pack, code, fields, said, place):
    _change(pack, code, **fields)
    with pytest.raises(InvalidInput) as refused:
        _parse(pack)
    assert said in refused.value.message
    assert (refused.value.place.file, refused.value.place.field) == ("list_types.yaml", place)


def test_another_city_adds_a_kind_without_code(pack):
    pack["types"].append(
        {
            "code": "XZJL",
            "label": "行政奖励事项清单",
            "tier": 2,
            "reach": "region",
            "derive": "automatic",
            "owner": {"label": "表彰办", "kinds": ["party"]},
            "from_items": [{"power_type": ["reward"]}],
            "inherited": ["name"],
            "references": {"minimum": 1},
            "fields": [{"name": "form", "label": "形式", "kind": "text"}],
        }
    )
    kind = _parse(pack).of("XZJL")
    assert kind.feeds_from({"power_type": "reward"})
    assert not kind.feeds_from({"power_type": "license"})
