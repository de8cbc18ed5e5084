"""专项工作：拟定、分派、下发、报告、超期、归入事由后的统计、培训登记。"""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quanze.apps.adjustment import public as adjustment
from quanze.apps.adjustment.models import (
    Adjustment,
    AdjustmentItem,
    AdjustmentTrigger,
    Campaign,
    CampaignTask,
    TrainingSession,
)
from quanze.apps.adjustment.selectors import campaigns as selectors
from quanze.apps.adjustment.services import campaigning as services
from quanze.apps.adjustment.services import training
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def drafted(county, **more):
    given = {
        "kind": "special_review",
        "title": "乡镇赋权事项专项梳理",
        "plan": "一、目标\n二、步骤",
        "starts_on": date(2026, 10, 1),
        "due_on": date(2026, 11, 20),
        "task_titles": ["梳理现行事项", "起草改动并送审"],
        "body_ids": [county.bodies["QH-NY"], county.bodies["QH-HX"]],
    }
    return services.campaign_draft(actor=county.actor("establishment"), now=county.now, **{**given, **more})


def started(county, **more):
    campaign_id = drafted(county, **more)
    services.campaign_start(
        actor=county.actor("establishment"), campaign_id=campaign_id, seen_version=1, now=county.now
    )
    return campaign_id


def settle(county, login, task, verb="report", note="已梳理 12 项", now=None):
    task.refresh_from_db()
    services.task_settle(
        actor=county.actor(login),
        task_id=task.pk,
        seen_version=task.lock_version,
        verb=verb,
        note=note,
        now=now or county.now,
    )


@pytest.mark.req("J-06")
@pytest.mark.postgres
def test_a_plan_with_tasks_owners_and_deadlines_is_sent_down_and_its_progress_counted(county):
    campaign_id = drafted(county)
    row = Campaign.objects.get()
    assert (row.state, row.owner_body_name, CampaignTask.objects.count()) == (
        "drafted",
        "中共青禾县委机构编制委员会办公室",
        4,
    )
    # Before it is sent down nobody else sees it.
    with pytest.raises(NotFound):
        selectors.find(campaign_id=campaign_id, actor=county.actor("drafter"))
    assert (
        services.campaign_start(
            actor=county.actor("establishment"), campaign_id=campaign_id, seen_version=1, now=county.now
        )
        == 2
    )
    assert selectors.tasks_waiting_rows(county.actor("drafter")).count() == 2
    first, second = CampaignTask.objects.filter(body_name="青禾县农业农村局")
    settle(county, "drafter", first)

    tasks = selectors.tasks_of(campaign=row, scope=EVERYTHING, today=county.today)
    assert Counter(one.state for one in tasks) == {"pending": 3, "done": 1}
    listed = selectors.campaigns(scope=county.actor("drafter").scope, today=county.today)[0]
    assert (listed.tasks, listed.done, listed.late) == (4, 1, 0)
    assert len(selectors.tasks_of(campaign=row, scope=county.actor("drafter").scope, today=county.today)) == 2
    with pytest.raises(NotFound):
        selectors.find(campaign_id=campaign_id, actor=county.actor("forestry"))

    # The office asks for more; the second one is excused and counts no more.
    settle(county, "establishment", first, "reopen", "没有附建议清单")
    settle(county, "establishment", second, "excuse", "该局没有赋权事项")
    listed = selectors.campaigns(scope=EVERYTHING, today=county.today)[0]
    assert (listed.tasks, listed.done) == (3, 0)
    done = Counter(fact.action for fact in audit.history_of("adjustment.campaign", campaign_id, scope=EVERYTHING))
    assert done == {
        "adjustment.campaign.drafted": 1,
        "adjustment.campaign.started": 1,
        "adjustment.campaign.task_reported": 1,
        "adjustment.campaign.task_reopened": 1,
        "adjustment.campaign.task_excused": 1,
    }


