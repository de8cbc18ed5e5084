"""关联清单的页面：总览、条目、提议、送审、比对、镇清单与公开页面。"""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, DerivedSubmission, ListAlignment

PERMIT, PENALTY = "水产苗种生产许可证核发", "对使用电鱼方法捕捞的处罚"


@pytest.fixture
def listed(county, derived):
    """政务服务清单：一条公布的。"""
    county.publish()
    list_id = derived.list_of("ZWFW")
    entry = derived.add(list_id, ("item", derived.item(PERMIT)), promised_limit_days=10, materials=["申请表"])
    derived.publish(list_id)
    return list_id, entry


@pytest.mark.django_db
def test_the_overview_counts_entries_and_what_is_out_of_step(client_of, county, derived, listed):
    client = client_of("establishment")
    derived.list_of("XZZF")

    answer = client.post(reverse("catalog:drift_recount"), follow=True)
    text = answer.content.decode()

    assert "已核对 2 份关联清单：有 1 处不同步" in text
    assert "关联清单同步率" in text
    assert "50%" in text
    assert client.get(reverse("catalog:derived") + "?export=xlsx").status_code == 200


@pytest.mark.django_db
def test_pages_ask_the_database_a_fixed_number_of_times(
    client_of, county, derived, listed, django_assert_max_num_queries
):
    client = client_of("drafter")
    list_id, entry = listed
    client.get(reverse("catalog:derived"))
    for name, args, most in (
        ("catalog:derived", [], 22),
        ("catalog:derived_list", [list_id], 22),
        ("catalog:derived_entry", [entry], 40),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name, args=args)).status_code == 200


@pytest.mark.django_db
@pytest.mark.req("J-35")
def test_a_clerk_applies_the_proposal_and_sends_it_up(client_of, county, derived):
    county.publish()
    list_id = derived.list_of("XZZF")
    client = client_of("drafter")
    page = client.get(reverse("catalog:derived_propose", args=[list_id]))
    assert "应列入（1 条）" in page.content.decode()
    token = page.context["proposal"].token

    done = client.post(reverse("catalog:derived_apply", args=[list_id]), {"token": token, "what": ["new"]}, follow=True)
    assert "列入草稿 1 条、同步更新 0 条、终止 0 条。" in done.content.decode()
    client.post(reverse("catalog:derived_submit", args=[list_id]))
    submission = DerivedSubmission.objects.get()
    page = reverse("catalog:derived_submission", args=[submission.pk])
    head = client_of("head")
    case = head.get(page).context["case"]
    head.post(
        reverse("catalog:derived_decide", args=[submission.pk]), {"verb": "pass", "seen_version": case.lock_version}
    )
    publisher = client_of("publisher")
    case = publisher.get(page).context["case"]
    wrong = publisher.post(
        reverse("catalog:derived_decide", args=[submission.pk]),
        {"verb": "pass", "seen_version": case.lock_version, "document_number": "错的"},
    )
    assert wrong.status_code == 422
    today = county.today.isoformat()
    publisher.post(
        reverse("catalog:derived_decide", args=[submission.pk]),
        {
            "verb": "pass",
            "seen_version": case.lock_version,
            "document_number": f"青农发〔{county.today.year}〕31号",
            "issued_on": today,
            "valid_from": today,
        },
    )
    submission.refresh_from_db()
    assert submission.state == "published"
    version = DerivedEntryVersion.objects.get()
    assert (version.state, version.number, version.valid_from) == ("published", 1, county.today)


@pytest.mark.django_db
def test_a_looser_limit_typed_into_the_form_comes_back_at_its_field(client_of, county, derived, listed):
    _, entry_id = listed
    client = client_of("drafter")
    entry = DerivedEntry.objects.get(pk=entry_id)
    client.post(reverse("catalog:entry_revise", args=[entry_id]), {"seen_version": entry.lock_version})
    draft = DerivedEntryVersion.objects.get(entry_id=entry_id, state="draft")

    answer = client.post(
        reverse("catalog:entry_save", args=[draft.pk]),
        {"seen_version": draft.lock_version, "promised_limit_days": "15"},
    )

    assert answer.status_code == 422
    assert "承诺时限（工作日） 15 长于上级的 10，只能短不能长" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.content["promised_limit_days"] == 10


