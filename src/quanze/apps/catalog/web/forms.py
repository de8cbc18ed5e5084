"""几个页面共用的小表单。"""

from __future__ import annotations

from django import forms


class NoteForm(forms.Form):
    """说明，可不写。"""

    note = forms.CharField(label="说明", max_length=2000, required=False)


class ReasonForm(forms.Form):
    """理由，必须写。"""

    reason = forms.CharField(label="理由", max_length=500, error_messages={"required": "请写明理由。"})


class RemoveForm(ReasonForm):
    """移出退回的事项。"""

    entry_id = forms.IntegerField(min_value=1, max_value=2**62)
