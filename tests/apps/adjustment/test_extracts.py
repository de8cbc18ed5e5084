"""上级清单核对：编码与名称对应、两边各自没有的、不同的要素、迟几个工作日、一次开启调整，两边连着。"""

import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from quanze.apps.adjustment.cli import app
from quanze.apps.adjustment.domain.extracts import ExtractRow, LocalItem, check
from quanze.apps.adjustment.models import Adjustment, AdjustmentItem, ExtractCheck, ExtractTrigger
from quanze.apps.adjustment.selectors.extracts import extract_checks
from quanze.apps.adjustment.selectors.packs import extract_system
from quanze.apps.adjustment.services.extracting import extract_check, extract_open
from quanze.base.audit.models import FactRecord
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from quanze.core.workdays import WorkCalendar

PERMIT, PENALTY, INSPECTION = "水产苗种生产许可证核发", "对使用电鱼方法捕捞的处罚", "对渔业生产的监督检查"
SYSTEM = "provincial_list"


def _extract(*rows):
    return json.dumps([dict(zip(("编码", "名称", "类型", "更新时间"), row, strict=False)) for row in rows]).encode()


@pytest.fixture
def listed(county):
    """三项现行：许可、处罚、检查；编码各不同。"""
    county.publish(
        county.permit(power_code="A-1"),
        county.content(power_code="B-1"),
        county.content(INSPECTION, power_type="inspection", power_code="C-1"),
    )
    return county.power_list()


@pytest.fixture
def checked(county, listed):
    """一份提取件：一项一致、一项类型不同、一项本级没有，本级一项上级没有。"""

    def make(*, now=None, **given):
        data = _extract(
            ("A-1", PERMIT, "行政许可"), ("B-1", PENALTY, "行政强制"), ("Z-9", "上级新下放的事项", "行政许可")
        )
        now = now or county.now
        given = {"extract_on": timezone.localdate(now), "data": data, "file_name": "省清单.json"} | given
        return extract_check(actor=county.actor("establishment"), list_id=listed, system=SYSTEM, now=now, **given)

    return make


@pytest.mark.req("W-14")
@pytest.mark.parametrize(("synced_days", "late"), [(5, 0), (6, 1), (7, 2)])
def test_an_item_changed_on_day_0_and_synced_on_day_7_with_a_limit_of_5_is_2_days_late(synced_days, late):
    day0 = date(2026, 11, 2)  # a Monday
    calendar = WorkCalendar({}, {})
    synced = day0
    for _ in range(synced_days):
        synced += timedelta(days=1)
        while synced.weekday() > 4:
            synced += timedelta(days=1)
    (row,) = check(
        extract_system(SYSTEM),
        [ExtractRow(2, {"code": "A-1", "name": PERMIT, "synced_on": synced.isoformat()})],
        [LocalItem(1, "X-1", ("A-1",), {"name": PERMIT}, day0)],
        extract_on=date(2026, 12, 31),
        synced_on=date(2026, 12, 31),
        limit=5,
        calendar=calendar,
    )
    assert (row.result, row.synced_on, row.late) == ("matched", synced.isoformat(), late)


def test_a_code_decides_before_a_name_and_a_name_alone_is_a_proposal():
    day = date(2026, 11, 2)
    rows = check(
        extract_system(SYSTEM),
        [
            ExtractRow(2, {"code": "A-2", "name": PERMIT}),
            ExtractRow(3, {"code": "A-1", "name": "改了名的许可"}),
            ExtractRow(4, {"code": "", "name": INSPECTION}),
            ExtractRow(5, {"code": "X-7", "name": PENALTY}),
            ExtractRow(6, {"code": "", "name": "同名的"}),
        ],
        [
            LocalItem(1, "X-1", ("A-1",), {"name": PERMIT}, day),
            LocalItem(2, "X-2", ("C-1",), {"name": INSPECTION}, day),
            LocalItem(3, "X-3", ("B-1",), {"name": PENALTY}, day),
            LocalItem(4, "X-4", (), {"name": "同名的"}, day),
            LocalItem(5, "X-5", (), {"name": "同名的"}, day),
        ],
        extract_on=day,
        synced_on=day,
        limit=5,
        calendar=WorkCalendar({}, {}),
    )
    assert [(row.result, row.row, row.item_id) for row in rows] == [
        ("unmatched", 2, None),
        ("differing", 3, 1),
        ("matched", 4, 2),
        ("proposed", 5, 3),
        ("unmatched", 6, None),
        ("extra", None, 4),
        ("extra", None, 5),
    ]
    assert rows[1].note == f"名称：上级“改了名的许可”，本级“{PERMIT}”"
    assert rows[3].note == "编码：上级 X-7，本级 B-1"


