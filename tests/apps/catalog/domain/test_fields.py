"""补充要素：登记、读写、校验、摘要不变、往返。"""

from __future__ import annotations

import re
from dataclasses import asdict, replace

import pytest

from quanze.apps.catalog.domain.difference import carried_fields, content_as_json, content_from_json, merged
from quanze.apps.catalog.domain.drafts import changes, require_storable
from quanze.apps.catalog.domain.fields import FIELDS, parse_fields
from quanze.apps.catalog.domain.items import CORE_LABELS, ItemContent
from quanze.core.errors import InvalidInput, RulesNotMet
from quanze.core.sealing import content_digest

# One valid way of writing each kind; every field of the registry goes through it.
_WRITTEN = {
    "text": "办照",
    "long": "第一段\n第二段",
    "integer": "1",
    "boolean": "是",
    "date": "2026年3月1日",
    "url": "https://a.example/x",
    "rows": "甲｜乙\n丙",
}


def _written(key: str) -> str:
    field = FIELDS.by_key[key]
    if field.kind == "choice":
        return list((field.choices or {}).values())[-1]
    if field.kind == "choices":
        return "；".join((field.choices or {}).values())
    return "110000000001" if field.pattern else _WRITTEN[field.kind]


def test_no_further_element_has_the_name_or_the_label_of_a_fixed_one():
    assert not FIELDS.by_key.keys() & ItemContent.__dataclass_fields__.keys()
    assert not set(FIELDS.labels.values()) & set(CORE_LABELS.values())
    assert len(set(FIELDS.labels.values())) == len(FIELDS.fields)


def test_content_without_further_elements_keeps_the_digest_it_always_had():
    content = ItemContent(name="户外广告设置许可", power_type="license", legal_limit_days=20)
    before = {key: value for key, value in asdict(content).items() if key != "extra"}
    assert content.content_hash() == content_digest(before)
    # The value of the release before there were further elements; a stored version must verify against it for ever.
    assert content.content_hash() == "669487e65ed94a1564de8ab5150e6d50cd61bd5d9af17819975edc3ce72d3fe0"
    assert replace(content, extra={"plain_name": "广告牌"}).content_hash() != content.content_hash()


@pytest.mark.parametrize("key", list(FIELDS.by_key))
def test_every_element_reads_back_what_it_shows(key):
    field = FIELDS.by_key[key]
    value = field.parsed(_written(key))
    assert value is not None
    assert field.parsed(field.text(value)) == value
    assert field.canonical(value) == value
    content = ItemContent(name="甲", extra={key: value})
    assert content_from_json(content_as_json(content)) == content
    assert [(one.label, one.new) for one in changes(ItemContent(name="甲"), content)] == [
        (field.label, field.text(value))
    ]


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("modality", "也许", "没有“也许”，可写：法定职责必须为、可以行使"),
        ("topics", "营商环境、天文", "没有“天文”"),
        ("signoff_levels", "5", "应为 1 至 4 的整数"),
        ("entrust_to", "2026-02-30", "应为日期"),
        ("needs_recording", "大概", "应写“是”或“否”"),
        ("plain_name", "长" * 61, "超过 60 字"),
        ("base_code", "123", "写法不合要求"),
        ("village_points", "一｜二｜三｜四", "第 1 条多于 3 栏（地点｜时间｜电话）"),
    ],
)
def test_what_does_not_fit_is_said_in_words(key, text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        FIELDS.by_key[key].parsed(text)


def test_a_label_that_holds_a_divider_is_one_choice():
    assert FIELDS.by_key["supervision_ways"].parsed("信用监管、双随机、一公开") == ["random", "credit"]


def test_a_patch_replaces_key_by_key_and_names_every_wrong_one():
    assert FIELDS.merged({"visits": 1, "plain_name": "办照"}, {"visits": None, "topics": ["data"]}) == {
        "plain_name": "办照",
        "topics": ["data"],
    }
    with pytest.raises(InvalidInput) as refused:
        FIELDS.merged({}, {"visits": 99, "colour": "red"})
    assert "到现场次数：应为 0 至 9 的整数" in str(refused.value)
    assert "没有“colour”这个要素" in str(refused.value)


def test_a_deed_that_ends_before_it_begins_and_a_secret_without_reason_are_refused():
    content = ItemContent(
        name="甲", extra={"entrust_from": "2026-05-01", "entrust_to": "2026-04-01", "disclosure": "withheld"}
    )
    with pytest.raises(RulesNotMet) as refused:
        require_storable(content)
    assert [one.message for one in refused.value.defects] == [
        "委托到期日早于委托起始日",
        "公开属性为“不公开”，须写明不公开理由",
        "公开属性为“不公开”，须写明不公开依据",
    ]


def test_a_table_changes_only_the_elements_it_has_a_column_for():
    existing = ItemContent(name="甲", extra={"plain_name": "办照", "visits": 1})
    incoming = ItemContent(name="甲", extra={"visits": 0})
    assert merged(existing, incoming, carried_fields(["visits"], has_type=False)).extra == {
        "plain_name": "办照",
        "visits": 0,
    }
    assert merged(existing, ItemContent(name="甲"), carried_fields(["visits"], has_type=False)).extra == {
        "plain_name": "办照"
    }


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "colour"}, "种类“colour”不认识"),
        ({"group": "nowhere"}, "没有分组“nowhere”"),
        ({"kind": "choice"}, "没有写明可选的值"),
        ({"kind": "rows"}, "没有写明各栏"),
        ({"not_before": "missing"}, "引用的要素不存在"),
    ],
)
def test_a_wrong_entry_of_the_pack_is_named(entry, said):
    one = {"key": "k", "label": "键", "group": "g", "kind": "text", "source": "s", **entry}
    with pytest.raises(InvalidInput, match=said) as refused:
        parse_fields({"version": "1", "source": "s", "groups": [{"code": "g", "label": "组"}], "fields": [one]})
    assert refused.value.place is not None
    assert refused.value.place.field == "k"