@pytest.mark.req("H-07")
@pytest.mark.postgres
def test_after_the_deadline_late_tasks_and_unpublished_bodies_are_listed(county):
    county.publish()  # QH-NY, issued on 2 November
    given = {
        "is_publishing": True,
        "due_on": date(2026, 11, 5),
        "task_titles": ["公布清单"],
        "body_ids": [county.bodies[code] for code in ("QH-NY", "QH-HX", "QH-XH", "QH-LY")],
    }
    campaign_id = started(county, **given)
    row = Campaign.objects.get()
    settle(county, "drafter", CampaignTask.objects.get(body_name="青禾县农业农村局"))
    settle(county, "establishment", CampaignTask.objects.get(body_name="青禾县林业局"), "excuse", "没有清单")
    late_day = county.later(days=7)
    settle(county, "town_drafter", CampaignTask.objects.get(body_name="禾溪镇人民政府"), now=late_day)

    def late_on(day):
        tasks = selectors.tasks_of(campaign=row, scope=EVERYTHING, today=day)
        progress = selectors.progress_of(campaign=row, tasks=tasks, scope=EVERYTHING, today=day)
        return {
            one.body_name: (one.late_tasks, one.issued_on, one.is_unpublished_late) for one in progress if one.is_late
        }

    row.refresh_from_db()
    assert late_on(date(2026, 11, 5)) == {"禾溪镇人民政府": (1, None, False)}  # its report is dated after the deadline
    assert late_on(date(2026, 11, 10)) == {
        "禾溪镇人民政府": (1, None, True),
        "新河镇人民政府": (1, None, True),
    }
    assert services.selectors.campaigns(scope=EVERYTHING, today=date(2026, 11, 10))[0].late == 1
    assert campaign_id == row.pk


def test_what_is_missing_or_foreign_is_refused_and_leaves_nothing(county):
    office = county.actor("establishment")
    with pytest.raises(NotPermitted):
        services.campaign_draft(
            actor=county.actor("drafter"), kind="yearly", title="x", plan="x", starts_on=county.today,
            due_on=county.today, now=county.now,
        )  # fmt: skip
    for wrong, field in (
        ({"kind": "parade"}, "kind"),
        ({"title": " "}, "title"),
        ({"plan": ""}, "plan"),
        ({"due_on": date(2026, 9, 30)}, "due_on"),
    ):
        with pytest.raises(InvalidInput) as refused:
            drafted(county, **wrong)
        assert refused.value.place.field == field
    with pytest.raises(InvalidInput):
        drafted(county, body_ids=[987_654])
    assert not Campaign.objects.exists()

    empty = drafted(county, task_titles=[])
    with pytest.raises(WrongState, match="还没有分派任务"):
        services.campaign_start(actor=office, campaign_id=empty, seen_version=1, now=county.now)
    given = {"campaign_id": empty, "titles": ["梳理"], "body_ids": [county.bodies["QH-NY"]], "now": county.now}
    with pytest.raises(InvalidInput, match="不在专项的起止之内"):
        services.tasks_assign(actor=office, seen_version=1, due_on=date(2026, 12, 1), **given)
    assert services.tasks_assign(actor=office, seen_version=1, due_on=date(2026, 11, 1), **given) == 1
    assert services.tasks_assign(actor=office, seen_version=2, due_on=date(2026, 11, 1), **given) == 0
    with pytest.raises(Conflict):
        services.campaign_start(actor=office, campaign_id=empty, seen_version=1, now=county.now)
    services.campaign_start(actor=office, campaign_id=empty, seen_version=3, now=county.now)
    task = CampaignTask.objects.get()
    with pytest.raises(NotPermitted, match="自己报告"):
        settle(county, "establishment", task)
    with pytest.raises(NotFound):
        settle(county, "forestry", task)
    with pytest.raises(RulesNotMet):
        settle(county, "drafter", task, note=" ")
    services.campaign_close(actor=office, campaign_id=empty, seen_version=4, reason="按期结束", now=county.now)
    with pytest.raises(WrongState):
        settle(county, "drafter", task)
    task.refresh_from_db()
    assert task.state == "pending"


def planned(county, items, kinds, state="pending"):
    """一件事由之下的一件调整，各项的类型照给。"""
    trigger_id = adjustment.trigger_open(
        actor=county.actor("establishment"),
        kind="law_change",
        title="集中调整",
        evidence="第一条",
        legal_on=county.today,
        item_reasons={items[0]: "条款有变"},
        now=county.now,
    )
    row = Adjustment.objects.get(trigger_id=trigger_id)
    row.items.all().delete()
    AdjustmentItem.objects.bulk_create(
        [AdjustmentItem(adjustment=row, name=f"事项{n}", kind=kind) for n, kind in enumerate(kinds)]
    )
    Adjustment.objects.filter(pk=row.pk).update(state=state)
    return row


