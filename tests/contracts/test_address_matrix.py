"""访问矩阵：每个地址 × 每种岗位 × 本机构、同级、上下级机构的对象，一个不漏。

Walks the URL conf (the interface has its own walk below), sends every address to the small demonstration city in the name
of every role, and compares the answer for an object of a foreign body with the answer for an object that does not exist:
the two must be the same. An address that nobody has probed, or that nobody could open at home, fails too, so that a new
page cannot be forgotten.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not os.environ.get("QUANZE_TEST_EVERYTHING"),
        reason="SKIPPED LOUDLY: the matrix takes minutes; run it with QUANZE_TEST_EVERYTHING=1 (make blackbox does)",
    ),
]
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ABSENT = 987_654_321
# A department and a town: for everybody else a sibling, a body above or a body below.
OWNERS = ("YZ-NY", "SQ-YL")
# Open to everybody, or about oneself only: no object of a body stands behind them.
PERSONAL = {
    "account",
    "account_setup",
    "account_setup_link",
    "api_key_create",
    "api_key_revoke",
    "api_keys",
    "appointment_switch",
    "factor_remove",
    "factor_reset",
    "factor_reset_do",
    "fresh_token",
    "healthz",
    "help",
    "login",
    "login_second_factor",
    "logout",
    "messages",
    "messages_read",
    "metrics",
    "password_change",
    "readyz",
    "recovery_codes_renew",
    "resume",
    "resume_drop",
    "second_factor",
    "security_key_add",
    "session_revoke",
    "sessions_revoke_others",
    "setup",
    "single_sign_on",
    "single_sign_on_callback",
    "single_sign_on_end",
    "single_sign_on_ended",
    "step_up",
    "styleguide",
    "styleguide_error",
    "system_account_create",
    "totp_add",
}
# What one person owns: to anybody else it is not there.
OF_ONE_PERSON = {"api_key_revoke": "key_id", "factor_remove": "factor_id", "session_revoke": "handle"}
# Pages of the administration that everybody may use for himself.
STAFF_FOR_ALL = {
    "staff:delegations",
    "staff:delegation_new",
    "staff:delegation_create",
    "staff:delegation_confirm",
    "staff:delegation_end",
    "staff:hand_overs",
    "staff:roster",
    "staff:roster_blank",
    "staff:roster_load",
    "staff:start",
    "staff:turn",
    "staff:turn_cancel",
    "staff:turn_create",
    "staff:turn_swap",
}
OPEN = ("public:", "api:")


@dataclass
class Matrix:
    """探查所得：各结果的数目，与违例。"""

    probes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Address:
    """一个地址：名称与各参数的名。"""

    name: str
    parameters: frozenset[str]

    def at(self, values: Mapping[str, Any]) -> str:
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def _addresses(patterns: list[Any], namespace: str = "") -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _addresses(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name}", frozenset(pattern.pattern.regex.groupindex))


ADDRESSES = sorted(set(_addresses(get_resolver().url_patterns)), key=lambda one: one.name)
CLOSED = [one for one in ADDRESSES if one.name not in PERSONAL and not one.name.startswith(OPEN)]


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, int]]:
    """小城市，每个机构另有一项只在草稿里的标记事项。"""
    from django.db import transaction

    from quanze.apps.org import public as org
    from quanze.demo.seeding import small_city_seed

    folder = tmp_path_factory.mktemp("matrix")
    with (
        django_db_blocker.unblock(),
        override_settings(QUANZE_WAREHOUSE_DIR=folder / "warehouse", QUANZE_FILES_DIR=folder / "files"),
        transaction.atomic(),
    ):
        assert small_city_seed(now=NOW) is True
        owners = {code: body.id for code, body in org.bodies_by_codes(OWNERS).items()}
        _plant(owners)
        _plant_adjusting(owners)
        yield owners
        transaction.set_rollback(True)


def _marker(code: str) -> str:
    return f"暗记{code.replace('-', '')}草拟事项核验"


def _plant(owners: Mapping[str, int]) -> None:
    """每个机构：一项有暗记的草稿、一件送审、一份导入、一份公众纠错、一件后台任务、一次报送与一组待核实。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ErrorReport, ItemVersion, ListImport, PowerList
    from quanze.apps.performance.models import Explanation, QuarantinedEvent, QuarantinedFile, RiskWarning, RunImport
    from quanze.base.files.models import StoredFile
    from quanze.base.jobs.models import Job

    for code, body_id in owners.items():
        actor, mark = _actor(_person(code, "drafter").login), _marker(code)
        power_list = PowerList.objects.get(body_id=body_id)
        content = catalog.ItemContent(name=mark, power_type="inspection")
        catalog.item_create(actor=actor, list_id=power_list.pk, content=content, now=NOW)
        made = {"created_by_name": actor.name, "created_at": NOW}
        file = StoredFile.objects.create(
            original_name=f"{mark}.csv", body_id=body_id, size=3, sha256=mark, kind="csv", purpose="run_data",
            uploaded_by=actor.user_id, uploaded_by_name=actor.name, at=NOW,
        )  # fmt: skip
        ListImport.objects.create(
            power_list=power_list, file_id=file.pk, file_name=mark, created_by_id=actor.user_id, **made
        )
        version = ItemVersion.objects.filter(item__power_list=power_list, state="published").earliest("pk")
        if not ItemVersion.objects.filter(item_id=version.item_id, state="draft").exists():
            # What a correction is published from: a draft beside the version in force.
            catalog.draft_start(actor=actor, item_id=version.item_id, now=NOW)
        catalog.guide_start(actor=actor, item_id=version.item_id, content=catalog.GuideContent(note=mark), now=NOW)
        catalog.nondisclosure_propose(
            actor=actor, item_id=version.item_id, ground="internal",
            legal_basis="《中华人民共和国政府信息公开条例》第十六条", reason=f"{mark}，属于内部事务，不宜公开。", now=NOW,
        )  # fmt: skip
        ErrorReport.objects.create(
            number=mark, item_id=version.item_id, version=version, text=mark, received_at=NOW, due_on=NOW.date()
        )
        Job.objects.create(
            kind="matrix", label=mark, created_by=actor.user_id, body_id=body_id, available_at=NOW, **made
        )
        report = RunImport.objects.values_list("report", flat=True).earliest("pk")
        sent = RunImport.objects.create(
            key=mark, batch_id=1, file_name=mark, digest=mark, mapping_code="", source="", report=report,
            body_codes=[code], created_by=actor.user_id, body_id=body_id, **made,
        )  # fmt: skip
        held = QuarantinedFile.objects.create(run_import=sent, source="", path=mark, digest=mark, rows=1)
        QuarantinedEvent.objects.create(
            file=held, reason="unknown_item", item_code=mark, body_code=code, body_id=body_id, month="2026-10",
            rows=1, cases=1,
        )  # fmt: skip
        RiskWarning.objects.create(
            kind="overdue", level="attention", body_id=body_id, item_code=mark, item_name=mark, case_ref=mark,
            period="2026-10", statement=mark, raised_at=NOW,
        )  # fmt: skip
        _plant_mandate(body_id, mark)
        Explanation.objects.create(
            item_code=mark, item_name=mark, body_id=body_id, kind="dormant", year=2026, statement=mark, opened_at=NOW
        )


