"""名录由一本工作簿载入：机关怎么填都读得懂，有一处错就一处不写，角色由另一人一次确认。"""

import io
from datetime import date

import openpyxl
import pytest
from django.test.utils import CaptureQueriesContext

from quanze.apps.org import public as org
from quanze.apps.org.domain.people_plan import plan_directory
from quanze.apps.org.models import Appointment, Body, BodyParent, DirectoryLoad, Division, Post, Region, RoleChange
from quanze.apps.org.selectors import loading as selectors
from quanze.base.audit.models import FactRecord
from quanze.base.iam.models import AccountToken, User
from quanze.core.errors import Conflict, InvalidInput, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db


HEADERS = {
    "行政区划": ["区划代码", "区划名称", "层级", "上级区划"],
    "机构": ["机构编码*", "机构名称*", "简称", "种类*", "行政区划*", "上级机构", "机关代字", "承担审查职能", "设立日期", "撤销日期"],
    "内设机构": ["机构", "编码", "内设机构名称", "设立日期", "撤销日期"],
    "岗位": ["机构", "内设机构", "岗位名称"],
    "人员": [
        "登录名", "姓名", "机构", "内设机构", "岗位", "角色", "数据范围", "指定机构", "起始日期", "终止日期", "办公电话", "事由",
    ],
}  # fmt: skip


def workbook(sheets, *, title="", merges=(), headers=HEADERS) -> bytes:
    """各表的行 → xlsx；``title`` 为表头之上合并的题名。"""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        known = headers.get(name, [])
        if title:
            page.append([title])
            page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=max(len(known), 2))
            page.append([])
        page.append(known)
        for row in rows:
            page.append(list(row))
        for sheet, area in merges:
            if sheet == name:
                page.merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


GOOD = {
    "行政区划": [["990103", "白鹿镇", "乡级", "青禾县"]],
    "机构": [
        # The child stands before its parent, and the parent is named by its short name.
        ["QH-BL-N", "白鹿镇农业服务中心", "白鹿农服", "事业单位", "白鹿镇", "白鹿镇", "", "", "2021/5/6", ""],
        [],
        ["QH-BL", "白鹿镇人民政府", "白鹿镇", "乡镇", "990103", "县政府", "白政发", "", "2020年1月1日", ""],
    ],
    "内设机构": [["白鹿镇", "", "党政办"], ["", "", "综合行政执法队"], ["", "x9", "财政所"]],
    "岗位": [["白鹿镇", "党政办", "主任"]],
    "人员": [
        [
            "lu.ming",
            "鹿鸣",
            "白鹿镇",
            "党政办",
            "主任",
            "业务口、镇街调度",
            "",
            "",
            "2026-01-01",
            "",
            "0571-1",
            "白任〔2026〕1号",
        ],
        ["lu.ming", "鹿鸣", "白鹿镇", "", "镇长助理", "", "", "", "", "", "", ""],
        ["bai.lu", "白露", "QH-BL", "综合行政执法队", "队长", "法制审查", "本机构及下级", "", "", "2027.12.31", "", ""],
        [
            "wai.ping",
            "外评",
            "白鹿镇",
            "",
            "",
            "第三方评估",
            "指定机构",
            "白鹿镇、县农业农村局",
            "",
            "2026-12-31",
            "",
            "",
        ],
        ["填表人：陈", ""],
    ],
}
MERGES = [("内设机构", "A4:A6")]


def good(**changed):
    return workbook({**GOOD, **changed}, title="青禾县机构人员名录", merges=MERGES)


def load(county, data, *, by="sysadmin", now=None):
    now = now or county.now
    load_id = org.directory_upload(actor=county.actor(by), data=data, name="名录.xlsx", now=now)
    row = DirectoryLoad.objects.get(pk=load_id)
    plan = selectors.plan_of(row, today=county.today)
    org.directory_apply(actor=county.actor(by), load_id=load_id, seen_plan=plan.digest, now=now)
    return DirectoryLoad.objects.get(pk=load_id)


def defects(county, data):
    with pytest.raises(RulesNotMet) as refused:
        org.directory_upload(actor=county.actor("sysadmin"), data=data, name="名录.xlsx", now=county.now)
    return [(each.code, each.place.sheet, each.place.row, each.place.column) for each in refused.value.defects]