@pytest.mark.req("H-03", "H-25")
@pytest.mark.postgres
def test_the_batch_of_march_counts_twenty_three_and_each_rejected_candidate_has_its_reason(ladder):
    county, office = ladder.county, ladder.county.actor("establishment")
    kinds = ["add"] * 7 + ["cancel"] * 5 + ["change"] * 8 + ["devolve"] * 3
    row = planned(county, list(ladder.items.values()), kinds, state="syncing")
    AdjustmentItem.objects.create(adjustment=row, name="候选甲", rejected="没有法定依据")
    campaign_id = started(county, kind="yearly")
    campaign = Campaign.objects.get()
    assert selectors.counts_of(campaign=campaign, scope=EVERYTHING) == []
    given = {"actor": office, "campaign_id": campaign_id, "now": county.now}
    services.triggers_link(seen_version=2, trigger_ids=[row.trigger_id], **given)

    counts = selectors.counts_of(campaign=campaign, scope=EVERYTHING)
    assert [(one.label, one.items, one.published) for one in counts] == [
        ("增加", 7, 7),
        ("取消", 5, 5),
        ("变更", 8, 8),
        ("下放", 3, 3),
    ]
    assert sum(one.items for one in counts) == 23
    assert [(one.name, one.reason) for one in selectors.rejected_of(campaign=campaign, scope=EVERYTHING)] == [
        ("候选甲", "没有法定依据")
    ]
    # One trigger in one campaign; what came to nothing does not count; taken out it counts no more.
    other = drafted(county, title="另一项")
    with pytest.raises(InvalidInput, match="不能归入"):
        services.triggers_link(seen_version=1, trigger_ids=[row.trigger_id], **given | {"campaign_id": other})
    Adjustment.objects.update(state="refused", closed_at=county.now)
    assert selectors.counts_of(campaign=campaign, scope=EVERYTHING) == []
    services.trigger_unlink(seen_version=3, trigger_id=row.trigger_id, **given)
    assert selectors.linked_triggers(campaign=campaign, scope=EVERYTHING) == []
    with pytest.raises(NotFound):
        services.trigger_unlink(seen_version=4, trigger_id=row.trigger_id, **given)


@pytest.mark.req("J-43")
def test_the_yearly_campaign_and_a_real_time_adjustment_run_on_the_same_item_apart(ladder):
    county, item = ladder.county, next(iter(ladder.items.values()))
    yearly = planned(county, [item], ["change"])
    at_once = planned(county, [item], ["cancel"])
    AdjustmentItem.objects.update(item_id=item)
    campaign_id = started(county, kind="yearly")
    services.triggers_link(
        actor=county.actor("establishment"),
        campaign_id=campaign_id,
        seen_version=2,
        trigger_ids=[yearly.trigger_id],
        now=county.now,
    )
    counts = selectors.counts_of(campaign=Campaign.objects.get(), scope=EVERYTHING)
    assert [(one.label, one.items) for one in counts] == [("变更", 1)]
    assert AdjustmentTrigger.objects.filter(campaign_link=None).get().pk == at_once.trigger_id