def _plant_mandate(body_id: int, mark: str) -> None:
    """一版核对中的三定。"""
    from quanze.apps.org import public as org
    from quanze.core.actor import EVERYTHING, Actor

    org.mandate_draft(
        actor=Actor(user_id=None, name="编办", roles=frozenset({"establishment"}), scope=EVERYTHING),
        body_id=body_id,
        head=org.MandateHead(mark, NOW.date(), NOW.date()),
        source=org.MandateSource(f"一、主要职责\n（一）{mark}。\n二、内设机构\n（一）一科。负责{mark}。"),
        now=NOW,
    )


def _plant_adjusting(owners: Mapping[str, int]) -> None:
    """每个机构：一件调整与其事项、同步变更，一件备案，一本未印发的目录，一项专项与任务、培训，一次会议。"""
    from quanze.apps.adjustment import models
    from quanze.apps.catalog.models import PowerList

    for code, body_id in owners.items():
        mark, today = _marker(code), NOW.date()
        body = {"body_id": body_id, "body_name": mark}
        owner = {"owner_body_id": body_id, "created_by_name": mark, "created_at": NOW}
        trigger = models.AdjustmentTrigger.objects.create(
            number=mark, kind="law_change", title=mark, evidence=mark, legal_on=today, registered_at=NOW,
            registered_by_name=mark,
        )  # fmt: skip
        adjusted = models.Adjustment.objects.create(
            trigger=trigger, power_list=PowerList.objects.get(body_id=body_id), opened_at=NOW, **body
        )
        plan = models.AdjustmentItem.objects.create(adjustment=adjusted, name=mark)
        models.DependantChange.objects.create(
            adjustment=adjusted, source=plan, kind="item", entry_id=1, list_label=mark, name=mark, duty="check",
            say=mark, opened_at=NOW, **body,
        )  # fmt: skip
        models.Filing.objects.create(
            number=mark, catalogue=mark, published_on=today, text=mark, filed_by_name=mark, filed_at=NOW,
            due_on=today, **body,
        )  # fmt: skip
        catalogue = models.YearlyCatalogue.objects.create(
            region_id=body_id, region_name=mark, year=2026, cut_off=today, body_ids=[body_id], **owner
        )
        models.CatalogueCheck.objects.create(catalogue=catalogue, **body)
        campaign = models.Campaign.objects.create(
            kind="yearly", title=mark, plan=mark, owner_body_name=mark, starts_on=today, due_on=today,
            state="running", started_at=NOW, **owner,
        )  # fmt: skip
        models.CampaignTask.objects.create(campaign=campaign, title=mark, due_on=today, **body)
        models.TrainingSession.objects.create(
            campaign=campaign, held_on=today, topic=mark, attendees=1, recorded_by_name=mark, recorded_at=NOW, **body
        )
        meeting = models.CommitteeMeeting.objects.create(
            number=mark, title=mark, owner_body_name=mark, step_role="committee_secretary", held_on=today,
            place=mark, state="prepared", **owner,
        )  # fmt: skip
        models.MeetingDocument.objects.create(
            meeting=meeting, kind="agenda", title=mark, docx_file_id=ABSENT, made_at=NOW, made_by_name=mark
        )
        models.OfficeTemplate.objects.create(
            owner_body_id=body_id, title=mark, file_id=ABSENT, file_name=mark, uploaded_by_name=mark, uploaded_at=NOW
        )


