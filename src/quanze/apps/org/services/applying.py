"""写入名录的计划：区划、机构、内设机构、岗位、账号、任职，最后成批申请角色。

Within the transaction of the load. Bodies, accounts and appointments go through the services that also serve single
changes, so that no rule and no record is bypassed; divisions and posts come in hundreds and are written as sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model

from quanze.apps.org.domain.directory_layout import BODY, DIVISION, POST, REGION
from quanze.apps.org.domain.directory_plan import ACCOUNT, APPOINTMENT, ENDED, NEW, ROLES_ASKED, PlannedChange
from quanze.apps.org.domain.kinds import REGION_LEVEL_LABELS
from quanze.apps.org.domain.people_plan import DirectoryPlan
from quanze.apps.org.models import Appointment, Body, BodyParent, Division, Post, Region
from quanze.apps.org.services.appointing import appointment_end, appointment_make
from quanze.apps.org.services.batches import WantedRoles, role_changes_request
from quanze.apps.org.services.body_history import body_stated, ensure_begun
from quanze.apps.org.services.upkeep import body_change, body_create, body_move, division_close, function_assign
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.core.actor import Actor

audit.register_actions(
    {
        "org.region.created": "设立行政区划",
        "org.region.changed": "修改行政区划",
        "org.division.changed": "修改内设机构",
    }
)
_LEVELS = {str(level): order for order, level in enumerate(REGION_LEVEL_LABELS)}


class Applying:
    """一次写入：谁、理由、当日；写完留下批次编号与新账号。"""

    def __init__(self, actor: Actor, reason: str, today: date, now: datetime) -> None:
        self.actor, self.reason, self.today, self.now = actor, reason, today, now
        self.batch_id: int | None = None
        self.new_users: list[int] = []
        self._bodies: dict[str, int] = {}

    def write(self, plan: DirectoryPlan) -> None:
        """按次序写入各类。"""
        by_section: dict[str, list[PlannedChange]] = {}
        for each in plan.to_write:
            by_section.setdefault(each.section, []).append(each)
        for change in sorted(by_section.get(REGION, []), key=lambda each: _LEVELS[each.data["level"]]):
            self._region(change)
        self._bodies = dict(Body.objects.values_list("code", "pk"))
        for change in by_section.get(BODY, []):
            self._body(change)
        self._divisions(by_section.get(DIVISION, []))
        self._posts(by_section.get(POST, []))
        for change in by_section.get(ACCOUNT, []):
            self._account(change)
        made = self._appointments(by_section.get(APPOINTMENT, []))
        self._roles(by_section.get(ROLES_ASKED, []), made)

    def _region(self, change: PlannedChange) -> None:
        data = change.data
        parent = Region.objects.get(code=data["parent"]) if data["parent"] else None
        row, is_new = Region.objects.update_or_create(
            code=data["code"], defaults={"name": data["name"], "level": data["level"], "parent": parent}
        )
        audit.record(
            actor=self.actor,
            action="org.region.created" if is_new else "org.region.changed",
            subject=audit.SubjectRef("org.region", row.pk, row.name, None),
            before=dict(change.before) or None,
            after=dict(change.after),
            reason=self.reason,
            now=self.now,
        )

    def _body(self, change: PlannedChange) -> None:
        data: Mapping[str, Any] = change.data
        common: dict[str, Any] = {"actor": self.actor, "now": self.now}
        parent_id = self._bodies[data["parent"]] if data["parent"] else None
        if change.change == NEW:
            body_id = body_create(
                code=data["code"], name=data["name"], kind=data["kind"], region_code=data["region"],
                short_name=data["short_name"], document_mark=data["document_mark"], parent_id=parent_id,
                valid_from=data["valid_from"], **common,
            )  # fmt: skip
            self._bodies[data["code"]] = body_id
        body_id = self._bodies[data["code"]]
        row = Body.objects.get(pk=body_id)
        wanted: dict[str, Any] = {key: data[key] for key in ("name", "short_name", "document_mark", "valid_to")}
        if any(getattr(row, key) != value for key, value in wanted.items()):
            body_change(
                body_id=body_id, seen_version=row.lock_version, reason=self.reason,
                **wanted, **common,
            )  # fmt: skip
        if data["moves"]:
            self._move(body_id, parent_id)
        for role in data["functions"]:
            function_assign(region_code=data["region"], role=role, body_id=body_id, reason=self.reason, **common)

    def _move(self, body_id: int, parent_id: int | None) -> None:
        # A parent written today is a correction of the same day, not a reorganisation.
        edge = BodyParent.objects.filter(body_id=body_id, valid_to__isnull=True, valid_from__gte=self.today).first()
        if edge is not None:
            before = edge.parent_id
            row = Body.objects.get(pk=body_id)
            ensure_begun(row, self.actor)
            edge.delete()
            if parent_id is not None:
                BodyParent.objects.create(body_id=body_id, parent_id=parent_id, valid_from=edge.valid_from)
            body_stated(
                row, {"parent_id": parent_id}, on=edge.valid_from, reason=self.reason, actor=self.actor, now=self.now
            )
            audit.record(
                actor=self.actor,
                action="org.body.moved",
                subject=audit.SubjectRef("org.body", body_id, row.name, body_id),
                before={"parent_id": before},
                after={"parent_id": parent_id, "from": edge.valid_from},
                reason=self.reason,
                now=self.now,
            )
            return
        version = Body.objects.values_list("lock_version", flat=True).get(pk=body_id)
        body_move(
            actor=self.actor, body_id=body_id, seen_version=version, parent_id=parent_id, on=self.today,
            reason=self.reason, now=self.now,
        )  # fmt: skip

    def _divisions(self, changes: list[PlannedChange]) -> None:
        made = [change for change in changes if change.change == NEW]
        counted: dict[int, int] = {}
        rows = []
        for change in made:
            data, body_id = change.data, self._bodies[change.data["body"]]
            if body_id not in counted:
                counted[body_id] = Division.objects.filter(body_id=body_id).count()
            rows.append(
                Division(
                    body_id=body_id, code=data["code"], name=data["name"], ordinal=counted[body_id],
                    valid_from=data["valid_from"], valid_to=data["valid_to"],
                )
            )  # fmt: skip
            counted[body_id] += 1
        Division.objects.bulk_create(rows)
        self._record_many("org.division.created", "org.division", made, rows)
        for change in changes:
            if change.change == NEW:
                continue
            data = change.data
            row = Division.objects.get(body_id=self._bodies[data["body"]], code=data["code"])
            if row.name != data["name"]:
                row.name = data["name"]
                row.save(update_fields=["name"])
                self._record_many("org.division.changed", "org.division", [change], [row])
            if change.change == ENDED:
                division_close(
                    actor=self.actor, division_id=row.pk, valid_to=data["valid_to"], reason=self.reason, now=self.now
                )

    def _posts(self, changes: list[PlannedChange]) -> None:
        places = {
            (row.body_id, row.code): row.pk
            for row in Division.objects.filter(body_id__in={self._bodies[each.data["body"]] for each in changes})
        }
        rows = []
        for change in changes:
            data, body_id = change.data, self._bodies[change.data["body"]]
            division_id = places[body_id, data["division"]] if data["division"] else None
            rows.append(Post(body_id=body_id, division_id=division_id, name=data["name"]))
        Post.objects.bulk_create(rows)
        self._record_many("org.post.created", "org.post", changes, rows)

    def _record_many(self, action: str, kind: str, changes: list[PlannedChange], rows: list[Any]) -> None:
        audit.record_many(
            actor=self.actor,
            action=action,
            changes=[
                audit.Change(
                    audit.SubjectRef(kind, row.pk, change.label, row.body_id),
                    dict(change.before) or None,
                    dict(change.after) or None,
                    self.reason,
                )
                for change, row in zip(changes, rows, strict=True)
            ],
            now=self.now,
        )

    def _account(self, change: PlannedChange) -> None:
        data = change.data
        if change.change == NEW:
            view = iam.user_create(
                actor=self.actor,
                username=data["username"],
                full_name=data["full_name"],
                phone=data["phone"],
                now=self.now,
            )
            self.new_users.append(view.id)
            return
        found = get_user_model().objects.get(username=data["username"])
        view = iam.users_by_ids([found.pk])[found.pk]
        iam.user_rename(
            actor=self.actor, user_id=view.id, full_name=view.full_name, phone=data["phone"],
            seen_version=view.version, now=self.now,
        )  # fmt: skip

    def _appointments(self, changes: list[PlannedChange]) -> dict[tuple[str, ...], int]:
        names = {change.data["username"] for change in changes}
        users = dict(get_user_model().objects.filter(username__in=names).values_list("username", "pk"))
        made: dict[tuple[str, ...], int] = {}
        for change in changes:
            data = change.data
            if change.change == NEW:
                made[_key(data)] = appointment_make(
                    actor=self.actor, user_id=users[data["username"]], body_id=self._bodies[data["body"]],
                    post=data["post"], division_code=data["division"], valid_from=data["valid_from"],
                    valid_to=data["valid_to"], note=data["note"], now=self.now,
                )  # fmt: skip
            else:
                version = Appointment.objects.values_list("lock_version", flat=True).get(pk=data["appointment_id"])
                appointment_end(
                    actor=self.actor, appointment_id=data["appointment_id"], seen_version=version,
                    valid_to=data["valid_to"], reason=self.reason, now=self.now,
                )  # fmt: skip
        return made

    def _roles(self, changes: list[PlannedChange], made: Mapping[tuple[str, ...], int]) -> None:
        if not changes:
            return
        wanted = [
            WantedRoles(
                appointment_id=each.data["appointment_id"] or made[_key(each.data)],
                roles=tuple(each.data["roles"]),
                scope_kind=each.data["scope"],
                named_body_ids=tuple(self._bodies[code] for code in each.data["named"]),
            )
            for each in changes
        ]
        self.batch_id = role_changes_request(
            actor=self.actor, wanted=wanted, label=f"名录载入（{len(wanted)} 人次）", reason=self.reason, now=self.now
        )


def _key(data: Mapping[str, Any]) -> tuple[str, ...]:
    return data["username"], data["body"], data["division"], data["post"]