def test_a_workbook_as_offices_write_it_becomes_bodies_people_and_requests(staff, county):
    row = load(county, good())
    town = Body.objects.get(code="QH-BL")
    assert (town.name, town.region.name, town.valid_from) == ("白鹿镇人民政府", "白鹿镇", date(2020, 1, 1))
    assert Region.objects.get(code="990103").parent.name == "青禾县"
    edges = BodyParent.objects.filter(body__code__startswith="QH-BL").order_by("body__code")
    assert [(edge.body.code, edge.parent.code) for edge in edges] == [("QH-BL", "QH-ZF"), ("QH-BL-N", "QH-BL")]
    # The name of the body was merged downwards over three rows.
    assert [(d.code, d.name) for d in Division.objects.filter(body=town)] == [
        ("01", "党政办"), ("02", "综合行政执法队"), ("x9", "财政所"),
    ]  # fmt: skip
    posts = Post.objects.filter(body=town).values_list("division__name", "name")
    assert set(posts) == {("党政办", "主任"), (None, "镇长助理"), ("综合行政执法队", "队长")}
    user = User.objects.get(username="lu.ming")
    assert (user.full_name, user.phone, user.has_usable_password()) == ("鹿鸣", "0571-1", False)
    held = Appointment.objects.filter(user=user).order_by("valid_from").values_list("post__name", "valid_from")
    assert list(held) == [("主任", date(2026, 1, 1)), ("镇长助理", county.today)]
    assert Appointment.objects.get(user__username="bai.lu").valid_to == date(2028, 1, 1)
    assert {key: counts["new"] for key, counts in row.counts.items()} == {
        "region": 1, "body": 2, "division": 3, "post": 3, "account": 3, "appointment": 4, "roles": 3,
    }  # fmt: skip
    assert (row.state, row.rows) == ("applied", {})


def test_roles_take_effect_only_when_another_administrator_confirms_the_batch(staff, county):
    row = load(county, good())
    assert org.actor_for_user(User.objects.get(username="lu.ming").pk, on=county.today).roles == frozenset()
    decide = {"batch_id": row.batch_id, "seen_version": 1, "verb": "confirm", "now": county.now}
    for login in ("sysadmin", "auditadmin"):
        with pytest.raises(NotPermitted):
            org.role_changes_decide(actor=county.actor(login), **decide)
    assert RoleChange.objects.filter(state="requested").count() == 3
    assert org.role_changes_decide(actor=county.actor("secadmin"), **decide) == 3
    actor = org.actor_for_user(User.objects.get(username="lu.ming").pk, on=county.today)
    assert actor.roles == {"drafter", "town_dispatcher"}
    outside = org.actor_for_user(User.objects.get(username="wai.ping").pk, on=county.today)
    assert outside.scope.body_ids == {Body.objects.get(code="QH-BL").pk, county.bodies["QH-NY"]}
    with pytest.raises(Conflict):
        org.role_changes_decide(actor=county.actor("secadmin"), **decide)


def test_a_refused_batch_gives_nobody_anything(staff, county):
    row = load(county, good())
    given = {"batch_id": row.batch_id, "seen_version": 1, "verb": "refuse", "now": county.now}
    with pytest.raises(RulesNotMet):
        org.role_changes_decide(actor=county.actor("secadmin"), **given)
    assert org.role_changes_decide(actor=county.actor("secadmin"), note="名单有误", **given) == 3
    assert not Appointment.objects.filter(user__username="lu.ming", roles__isnull=False).exists()


def test_the_same_file_again_changes_nothing(staff, county):
    row = load(county, good())
    facts = FactRecord.objects.count()
    checked = org.directory_check(actor=county.actor("sysadmin"), data=good(), name="x.xlsx", now=county.now)
    assert (checked.plan.defects, checked.plan.to_write) == ((), ())
    org.role_changes_decide(
        actor=county.actor("secadmin"), batch_id=row.batch_id, seen_version=1, verb="confirm", now=county.now
    )
    after = FactRecord.objects.count()
    checked = org.directory_check(actor=county.actor("sysadmin"), data=good(), name="x.xlsx", now=county.now)
    assert checked.plan.to_write == ()
    load_id = org.directory_upload(actor=county.actor("sysadmin"), data=good(), name="x.xlsx", now=county.now)
    with pytest.raises(WrongState):
        org.directory_apply(
            actor=county.actor("sysadmin"), load_id=load_id, seen_plan=checked.plan.digest, now=county.now
        )
    assert (facts < after, FactRecord.objects.count()) == (True, after + 1)


