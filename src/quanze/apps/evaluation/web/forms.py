"""评估的表单。"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.domain.entries import EntryField
from quanze.apps.evaluation.selectors.rounds import bodies_holding_powers
from quanze.core.errors import InvalidInput
from quanze.core.scoring import decimal


class DateInput(forms.DateInput):
    """日期框：年-月-日。"""

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"data-date": "", "autocomplete": "off"})


class SchemeForm(forms.Form):
    """评估方案：名称、重点；所选指标与权重在表格里。"""

    name = forms.CharField(label="方案名称", max_length=120)
    focus = forms.CharField(label="本次重点与目标", max_length=300, required=False)

    def weights(self) -> dict[str, Decimal]:
        """勾选的指标与权重。"""
        chosen = self.data.getlist("chosen") if hasattr(self.data, "getlist") else []
        found: dict[str, Decimal] = {}
        for code in chosen:
            raw = str(self.data.get(f"weight-{code}", "")).strip()
            if not raw:
                raise InvalidInput(f"指标 {code} 没有填写权重", hint="请填写权重，或取消勾选。")
            weight = decimal(raw, where=f"指标 {code} 的权重")
            if weight <= 0 or weight != round(weight, 2):
                raise InvalidInput(f"指标 {code} 的权重“{raw}”无效", hint="权重为大于零、至多两位小数的数。")
            found[code] = weight
        return found


def _offer(field: forms.Field, choices: list[tuple[int, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class RoundForm(forms.Form):
    """评估轮次；参评单位默认为全部有行权事项的机构（全覆盖）。"""

    name = forms.CharField(label="轮次名称", max_length=120)
    scheme = forms.TypedChoiceField(label="评估方案", coerce=int)
    period_start = forms.DateField(label="评估期间起", widget=DateInput)
    period_last = forms.DateField(label="评估期间止", widget=DateInput, help_text="含当日")
    as_of = forms.DateField(label="统计截止日", widget=DateInput, help_text="清单与数据以这一天为准")
    regulation = forms.CharField(label="所依评估办法", max_length=200, help_text="写明名称与版本")
    organisation = forms.CharField(label="组织实施", widget=forms.Textarea(attrs={"rows": 2}))
    result_use = forms.CharField(label="结果运用", widget=forms.Textarea(attrs={"rows": 2}))
    bodies = forms.TypedMultipleChoiceField(label="参评单位", coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        schemes, holders = evaluation.schemes(), bodies_holding_powers(on=today)
        _offer(self.fields["scheme"], [(row.id, f"{row.name}（{row.indicators} 项指标）") for row in schemes])
        _offer(self.fields["bodies"], [(body.id, body.name) for body in holders])
        first = {
            "scheme": schemes[0].id if schemes else None,
            "period_start": today.replace(month=1, day=1),
            "period_last": today,
            "as_of": today,
            "bodies": [body.id for body in holders],
        }
        self.initial = {**first, **self.initial}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, last = data.get("period_start"), data.get("period_last")
        if start and last and last < start:
            self.add_error("period_last", "止日不能早于起日")
        return data


class EntryForm(forms.Form):
    """人工评定：栏目由指标的计分方式推出。"""

    reason = forms.CharField(label="评定理由", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, entry_fields: tuple[EntryField, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made: dict[str, forms.Field] = {}
        for entry in entry_fields:
            if entry.choices:
                made[entry.name] = forms.ChoiceField(label=entry.label, choices=[("", "请选择"), *entry.choices])
            else:
                made[entry.name] = forms.CharField(
                    label=entry.label,
                    help_text=entry.help,
                    max_length=20,
                    widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                )
        self.entry_names = tuple(made)
        self.fields = {**made, **self.fields}

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.entry_names}


class ReasonForm(forms.Form):
    """理由。"""

    reason = forms.CharField(label="理由", max_length=500)


class IssueForm(forms.Form):
    """印发：文号与日期。"""

    document_number = forms.CharField(label="文号", max_length=100, help_text="含机关代字，如 ×编办评〔2026〕3号")
    issued_on = forms.DateField(label="印发日期", widget=DateInput)