def _person(body: str, role: str) -> Any:
    from quanze.demo.accounts import people

    return next(one for one in people() if one.body == body and role in one.roles)


def _actor(login: str) -> Any:
    from quanze.apps.org import public as org
    from quanze.base.iam.models import User

    return org.actor_for_user(User.objects.get(username=login).pk, on=NOW.date())


def _objects(owner: int) -> dict[str, Any]:
    """某机构的对象：``名字空间:参数`` → 编号。What the city has none of stands as None."""
    from quanze.apps.catalog.models import (
        BaseMerge,
        DerivedEntryVersion,
        DerivedList,
        DerivedSubmission,
        DisclosureTask,
        ErrorReport,
        ItemVersion,
        ListImport,
        NonDisclosure,
        PlainGuide,
        PowerItem,
        PowerList,
        Submission,
    )
    from quanze.apps.evaluation.models import RoundBody
    from quanze.apps.org.models import MandateVersion
    from quanze.apps.performance.models import Explanation, QuarantinedEvent, RiskWarning, RunImport
    from quanze.apps.workflow.models import Case, CaseStep
    from quanze.base.audit.models import FactRecord
    from quanze.base.files.models import StoredFile
    from quanze.base.jobs.models import Job

    lists = PowerList.objects.filter(body_id=owner)
    items = PowerItem.objects.filter(power_list__in=lists)
    submissions = Submission.objects.filter(power_list__in=lists)
    submission = submissions.order_by("pk").last()
    cases = Case.objects.filter(body_id=owner)
    round_body = RoundBody.objects.filter(body_id=owner).order_by("pk").last()
    return {
        "catalog:list_id": _last(lists),
        "catalog:item_id": _last(items.filter(versions__state="published")),
        "catalog:tab": "history",
        "catalog:version_id": _last(ItemVersion.objects.filter(item__in=items, state="draft")),
        "catalog:correction:version_id": _last(
            ItemVersion.objects.filter(
                item__in=items.filter(versions__state="published", versions__valid_to=None), state="draft"
            )
        ),
        "catalog:submission_id": submission and submission.pk,
        "catalog:entry_id": submission and _last(submission.items.all()),
        "catalog:step_id": _last(CaseStep.objects.filter(case__in=cases)),
        "catalog:import_id": _last(ListImport.objects.filter(power_list__in=lists)),
        "catalog:derived_id": _last(DerivedList.objects.filter(body_id=owner)),
        "catalog:derived_entry_id": _last_entry(owner),
        "catalog:entry_import_id": _entry_import(owner),
        "catalog:entry_version_id": _last(DerivedEntryVersion.objects.filter(entry__derived_list__body_id=owner)),
        "catalog:derived_submission_id": _last(DerivedSubmission.objects.filter(derived_list__body_id=owner)),
        "catalog:town_id": owner,
        "catalog:guide_id": _last(PlainGuide.objects.filter(item__in=items)),
        "catalog:nondisclosure_id": _last(NonDisclosure.objects.filter(item__in=items)),
        "catalog:report_id": _last(ErrorReport.objects.filter(item__in=items)),
        "performance:body_id": owner,
        "performance:code": items.order_by("pk").first().code,
        "performance:key": "type",
        "performance:file_id": _last(StoredFile.objects.filter(body_id=owner, purpose="run_data")),
        "performance:import_id": _last(RunImport.objects.filter(body_id=owner)),
        "performance:group_id": _last(QuarantinedEvent.objects.filter(body_id=owner)),
        "performance:explanation_id": _last(Explanation.objects.filter(body_id=owner)),
        "evaluation:round_id": round_body and round_body.round_id,
        "evaluation:body_id": round_body and owner,
        "evaluation:code": "1.2",
        "evaluation:kind": "docx",
        "catalog:base_list_id": None,
        "performance:warning_id": _last(RiskWarning.objects.filter(body_id=owner)),
        "record:fact_id": _last(FactRecord.objects.filter(body_id=owner)),
        "record:kind": "catalog.submission",
        "record:archive:kind": "submission",
        "record:archive_make:kind": "submission",
        "record:archive_download:kind": "submission",
        "record:id": submission and submission.pk,
        "record:job_id": _last(Job.objects.filter(body_id=owner)),
        "record:file_id": _last(StoredFile.objects.filter(body_id=owner)),
        **_adjusting(owner),
        "adjustment:item_id": _last(items.filter(versions__state="published")),
        "catalog:merge_id": _last(BaseMerge.objects.filter(power_list__in=lists)),
        "catalog:task_id": _last(DisclosureTask.objects.filter(edition__power_list__in=lists)),
        "mandates:version_id": _last(MandateVersion.objects.filter(body_id=owner)),
        ":item_id": _last(items.filter(versions__state="published")),
        ":job_id": _last(Job.objects.filter(body_id=owner)),
        ":kind": "catalog.list",
        ":id": _last(lists),
    }