@pytest.mark.django_db
def test_an_entry_added_by_hand_rests_on_what_was_found(client_of, county, derived):
    county.publish()
    list_id = derived.list_of("ZM")
    client = client_of("drafter")
    page = client.get(reverse("catalog:derived_add", args=[list_id]) + "?q=苗种")
    assert [one[1] for one in page.context["choices"]] == [PERMIT]
    item = derived.item(PERMIT)

    client.post(
        reverse("catalog:derived_entry_create", args=[list_id]),
        {
            "basis": [f"item:{item}"],
            "name": "养殖场地使用证明",
            "purpose": "证明场地",
            "issuer": "村委会",
            "way": "promise",
        },
    )

    version = DerivedEntryVersion.objects.get()
    assert (version.name, version.content["way"]) == ("养殖场地使用证明", "promise")
    assert version.item_version.item_id == item


@pytest.mark.django_db
@pytest.mark.req("J-62", "W-14", "H-42")
def test_a_national_extract_is_aligned_row_by_row(client_of, county, derived, workbook_of, monkeypatch):
    county.publish(county.permit(power_code="000120001000"), county.permit("渔业捕捞许可审批"))
    list_id = derived.list_of("XK")
    derived.add(list_id, ("item", derived.item(PERMIT)))
    derived.add(list_id, ("item", derived.item("渔业捕捞许可审批")))
    derived.publish(list_id)
    data = workbook_of(
        ["编码", "事项名称", "事项类型"],
        ["000120001000", PERMIT, "行政许可"],
        ["000120002000", "渔业捕捞许可审批", "行政确认"],
        ["000120003000", "兽药经营许可证核发", "行政许可"],
    )
    from quanze.apps.catalog.services.aligning import list_align

    list_align(
        actor=derived.actor("QH-NY", "drafter"),
        list_id=list_id,
        data=data,
        file_name="国家清单.xlsx",
        source_label="国家行政许可事项清单",
        extract_on=county.today,
        now=county.later(days=9),
    )

    run = ListAlignment.objects.get()
    assert (run.matched, run.differing, run.unmatched, run.extra) == (1, 1, 1, 0)
    # Changed on Monday 2 November, aligned on Wednesday 11 November: seven working days, of which five are allowed.
    assert run.workdays_late == 2
    assert [row["note"] for row in run.rows] == [
        "",
        "类型：上级“行政确认”，本级“行政许可”",
        "本级清单没有这一项",
    ]
    text = client_of("drafter").get(reverse("catalog:derived_alignment", args=[list_id])).content.decode()
    assert "对应率 <strong>33%</strong>" in text
    assert "迟 2 个工作日" in text
    upload = SimpleUploadedFile("坏.xlsx", workbook_of(["甲", "乙"], ["1", "2"]))
    answer = client_of("drafter").post(
        reverse("catalog:derived_align", args=[list_id]), {"file": upload, "extract_on": "2026-11-02"}
    )
    assert answer.status_code == 422
    assert "没有找到“名称”这一列" in answer.content.decode()


@pytest.fixture
def workbook_of():
    """写一张表。"""
    import xlsxwriter

    def write(*rows):
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True})
        sheet = book.add_worksheet("清单")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        book.close()
        return out.getvalue()

    return write


@pytest.mark.django_db
@pytest.mark.usefixtures("listed")
def test_the_public_page_shows_the_list_as_of_a_day_without_signing_in(client, county):
    address = reverse("public:derived", args=["ZWFW", "QH-NY"])

    page = client.get(address + f"?on={county.today}").content.decode()
    assert PERMIT in page
    assert "承诺时限（工作日）：" in page
    assert client.get(address + f"?on={county.today - timedelta(days=1)}").status_code == 404
    data = client.get(reverse("public:derived_json", args=["ZWFW", "QH-NY"]) + f"?on={county.today}").json()
    assert [(one["name"], one["fields"]["申请材料"]) for one in data["entries"]] == [(PERMIT, "申请表")]
    assert data["edition"]["digest"]
    sheet = client.get(reverse("public:derived_xlsx", args=["ZWFW", "QH-NY"]) + f"?on={county.today}")
    assert sheet.status_code == 200
    assert sheet["ETag"]


