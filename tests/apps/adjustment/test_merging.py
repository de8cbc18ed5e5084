"""机构合并：全部事项一次划转，两边各一件调整，公布之后每一项的来去都查得到。"""

from datetime import date

import pytest

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemEnding, ItemVersion
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.core.errors import NotPermitted, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def forestry_list(county):
    return county.power_list("QH-LY")


def merge(county, ladder, forestry_list, login="establishment"):
    return adjustment.lists_merge(
        actor=county.actor(login),
        from_list_id=county.power_list(),
        to_list_id=forestry_list,
        title="县农业农村局职责并入县林业局",
        evidence="青编发〔2026〕8号",
        legal_on=date(2026, 11, 2),
        now=county.now,
    )


@pytest.mark.req("J-45", "H-41")
def test_all_items_go_over_at_once_and_both_sides_have_an_adjustment_ready(county, ladder, forestry_list):
    merged = merge(county, ladder, forestry_list)

    assert merged.items == 3
    drafts = ItemVersion.objects.filter(item__power_list_id=forestry_list, state="draft").order_by("item__ordinal")
    assert [row.name for row in drafts] == list(ladder.items)
    assert {row.exercising_body for row in drafts} == {"青禾县林业局"}
    # Nobody wrote these texts anew: whoever carried the transfer out may still review it.
    assert {tuple(row.author_ids) for row in drafts} == {()}
    assert ItemEnding.objects.filter(item_id__in=ladder.items.values()).count() == 3
    # Nothing has changed for the public.
    assert len(catalog.public_items(on=county.today, list_id=county.power_list())) == 3
    assert catalog.public_items(on=county.today, list_id=forestry_list) == []
    views = [
        adjustment.adjustment_view(adjustment_id=number, actor=county.actor("establishment"), today=county.today)
        for number in (merged.out_id, merged.in_id)
    ]
    assert [{one.kind_label for one in view.items} for view in views] == [{"划出"}, {"划入"}]
    assert [view.row.clock.due.on for view in views] == [date(2026, 11, 23)] * 2


def test_after_publication_the_old_items_lead_to_the_new(county, ladder, forestry_list):
    merged = merge(county, ladder, forestry_list)
    assert adjustment.successors_of([ladder.items["对使用电鱼方法捕捞的处罚"]], on=date(2027, 1, 1)) == {
        ladder.items["对使用电鱼方法捕捞的处罚"]: (ladder.items["对使用电鱼方法捕捞的处罚"],)
    }
    view = adjustment.adjustment_view(adjustment_id=merged.in_id, actor=county.actor("forestry"), today=county.today)
    # The new body assigns what it took over to its own divisions; that is why the drafts came without.
    fresh = [one.item_id for one in view.items]
    catalog.items_assign(actor=county.actor("forestry"), item_ids=fresh, lead_division="法规科", now=county.now)
    submission_id = adjustment.adjustment_apply(
        actor=county.actor("forestry"),
        adjustment_id=merged.in_id,
        seen_version=view.lock_version,
        duty_review="照旧",
        accountability_review="照旧",
        now=county.now,
    )
    for login, details in (
        ("justice", {}),
        (
            "establishment",
            {
                "approval_number": "青编批〔2026〕9号",
                "document_number": "青林发〔2026〕6号",
                "issued_on": "2026-11-02",
                "valid_from": "2026-11-02",
            },
        ),
    ):
        actor = county.actor(login)
        case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=actor)
        catalog.submission_decide(
            actor=actor,
            submission_id=submission_id,
            seen_version=case.lock_version,
            verb="pass",
            details=details,
            now=county.now,
        )
    heirs = adjustment.successors_of(ladder.items.values(), on=county.today)
    names = {row.item_id: row.name for row in catalog.public_items(on=county.today, list_id=forestry_list)}
    assert [[names[heir] for heir in heirs[old]] for old in ladder.items.values()] == [[name] for name in ladder.items]


def test_with_work_under_way_or_by_somebody_else_nothing_moves(county, ladder, forestry_list):
    with pytest.raises(NotPermitted):
        merge(county, ladder, forestry_list, login="drafter")
    catalog.draft_start(actor=county.actor("drafter"), item_id=ladder.items["对使用毒鱼方法捕捞的处罚"], now=county.now)
    before = len(audit.facts(scope=county.actor("establishment").scope).rows)
    with pytest.raises(WrongState, match="还在编制或审查中"):
        merge(county, ladder, forestry_list)
    assert not ItemVersion.objects.filter(item__power_list_id=forestry_list).exists()
    assert len(audit.facts(scope=county.actor("establishment").scope).rows) == before


def test_the_page_starts_a_job_with_progress(county, ladder, forestry_list, client_of):
    from django.urls import reverse

    from quanze.base.jobs.models import Job
    from quanze.base.jobs.public import run_now

    client = client_of("establishment")
    assert "机构合并" in client.get(reverse("adjustment:merge_new")).content.decode()
    answer = client.post(
        reverse("adjustment:merge_start"),
        {
            "from_list_id": county.power_list(),
            "to_list_id": forestry_list,
            "title": "并入",
            "evidence": "青编发〔2026〕8号",
            "legal_on": "2026-11-02",
        },
    )
    assert answer.status_code == 303
    job = Job.objects.get()
    run_now(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 3)
    assert client_of("drafter").get(reverse("adjustment:merge_new")).status_code == 403
