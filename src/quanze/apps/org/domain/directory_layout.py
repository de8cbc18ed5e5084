"""名录工作簿的样子：行政区划、机构、内设机构、岗位、人员五张表，各栏怎么填。"""

from __future__ import annotations

from collections.abc import Sequence

from quanze.apps.org.domain.kinds import BODY_KIND_LABELS, REGION_LEVEL_LABELS, SCOPE_LABELS
from quanze.apps.org.domain.roles import ADMINISTRATORS, ROLE_GROUPS, ROLE_LABELS, ROLES
from quanze.apps.org.domain.sheets import (
    EXAMPLE_MARK,
    ReadRow,
    SheetDefect,
    SheetField,
    SheetLayout,
    SheetReading,
    is_sheet_of,
    read_sheet,
)
from quanze.core.errors import ErrorPlace
from quanze.core.workbook import Workbook

REGION, BODY, DIVISION, POST, PERSON = "region", "body", "division", "post", "person"
GRANTABLE = {code: label for code, label in ROLE_LABELS.items() if code not in ADMINISTRATORS}
FUNCTIONS = {code: label for code, label in GRANTABLE.items() if ROLES[code].group == "review"}
NO_ROLE = "无"

LAYOUTS = (
    SheetLayout(
        REGION,
        "行政区划",
        (
            SheetField("code", "区划代码", ("代码",), is_required=True, longest=12),
            SheetField("name", "区划名称", ("名称",), is_required=True, longest=64),
            SheetField("level", "层级", ("级别",), is_required=True),
            SheetField("parent", "上级区划", ("上级",)),
        ),
        names=("区划",),
    ),
    SheetLayout(
        BODY,
        "机构",
        (
            SheetField("code", "机构编码", ("编码", "机构代码"), is_required=True, longest=32),
            SheetField("name", "机构名称", ("名称", "单位名称"), is_required=True, longest=128),
            SheetField("short_name", "简称", (), longest=32),
            SheetField("kind", "种类", ("机构种类", "机构类型"), is_required=True),
            SheetField("region", "行政区划", ("区划", "区划代码"), is_required=True),
            SheetField("parent", "上级机构", ("上级", "上级单位")),
            SheetField("document_mark", "机关代字", ("代字",), longest=16),
            SheetField("functions", "承担审查职能", ("审查职能",)),
            SheetField("valid_from", "设立日期"),
            SheetField("valid_to", "撤销日期"),
        ),
        names=("单位", "部门"),
    ),
    SheetLayout(
        DIVISION,
        "内设机构",
        (
            SheetField("body", "机构", ("所属机构", "单位"), is_required=True),
            SheetField("code", "编码", ("内设机构编码",), longest=32),
            SheetField("name", "内设机构名称", ("内设机构", "名称", "科室"), is_required=True, longest=64),
            SheetField("valid_from", "设立日期"),
            SheetField("valid_to", "撤销日期"),
        ),
        names=("科室",),
    ),
    SheetLayout(
        POST,
        "岗位",
        (
            SheetField("body", "机构", ("所属机构", "单位"), is_required=True),
            SheetField("division", "内设机构", ("科室",)),
            SheetField("name", "岗位名称", ("岗位", "名称"), is_required=True, longest=64),
        ),
    ),
    SheetLayout(
        PERSON,
        "人员",
        (
            SheetField("username", "登录名", ("账号", "用户名"), is_required=True, longest=64),
            SheetField("full_name", "姓名", (), is_required=True, longest=64),
            SheetField("body", "机构", ("单位", "所在单位"), is_required=True),
            SheetField("division", "内设机构", ("科室",)),
            SheetField("post", "岗位", ("职务",), longest=64),
            SheetField("roles", "角色"),
            SheetField("scope", "数据范围"),
            SheetField("named", "指定机构"),
            SheetField("valid_from", "起始日期", ("起",)),
            SheetField("last_day", "终止日期", ("止", "最后一天")),
            SheetField("phone", "办公电话", ("电话",), longest=32),
            SheetField("note", "事由", ("任职文号",), longest=200),
        ),
        names=("人员名单",),
    ),
)
LAYOUT_OF = {layout.key: layout for layout in LAYOUTS}