@pytest.mark.django_db
@pytest.mark.req("J-62", "W-14")
def test_a_check_keeps_the_rate_what_is_unmatched_either_way_and_how_late_it_is(county, listed, checked):
    first = checked()
    row = ExtractCheck.objects.get(pk=first)
    counts = (row.matched, row.differing, row.proposed, row.unmatched, row.extra)
    assert counts == (1, 1, 0, 1, 1)
    assert [(one["result"], one["name"]) for one in row.rows] == [
        ("matched", PERMIT),
        ("differing", PENALTY),
        ("unmatched", "上级新下放的事项"),
        ("extra", INSPECTION),
    ]
    assert row.rows[1]["note"] == "职权类型：上级“行政强制”，本级“行政处罚”"
    assert (row.limit_workdays, row.late_items) == (5, 0)
    later = ExtractCheck.objects.get(pk=checked(now=county.later(days=30)))
    # Not synced after thirty days: the one that differs and the one that is not there. What agreed from the start is not late.
    assert [(one["name"], one["synced_on"], one["late"] > 0) for one in later.rows] == [
        (PERMIT, "", False),
        (PENALTY, "", True),
        ("上级新下放的事项", "", False),
        (INSPECTION, "", True),
    ]
    assert (later.late_items, later.most_late) == (2, later.rows[1]["late"])
    history = extract_checks(scope=EVERYTHING, system=SYSTEM, list_id=listed)
    assert [(one.rate, one.rate_text) for one in history] == [(3333, "33.33%")] * 2
    assert FactRecord.objects.filter(action="adjustment.extract.checked").count() == 2


@pytest.mark.django_db
@pytest.mark.req("W-14")
def test_what_differed_before_and_agrees_now_was_synced_by_the_day_of_the_extract_and_keeps_that_day(county, checked):
    checked()
    day = timezone.localdate(county.later(days=30))
    agreed = _extract(("A-1", PERMIT, "行政许可"), ("B-1", PENALTY, "行政处罚"), ("C-1", INSPECTION, "行政检查"))
    second = ExtractCheck.objects.get(pk=checked(now=county.later(days=30), data=agreed))
    third = ExtractCheck.objects.get(pk=checked(now=county.later(days=40), data=agreed))

    assert [(one["result"], one["synced_on"]) for one in second.rows] == [
        ("matched", ""),
        ("matched", day.isoformat()),
        ("matched", day.isoformat()),
    ]
    assert second.late_items == 2
    assert [(one["synced_on"], one["late"]) for one in third.rows] == [
        (one["synced_on"], one["late"]) for one in second.rows
    ]


@pytest.mark.django_db
@pytest.mark.req("J-62")
def test_chosen_differences_open_one_adjustment_linked_both_ways(county, listed, checked):
    check_id = checked()
    actor = county.actor("establishment")
    given = {"actor": actor, "check_id": check_id, "legal_on": county.today, "evidence": "", "now": county.now}
    with pytest.raises(InvalidInput, match=f"“{PERMIT}”与上级一致"):
        extract_open(seen_version=1, numbers=[0, 1], **given)
    assert not Adjustment.objects.exists()

    trigger_id = extract_open(seen_version=1, numbers=[1, 2], **given)

    adjustment = Adjustment.objects.get()
    assert adjustment.trigger_id == trigger_id
    assert adjustment.trigger.kind == "superior_list"
    assert [(one.item_id is None, one.name) for one in AdjustmentItem.objects.order_by("id")] == [
        (False, PENALTY),
        (True, "上级新下放的事项"),
    ]
    assert ExtractTrigger.objects.get().extract_check_id == check_id
    assert [one["trigger_id"] for one in ExtractCheck.objects.get().rows] == [None, trigger_id, trigger_id, None]
    with pytest.raises(Conflict):
        extract_open(seen_version=1, numbers=[3], **given)
    with pytest.raises(InvalidInput, match="已经开启过调整"):
        extract_open(seen_version=2, numbers=[1], **given)
    with pytest.raises(NotFound):
        extract_open(**{**given, "actor": county.actor("forestry")}, seen_version=2, numbers=[3])
    with pytest.raises(NotPermitted):
        extract_check(
            actor=county.actor("head"),
            list_id=listed,
            system=SYSTEM,
            data=_extract(("A-1", PERMIT)),
            file_name="省.json",
            extract_on=county.today,
            now=county.now,
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("坏.json", b"{", "不是合法的 JSON"),
        ("空.json", b"[]", "表头之下没有内容"),
        ("别的.csv", "甲,乙\n1,2\n".encode(), "没有找到省权责清单管理系统的表头"),
    ],
)
def test_a_bad_extract_says_which_file_and_leaves_nothing(county, listed, checked, name, data, said):
    with pytest.raises(InvalidInput, match=said):
        checked(data=data, file_name=name)
    assert not ExtractCheck.objects.exists()


