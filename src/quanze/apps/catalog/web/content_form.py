"""事项表单：单值要素用 Django 表单，依据、责任、追责、协办按行填写。

The rows come as repeated fields (``basis_law`` …), so that a page without script still has spare rows and the order of the
inputs is the order of the rows. A row of which nothing is filled is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django import forms
from django.http import QueryDict

from quanze.apps.catalog.domain.fields import FIELDS, ExtraField
from quanze.apps.catalog.domain.items import (
    AUTHORITY_LABELS,
    CONTENT_LABELS,
    CORE_LABELS,
    AssistContent,
    BasisContent,
    DutyContent,
    ItemContent,
    NodeKind,
)
from quanze.apps.catalog.web import extra_form
from quanze.apps.catalog.web.presenting import type_choices

SPARE_ROWS = 1
LONGEST_TEXT = 20000


def _text(field: str, *, length: int = 300, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=CONTENT_LABELS[field], max_length=length, required=required, **more)


def _area(field: str, *, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=CONTENT_LABELS[field],
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows}),
        **more,
    )


def _days(field: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=CONTENT_LABELS[field],
        required=False,
        min_value=0,
        max_value=3650,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        **more,
    )


@dataclass(frozen=True)
class RowKind:
    """一种按行填写的要素：名称、各栏、由内容到行、由行到内容。"""

    field: str
    label: str
    columns: tuple[tuple[str, str, bool], ...]  # (input name, label, is long)
    rows_of: Callable[[ItemContent], list[tuple[str, ...]]]
    build: Callable[[Sequence[str]], Any]
    add_label: str


ROW_KINDS = (
    RowKind(
        "bases",
        "依据条款",
        (
            ("basis_law", "法规名称", False),
            ("basis_locator", "条款项", False),
            ("basis_quote", "引文", True),
            ("basis_number", "文号", False),
        ),
        lambda content: [(b.law, b.locator, b.quote, b.document_number) for b in content.bases],
        lambda row: BasisContent(row[0].strip("《》"), row[1], row[2], row[3]),
        "加一条依据",
    ),
    RowKind(
        "duties",
        "责任事项分环节",
        (("duty_stage", "环节", False), ("duty_row_text", "内容", True)),
        lambda content: [(d.stage, d.text) for d in content.duties],
        lambda row: DutyContent(row[0], row[1]),
        "加一个环节",
    ),
    RowKind(
        "accountability_cases",
        "追责情形分条",
        (("case_text", "追责情形", True),),
        lambda content: [(text,) for text in content.accountability_cases],
        lambda row: row[0],
        "加一条情形",
    ),
    RowKind(
        "assists",
        "协办机构及分工",
        (("assist_division", "协办机构", False), ("assist_duty", "分工", True)),
        lambda content: [(a.division, a.duty) for a in content.assists],
        lambda row: AssistContent(row[0], row[1]),
        "加一个协办机构",
    ),
)


@dataclass(frozen=True)
class RowBlock:
    """页面上一种按行填写的要素与它现在的各行。"""

    kind: RowKind
    rows: list[list[tuple[str, str, bool, str]]]  # per cell: input name, label, is long, value

    @property
    def blank(self) -> list[tuple[str, str, bool, str]]:
        return [(name, label, is_long, "") for name, label, is_long in self.kind.columns]


class ContentForm(forms.Form):
    """事项内容表单。``content(base)`` gives what was typed upon what the form does not show."""

    name = _text("name", length=600, required=True, help_text="写明对什么行使什么权力，与依据的用语一致。")
    power_type = forms.ChoiceField(label=CONTENT_LABELS["power_type"], required=False)
    seq = _text("seq", length=64)
    power_code = _text("power_code", length=64, help_text="按本地编码规则编写，没有可暂空。")
    exercising_body = _text("exercising_body", help_text="依法行使这项权力的机构。")
    responsible_body = _text("responsible_body")
    authority_source = forms.ChoiceField(label=CONTENT_LABELS["authority_source"], required=False)
    lead_division = _text("lead_division", help_text="三定规定中的内设机构。")
    exercise_level = _text("exercise_level")
    level_split = _area("level_split", help_text="几级都行使的，写明各级如何划分。")
    target = _text("target", help_text="对谁行使，如公民、法人及其他组织。")
    basis_text = _area("basis_text", rows=6, help_text="照录法律、法规、规章的名称、条款与原文。")
    duty_text = _area("duty_text", rows=5, help_text="与职权相对应的责任，按环节写明。")
    duty_basis_text = _area("duty_basis_text")
    accountability_text = _area("accountability_text", rows=4, help_text="不履行或不正确履行职责的情形。")
    accountability_basis_text = _area("accountability_basis_text", help_text="追究责任所依据的法律法规。")
    legal_limit_days = _days("legal_limit_days")
    promised_limit_days = _days("promised_limit_days", help_text="不得长于法定时限。")
    limit_note = _area("limit_note", rows=2)
    has_fee = forms.NullBooleanField(
        label=CONTENT_LABELS["has_fee"],
        required=False,
        widget=forms.Select(choices=[("", "未写明"), ("true", "是"), ("false", "否")]),
    )
    guide_url = forms.URLField(
        label=CONTENT_LABELS["guide_url"],
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text="政务服务网上办事指南的网址。",
    )
    hotline = _text("hotline")
    remedy = _area("remedy", rows=2, help_text="申请行政复议或提起行政诉讼的途径。")
    plain_summary = _area("plain_summary", help_text="给公众看的话：这项权力管什么、怎么办、找谁。")
    is_local_addition = forms.BooleanField(label=CONTENT_LABELS["is_local_addition"], required=False)
    addition_reason = _text("addition_reason", length=500, help_text="范本之外本级补充的，写明理由。")
    is_city_set = forms.BooleanField(label=CONTENT_LABELS["is_city_set"], required=False)
    remark = _area("remark", rows=2)
    change_note = forms.CharField(
        label="变更说明",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="改了什么、为什么改，审查的人先看这里。",
    )
    template_key = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    parent_id = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.show(FIELDS.fields)
        choices: dict[str, list[tuple[str, str]]] = {
            "power_type": [("", "未定"), *type_choices()],
            "authority_source": [("", "未写明"), *((str(code), label) for code, label in AUTHORITY_LABELS.items())],
        }
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered
        self._shown = ItemContent(name="")

    def show(self, fields: Iterable[ExtraField], help: Mapping[str, str] | None = None) -> None:
        """只显示这些补充要素（清单模板所列）。"""
        for key in (*FIELDS.by_key, extra_form.SHOWN):
            self.fields.pop(key, None)
        self.fields.update(extra_form.inputs(fields, help or {}))

    @classmethod
    def of(cls, content: ItemContent, *, change_note: str = "", parent_id: int | None = None) -> ContentForm:
        """以现有内容填好的表单。"""
        initial = {name: getattr(content, name) for name in cls.base_fields if hasattr(content, name)}
        # The choices are words; False would match none of them, show as "not stated" and be saved so.
        initial["has_fee"] = {True: "true", False: "false", None: ""}[content.has_fee]
        initial |= extra_form.initial_of(content.extra)
        form = cls(initial={**initial, "change_note": change_note, "parent_id": parent_id})
        form._shown = content
        return form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        legal, promised = cleaned.get("legal_limit_days"), cleaned.get("promised_limit_days")
        if legal is not None and promised is not None and promised > legal:
            self.add_error("promised_limit_days", "承诺时限不得长于法定时限。")
        self._extra = self._read_extra(cleaned)
        return cleaned

    def _read_extra(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in extra_form.posted_keys(self.data):
            if key in cleaned:
                try:
                    found[key] = extra_form.canonical(key, cleaned[key])
                except forms.ValidationError as error:
                    self.add_error(key, error)
        keys = {label: key for key, label in FIELDS.labels.items()}
        for defect in FIELDS.defects({key: value for key, value in found.items() if value is not None}):
            wrong = keys.get(defect.place.field) if defect.place else None
            if wrong in found:
                self.add_error(wrong, f"{defect.message}。")
        return found

    def content(self, base: ItemContent | None = None) -> ItemContent:
        """填好的内容；表单没有送来的要素（主项/子项，没有绑定范本时的范本事项）照旧。"""
        cleaned = self.cleaned_data
        plain = {
            name: cleaned[name]
            for name in self.fields
            if name in CORE_LABELS and name in cleaned and (name != "template_key" or name in self.data)
        }
        texts: dict[str, Any] = {
            name: _normal(value) if isinstance(value, str) else value for name, value in plain.items()
        }
        rows: dict[str, Any] = {kind.field: tuple(kind.build(row) for row in self._rows(kind)) for kind in ROW_KINDS}
        start = base or ItemContent(name="", node_kind=NodeKind.SINGLE)
        return replace(start, **texts, **rows, extra=FIELDS.merged(start.extra, self._extra))

    def _rows(self, kind: RowKind) -> list[tuple[str, ...]]:
        data = self.data
        columns = [
            [_normal(value) for value in (data.getlist(name) if isinstance(data, QueryDict) else ())]
            for name, _, _ in kind.columns
        ]
        rows = zip(*columns, strict=False) if columns else ()
        return [row for row in rows if any(row)]

    @property
    def blocks(self) -> dict[str, RowBlock]:
        """按行填写的各要素。"""
        found = {}
        for kind in ROW_KINDS:
            rows = self._rows(kind) if self.is_bound else kind.rows_of(self._shown)
            spare = [("",) * len(kind.columns)] * SPARE_ROWS
            found[kind.field] = RowBlock(
                kind,
                [
                    [
                        (name, label, is_long, value)
                        for (name, label, is_long), value in zip(kind.columns, row, strict=True)
                    ]
                    for row in [*rows, *spare]
                ],
            )
        return found


def _normal(text: str) -> str:
    """浏览器送来的换行统一为 \\n，首尾空白去掉。"""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def posted_fields(data: QueryDict) -> list[tuple[str, str]]:
    """提交的全部字段，供冲突页原样再送（令牌与所见版本除外）。"""
    return [
        (name, value)
        for name, values in data.lists()
        if name not in {"csrfmiddlewaretoken", "seen_version"}
        for value in values
    ]