def test_every_defect_is_found_at_once_and_nothing_is_written(staff, county):
    before = (Body.objects.count(), User.objects.count(), FactRecord.objects.count(), DirectoryLoad.objects.count())
    bad = {
        "机构": [
            ["QH-1", "甲局", "", "什么局", "青禾县"],
            ["QH-2", "", "", "政府部门", "没有的县"],
            ["QH-3", "丙局", "丙", "政府部门", "青禾县", "丁局"],
            ["QH-4", "丁局", "丁", "政府部门", "青禾县", "丙局"],
            ["QH-NY", "青禾县农业农村局", "", "乡镇", "青禾县"],
        ],
        "人员": [
            ["a b", "某", "县农业农村局"],
            ["ren1", "任一", "没有的局"],
            ["ren2", "任二", "县农业农村局", "", "", "系统管理员"],
            ["ren3", "任三", "县农业农村局", "", "", "舞蹈家", "", "", "2026-13-01"],
            ["drafter", "别人", "县农业农村局"],
            ["ren4", "任四", "县农业农村局", "", "", "第三方评估", "全部机构"],
            ["sysadmin", "管机", "县农业农村局", "", "", "业务口"],
            ["ren4", "任四", "县农业农村局"],
        ],
    }
    found = defects(county, workbook(bad))
    assert found == [
        ("kind_unknown", "机构", 2, 4),
        ("cell_missing", "机构", 3, 2),
        ("parent_circle", "机构", 4, 6),
        ("parent_circle", "机构", 5, 6),
        ("body_fixed", "机构", 6, 4),
        ("username_invalid", "人员", 2, 1),
        ("body_unknown", "人员", 3, 3),
        ("seat_by_workbook", "人员", 4, 6),
        ("role_unknown", "人员", 5, 6),
        ("date_unreadable", "人员", 5, 9),
        ("username_taken", "人员", 6, 1),
        ("end_date_required", "人员", 7, 10),
        ("administrators_exclusive", "人员", 8, 6),
        ("row_repeated", "人员", 9, 5),
    ]
    now = (Body.objects.count(), User.objects.count(), FactRecord.objects.count(), DirectoryLoad.objects.count())
    assert now == before


def test_a_name_that_two_bodies_share_asks_for_the_code(staff, county):
    twin = [["QH-A", "甲办公室", "办", "政府部门", "青禾县"], ["QH-B", "乙办公室", "办", "政府部门", "青禾县"]]
    assert defects(county, workbook({"机构": twin, "岗位": [["办", "", "主任"]]})) == [("body_ambiguous", "岗位", 2, 1)]


def test_a_sheet_without_its_header_and_a_foreign_workbook_are_told(staff, county):
    assert defects(county, workbook({"人员": []}, headers={"人员": ["谁", "哪里"]})) == [
        ("header_missing", "人员", None, None)
    ]
    assert defects(county, workbook({"收支": [[1, 2]]})) == [("sheet_missing", "", None, None)]
    with pytest.raises(InvalidInput) as refused:
        org.directory_upload(actor=county.actor("sysadmin"), data=b"%PDF-1.7", name="a.xlsx", now=county.now)
    assert refused.value.code == "FILE_TYPE_MISMATCH"