@pytest.mark.django_db
def test_a_clerk_uploads_a_csv_chooses_rows_and_follows_the_links(client_of, county, listed):
    client = client_of("establishment")
    text = f"权力编码,权力名称,权力类型\nA-1,{PERMIT},行政许可\nB-1,{PENALTY},行政强制\n"
    given = {"list_id": listed, "system": SYSTEM, "extract_on": timezone.localdate().isoformat()}
    upload = SimpleUploadedFile("省.csv", text.encode("utf-8-sig"))

    shown = client.post(reverse("adjustment:extract_check"), given | {"file": upload}, follow=True).content.decode()

    assert "对应率 <strong>50.00%</strong>" in shown
    assert "职权类型：上级“行政强制”，本级“行政处罚”" in shown
    row = ExtractCheck.objects.get()
    page = reverse("adjustment:extract", args=[row.pk])
    assert client_of("forestry").get(page).status_code == 404
    opening = reverse("adjustment:extract_open", args=[row.pk])
    day = timezone.localdate().isoformat()
    nothing = client.post(opening, {"seen_version": 1, "legal_on": day})
    assert nothing.status_code == 422
    assert "请先勾选要调整的行" in nothing.content.decode()
    done = client.post(opening, {"seen_version": 1, "legal_on": day, "chosen": ["1"]}, follow=True).content.decode()
    assert "已为 1 行开启调整" in done
    adjustment = Adjustment.objects.get()
    assert reverse("adjustment:adjustment", args=[adjustment.pk]) in client.get(page).content.decode()
    assert page in client.get(reverse("adjustment:adjustment", args=[adjustment.pk])).content.decode()
    assert "50.00%" in client.get(reverse("adjustment:extracts")).content.decode()


@pytest.mark.django_db
def test_a_large_extract_is_checked_by_a_job(client_of, county, listed, monkeypatch):
    from quanze.apps.adjustment.services import extracting
    from quanze.base.jobs.models import Job

    monkeypatch.setattr(extracting, "LARGE", 1)
    text = f"权力编码,权力名称\nA-1,{PERMIT}\n"
    given = {"list_id": listed, "system": SYSTEM, "extract_on": timezone.localdate().isoformat()}
    upload = SimpleUploadedFile("省.csv", text.encode("utf-8-sig"))

    answer = client_of("establishment").post(reverse("adjustment:extract_check"), given | {"file": upload}, follow=True)

    assert "正在后台核对" in answer.content.decode()
    payload = Job.objects.get(kind=extracting.JOB_KIND).payload
    steps = []
    check_id = extracting.extract_check_stored(
        actor=county.actor("establishment"),
        list_id=payload["list_id"],
        system=payload["system"],
        file_id=payload["file_id"],
        extract_on=date.fromisoformat(payload["extract_on"]),
        synced_on=None,
        progress=lambda *step: steps.append(step),
        now=timezone.now(),
    )
    assert ExtractCheck.objects.get(pk=check_id).matched == 1
    assert [step[:2] for step in steps] == [(0, 2), (1, 2)]


@pytest.mark.django_db
def test_the_command_line_checks_an_extract(county, listed, tmp_path):
    file = tmp_path / "省.json"
    file.write_bytes(_extract(("A-1", PERMIT, "行政许可"), ("B-1", PENALTY, "行政强制")))
    run = CliRunner().invoke(app, ["extract", "QH-NY", str(file), "--system", SYSTEM, "--as", "drafter"])
    assert run.exit_code == 1
    assert "对应率 50.00%，一致 1、不同 1、待确认 0、上级有本级无 0、本级有上级无 1" in run.output