def _extract(owner: int) -> int | None:
    """一次上级清单核对，没有就写一次。"""
    from quanze.apps.adjustment.models import ExtractCheck
    from quanze.apps.catalog.models import PowerList

    power_list = (
        PowerList.objects.filter(body_id=owner, list_type="power").first()
        or PowerList.objects.filter(body_id=owner).first()
    )
    if power_list is None:
        return None
    found, _ = ExtractCheck.objects.get_or_create(
        power_list=power_list,
        body_id=owner,
        file_name="探测.json",
        defaults={
            "body_name": "探测",
            "system": "provincial_list",
            "system_label": "探测",
            "extract_on": NOW.date(),
            "synced_on": NOW.date(),
            "limit_workdays": 5,
            "checked_at": NOW,
            "checked_by_name": "探测",
        },
    )
    return found.pk


def _adjusting(owner: int) -> dict[str, Any]:
    """某机构在动态调整里的对象。"""
    from quanze.apps.adjustment import models

    adjusted = models.Adjustment.objects.filter(body_id=owner).latest("pk")
    campaign = models.Campaign.objects.get(owner_body_id=owner)
    meeting = models.CommitteeMeeting.objects.get(owner_body_id=owner)
    catalogue = models.YearlyCatalogue.objects.get(owner_body_id=owner)
    found = {
        "adjustment_id": adjusted.pk,
        "plan_id": _last(adjusted.items.all()),
        "change_id": _last(adjusted.dependants.all()),
        "filing_id": _last(models.Filing.objects.filter(body_id=owner)),
        "extract_id": _extract(owner),
        "catalogue_id": catalogue.pk,
        "check_id": _last(catalogue.checks.all()),
        "campaign_id": campaign.pk,
        "task_id": _last(campaign.tasks.all()),
        "session_id": _last(campaign.sessions.all()),
        "meeting_id": meeting.pk,
        "document_id": _last(meeting.documents.all()),
        "extension": "docx",
        "template_id": _last(models.OfficeTemplate.objects.filter(owner_body_id=owner)),
    }
    return {f"adjustment:{name}": value for name, value in found.items()}