def test_a_later_file_changes_moves_and_ends_what_it_says_and_leaves_the_rest(staff, county):
    load(county, good())
    people = Appointment.objects.count()
    later = county.later(days=3)
    rows = {
        "机构": [["QH-BL-N", "白鹿镇农业农村服务中心", "", "事业单位", "白鹿镇", "县农业农村局"]],
        "内设机构": [["白鹿镇", "02", "综合行政执法大队", "", ""], ["白鹿镇", "x9", "财政所", "", "2026-11-30"]],
        "人员": [["bai.lu", "白露", "白鹿镇", "02", "队长", "", "", "", "", "2026-11-04", "0571-9"]],
    }
    data = workbook(rows)
    load_id = org.directory_upload(actor=county.actor("sysadmin"), data=data, name="x.xlsx", now=later)
    plan = selectors.plan_of(DirectoryLoad.objects.get(pk=load_id), today=date(2026, 11, 5))
    counts = org.directory_apply(actor=county.actor("sysadmin"), load_id=load_id, seen_plan=plan.digest, now=later)
    assert [counts["body"]["changed"], counts["division"]["changed"], counts["division"]["ended"]] == [1, 1, 1]
    assert (counts["account"]["changed"], counts["appointment"]["ended"]) == (1, 1)
    body = Body.objects.get(code="QH-BL-N")
    assert (body.name, body.short_name) == ("白鹿镇农业农村服务中心", "白鹿农服")
    edges = body.parent_edges.order_by("valid_from").values_list("parent__code", "valid_from", "valid_to")
    assert list(edges) == [
        ("QH-BL", date(2021, 5, 6), date(2026, 11, 5)), ("QH-NY", date(2026, 11, 5), None),
    ]  # fmt: skip
    assert Division.objects.get(code="x9").valid_to == date(2026, 11, 30)
    assert Appointment.objects.get(user__username="bai.lu").valid_to == date(2026, 11, 5)
    assert Appointment.objects.count() == people


def test_what_changed_after_the_preview_is_not_overwritten(staff, county):
    sysadmin = county.actor("sysadmin")
    load_id = org.directory_upload(actor=sysadmin, data=good(), name="x.xlsx", now=county.now)
    plan = selectors.plan_of(DirectoryLoad.objects.get(pk=load_id), today=county.today)
    org.body_create(
        actor=sysadmin, code="QH-BL", name="白鹿镇政府", kind="town", region_code="990101",
        valid_from=county.today, now=county.now,
    )  # fmt: skip
    with pytest.raises(Conflict):
        org.directory_apply(actor=sysadmin, load_id=load_id, seen_plan=plan.digest, now=county.now)
    assert not User.objects.filter(username="lu.ming").exists()


def test_the_links_are_given_once(staff, county):
    row = load(county, good())
    links = org.directory_links_take(actor=county.actor("sysadmin"), load_id=row.pk, now=county.now)
    assert [link.username for link in links] == ["lu.ming", "bai.lu", "wai.ping"]
    assert AccountToken.objects.filter(user__username="lu.ming", void_at=None).count() == 1
    with pytest.raises(WrongState):
        org.directory_links_take(actor=county.actor("sysadmin"), load_id=row.pk, now=county.now)


@pytest.mark.parametrize("login", ["secadmin", "auditadmin", "drafter", "head"])
def test_only_the_system_administrator_loads(staff, county, login):
    with pytest.raises(NotPermitted):
        org.directory_upload(actor=county.actor(login), data=good(), name="x.xlsx", now=county.now)


def test_the_empty_workbook_is_read_as_empty_and_its_example_is_skipped(staff, county):
    data = org.directory_template()
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["填写说明", "行政区划", "机构", "内设机构", "岗位", "人员", "可选值"]
    assert {str(each.sqref) for each in book["机构"].data_validations.dataValidation if each.type == "list"} == {
        "D3:D5001", "H3:H5001",
    }  # fmt: skip
    assert book["人员"]["A3"].value.startswith("（示例）")
    with pytest.raises(InvalidInput) as refused:
        org.directory_check(actor=county.actor("sysadmin"), data=data, name="空白.xlsx", now=county.now)
    assert refused.value.code == "rows_none"
    # Filled in below the example, it is read.
    book["机构"].append(["QH-X", "新局", "", "政府部门", "青禾县"])
    buffer = io.BytesIO()
    book.save(buffer)
    checked = org.directory_check(actor=county.actor("sysadmin"), data=buffer.getvalue(), name="x.xlsx", now=county.now)
    assert [(each.section, each.label) for each in checked.plan.changes] == [("body", "新局")]


def test_a_check_costs_the_same_queries_for_one_row_and_for_many(staff, county):
    from django.db import connection

    counts = []
    for size in (1, 60):
        people = [[f"ren{n}", f"任{n}", "县农业农村局", "", f"岗{n}"] for n in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            org.directory_check(
                actor=county.actor("sysadmin"), data=workbook({"人员": people}), name="x.xlsx", now=county.now
            )
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 24


def test_a_plan_against_an_empty_directory_needs_no_database():
    from quanze.apps.org.domain.directory_present import Present

    plan = plan_directory({}, Present(), today=date(2026, 1, 1))
    assert (plan.to_write, plan.defects) == ((), ())
