"""主线：示范城市（五份清单的小城）从编制走到评估结论，每一步都在记录里。

The city is seeded once for this file, through the services; each test looks at it or takes it one step further and is
rolled back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from quanze.demo.world import World, build, truth

pytestmark = [pytest.mark.scenario, pytest.mark.django_db]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()


@dataclass
class City:
    """装好的小城：世界与名录。"""

    world: World
    told: list[str]

    def actor(self, body_code: str, role: str):
        from quanze.apps.org import public as org
        from quanze.base.iam.models import User
        from quanze.demo.accounts import people

        login = next(one.login for one in people() if one.body == body_code and role in one.roles)
        return org.actor_for_user(User.objects.get(username=login).pk, on=TODAY)

    def body_id(self, code: str) -> int:
        from quanze.apps.org import public as org

        return org.bodies_by_codes([code])[code].id


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[City]:
    from django.conf import settings
    from django.db import transaction
    from django.test import override_settings

    from quanze.demo.seeding import SMALL, small_city_seed

    folder = tmp_path_factory.mktemp("city")
    told: list[str] = []
    with (
        django_db_blocker.unblock(),
        override_settings(QUANZE_WAREHOUSE_DIR=folder / "warehouse", QUANZE_FILES_DIR=folder / "files"),
        transaction.atomic(),
    ):
        assert settings.QUANZE_IS_DEMO is False
        assert small_city_seed(now=NOW, say=told.append) is True
        yield City(build().only(SMALL), told)
        transaction.set_rollback(True)


def facts_of(kind: str, id: int) -> list[str]:
    from quanze.base.audit import public as audit
    from quanze.core.actor import EVERYTHING

    return [fact.action for fact in audit.history_of(kind, id, scope=EVERYTHING)]


def test_a_second_seed_changes_nothing(city: City) -> None:
    from quanze.base.audit.models import FactRecord
    from quanze.demo.seeding import small_city_seed

    before = FactRecord.objects.count()
    assert small_city_seed(now=NOW) is False
    assert FactRecord.objects.count() == before


def test_demonstration_data_are_refused_by_any_settings_but_the_demonstration_s(city: City, settings) -> None:
    from quanze.portal.checks import demo_data_check, require_fit_data

    assert [problem.id for problem in demo_data_check(databases=["default"])] == ["quanze.E001"]
    with pytest.raises(RuntimeError, match="不能用于正式运行"):
        require_fit_data()
    settings.QUANZE_IS_DEMO, settings.ALLOWED_HOSTS = True, ["127.0.0.1"]
    assert demo_data_check(databases=["default"]) == []
    require_fit_data()


def test_every_account_on_the_login_page_signs_in_and_has_its_role(city: City) -> None:
    from django.contrib.auth import authenticate

    from quanze.apps.org import public as org
    from quanze.demo.accounts import demo_accounts

    roles = set()
    for account in demo_accounts():
        user = authenticate(None, username=account.username, password=account.password)
        assert user is not None, account.username
        roles |= org.actor_for_user(user.pk, on=TODAY).roles
    assert len(demo_accounts()) == 20
    # The capabilities of these come later; until then the demonstration has nothing for them to do.
    without_account = {"division_head", "legal_adviser", "justice_office", "personnel", "task_force", "town_dispatcher"}
    without_account |= {"grid_reporter", "responder", "cyberspace_office", "hotline_office", "platform_operator"}
    assert roles == set(org.ROLE_LABELS) - without_account


@pytest.mark.req("J-22", "J-28")
def test_every_list_is_in_force_with_its_document_number(city: City) -> None:
    from quanze.apps.catalog import public as catalog

    found = {row.body_code: row for row in catalog.public_lists(on=TODAY)}
    assert {code: row.items for code, row in found.items()} == {
        holder.code: len(holder.main_items) for holder in city.world.holders
    }
    assert found["SQ-YL"].edition.document_number == "云岭政发〔2024〕10号"
    assert found["YZ-NY"].edition.number == 2
    assert all(row.edition.digest for row in found.values())


def test_the_list_of_a_day_before_the_second_edition_is_the_first(city: City) -> None:
    from quanze.apps.catalog import public as catalog

    row = next(one for one in catalog.public_lists(on=TODAY) if one.body_code == "YZ-NY")
    starts = row.edition.valid_from
    assert catalog.public_list(body_code="YZ-NY", on=starts - timedelta(days=1)).edition.number == 1
    changes = [one for _, one in catalog.published_changes(edition_ids=[row.edition.id])]
    assert len(changes) == 6
    code = changes[0].item_code
    before = catalog.public_item(code=code, on=starts - timedelta(days=1)).content
    after = catalog.public_item(code=code, on=starts).content
    assert after.promised_limit_days == before.promised_limit_days - 2


@pytest.mark.req("H-34")
def test_the_check_of_the_stored_lists_finds_every_planted_defect(city: City) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.core.actor import EVERYTHING
    from quanze.demo.events import item_codes

    missed = []
    for holder in city.world.holders:
        codes = item_codes(holder)
        report = catalog.check_body(body=holder.code, scope=EVERYTHING, on=TODAY)
        seen = {(one.code, report.places.get(one.key, "")) for one in report.findings}
        for row in truth(city.world):
            if row["holder"] == holder.code:
                place = f"事项 {codes[row['ref']]}" if row["ref"] else ""
                if (row["rule"], place) not in seen:
                    missed.append(row)
    assert missed == []


def test_a_broken_draft_stops_the_submission_and_says_why(city: City) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.base.audit.models import FactRecord
    from quanze.core.errors import RulesNotMet

    list_id = next(row.list_id for row in catalog.public_lists(on=TODAY) if row.body_code == "YZ-NY")
    before = FactRecord.objects.count()
    with pytest.raises(RulesNotMet) as refused:
        catalog.submission_submit(actor=city.actor("YZ-NY", "drafter"), list_id=list_id, title="年度核对", now=NOW)
    assert refused.value.code == "findings_blocking"
    planted = {row["rule"] for row in truth(city.world) if row["holder"] == "YZ-NY"}
    assert {defect.code for defect in refused.value.defects} <= planted
    assert FactRecord.objects.count() == before


@pytest.mark.req("J-23", "J-24", "J-25", "J-26", "J-27", "J-28", "J-29")
def test_the_returned_two_are_mended_and_go_on_to_a_new_edition(city: City) -> None:
    from quanze.apps.catalog import public as catalog
    from quanze.apps.workflow import public as workflow
    from quanze.core.actor import SYSTEM

    listed = next(row for row in catalog.public_lists(on=TODAY) if row.body_code == "YZ-SC")
    drafter = city.actor("YZ-SC", "drafter")
    submission_id = next(case.subject_id for case in workflow.opened_by(drafter) if case.state in ("returned", "open"))
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=SYSTEM)
    assert case is not None
    assert (case.state, len(case.item_ids), len(case.focus_ids)) == ("returned", 8, 2)

    # 业务口改好两项，重新送审；只看这两项。
    for version in _returned_versions(submission_id):
        draft_id = catalog.draft_start(actor=drafter, item_id=version.item_id, now=NOW)
        catalog.draft_save(
            actor=drafter,
            version_id=draft_id,
            seen_version=1,
            content=replace(version.content, remark="已补充依据条款并写明分工。"),
            now=NOW,
        )
    catalog.submission_resubmit(
        actor=drafter, submission_id=submission_id, seen_version=case.lock_version, note="已按意见修改", now=NOW
    )
    steps = []
    details = {
        "meeting": {"meeting_number": "云泽市编委〔2026〕第4次会议", "resolution": "审定"},
        "issue": {"document_number": "云市监发〔2026〕52号", "issued_on": "2026-11-20", "valid_from": "2026-12-01"},
    }
    while True:
        case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=SYSTEM)
        if case is None or case.current is None:
            break
        step = case.current
        steps.append((step.role, len(step.opinions)))
        code = {"establishment": "YZ-BB", "committee_secretary": "YZ-BB", "justice": "YZ-SF"}.get(step.role, "YZ-SC")
        catalog.submission_decide(
            actor=city.actor(code, step.role),
            submission_id=submission_id,
            seen_version=case.lock_version,
            verb="pass",
            opinion="同意",
            details=details.get(step.kind, {}),
            now=NOW,
        )
    assert steps == [("justice", 2), ("establishment", 8), ("committee_secretary", 8), ("publisher", 8)]
    assert catalog.public_list(body_code="YZ-SC", on=date(2026, 12, 1)).edition.number == listed.edition.number + 1
    assert catalog.public_list(body_code="YZ-SC", on=date(2026, 11, 30)).edition.number == listed.edition.number
    assert facts_of("catalog.submission", submission_id) == [
        "workflow.case.opened",
        "catalog.submission.submitted",
        "workflow.step.passed",
        "workflow.step.passed",
        "workflow.step.passed",
        "workflow.step.returned",
        "catalog.submission.returned",
        "workflow.case.resubmitted",
        "catalog.submission.resubmitted",
        "workflow.step.passed",
        "workflow.step.passed",
        "workflow.step.passed",
        "workflow.step.passed",
    ]


def _returned_versions(submission_id: int):
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import SubmissionItem

    ids = SubmissionItem.objects.filter(submission_id=submission_id, outcome="return").values_list(
        "version_id", flat=True
    )
    return list(catalog.versions_by_ids(list(ids)).values())


def test_one_review_waits_at_its_second_step_for_the_deputy_head(city: City) -> None:
    from quanze.apps.workflow import public as workflow

    tasks = workflow.tasks_for(city.actor("YZ-CG", "deputy_head"))
    assert [(task.step_label, task.items) for task in tasks] == [("分管领导签批", 6)]


@pytest.mark.req("W-46", "H-27")
def test_sixty_days_of_events_are_in_and_acts_outside_the_list_wait_for_verification(city: City) -> None:
    from quanze.apps.performance.models import QuarantinedEvent
    from quanze.demo import events
    from quanze.warehouse import public as warehouse

    runs = events.runs()
    assert len(runs.rows) == events.EVENTS == 50_000
    days = [datetime.fromisoformat(row[events.COLUMNS.index("occurred_at")]).date() for row in runs.rows]
    assert (min(days), max(days), len({*days}) <= 60) == (date(2026, 9, 1), date(2026, 10, 30), True)
    codes = {holder.code for holder in city.world.holders}
    mine = [row for row in runs.rows if row[5] in codes]
    unlisted = [row for row in mine if row[0].startswith("YZW")]
    assert sum(row.events for row in warehouse.event_counts(by=("body_code",))) == len(mine) - len(unlisted)
    assert sum(group.rows for group in QuarantinedEvent.objects.all()) == len(unlisted) > 0


@pytest.mark.req("W-17", "W-18")
def test_dormant_seldom_and_changed_items_are_those_that_were_planted(city: City) -> None:
    from quanze.apps.performance import public as performance
    from quanze.demo import events

    runs = events.runs()
    ids = [city.body_id(holder.code) for holder in city.world.holders]
    found: dict[str, set[str]] = {"dormant": set(), "seldom": set(), "changed": set()}
    for flag in performance.special_cases(body_ids=ids, as_of=TODAY):
        found[str(flag.kind)].add(flag.item_code)
    mine = {code for holder in city.world.holders for code in events.item_codes(holder).values()}
    assert found["dormant"] == runs.dormant & mine
    assert found["seldom"] == runs.seldom & mine
    assert found["changed"] == runs.changed & mine


@pytest.mark.req("W-10", "W-11", "W-12", "W-50", "W-58")
def test_the_round_scores_every_body_on_what_is_known_and_says_what_is_not(city: City) -> None:
    from quanze.apps.evaluation import public as evaluation
    from quanze.core.actor import SYSTEM

    row, finished = evaluation.rounds(scope=SYSTEM.scope)
    assert (row.state, row.bodies, row.indicator_count) == ("computed", 5, 30)
    assert (finished.state, finished.bodies) == ("concluded", 2)
    bodies = evaluation.body_rows(row.id, scope=SYSTEM.scope)
    assert all(body.total is not None and 0 < body.total <= 105 for body in bodies)
    result = evaluation.body_result(row.id, city.body_id("YZ-NY"), scope=SYSTEM.scope)
    known = [line for line in result.lines if line.reading.has_data]
    unknown = [line for line in result.lines if not line.reading.has_data]
    assert len(known) >= 8
    assert len(known) + len(unknown) == 30
    assert all(line.points is None and line.reading.missing for line in unknown)
    score = result.score
    base = sum(line.points for line in known if line.points is not None and not line.code.startswith("6"))
    assert score.base == base
    assert score.available == sum(line.full for line in known if not line.code.startswith("6"))
    # What has no data is left out and the rest is scaled to the full hundred.
    assert abs(score.scaled_base - base * 100 / score.available) < Decimal("0.01")
    assert evaluation.round_verify(row.id, scope=SYSTEM.scope).is_identical


@pytest.mark.req("W-49")
def test_one_conclusion_was_issued_and_the_next_is_issued_as_word_and_pdf(city: City) -> None:
    from quanze.apps.evaluation import public as evaluation
    from quanze.base.files import public as files
    from quanze.core.actor import SYSTEM

    _, row = evaluation.rounds(scope=SYSTEM.scope)
    first = evaluation.conclusion(row.id, city.body_id("YZ-NY"), scope=SYSTEM.scope)
    assert (first.state, first.document_number) == ("issued", "云编办评〔2026〕2号")
    body_id = city.body_id("YZ-SC")
    draft = evaluation.conclusion(row.id, body_id, scope=SYSTEM.scope)
    issued = evaluation.conclusion_issue(
        actor=city.actor("YZ-BB", "establishment"),
        round_id=row.id,
        body_id=body_id,
        document_number="云编办评〔2026〕3号",
        issued_on=TODAY,
        seen_version=draft.lock_version,
        now=NOW,
    )
    assert issued.state == "issued"
    heads = []
    for view in (first, issued):
        for file_id in (view.docx_file_id, view.pdf_file_id):
            with files.open_file(file_id, scope=SYSTEM.scope).stream as stream:
                heads.append(stream.read(4))
    assert heads == [b"PK\x03\x04", b"%PDF"] * 2


def test_the_assessor_s_entries_count_in_both_rounds(city: City) -> None:
    from quanze.apps.evaluation import public as evaluation
    from quanze.core.actor import SYSTEM

    running, finished = evaluation.rounds(scope=SYSTEM.scope)
    points = {}
    for row in (running, finished):
        result = evaluation.body_result(row.id, city.body_id("YZ-NY"), scope=SYSTEM.scope)
        points[row.state] = {line.code: line.points for line in result.lines}
    # 4.6 is 4 marks: 12 of 13 and 11 of 12 samples were good. Nobody has rated 5.3 of the running round yet.
    assert (points["computed"]["4.6"], points["concluded"]["4.6"]) == (Decimal("3.69"), Decimal("3.67"))
    assert points["computed"]["5.3"] is None
    assert points["concluded"]["5.3"] is not None


@pytest.mark.req("W-19")
def test_the_running_round_is_not_approved_while_flagged_items_are_unexplained(city: City) -> None:
    from quanze.apps.evaluation import public as evaluation
    from quanze.core.actor import SYSTEM
    from quanze.core.errors import RulesNotMet

    row, _ = evaluation.rounds(scope=SYSTEM.scope)
    waiting = evaluation.round_unexplained(row.id, scope=SYSTEM.scope)
    assert len(waiting) == 5
    with pytest.raises(RulesNotMet) as refused:
        evaluation.round_conclude(
            actor=city.actor("YZ-BB", "establishment"), round_id=row.id, seen_version=row.lock_version, now=NOW
        )
    assert refused.value.code == "explanations_missing"
    assert evaluation.round_view(row.id, scope=SYSTEM.scope).state == "computed"


def test_the_record_holds_every_step_of_the_city_and_is_sound(city: City) -> None:
    from quanze.base.audit import public as audit
    from quanze.base.audit.models import FactRecord

    actions = Counter(FactRecord.objects.values_list("action", flat=True))
    holders, bases = city.world.holders, city.world.bases
    assert actions["catalog.list.created"] == len(holders) + len(bases)
    assert actions["catalog.item.created"] == len(city.world.items) + sum(len(base.items) for base in bases)
    # One first edition each, and a second of the agriculture bureau and of every base list.
    assert actions["catalog.edition.published"] == len(holders) + 2 * len(bases) + 1
    # Six-step lists have seven steps, three-step ones four, base lists three; four steps in all belong to work that is
    # not finished.
    finished = 7 * (len([one for one in holders if not one.is_town]) + 1) + 4 * len(
        [one for one in holders if one.is_town]
    )
    finished += 2 * 3 * len(bases)
    # Seven derived lists of two steps each; the list of what was taken back is entered by the act itself.
    assert actions["catalog.derived_edition.published"] == 7
    assert actions["catalog.item.taken_back"] == 1
    # Five of a submission that waits for the committee, whose meeting has its papers and no decision yet.
    assert actions["workflow.step.passed"] == finished + 1 + 3 + 2 * 7 + 5
    meeting = ("convened", "material_made", "template_filled", "decided")
    assert [actions[f"adjustment.meeting.{step}"] for step in meeting] == [1, 1, 1, 0]
    campaign = ("started", "session_recorded", "task_reported", "linked")
    assert [actions[f"adjustment.campaign.{step}"] for step in campaign] == [1, 2, 2, 1]
    assert actions["workflow.step.returned"] == 1
    assert actions["demo.city.seeded"] == 1
    audit.seal_pending(NOW)
    assert audit.verify().is_sound