def _entry_import(owner: int) -> int | None:
    """一次关联清单导入，没有就写一次。"""
    from quanze.apps.catalog.models import DerivedList, EntryImport

    row = DerivedList.objects.filter(body_id=owner).last()
    if row is None:
        return None
    found, _ = EntryImport.objects.get_or_create(
        derived_list=row, file_name="探测.xlsx", defaults={"created_by_name": "探测", "created_at": NOW}
    )
    return found.pk


def _last_entry(owner: int) -> int | None:
    from quanze.apps.catalog.models import DerivedEntry

    return _last(DerivedEntry.objects.filter(derived_list__body_id=owner))


def _last(rows: Any) -> int | None:
    return rows.order_by("pk").values_list("pk", flat=True).last()


# Errors as JSON: the same answer without the page around it.
BRIEFLY = {"accept": "application/json"}
# Addresses whose object belongs to no body: a round, a scheme, a pack, a rule.
SHARED = {
    "evaluation:pack",
    "evaluation:scheme",
    "evaluation:scheme_change",
    "evaluation:scheme_create",
    "rules:rule",
} | {one.name for one in CLOSED if one.name.startswith("evaluation:round") and "body_id" not in one.parameters}
STAFF = [one for one in CLOSED if one.name.startswith("staff:")]
OWNED = [one for one in CLOSED if one.parameters and one.name not in SHARED and one not in STAFF]
# Files, and a base list of an owner's own, the small city has none of; their own tests open them.
NOT_IN_THE_CITY = {
    "adjustment:meeting_document",
    "adjustment:session_material",
    "adjustment:template_file",
    "catalog:base_propose",
    "catalog:import_report",
    "catalog:paper_scan",
    "evaluation:conclusion_file",
    "performance:import_preview",
    "record:archive_download",
    "record:export_download",
}
LISTS = [one for one in CLOSED if not one.parameters and one not in STAFF]


def _values(address: Address, objects: Mapping[str, Any]) -> dict[str, Any]:
    namespace = address.name.rpartition(":")[0]
    special = {key: value for key, value in objects.items() if key.startswith(f"{address.name}:")}
    return {name: special.get(f"{address.name}:{name}", objects[f"{namespace}:{name}"]) for name in address.parameters}


