"""指南的表单：单值的栏用 Django 表单，步骤与材料按行填写。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from quanze.apps.catalog.domain.guides import (
    LABELS,
    LONGEST_LINE,
    LONGEST_TEXT,
    GuideContent,
    GuideMaterial,
    GuideStep,
)

SPARE_ROWS = 1


@dataclass(frozen=True)
class RowKind:
    """一种按行填写的内容：栏名、各列（输入名，名称，是否长文）、取值。"""

    field: str
    label: str
    columns: tuple[tuple[str, str, bool], ...]
    rows_of: Callable[[GuideContent], list[tuple[str, ...]]]
    add_label: str


STEPS = RowKind(
    "steps",
    LABELS["steps"],
    (
        ("step_title", "做什么", False),
        ("step_who", "谁来办", False),
        ("step_limit", "多久", False),
        ("step_text", "说明", True),
    ),
    lambda content: [(one.title, one.who, one.limit, one.text) for one in content.steps],
    "加一步",
)
MATERIALS = RowKind(
    "materials",
    LABELS["materials"],
    (("material_name", "材料", False), ("material_form", "份数、形式", False), ("material_note", "说明", True)),
    lambda content: [(one.name, one.form, one.note) for one in content.materials],
    "加一份材料",
)


@dataclass(frozen=True)
class RowBlock:
    """页面上一种按行填写的内容与它现在的各行。"""

    kind: RowKind
    rows: list[list[tuple[str, str, bool, str]]]

    @property
    def blank(self) -> list[tuple[str, str, bool, str]]:
        return [(name, label, is_long, "") for name, label, is_long in self.kind.columns]


def _line(name: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=LABELS[name], max_length=LONGEST_LINE, required=False, help_text=help_text)


def _area(name: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=LABELS[name],
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
    )


class GuideForm(forms.Form):
    """指南内容。纯文字：写的尖括号、网址都照字面显示。"""

    # What the rules find wrong with the rows is said at these names.
    steps = forms.CharField(label=LABELS["steps"], required=False, widget=forms.HiddenInput)
    materials = forms.CharField(label=LABELS["materials"], required=False, widget=forms.HiddenInput)
    no_flow_reason = _area("no_flow_reason", "运行流程依法不公开的才写：哪部法律第几条、为什么；写了就不列步骤。")
    hours = _line("hours", "如：工作日 9:00—12:00，13:30—17:00。")
    place = _line("place", "写到窗口，如：市政务服务中心二楼 12 号窗口。")
    phone = _line("phone", "咨询电话，几个的用顿号分开。")
    note = _area("note", "容易弄错的、最常被问到的。")
    change_note = forms.CharField(
        label="变更说明", max_length=500, required=False, help_text="这一版改了什么，只在工作台显示。"
    )

    @classmethod
    def of(cls, content: GuideContent, *, change_note: str = "") -> GuideForm:
        """以现有内容填好的表单。"""
        names = ("no_flow_reason", "hours", "place", "phone", "note")
        form = cls(initial={name: getattr(content, name) for name in names} | {"change_note": change_note})
        form._shown = content
        return form

    _shown = GuideContent()

    def content(self) -> GuideContent:
        """填好的内容。"""
        given = self.cleaned_data
        return GuideContent(
            steps=tuple(GuideStep(*row) for row in self._rows(STEPS)),
            materials=tuple(GuideMaterial(*row) for row in self._rows(MATERIALS)),
            **{name: given[name] for name in ("no_flow_reason", "hours", "place", "phone", "note")},
        )

    def _rows(self, kind: RowKind) -> list[tuple[str, ...]]:
        data: Any = self.data
        columns = [data.getlist(name) if isinstance(data, QueryDict) else [] for name, _, _ in kind.columns]
        return [row for row in zip(*columns, strict=False) if any(cell.strip() for cell in row)]

    @property
    def blocks(self) -> list[RowBlock]:
        """步骤与材料的各行，末尾留空行。"""
        return [self._block(STEPS), self._block(MATERIALS)]

    def _block(self, kind: RowKind) -> RowBlock:
        rows: Sequence[tuple[str, ...]] = self._rows(kind) if self.is_bound else kind.rows_of(self._shown)
        spare = [("",) * len(kind.columns)] * SPARE_ROWS
        shown = [
            [(name, label, is_long, value) for (name, label, is_long), value in zip(kind.columns, row, strict=True)]
            for row in [*rows, *spare]
        ]
        return RowBlock(kind, shown)
