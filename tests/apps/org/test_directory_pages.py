"""名录载入的页面与命令：上传、预览、载入、一次确认、一次取链接。"""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quanze.apps.org.models import DirectoryLoad
from quanze.base.audit.models import AccessRecord, FactRecord
from quanze.base.iam.models import User
from quanze.portal import cli

pytestmark = pytest.mark.django_db
PEOPLE = ["登录名", "姓名", "机构", "岗位", "角色"]


@pytest.fixture(autouse=True)
def _proved_lately(monkeypatch):
    """二次验证另有测试；这里当作刚验证过。"""
    monkeypatch.setattr("quanze.base.iam.step_up.is_fresh", lambda request: True)


def workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "人员"
    for row in (PEOPLE, *rows):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def send(client, data):
    return client.post("/staff/loads/upload/", {"file": SimpleUploadedFile("名录.xlsx", data)})


def text(response) -> str:
    return response.content.decode()


GOOD = ["yu.miao", "于苗", "县农业农村局", "科员", "业务口、响应人"]


def test_from_the_upload_to_the_confirmed_roles(staff, county, client_of):
    admin, second = client_of("sysadmin"), client_of("secadmin")
    answer = send(admin, workbook(GOOD))
    assert answer.status_code == 303
    page = admin.get(answer["Location"])
    assert "于苗 · 青禾县农业农村局 科员" in text(page)
    assert "业务口、响应人" in text(page)
    assert not User.objects.filter(username="yu.miao").exists()
    row = DirectoryLoad.objects.get()
    seen = page.context["seen_plan"]
    stale = admin.post(f"/staff/loads/{row.pk}/apply/", {"seen_plan": "0" * 64})
    assert (stale.status_code, User.objects.filter(username="yu.miao").exists()) == (409, False)
    assert admin.post(f"/staff/loads/{row.pk}/apply/", {"seen_plan": seen}).status_code == 303
    row.refresh_from_db()
    assert "待确认的成批角色变更" in text(second.get("/staff/changes/"))
    batch = f"/staff/changes/batches/{row.batch_id}/"
    assert "等待另一位管理员确认" in text(admin.get(batch))
    assert "确认全部变更" in text(second.get(batch))
    assert second.post(f"{batch}decide/", {"verb": "confirm"}).status_code == 428
    assert second.post(f"{batch}decide/", {"verb": "confirm", "seen_version": 1}).status_code == 303
    assert "已确认" in text(second.get(batch))
    assert county.now and FactRecord.objects.filter(action="org.role_batch.decided").count() == 1


def test_the_links_come_once_as_a_workbook_and_the_taking_is_recorded(staff, county, client_of):
    admin = client_of("sysadmin")
    page = admin.get(send(admin, workbook(GOOD))["Location"])
    row = DirectoryLoad.objects.get()
    admin.post(f"/staff/loads/{row.pk}/apply/", {"seen_plan": page.context["seen_plan"]})
    answer = admin.post(f"/staff/loads/{row.pk}/links/")
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    name, login, link = (page.cell(4, column).value for column in (1, 2, 3))
    assert (name, login) == ("于苗", "yu.miao")
    opened = Client().get(link.removeprefix("http://testserver"), follow=True)
    assert (opened.status_code, "于苗" in text(opened)) == (200, True)
    taken = AccessRecord.objects.get(action="org.directory.links")
    assert (taken.outcome, taken.detail) == ("exported", "1 人")
    assert admin.post(f"/staff/loads/{row.pk}/links/").status_code == 409
    assert "已于" in text(admin.get(f"/staff/loads/{row.pk}/"))


def test_all_defects_stand_on_the_page_and_nothing_is_kept(staff, county, client_of):
    answer = send(
        client_of("sysadmin"), workbook(["a", "甲", "没有局", "", ""], ["b", "乙", "县农业农村局", "", "系统管理员"])
    )
    assert answer.status_code == 422
    assert "表格有 2 处要改" in text(answer)
    assert "没有叫“没有局”的机构" in text(answer)
    assert "不能由表格授予" in text(answer)
    assert DirectoryLoad.objects.count() == 0


def test_a_file_that_is_no_workbook_is_refused_with_words(staff, county, client_of):
    answer = send(client_of("sysadmin"), b"%PDF-1.7 nothing")
    assert answer.status_code == 422
    assert "文件格式不是 Excel 工作簿" in text(answer)


def test_a_load_is_given_up(staff, county, client_of):
    admin = client_of("sysadmin")
    at = send(admin, workbook(GOOD))["Location"]
    assert admin.post(f"{at}discard/").status_code == 303
    assert DirectoryLoad.objects.get().rows == {}
    assert admin.post(f"{at}apply/", {"seen_plan": "x"}).status_code == 404


@pytest.mark.parametrize("login", ["secadmin", "auditadmin", "drafter"])
def test_only_the_system_administrator_opens_the_pages(staff, county, client_of, login):
    client = client_of(login)
    pages = ("/staff/loads/", "/staff/loads/template/", "/staff/loads/1/")
    assert {client.get(page).status_code for page in pages} == {403}
    assert send(client, workbook(GOOD)).status_code == 403


def test_the_pages_cost_the_same_queries_for_one_person_and_for_many(
    staff, county, client_of, django_assert_max_num_queries
):
    admin = client_of("sysadmin")
    many = workbook(*([f"ren{n}", f"任{n}", "县农业农村局", f"岗{n}", "业务口"] for n in range(40)))
    at = send(admin, many)["Location"]
    with django_assert_max_num_queries(36):
        admin.get(at)
    page = admin.get(at)
    admin.post(f"{at}apply/", {"seen_plan": page.context["seen_plan"]})
    batch = DirectoryLoad.objects.get().batch_id
    second = client_of("secadmin")
    with django_assert_max_num_queries(24):
        second.get(f"/staff/changes/batches/{batch}/")


def test_the_command_checks_loads_and_says_what_it_did(staff, county, tmp_path, capsys):
    file, empty = tmp_path / "名录.xlsx", tmp_path / "空白.xlsx"
    file.write_bytes(workbook(GOOD))
    assert cli.main(["org", "template", str(empty)]) == 0
    assert cli.main(["org", "template", str(empty)]) == 2
    assert cli.main(["org", "load", str(file), "--as", "sysadmin", "--check"]) == 0
    assert not User.objects.filter(username="yu.miao").exists()
    assert cli.main(["org", "load", str(file), "--as", "drafter"]) == 2
    assert cli.main(["org", "load", str(file), "--as", "sysadmin"]) == 0
    assert "账号：新增 1" in capsys.readouterr().out
    assert cli.main(["org", "load", str(file), "--as", "sysadmin"]) == 0
    assert "没有要写入的" in capsys.readouterr().out
    file.write_bytes(workbook(["a", "甲", "没有局"]))
    assert cli.main(["org", "load", str(file), "--as", "sysadmin"]) == 2
    assert "工作表“人员”第 2 行第 3 列“机构”：没有叫“没有局”的机构" in capsys.readouterr().err
    assert FactRecord.objects.filter(action="org.directory.loaded", subject_kind="org.directory_load").count() == 1