@pytest.mark.req("J-11")
def test_three_trainings_are_counted_per_year_and_department(county, settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path
    campaign_id = started(county)
    given = {"campaign_id": campaign_id, "now": county.now}
    office, bureau = county.actor("establishment"), county.actor("drafter")
    training.session_record(actor=office, held_on=date(2025, 12, 1), topic="动员", attendees=60, **given)
    number = training.session_record(
        actor=office, held_on=date(2026, 10, 9), topic="怎样梳理", attendees=45,
        material_name="签到表.png", material=PNG, **given,
    )  # fmt: skip
    training.session_record(actor=bureau, held_on=date(2026, 10, 12), topic="渔政业务", attendees=12, **given)

    assert [
        (one.year, one.body_name, one.sessions, one.attendees) for one in selectors.training_counts(scope=EVERYTHING)
    ] == [
        (2026, "中共青禾县委机构编制委员会办公室", 1, 45),
        (2026, "青禾县农业农村局", 1, 12),
        (2025, "中共青禾县委机构编制委员会办公室", 1, 60),
    ]
    with pytest.raises(InvalidInput, match="已经登记"):
        training.session_record(actor=bureau, held_on=date(2026, 10, 12), topic="渔政业务", attendees=9, **given)
    with pytest.raises(InvalidInput, match="在今天之后"):
        training.session_record(
            actor=bureau, held_on=county.today + timedelta(days=1), topic="明天的", attendees=9, **given
        )
    with pytest.raises(InvalidInput, match="文件格式不支持"):
        training.session_record(
            actor=bureau,
            held_on=county.today,
            topic="病毒",
            attendees=9,
            material_name="a.pdf",
            material=b"MZ\0",
            **given,
        )
    with pytest.raises(NotPermitted, match="由登记的机构撤销"):
        training.session_remove(actor=bureau, session_id=number, seen_version=1, reason="错", now=county.now)
    training.session_remove(actor=office, session_id=number, seen_version=1, reason="日期填错", now=county.now)
    assert TrainingSession.objects.count() == 2


def said(answer):
    return answer.content.decode()


def test_the_office_walks_the_pages_from_the_plan_to_the_end(county, client_of, settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path
    office, bureau = client_of("establishment"), client_of("drafter")
    page = said(office.get(reverse("adjustment:campaign_new") + "?kind=one_list"))
    assert "权力与责任逐项对应" in page and "青禾县农业农村局" in page
    given = {
        "kind": "one_list",
        "title": "权责两单合一",
        "plan": "合并清单",
        "starts_on": "2026-10-01",
        "due_on": "2026-12-20",
        "tasks": "逐项对应\n补齐追责情形",
        "groups": ["towns"],
        "body_ids": [county.bodies["QH-NY"]],
    }
    wrong = office.post(reverse("adjustment:campaign_draft"), given | {"due_on": "2026-09-01"})
    assert wrong.status_code == 422 and "期限在开始日期之前" in said(wrong) and "青禾县林业局" in said(wrong)
    assert office.post(reverse("adjustment:campaign_draft"), given).status_code == 303
    row = Campaign.objects.get()
    assert row.tasks.count() == 6  # two towns and the bureau, two tasks each
    address = reverse("adjustment:campaign", args=[row.pk])
    assert bureau.get(address).status_code == 404
    assert office.post(reverse("adjustment:campaign_start", args=[row.pk]), {"seen_version": 1}).status_code == 303

    assert "权责两单合一：逐项对应" in said(bureau.get("/"))
    assert "权责两单合一" in said(bureau.get(reverse("adjustment:campaigns")))
    task = row.tasks.filter(body_name="青禾县农业农村局").first()
    task_page = reverse("adjustment:campaign_task", args=[task.pk])
    assert "报告完成" in said(bureau.get(task_page))
    settle_address = reverse("adjustment:task_settle", args=[task.pk])
    assert bureau.post(settle_address, {"seen_version": 1, "verb": "report", "note": ""}).status_code == 422
    assert bureau.post(settle_address, {"seen_version": 1, "verb": "report", "note": "对应 40 项"}).status_code == 303
    assert bureau.post(settle_address, {"seen_version": 1, "verb": "report", "note": "再报"}).status_code == 409
    assert client_of("forestry").get(task_page).status_code == 404
    assert "对应 40 项" in said(office.get(task_page))
    shown = said(office.get(address + "?state=done"))
    assert "1 / 2" in shown and "逐项对应" in shown

    answer = bureau.post(
        reverse("adjustment:session_record", args=[row.pk]),
        {
            "held_on": "2026-10-09",
            "topic": "怎样合一",
            "attendees": "30",
            "material": SimpleUploadedFile("课件.png", PNG),
        },
    )
    session = TrainingSession.objects.get()
    assert answer.status_code == 303 and (session.attendees, session.material_name) == (30, "课件.png")
    material = reverse("adjustment:session_material", args=[session.pk])
    assert bureau.get(material).status_code == 200 and office.get(material).status_code == 200
    assert client_of("forestry").get(material).status_code == 404
    # The address of an action leads to the page above it.
    assert bureau.get(reverse("adjustment:session_remove", args=[session.pk]))["Location"] == reverse(
        "adjustment:campaigns"
    )
    close = reverse("adjustment:campaign_close", args=[row.pk])
    seen = Campaign.objects.get().lock_version
    assert office.post(close, {"seen_version": seen, "reason": "合并完成"}).status_code == 303
    assert "结束说明：合并完成" in said(office.get(address))


def test_the_page_of_a_large_campaign_asks_a_fixed_number_of_queries(county, client_of, django_assert_max_num_queries):
    small = started(county, is_publishing=True)
    large = started(county, title="大的", is_publishing=True)
    CampaignTask.objects.bulk_create(
        CampaignTask(
            campaign_id=large, title=f"任务{n}", body_id=county.bodies["QH-NY"], body_name="青禾县农业农村局",
            due_on=county.today,
        )
        for n in range(120)
    )  # fmt: skip
    office = client_of("establishment")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (small, large):
        office.get(reverse("adjustment:campaign", args=[number]))
        with CaptureQueriesContext(connection) as made:
            office.get(reverse("adjustment:campaign", args=[number]))
        counts.append(len(made))
    assert counts[0] == counts[1]
    assert counts[0] <= 40
