"""A policy number has a date, a legal source and a history; an unknown one fails loudly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quanze.base.audit import public as audit
from quanze.base.audit.models import FactRecord
from quanze.base.parameters import public as parameters
from quanze.base.parameters.models import ParameterValue
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CLERK = Actor(7, "王芳", 3, "编办", scope=EVERYTHING)
PACK = """
parameters:
  - code: test_workdays
    label: 动态调整期限
    kind: int
    unit: 个工作日
    minimum: 1
    maximum: 60
    values:
      - {valid_from: 2024-01-01, value: 15, source: 办法第十条（测试）}
      - {valid_from: 2020-01-01, value: 20, source: 旧办法第八条（测试）}
  - code: test_share
    label: 抽查比例
    kind: decimal
    values: [{valid_from: 2020-01-01, value: "0.20", source: 通知（测试）}]
  - code: test_words
    label: 排除用语
    kind: list
    values: [{valid_from: 2020-01-01, value: [属地管理, 兜底], source: 通知（测试）}]
  - code: test_text
    label: 页脚
    kind: text
    values: [{valid_from: 2020-01-01, value: 以文件为准, source: 通知（测试）}]
"""


@pytest.fixture(autouse=True)
def _pack(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("quanze.base.parameters.definitions._definitions", {})
    path = tmp_path / "parameters.yaml"
    path.write_text(PACK, encoding="utf-8")
    parameters.register_pack(path)


def set_workdays(value: object = 10, valid_from: date = date(2025, 7, 1), source: str = "市办法第五条") -> None:
    parameters.parameter_set(
        actor=CLERK, code="test_workdays", valid_from=valid_from, value=value, source=source, now=NOW
    )


def test_a_value_is_read_as_of_a_date():
    assert parameters.value_int("test_workdays", on=date(2023, 12, 31)) == 20
    assert parameters.value_int("test_workdays", on=date(2024, 1, 1)) == 15
    assert parameters.source_of("test_workdays", on=date(2024, 1, 1)) == "办法第十条（测试）"
    assert parameters.value_decimal("test_share", on=date(2026, 1, 1)) == Decimal("0.20")
    assert parameters.value_decimal("test_workdays", on=date(2026, 1, 1)) == Decimal(15)
    assert parameters.value_list("test_words", on=date(2026, 1, 1)) == ("属地管理", "兜底")
    assert parameters.value_text("test_text", on=date(2026, 1, 1)) == "以文件为准"
    assert parameters.values_on(["test_workdays", "test_share"], on=date(2026, 1, 1)) == {
        "test_workdays": 15,
        "test_share": Decimal("0.20"),
    }


def test_a_local_value_holds_from_its_date_and_is_recorded():
    set_workdays()

    assert parameters.value_int("test_workdays", on=date(2025, 6, 30)) == 15
    assert parameters.value_int("test_workdays", on=date(2025, 7, 1)) == 10
    (fact,) = audit.history_of("parameter", "test_workdays", scope=EVERYTHING)
    assert (fact.actor_name, fact.before) == ("王芳", None)
    assert fact.after == {"valid_from": "2025-07-01", "value": "10", "source": "市办法第五条"}


def test_a_correction_of_the_same_day_keeps_the_old_value_in_the_record():
    set_workdays(10)
    set_workdays(12, source="更正")

    assert parameters.value_int("test_workdays", on=date(2025, 7, 1)) == 12
    assert audit.history_of("parameter", "test_workdays", scope=EVERYTHING)[-1].before == {
        "value": "10",
        "source": "市办法第五条",
    }


def test_a_local_value_replaces_the_shipped_one_of_the_same_day():
    set_workdays(30, valid_from=date(2024, 1, 1))

    assert parameters.value_int("test_workdays", on=date(2024, 5, 1)) == 30


def test_the_history_shows_shipped_and_local_values_newest_first():
    set_workdays()

    rows = parameters.history("test_workdays")
    assert [(row.valid_from.year, row.value, row.is_shipped, row.set_by_name) for row in rows] == [
        (2025, 10, False, "王芳"),
        (2024, 15, True, ""),
        (2020, 20, True, ""),
    ]


def test_a_list_is_set_line_by_line():
    parameters.parameter_set(
        actor=CLERK, code="test_words", valid_from=date(2026, 1, 1), value="兜底\n\n 牵头 \n", source="通知", now=NOW
    )

    assert parameters.value_list("test_words", on=date(2026, 1, 1)) == ("兜底", "牵头")


@pytest.mark.parametrize(
    ("value", "source", "message"),
    [
        (0, "x", "不得小于 1个工作日"),
        (61, "x", "不得大于 60个工作日"),
        ("十五", "x", "须为数字"),
        ("1.5", "x", "须为整数"),
        ("NaN", "x", "须为整数"),
        (15, " ", "须写明依据"),
    ],
)
def test_an_unsound_value_is_refused_and_nothing_changes(value, source, message):
    with pytest.raises(InvalidInput, match=message):
        set_workdays(value, source=source)

    assert ParameterValue.objects.count() == 0
    assert FactRecord.objects.count() == 0


def test_an_unknown_code_a_wrong_kind_and_a_day_without_value_fail_loudly():
    with pytest.raises(LookupError, match="未登记"):
        parameters.value_int("no_such", on=date(2026, 1, 1))
    with pytest.raises(TypeError, match="list"):
        parameters.value_int("test_words", on=date(2026, 1, 1))
    with pytest.raises(LookupError, match="没有有效值"):
        parameters.value_int("test_workdays", on=date(2019, 12, 31))


def test_a_code_is_registered_once(tmp_path):
    path = tmp_path / "again.yaml"
    path.write_text(PACK, encoding="utf-8")

    with pytest.raises(ValueError, match="已登记"):
        parameters.register_pack(path)


def test_a_shipped_value_without_source_is_refused(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(
        "parameters: [{code: b, label: b, kind: int, values: [{valid_from: 2020-01-01, value: 1}]}]", encoding="utf-8"
    )

    with pytest.raises(ValueError, match="依据"):
        parameters.register_pack(path)


def test_reading_again_costs_one_query(django_assert_num_queries):
    set_workdays()
    parameters.value_int("test_workdays", on=date(2026, 1, 1))

    with django_assert_num_queries(1):
        parameters.value_int("test_workdays", on=date(2026, 1, 1))