def _absent(address: Address, values: Mapping[str, Any]) -> dict[str, Any]:
    """同一地址，换成不存在的对象。"""
    gone = {name: ABSENT if isinstance(value, int) else value for name, value in values.items()}
    if "round_id" in gone:
        gone["round_id"] = values["round_id"]
    return gone


def _said(response: Any) -> tuple[int, str]:
    """应答的要点：状态，与去掉编号后的去处或错误。"""
    if response.status_code in (301, 302, 303):
        return response.status_code, re.sub(r"\d+", "#", response["Location"])
    if response["Content-Type"].startswith("application/json"):
        # Every error has a number of its own.
        text = re.sub(r'"number": ?"[^"]*"', "", response.content.decode())
        return response.status_code, re.sub(r"\d+", "#", text)
    text = b"".join(response).decode(errors="replace") if response.streaming else response.content.decode()
    return response.status_code, re.sub(r'value="\w{64}"|\d+', "#", text)


def _people() -> list[Any]:
    """每种岗位一人，另加同级、下级机构的经办人。"""
    from quanze.demo.accounts import demo_accounts, people

    listed = {one.username for one in demo_accounts()}
    others = {_person("SQ-YL", "drafter").login, _person("SQ-BB", "establishment").login}
    return [one for one in people() if one.login in listed | others]


def _is_about_a_review(address: Address) -> bool:
    """送审件、其归档包：审过的人看得到。"""
    return bool({"submission_id", "job_id"} & address.parameters) or address.name.startswith("record:archive")


def _works_on(actor: Any, owner: int) -> bool:
    """是否正在或曾经审查该机构的送审件：看得到送审件及所含事项。"""
    from quanze.apps.workflow.models import CaseStep

    return CaseStep.objects.filter(case__body_id=owner, assignee_body_id=actor.body_id, role__in=actor.roles).exists()


REFUSALS = (302, 400, 403, 404, 405, 422, 428)


