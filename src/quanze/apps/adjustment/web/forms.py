"""动态调整的表单。"""

from __future__ import annotations

from typing import Any

from django import forms

from quanze.apps.adjustment.selectors.packs import packs
from quanze.apps.catalog.public import item_briefs_by_codes
from quanze.core.actor import EVERYTHING

_DATE = {"required": "请填日期。", "invalid": "日期应写作 2026-11-22。"}


class ReasonForm(forms.Form):
    """理由，必须写。"""

    reason = forms.CharField(label="理由", max_length=500, error_messages={"required": "请写明理由。"})


class OpinionForm(forms.Form):
    """意见，可不写。"""

    reason = forms.CharField(label="意见", max_length=500, required=False)


class SettleForm(forms.Form):
    """处理同步变更。"""

    verb = forms.ChoiceField(choices=[("update", "已更新"), ("end", "已终止"), ("confirm", "不受影响")])
    reason = forms.CharField(label="理由", max_length=500, required=False)


class TriggerForm(forms.Form):
    """登记调整事由。"""

    kind = forms.ChoiceField(
        label="事由类型", choices=lambda: [(one.code, one.label) for one in packs().triggers.values()]
    )
    title = forms.CharField(label="事由", max_length=200, help_text="写明是什么变了，例如：渔业法修订施行。")
    legal_on = forms.DateField(
        label="法定日",
        error_messages=_DATE,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="期限自这一天起算（当日不计）：新规定的施行日、文件的印发或收到日、新“三定”的生效日。",
    )
    evidence = forms.CharField(
        label="依据",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="法规名称与条款，或文件名称与文号。",
    )
    codes = forms.CharField(
        label="涉及的事项",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="事项标识，每行一个或用空格隔开；可从清单的表格里整列粘贴。只是要增加新事项的，可以不写而选清单。",
    )
    list_ids = forms.TypedMultipleChoiceField(
        label="涉及的清单", required=False, coerce=int, choices=(), help_text="要增加新事项的清单。"
    )
    note = forms.CharField(label="说明", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, lists: list[tuple[int, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["list_ids"].choices = lists or [(number, str(number)) for number in self._posted_lists()]  # type: ignore[attr-defined]

    def _posted_lists(self) -> list[int]:
        values = self.data.getlist("list_ids") if hasattr(self.data, "getlist") else []
        return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]

    def clean_codes(self) -> list[str]:
        text = self.cleaned_data["codes"].replace("，", " ").replace(",", " ").replace("、", " ")
        return list(dict.fromkeys(text.split()))


class MergeForm(forms.Form):
    """机构合并。"""

    from_list_id = forms.TypedChoiceField(
        label="划出的清单", coerce=int, choices=(), help_text="并入别的机构、不再保留的那一份。"
    )
    to_list_id = forms.TypedChoiceField(
        label="划入的清单", coerce=int, choices=(), help_text="合并后行使这些事项的机构的清单。"
    )
    title = forms.CharField(label="事由", max_length=200, help_text="例如：市林业局职责并入市自然资源局。")
    evidence = forms.CharField(label="依据", max_length=2000, help_text="机构改革方案或新“三定”规定的文号。")
    legal_on = forms.DateField(
        label="法定日", error_messages=_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, lists: list[tuple[int, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_list_id", "to_list_id"):
            posted = str(self.data.get(name, ""))
            known = (
                lists
                if lists is not None
                else [(int(posted), posted)]
                if posted.isdecimal() and len(posted) < 19
                else []
            )
            self.fields[name].choices = known  # type: ignore[attr-defined]


class ApplyForm(forms.Form):
    """部门申请。"""

    duty_review = forms.CharField(
        label="责任事项核对", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    accountability_review = forms.CharField(
        label="追责情形核对", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    note = forms.CharField(label="说明", max_length=2000, required=False)


class CandidateForm(forms.Form):
    """候选事项不进清单，或所列的一项不调整。"""

    name = forms.CharField(label="候选事项", max_length=600, required=False)
    reason = forms.CharField(label="理由", max_length=500, error_messages={"required": "请写明为何不进清单、不调整。"})
    plan_id = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class ItemAddForm(forms.Form):
    """加入一项。"""

    code = forms.CharField(label="事项标识", max_length=64, error_messages={"required": "请填事项标识。"})

    def clean_code(self) -> int:
        # Which of them the actor may see is the service's question: it answers for a foreign one as for an absent one.
        found = item_briefs_by_codes([self.cleaned_data["code"].strip()], scope=EVERYTHING)
        return next((one.item_id for one in found.values()), 0)


class FilingForm(forms.Form):
    """报送备案。"""

    catalogue = forms.CharField(
        label="关联清单", max_length=100, help_text="例如：行政许可事项清单、行政执法事项目录。"
    )
    document_number = forms.CharField(label="公布文号", max_length=100, required=False)
    published_on = forms.DateField(
        label="公布日期", error_messages=_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = forms.CharField(label="调整情况", max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))
    codes = forms.CharField(
        label="牵涉的权责事项",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="事项标识，每行一个或用空格隔开；编办可据此直接开启调整。",
    )

    clean_codes = TriggerForm.clean_codes


class AcceptForm(OpinionForm):
    """予以备案。"""

    is_adjusting = forms.BooleanField(label="同时开启调整", required=False)


class RefileForm(forms.Form):
    """补正后再报。"""

    text = forms.CharField(label="调整情况", max_length=4000)


class YearForm(forms.Form):
    """汇总年度目录。"""

    year = forms.IntegerField(label="年度", min_value=2000, max_value=2100)
    cut_off = forms.DateField(
        label="截止日", error_messages=_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class CheckForm(forms.Form):
    """部门核对与答复。"""

    catalogue_id = forms.IntegerField(min_value=1, max_value=2**62)
    verb = forms.ChoiceField(choices=[("confirm", "核对无误"), ("object", "提出异议"), ("answer", "答复异议")])
    remark = forms.CharField(max_length=500, required=False)


class DetermineForm(forms.Form):
    """编委审定。"""

    meeting_number = forms.CharField(label="会议号", max_length=100, required=False)
    resolution = forms.CharField(label="决议", max_length=500, required=False)


class IssueForm(forms.Form):
    """印发。"""

    document_number = forms.CharField(label="文号", max_length=100, required=False)
    issued_on = forms.DateField(label="印发日期", error_messages=_DATE)
