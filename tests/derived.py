"""关联清单的捷径：在青禾县建清单、列入、送审、公布，全部经服务。Offered as the fixture ``derived``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pytest


@dataclass
class Derived:
    """小县的关联清单：牵头机构缺人的随时补上。"""

    county: Any
    numbers: dict[str, int] = field(default_factory=dict)
    people: dict[tuple[str, str], str] = field(default_factory=dict)

    def actor(self, body: str, role: str):
        """某机构某角色的人，没有则任命一个。"""
        from county import PEOPLE, SINCE
        from quanze.apps.org import public as org
        from quanze.base.iam import public as iam
        from quanze.core.actor import SYSTEM

        held = next(
            (login for login, (_, code, _, roles, _) in PEOPLE.items() if code == body and roles == (role,)), ""
        )
        login = self.people.get((body, role)) or held
        if not login:
            login = f"{body.lower()}-{role}"
            user = iam.user_create(
                actor=SYSTEM, username=login, full_name=login, phone="0000-1234567", now=self.county.now
            )
            self.county.users[login] = user.id
            org.appointment_make(
                actor=SYSTEM,
                user_id=user.id,
                body_id=self.county.bodies[body],
                roles=(role,),
                post=role,
                scope_kind="own",
                valid_from=SINCE,
                now=self.county.now,
            )
        self.people[body, role] = login
        return self.county.actor(login)

    def list_of(self, code: str, body: str = "QH-NY") -> int:
        """建立一份关联清单。"""
        from quanze.apps.catalog import public as catalog

        return catalog.derived_list_create(
            actor=self.county.actor("establishment"),
            body_id=self.county.bodies[body],
            list_type=code,
            now=self.county.now,
        )

    def add(
        self, list_id: int, *references: tuple[str, int], body: str = "QH-NY", name="", variant="", **content
    ) -> int:
        """列入一条草稿，返回条目编号。"""
        from quanze.apps.catalog import public as catalog

        new = catalog.NewEntry(tuple(catalog.Reference(*one) for one in references), content, name, variant)
        made = catalog.entries_create(
            actor=self.actor(body, "drafter"), list_id=list_id, entries=[new], now=self.county.now
        )
        return made[0][0]

    def publish(
        self,
        list_id: int,
        *,
        body: str = "QH-NY",
        version_ids: Sequence[int] | None = None,
        on: date | None = None,
        now: datetime | None = None,
    ) -> int:
        """送审、负责人同意、印发公布全部草稿，返回送审件编号。"""
        from quanze.apps.catalog import public as catalog
        from quanze.apps.org import public as org

        now, day = now or self.county.now, on or self.county.today
        submission_id = catalog.derived_submission_submit(
            actor=self.actor(body, "drafter"), list_id=list_id, version_ids=version_ids, now=now
        )
        # A town has no chief of a bureau: its own reviewer agrees.
        self.decide(submission_id, body, "legal_section" if body in ("QH-HX", "QH-XH") else "head", now=now)
        mark = org.bodies_by_ids([self.county.bodies[body]])[self.county.bodies[body]].document_mark or "青发"
        self.numbers[body] = self.numbers.get(body, 100) + 1
        self.decide(
            submission_id,
            body,
            "publisher",
            now=now,
            details={
                "document_number": f"{mark}〔{self.county.today.year}〕{self.numbers[body]}号",
                "issued_on": self.county.today.isoformat(),
                "valid_from": day.isoformat(),
            },
        )
        return submission_id

    def decide(self, submission_id: int, body: str, role: str, verb: str = "pass", **given):
        """办理当前一步。"""
        from quanze.apps.catalog import public as catalog
        from quanze.apps.workflow import public as workflow

        actor = self.actor(body, role)
        case = workflow.case_by_subject(
            subject_kind="catalog.derived_submission", subject_id=submission_id, actor=actor
        )
        given.setdefault("now", self.county.now)
        return catalog.derived_submission_decide(
            actor=actor, submission_id=submission_id, seen_version=case.lock_version if case else 1, verb=verb, **given
        )

    def item(self, name: str) -> int:
        """按名称取事项编号。"""
        from quanze.apps.catalog.models import ItemVersion

        return ItemVersion.objects.filter(name=name).values_list("item_id", flat=True).distinct().get()

    def seen(self, entry_id: int, content=None):
        """看过的条目。"""
        from quanze.apps.catalog import public as catalog
        from quanze.apps.catalog.models import DerivedEntry

        return catalog.Seen(entry_id, DerivedEntry.objects.get(pk=entry_id).lock_version, content)

    def revise(self, name: str, *, valid_from: date, now: datetime, cancel: bool = False, **fields) -> None:
        """权责清单里某事项出新版本或取消，直接公布（审查另有测试）。"""
        from dataclasses import replace

        from quanze.apps.catalog import public as catalog
        from quanze.apps.catalog.domain.publishing import Issue
        from quanze.apps.catalog.models import ItemVersion, PowerItem, SubmissionItem
        from quanze.apps.catalog.selectors.contents import content_of
        from quanze.apps.catalog.services.publishing import edition_publish

        drafter = self.actor("QH-NY", "drafter")
        item = PowerItem.objects.select_related("power_list").get(pk=self.item(name))
        old = item.versions.get(state="published", valid_to=None)
        entry = SubmissionItem(item=item, version=None, base_version=old, action="cancel")
        if not cancel:
            draft_id = catalog.draft_start(actor=drafter, item_id=item.pk, now=now)
            draft = ItemVersion.objects.get(pk=draft_id)
            catalog.draft_save(
                actor=drafter,
                version_id=draft_id,
                seen_version=draft.lock_version,
                content=replace(content_of(draft), **fields),
                now=now,
            )
            ItemVersion.objects.filter(pk=draft_id).update(state="frozen")
            entry = SubmissionItem(
                item=item, version=ItemVersion.objects.get(pk=draft_id), base_version=old, action="change"
            )
        number = 50 + self.numbers.get("revisions", 0)
        self.numbers["revisions"] = number - 49
        edition_publish(
            actor=drafter,
            power_list=item.power_list,
            entries=[entry],
            issue=Issue(f"青农发〔{valid_from.year}〕{number}号", valid_from, valid_from),
            submission=None,
            now=now,
        )


@pytest.fixture
def derived(county) -> Derived:
    """关联清单的捷径。"""
    return Derived(county)