def test_a_foreign_object_answers_like_an_absent_one(city: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    matrix = Matrix()
    objects = {owner: _objects(owner) for owner in city.values()}
    for person in _people():
        actor, client = _signed_in(person)
        absent: dict[tuple[str, str], tuple[int, str]] = {}
        for owner in city.values():
            before = _done_so_far()
            for address in OWNED:
                values = _values(address, objects[owner])
                if None in values.values():
                    continue  # the other owner has one: what nobody could open is named below
                if actor.scope.covers(owner) or (address.name.startswith("record:") and actor.has("audit_admin")):
                    _open_at_home(matrix, client, person, address, values)
                elif not (_is_about_a_review(address) and _works_on(actor, owner)):
                    for method in ("get", "post"):
                        if (address.name, method) not in absent:
                            absent[address.name, method] = _asked(client, method, address, _absent(address, values))
                        foreign = _asked(client, method, address, values)
                        matrix.probes["foreign"] += 1
                        if foreign != absent[address.name, method] or not _is_refusal(foreign):
                            told = f"{method} {address.name} as {person.login}: {foreign}"
                            matrix.violations.append(f"{told}, absent {absent[address.name, method]}")
            if not actor.scope.covers(owner) and _done_so_far() != before:
                matrix.violations.append(f"{person.login} has changed something that is not his")
    unproven = sorted({one.name for one in OWNED} - matrix.opened - NOT_IN_THE_CITY)
    assert not matrix.violations, "\n".join(sorted(set(matrix.violations)))
    assert not unproven, "打不开本机构的对象，探查不算数"
    assert matrix.probes["foreign"] > 3000
    with capsys.disabled():
        print(  # noqa: T201
            f"\nFIGURE A1 地址 {len(CLOSED)} 个，身份 {len(_people())}，探问外机构 {matrix.probes['foreign']:,} 次："
            f"违反 {len(matrix.violations)}，无从证明 {len(unproven)}"
        )


def test_the_administration_is_closed_to_everybody_else(city: dict[str, int]) -> None:
    from quanze.apps.org.models import Appointment

    opened = []
    last = Appointment.objects.latest("pk")
    somebody, body, appointment = last.user_id, last.body_id, last.pk
    for person in _people():
        actor, client = _signed_in(person)
        if actor.roles & org_administrators():
            continue
        for address in STAFF:
            if address.name in STAFF_FOR_ALL:
                continue
            values = dict.fromkeys(address.parameters, ABSENT) | {"user_id": somebody, "body_id": body}
            values |= {"appointment_id": appointment}
            for method in ("get", "post"):
                status, said = _asked(client, method, address, values)
                if status not in (403, 404, 405) and not (status == 302 and method == "get"):
                    opened.append(f"{method} {address.name} as {person.login}: {status} {said[:80]}")
    assert not opened


def org_administrators() -> frozenset[str]:
    from quanze.apps.org.domain import ADMINISTRATORS

    return ADMINISTRATORS


def test_what_one_person_owns_is_not_there_for_another(city: dict[str, int]) -> None:
    from allauth.mfa.models import Authenticator

    from quanze.base.iam.api_key_models import ApiKey
    from quanze.base.iam.session_models import LoginSession

    owner, _ = _signed_in(_person("YZ-NY", "drafter"))
    _, client = _signed_in(_person("SQ-YL", "drafter"))
    key = ApiKey.objects.create(
        user_id=owner.user_id,
        name="暗记",
        prefix="matrix",
        digest="0" * 64,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    factor = Authenticator.objects.create(user_id=owner.user_id, type="totp", data={})
    session = LoginSession.objects.filter(user_id=owner.user_id).latest("pk")
    theirs = {"api_key_revoke": key.pk, "factor_remove": factor.pk, "session_revoke": session.handle}
    for name, parameter in OF_ONE_PERSON.items():
        absent = _said(client.post(reverse(name, kwargs={parameter: ABSENT}), headers=BRIEFLY))
        foreign = _said(client.post(reverse(name, kwargs={parameter: theirs[name]}), headers=BRIEFLY))
        assert foreign == absent, name
        assert foreign[0] in (403, 404), name


def _is_refusal(answer: tuple[int, str]) -> bool:
    """拒绝，或者一段空白（时间线的片段没有内容时）。"""
    return answer[0] in REFUSALS or (answer[0] == 200 and "暗记" not in answer[1] and len(answer[1]) < 1000)


def _signed_in(person: Any) -> tuple[Any, Client]:
    from quanze.base.iam.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=person.login))
    return _actor(person.login), client


def _asked(client: Client, method: str, address: Address, values: Mapping[str, Any]) -> tuple[int, str]:
    return _said(getattr(client, method)(address.at(values), headers=BRIEFLY))


def _done_so_far() -> int:
    from quanze.base.audit.models import FactRecord

    return FactRecord.objects.count()


def _open_at_home(matrix: Matrix, client: Client, person: Any, address: Address, values: Mapping[str, Any]) -> None:
    """本机构的对象打得开，探查才算数；打开过的不再打开。"""
    if address.name in matrix.opened:
        return
    response = client.get(address.at(values))
    matrix.probes["own"] += 1
    if response.status_code in (200, 302, 303):
        matrix.opened.add(address.name)
    if response.status_code >= 500:
        matrix.violations.append(f"{address.name} as {person.login} at home: {response.status_code}")


def test_no_page_shows_what_only_another_body_may_know(city: dict[str, int]) -> None:
    leaks = []
    for person in _people():
        actor, client = _signed_in(person)
        for code, owner in city.items():
            # The audit administrator sees that something was done to an object and what it is called, never what it says.
            if actor.scope.covers(owner) or actor.has("audit_admin"):
                continue
            for address in LISTS:
                page = client.get(address.at({}), {"q": "暗记"})
                text = _said(page)[1]
                if page.status_code >= 500 or _marker(code) in text:
                    leaks.append(f"{address.name} as {person.login}: {page.status_code} tells of {code}")
    assert not leaks
