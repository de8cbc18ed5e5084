"""行权运行的表单。"""

from __future__ import annotations

from django import forms

from quanze.apps.performance.selectors.mappings import STANDARD_MAPPING, mapping_pack, mapping_packs


class UploadForm(forms.Form):
    """选择文件与列映射。"""

    file = forms.FileField(
        label="数据文件",
        help_text="CSV 文本（UTF-8 或 GB18030 编码）或 Excel 工作簿，一行一个办理环节，表头在第一行。",
        error_messages={
            "required": "没有收到文件。请选择文件；文件名不能是“.”或“..”。",
            "empty": "文件是空的，请重新选择。",
        },
    )
    mapping = forms.ChoiceField(label="列映射", initial=STANDARD_MAPPING)
    item_code = forms.CharField(
        label="事项标识", required=False, max_length=100, help_text="文件里没有事项一列时填写，整份文件都算作这一事项。"
    )
    body_code = forms.CharField(
        label="机构编码", required=False, max_length=100, help_text="文件里没有机构一列时填写，整份文件都算作这一机构。"
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["mapping"].choices = [(p.code, p.label) for p in mapping_packs().values()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if "mapping" in data:
            for name in mapping_pack(str(data["mapping"])).asks:
                if not data.get(name):
                    self.add_error(name, "这一列映射的文件里没有此列，须在此填写")
        return data


class ConfirmForm(forms.Form):
    """确认报送：预览所用的选择原样带回。"""

    mapping = forms.CharField(max_length=60, widget=forms.HiddenInput)
    item_code = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    body_code = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)


class VerdictForm(forms.Form):
    """核实清单外行权。"""

    verdict = forms.ChoiceField(
        label="核实结果",
        choices=[
            ("confirmed", "核实为清单外行权"),
            ("to_be_listed", "依法行使，待入清单"),
            ("pending", "更正为待核实"),
        ],
    )
    note = forms.CharField(label="核实说明", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ExplanationForm(forms.Form):
    """专项说明的办理。"""

    verb = forms.ChoiceField(
        choices=[(v, v) for v in ("submit", "withdraw", "accept", "return", "reopen")], widget=forms.HiddenInput
    )
    text = forms.CharField(label="说明", required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))


class WarningForm(forms.Form):
    """风险警示的办理。"""

    verb = forms.ChoiceField(
        choices=[(v, v) for v in ("read", "explain", "withdraw", "send_back")], widget=forms.HiddenInput
    )
    text = forms.CharField(
        label="说明",
        required=False,
        max_length=2000,
        help_text="写明原因与已采取的措施；不写个人信息。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
