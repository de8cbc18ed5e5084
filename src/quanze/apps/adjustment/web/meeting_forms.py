"""审定会议的表单。"""

from __future__ import annotations

from typing import Any

from django import forms

from quanze.apps.adjustment.domain.determining import Decision

_DATE = {"required": "请填日期。", "invalid": "日期应写作 2026-11-22。"}


def numbered(data: Any, prefix: str) -> dict[int, str]:
    """表单里逐项的一组值：``reason-12`` → {12: …}。What carries no number is none of ours."""
    found = {}
    for name in data:
        number = name.removeprefix(prefix)
        if name.startswith(prefix) and number.isascii() and number.isdigit() and len(number) < 19:
            found[int(number)] = data.get(name, "")
    return found


class MeetingForm(forms.Form):
    """会议：会议号、名称、日期、地点、议题。"""

    number = forms.CharField(label="会议号", max_length=100, help_text="例如：云泽市编委〔2026〕第4次会议。")
    title = forms.CharField(label="会议名称", max_length=200, help_text="印在材料的标题上。")
    held_on = forms.DateField(
        label="会议日期", error_messages=_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    place = forms.CharField(label="地点", max_length=100)
    submission_ids = forms.TypedMultipleChoiceField(
        label="议题",
        coerce=int,
        choices=(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一件等待会议的送审件。"},
    )

    def __init__(self, *args: Any, choices: list[tuple[int, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posted = self.data.getlist("submission_ids") if hasattr(self.data, "getlist") else []
        known = [(int(one), one) for one in posted if one.isascii() and one.isdigit() and len(one) < 19]
        self.fields["submission_ids"].choices = choices if choices is not None else known  # type: ignore[attr-defined]


class ReasonsForm(forms.Form):
    """逐项的理由与依据。"""

    def clean(self) -> dict[str, Any]:
        return {"reasons": numbered(self.data, "reason-")}


class DecideForm(forms.Form):
    """会议的决定。"""

    resolution = forms.CharField(
        label="决议", max_length=500, error_messages={"required": "请填决议，例如：原则同意，按会议意见修改后印发。"}
    )
    rest_approved = forms.BooleanField(label="没有单独选定的各项，均为审定", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen, remarks = numbered(self.data, "decision-"), numbered(self.data, "remark-")
        rest = "approve" if given.get("rest_approved") else ""
        given["decisions"] = {
            number: Decision(chosen.get(number) or rest, remarks.get(number, ""))
            for number in chosen.keys() | remarks.keys()
        }
        return given


class TemplateForm(forms.Form):
    """上传公文样式。"""

    title = forms.CharField(label="名称", max_length=100, help_text="例如：提请审定的请示；同名再传，旧的停用。")
    file = forms.FileField(
        label="样式文件",
        help_text="docx，20 MiB 以内；要填入的地方写 {{字段}}。",
        error_messages={"required": "请选择样式文件。"},
    )


class FillForm(forms.Form):
    """套用公文样式。"""

    template_id = forms.IntegerField(label="公文样式", min_value=1, max_value=2**62)