# (layout, field) → how to fill it; shown beside the cell and on the sheet of explanations.
HELP = {
    (REGION, "code"): "六至十二位数字。",
    (REGION, "name"): "如：青禾县。",
    (REGION, "level"): "从下拉列表中选择。",
    (REGION, "parent"): "上级区划的代码或名称；最高一级不填。",
    (BODY, "code"): "本系统内唯一，建立后不改。重复载入时凭它认出同一机构。",
    (BODY, "name"): "全称，与印章一致。",
    (BODY, "short_name"): "如：县农业农村局。",
    (BODY, "kind"): "从下拉列表中选择，建立后不改。",
    (BODY, "region"): "区划的代码或名称，须已在系统中或在“行政区划”表中。",
    (BODY, "parent"): "上级机构的编码、名称或简称，没有的不填。与现在的上级不同时，自载入之日起改属。",
    (BODY, "document_mark"): "发文机关代字，如：青农发。",
    (BODY, "functions"): f"本区划内由它承担的审查职能，多项用顿号隔开：{'、'.join(FUNCTIONS.values())}。",
    (BODY, "valid_from"): "如 2024-03-01；不填为载入之日。",
    (BODY, "valid_to"): "已撤销或将撤销的填写；存续的不填。",
    (DIVISION, "body"): "所属机构的编码、名称或简称。",
    (DIVISION, "code"): "本机构内唯一；不填则按次序编为 01、02……",
    (DIVISION, "name"): "如：政策法规科。",
    (DIVISION, "valid_from"): "不填为载入之日。",
    (DIVISION, "valid_to"): "撤销的填写；存续的不填。",
    (POST, "body"): "所属机构的编码、名称或简称。",
    (POST, "division"): "内设机构的编码或名称；局领导等不属于科室的不填。",
    (POST, "name"): "如：科长、科员。人员表中写到的岗位不必在这里重复列出。",
    (PERSON, "username"): "建议用姓名全拼或工号，不能有空格。重复载入时凭它认出同一人；一人多岗写多行。",
    (PERSON, "full_name"): "与登录名对应的本人姓名。",
    (PERSON, "body"): "机构的编码、名称或简称。",
    (PERSON, "division"): "内设机构的编码或名称，没有的不填。",
    (PERSON, "post"): "如：科员。本机构没有的岗位随载入建立。",
    (PERSON, "roles"): (
        f"多个用顿号隔开；不填为不变动，填“{NO_ROLE}”为收回全部。三员不能由表格授予。"
        "角色须由另一位管理员一次确认后才生效。"
    ),
    (PERSON, "scope"): "从下拉列表中选择；不填为本机构（已在任的不变动）。",
    (PERSON, "named"): "数据范围为“指定机构”时填写机构，多个用顿号隔开。",
    (PERSON, "valid_from"): "任职第一天，不填为载入之日。",
    (PERSON, "last_day"): "任职最后一天，没有期限的不填。已在任的填上即提前终止。第三方评估必须填写。",
    (PERSON, "phone"): "办公电话，只在系统内显示；不填为不变动。",
    (PERSON, "note"): "如任职文号、抽调通知。",
}
EXAMPLES: dict[str, dict[str, str]] = {
    REGION: {"code": f"{EXAMPLE_MARK}330999", "name": "青禾县", "level": "县级", "parent": "云泽市"},
    BODY: {
        "code": f"{EXAMPLE_MARK}QH-NY", "name": "青禾县农业农村局", "short_name": "县农业农村局", "kind": "政府部门",
        "region": "青禾县", "parent": "青禾县人民政府", "document_mark": "青农发", "valid_from": "2019-01-01",
    },
    DIVISION: {"body": f"{EXAMPLE_MARK}县农业农村局", "code": "01", "name": "政策法规科", "valid_from": "2019-01-01"},
    POST: {"body": f"{EXAMPLE_MARK}县农业农村局", "division": "政策法规科", "name": "科长"},
    PERSON: {
        "username": f"{EXAMPLE_MARK}zhangsan", "full_name": "张三", "body": "县农业农村局", "division": "政策法规科",
        "post": "科员", "roles": "业务口、响应人", "scope": "本机构", "valid_from": "2026-01-01",
        "phone": "0000-0000000", "note": "×人社任〔2026〕1号",
    },
}  # fmt: skip


def _roles_by_group() -> list[str]:
    return [GRANTABLE[code] for group in ROLE_GROUPS for code in GRANTABLE if ROLES[code].group == group]


def choices_of(layout: str, key: str) -> tuple[str, ...]:
    """某栏的可选值；没有限定的为空。"""
    return {
        (REGION, "level"): tuple(REGION_LEVEL_LABELS.values()),
        (BODY, "kind"): tuple(BODY_KIND_LABELS.values()),
        (BODY, "functions"): tuple(FUNCTIONS.values()),
        (PERSON, "roles"): (*_roles_by_group(), NO_ROLE),
        (PERSON, "scope"): tuple(SCOPE_LABELS.values()),
    }.get((layout, key), ())


def read_directory(workbook: Workbook, *, skipped: Sequence[str] = ()) -> tuple[dict[str, list[ReadRow]], SheetReading]:
    """读整本工作簿：各表的行，与合在一起的缺陷、说明。一张也认不得的是缺陷。"""
    found: dict[str, list[ReadRow]] = {layout.key: [] for layout in LAYOUTS}
    defects: list[SheetDefect] = []
    notes: list[str] = []
    known = False
    for sheet in workbook.sheets:
        layout = next((each for each in LAYOUTS if is_sheet_of(each, sheet.name)), None)
        if sheet.name in skipped or not any(any(text.strip() for text in row) for row in sheet.rows):
            continue
        if layout is None or sheet.is_hidden:
            notes.append(f"没有读工作表“{sheet.name}”：{'是隐藏的' if sheet.is_hidden else '名称不在五张表之内'}")
            continue
        known = True
        reading = read_sheet(sheet, layout)
        found[layout.key] += reading.rows
        defects += reading.defects
        notes += reading.notes
    if not known:
        names = "、".join(layout.name for layout in LAYOUTS)
        defects.append(
            SheetDefect(
                "sheet_missing",
                ErrorPlace(file=workbook.name),
                "没有认得的工作表",
                f"请用空白表，工作表名称为：{names}。",
            )
        )
    return found, SheetReading((), tuple(defects), tuple(notes))
