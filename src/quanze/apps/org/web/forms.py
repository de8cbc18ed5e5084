"""表单：账号、任职、角色、代理、交接、机构、首次设置。"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from quanze.apps.org.domain import BODY_KIND_LABELS, REGION_LEVEL_LABELS, ROLES, SCOPE_LABELS

DATE = forms.DateInput(attrs={"data-date": ""})


def listed(form: forms.Form, name: str) -> list[tuple[Any, str]]:
    """某下拉框的选项，不含“无”。"""
    field: Any = form.fields[name]
    return [choice for choice in field.choices if choice[0] != ""]


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PersonForm(forms.Form):
    """新建账号。"""

    full_name = forms.CharField(label="姓名", max_length=64)
    username = forms.CharField(label="登录名", max_length=64, help_text="建议用姓名全拼或工号；建立后可改。")
    phone = forms.CharField(label="办公电话", max_length=32, required=False)


class ReasonForm(forms.Form):
    """只需写明理由。"""

    reason = forms.CharField(label="理由", max_length=500, widget=_area(2))


class AppointmentForm(forms.Form):
    """新建任职。"""

    body = forms.TypedChoiceField(label="机构", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    post = forms.CharField(label="岗位", max_length=64, required=False, help_text="如：政策法规科科员")
    valid_from = forms.DateField(label="自", widget=DATE)
    last_day = forms.DateField(label="至（最后一天）", required=False, widget=DATE, help_text="没有期限的不填。")
    note = forms.CharField(label="事由", max_length=200, required=False, help_text="如任职文号、抽调通知。")

    def __init__(self, *args: Any, bodies: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].choices = list(bodies)  # type: ignore[attr-defined]


class EndForm(ReasonForm):
    """终止任职。"""

    last_day = forms.DateField(label="任职的最后一天", widget=DATE)
    field_order = ("last_day", "reason")


class RoleForm(forms.Form):
    """申请角色与范围。"""

    roles = forms.MultipleChoiceField(
        label="角色",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(code, f"{role.label}：{role.does}") for code, role in ROLES.items() if not role.is_administrator],
        help_text="勾选变更之后应有的全部角色；全不选为收回。",
    )
    scope = forms.ChoiceField(label="数据范围", choices=[(str(code), label) for code, label in SCOPE_LABELS.items()])
    bodies = forms.TypedMultipleChoiceField(
        label="指定机构",
        coerce=int,
        required=False,
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
        help_text="只在数据范围为“指定机构”时填写。",
    )
    reason = forms.CharField(label="理由", max_length=500, widget=_area(2), help_text="写明依据，如任职文号。")

    def __init__(self, *args: Any, bodies: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bodies"].choices = list(bodies)  # type: ignore[attr-defined]


class SeatForm(forms.Form):
    """三员任免。"""

    kind = forms.ChoiceField(
        label="席位", choices=[(code, role.label) for code, role in ROLES.items() if role.is_administrator]
    )
    user = forms.TypedChoiceField(
        label="就任", coerce=int, empty_value=None, required=False, widget=forms.Select(attrs={"data-select": ""}),
        help_text="须没有业务角色；只办离任的不填。",
    )  # fmt: skip
    leaving = forms.TypedChoiceField(
        label="离任", coerce=int, empty_value=None, required=False, help_text="增设一人的不填。"
    )
    body = forms.TypedChoiceField(label="所在机构", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    reason = forms.CharField(label="理由", max_length=500, widget=_area(2))

    def __init__(
        self,
        *args: Any,
        people: Iterable[tuple[int, str]],
        seated: Iterable[tuple[int, str]],
        bodies: Iterable[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", "（无）"), *people]  # type: ignore[attr-defined]
        self.fields["leaving"].choices = [("", "（无）"), *seated]  # type: ignore[attr-defined]
        self.fields["body"].choices = list(bodies)  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    """确认或不予确认。"""

    verb = forms.ChoiceField(choices=[("confirm", "确认变更"), ("refuse", "不予确认")])
    note = forms.CharField(
        label="意见", max_length=500, required=False, widget=_area(2), help_text="不予确认的须写明理由。"
    )


class DelegationForm(forms.Form):
    """设定代理。"""

    appointment = forms.TypedChoiceField(label="代理哪个岗位", coerce=int)
    deputy = forms.TypedChoiceField(label="代理人", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    roles = forms.MultipleChoiceField(label="代理的职责", widget=forms.CheckboxSelectMultiple)
    valid_from = forms.DateField(label="自", widget=DATE)
    last_day = forms.DateField(label="至（最后一天）", widget=DATE, help_text="到期自行终止，不必办理。")
    reason = forms.CharField(label="事由", max_length=500, widget=_area(2), help_text="如：年休假、外出培训。")

    def __init__(
        self,
        *args: Any,
        appointments: Iterable[tuple[int, str]],
        deputies: Iterable[tuple[int, str]],
        roles: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["appointment"].choices = list(appointments)  # type: ignore[attr-defined]
        self.fields["deputy"].choices = list(deputies)  # type: ignore[attr-defined]
        self.fields["roles"].choices = list(roles)  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """交接。"""

    to_user = forms.TypedChoiceField(label="接手人", coerce=int, widget=forms.Select(attrs={"data-select": ""}))
    reason = forms.CharField(label="事由", max_length=500, widget=_area(2), help_text="如：调离、退休、退出专班。")

    def __init__(self, *args: Any, people: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_user"].choices = list(people)  # type: ignore[attr-defined]


class BodyForm(forms.Form):
    """设立机构。"""

    name = forms.CharField(label="机构名称", max_length=128)
    short_name = forms.CharField(label="简称", max_length=32, required=False)
    code = forms.CharField(label="机构编码", max_length=32, help_text="建立后不改。")
    kind = forms.ChoiceField(label="种类", choices=[(str(code), label) for code, label in BODY_KIND_LABELS.items()])
    region = forms.ChoiceField(label="行政区划")
    parent = forms.TypedChoiceField(
        label="上级机构", coerce=int, empty_value=None, required=False, widget=forms.Select(attrs={"data-select": ""})
    )
    document_mark = forms.CharField(label="机关代字", max_length=16, required=False, help_text="如：×农发")
    valid_from = forms.DateField(label="设立日期", widget=DATE)

    def __init__(
        self, *args: Any, regions: Iterable[tuple[str, str]], bodies: Iterable[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = list(regions)  # type: ignore[attr-defined]
        self.fields["parent"].choices = [("", "（无）"), *bodies]  # type: ignore[attr-defined]


class BodyChangeForm(forms.Form):
    """修改机构。"""

    name = forms.CharField(label="机构名称", max_length=128)
    short_name = forms.CharField(label="简称", max_length=32, required=False)
    kind = forms.ChoiceField(
        label="种类", required=False, choices=[(str(code), label) for code, label in BODY_KIND_LABELS.items()]
    )
    region = forms.ChoiceField(label="行政区划", required=False)
    document_mark = forms.CharField(label="机关代字", max_length=16, required=False)
    on = forms.DateField(
        label="自哪天起", required=False, widget=DATE,
        help_text="更名、改变种类等的生效日期，不填为今天；以前的名称留在沿革里。更正写错的，填那次变更的日期。",
    )  # fmt: skip
    valid_to = forms.DateField(label="撤销日期", required=False, widget=DATE, help_text="存续的不填。")
    reason = forms.CharField(label="理由", max_length=200, required=False, help_text="如：县委编委〔2026〕5号。")

    def __init__(self, *args: Any, regions: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = list(regions)  # type: ignore[attr-defined]


class DivisionForm(forms.Form):
    """设立内设机构。"""

    name = forms.CharField(label="名称", max_length=64)
    code = forms.CharField(label="编码", max_length=32)
    valid_from = forms.DateField(label="设立日期", widget=DATE)


class PostForm(forms.Form):
    """设置岗位。"""

    name = forms.CharField(label="岗位名称", max_length=64)
    division = forms.TypedChoiceField(label="内设机构", coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, divisions: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].choices = [("", "（不分）"), *divisions]  # type: ignore[attr-defined]


class SetupForm(forms.Form):
    """首次设置。"""

    token = forms.CharField(
        label="设置令牌", max_length=64, widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "off"}),
        help_text="在服务器上执行 quanze setup token 得到，24 小时内有效，只能用一次。",
    )  # fmt: skip
    region_name = forms.CharField(label="行政区划名称", max_length=64, help_text="如：云泽市")
    region_code = forms.RegexField(r"^\d{6,12}$", label="行政区划代码", help_text="六至十二位数字。")
    region_level = forms.ChoiceField(
        label="层级", choices=[(str(code), label) for code, label in REGION_LEVEL_LABELS.items()]
    )
    body_name = forms.CharField(
        label="本单位名称", max_length=128, help_text="管理本系统的单位，如：中共云泽市委机构编制委员会办公室"
    )
    system_admin_username = forms.CharField(label="登录名", max_length=64)
    system_admin_full_name = forms.CharField(label="姓名", max_length=64)
    security_admin_username = forms.CharField(label="登录名", max_length=64)
    security_admin_full_name = forms.CharField(label="姓名", max_length=64)
    audit_admin_username = forms.CharField(label="登录名", max_length=64)
    audit_admin_full_name = forms.CharField(label="姓名", max_length=64)