@pytest.mark.django_db
def test_a_foreign_list_and_entry_answer_like_absent_ones(client_of, county, derived, listed):
    list_id, entry = listed
    client = client_of("other_town")
    for name, number in (("catalog:derived_list", list_id), ("catalog:derived_entry", entry)):
        foreign, absent = client.get(reverse(name, args=[number])), client.get(reverse(name, args=[987654321]))
        assert (foreign.status_code, absent.status_code) == (404, 404)


@pytest.mark.django_db
def test_the_page_of_an_item_lists_the_entries_that_hang_on_it(client_of, county, derived, listed):
    item = derived.item(PERMIT)
    text = client_of("drafter").get(reverse("catalog:item_tab", args=[item, "derived"])).content.decode()
    assert "据此列入的关联清单条目（1 条）" in text
    assert "政务服务事项清单" in text
    assert "ZWFW-QH-NY-00001" in text


@pytest.mark.django_db
@pytest.mark.req("J-51", "J-53")
def test_a_changed_item_is_on_the_desk_of_the_drafter_until_the_entry_is_renewed(client_of, county, derived, listed):
    list_id, entry = listed
    client = client_of("drafter")
    desk = reverse("desk")
    assert "政务服务事项清单与权责清单不同步" not in client.get(desk).content.decode()

    derived.revise(PERMIT, valid_from=county.today, now=county.later(hours=3), accountability_text="改过的追责情形。")

    text = client.get(desk).content.decode()
    assert "政务服务事项清单与权责清单不同步" in text
    assert "1 条不同步" in text
    assert "政务服务事项清单与权责清单不同步" not in client_of("head").get(desk).content.decode()
    shown = client.get(reverse("catalog:derived_list", args=[list_id]) + "?sync=any").content.decode()
    assert "符合条件 1 条" in shown
    assert PERMIT in shown
    from quanze.apps.catalog import public as catalog

    catalog.entries_refresh(
        actor=derived.actor("QH-NY", "drafter"),
        refreshes=[derived.seen(entry)],
        valid_from=county.today,
        now=county.later(hours=4),
    )
    assert "政务服务事项清单与权责清单不同步" not in client.get(desk).content.decode()


@pytest.mark.django_db
def test_one_list_is_counted_from_its_page_and_a_long_one_in_the_background(
    client_of, county, derived, listed, monkeypatch
):
    from quanze.apps.catalog.services import deriving
    from quanze.base.jobs.models import Job

    client = client_of("establishment")
    list_id = derived.list_of("XZZF")
    page = reverse("catalog:derived_drift", args=[list_id])
    assert "还没有核对过" in client.get(page).content.decode()
    recount = reverse("catalog:drift_recount_list", args=[list_id])

    text = client.post(recount, follow=True).content.decode()
    assert "已核对：不同步 0 条、应列未列 1 条。" in text
    assert PENALTY in text

    monkeypatch.setattr(deriving, "MOST_AT_ONCE", -1)
    assert "正在后台核对" in client.post(recount, follow=True).content.decode()
    assert Job.objects.get(kind=deriving.JOB_KIND).payload == {"list_id": list_id}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", 2),
        ("?q=水产", 1),
        ("?q=情形外", 0),
        ("?source=水产", 1),
        ("?source=没有", 0),
        ("?holder=农业", 2),
        ("?holder=公安", 0),
        ("?type=license", 2),
        ("?type=penalty", 0),
        ("?view=draft", 1),
        ("?view=in_force", 1),
        ("?view=ended", 0),
        ("?sync=any", 0),
    ],
)
def test_the_entries_are_filtered_in_the_database(client_of, county, derived, query, names):
    county.publish(county.permit(), county.permit("渔业捕捞许可审批"))
    list_id = derived.list_of("ZWFW")
    derived.add(list_id, ("item", derived.item(PERMIT)), promised_limit_days=10)
    derived.publish(list_id)
    derived.add(list_id, ("item", derived.item("渔业捕捞许可审批")))

    text = client_of("drafter").get(reverse("catalog:derived_list", args=[list_id]) + query).content.decode()

    assert f"符合条件 {names} 条" in text
