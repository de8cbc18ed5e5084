"""专项工作的表单。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from quanze.apps.adjustment.selectors.packs import packs

_DATE = {"required": "请填日期。", "invalid": "日期应写作 2026-11-22。"}
_DATE_BOX = {"type": "date"}
GROUPS = (("departments", "各部门"), ("towns", "各乡镇、街道"))


def _date(label: str, help_text: str = "") -> forms.DateField:
    box = forms.DateInput(attrs=_DATE_BOX, format="%Y-%m-%d")
    return forms.DateField(label=label, error_messages=_DATE, widget=box, help_text=help_text)


class _WithBodies(forms.Form):
    """选机构：整类，或逐个。``bodies``: (id, name, is a town) of those in the actor's scope."""

    groups = forms.MultipleChoiceField(
        label="整类机构", choices=GROUPS, required=False, widget=forms.CheckboxSelectMultiple
    )
    body_ids = forms.TypedMultipleChoiceField(
        label="或逐个选",
        required=False,
        coerce=int,
        choices=(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text="按住 Ctrl 可多选。",
    )

    def __init__(self, *args: Any, bodies: Sequence[tuple[int, str, bool]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posted = self.data.getlist("body_ids") if hasattr(self.data, "getlist") else []
        known = [(int(one), one) for one in posted if one.isascii() and one.isdigit() and len(one) < 19]
        self.fields["body_ids"].choices = [(one[0], one[1]) for one in bodies] if bodies is not None else known  # type: ignore[attr-defined]

    def chosen(self, bodies: Sequence[tuple[int, str, bool]]) -> list[int]:
        """整类与逐个合在一起。"""
        groups = set(self.cleaned_data["groups"])
        picked = set(self.cleaned_data["body_ids"])
        wanted = {"towns": True, "departments": False}
        found = [one[0] for one in bodies if one[0] in picked or any(wanted[g] is one[2] for g in groups)]
        # What is not among the choices is the service's to refuse.
        return found + sorted(picked - set(found))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class CampaignForm(_WithBodies):
    """拟定专项。"""

    kind = forms.ChoiceField(
        label="种类", choices=lambda: [(one.code, one.label) for one in packs().campaigns.values()]
    )
    title = forms.CharField(label="名称", max_length=200, help_text="例如：2026年乡镇赋权事项专项梳理。")
    starts_on = _date("开始日期")
    due_on = _date("期限", "过了这一天没有完成的，列为超期。")
    is_publishing = forms.BooleanField(label="各机构须在期限前公布清单", required=False)
    plan = forms.CharField(
        label="方案",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="目标、范围、步骤、分工；下发后各机构都看得到。",
    )
    tasks = forms.CharField(
        label="任务",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一件，分给所选的每个机构；也可以拟定之后再分派。",
    )

    def clean_tasks(self) -> list[str]:
        return _lines(self.cleaned_data["tasks"])


class AssignForm(_WithBodies):
    """再分派任务。"""

    tasks = forms.CharField(
        label="任务", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), help_text="每行一件。"
    )
    due_on = _date("期限")
    responsible = forms.CharField(label="责任人", max_length=64, required=False)

    def clean_tasks(self) -> list[str]:
        return _lines(self.cleaned_data["tasks"])


class TaskForm(forms.Form):
    """办理任务。"""

    verb = forms.ChoiceField(choices=[("report", "报告完成"), ("reopen", "要求补办"), ("excuse", "免予办理")])
    note = forms.CharField(label="说明", max_length=1000, error_messages={"required": "请写明完成情况或理由。"})


class LinkForm(forms.Form):
    """归入事由。"""

    trigger_ids = forms.TypedMultipleChoiceField(
        label="事由", coerce=int, choices=(), error_messages={"required": "请至少选一件事由。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posted = self.data.getlist("trigger_ids") if hasattr(self.data, "getlist") else []
        self.fields["trigger_ids"].choices = [  # type: ignore[attr-defined]
            (int(one), one) for one in posted if one.isascii() and one.isdigit() and len(one) < 19
        ]


class UnlinkForm(forms.Form):
    """移出事由。"""

    trigger_id = forms.IntegerField(min_value=1, max_value=2**62)


class SessionForm(forms.Form):
    """登记培训。"""

    held_on = _date("日期")
    topic = forms.CharField(label="内容", max_length=200)
    attendees = forms.IntegerField(label="人数", min_value=1, max_value=100_000)
    material = forms.FileField(
        label="材料", required=False, help_text="课件、通知或签到表：docx、xlsx、pdf 或图片，20 MiB 以内。"
    )
