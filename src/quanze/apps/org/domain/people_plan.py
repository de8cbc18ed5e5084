"""名录载入的计划：人员、任职与角色。

An account is known by its login name, an appointment by person, body, division and post. Roles are never written by a load:
they become requests which a second administrator confirms. The three administrators cannot be given here at all.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from quanze.apps.org.domain.changes import require_scope
from quanze.apps.org.domain.directory_layout import BODY, DIVISION, GRANTABLE, NO_ROLE, PERSON, POST, REGION
from quanze.apps.org.domain.directory_plan import (
    ACCOUNT,
    APPOINTMENT,
    CHANGE_LABELS,
    CHANGED,
    ENDED,
    NEW,
    ROLES_ASKED,
    SECTION_LABELS,
    UNCHANGED,
    Draft,
    PlannedChange,
    plan_bodies,
    plan_divisions,
    plan_posts,
    plan_regions,
    post_need,
)
from quanze.apps.org.domain.directory_present import Present, PresentAppointment
from quanze.apps.org.domain.kinds import SCOPE_LABELS, ScopeKind
from quanze.apps.org.domain.roles import ADMINISTRATORS, ROLE_LABELS
from quanze.apps.org.domain.sheets import ReadRow, SheetDefect, bare, code_of, split_words
from quanze.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class DirectoryPlan:
    """计划：各处变动、全部缺陷。"""

    changes: tuple[PlannedChange, ...]
    defects: tuple[SheetDefect, ...]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """各类各有几处：{类: {新增|变动|…: 数}}。"""
        found = {section: dict.fromkeys(CHANGE_LABELS, 0) for section in SECTION_LABELS}
        for each in self.changes:
            found[each.section][each.change] += 1
        return found

    @property
    def to_write(self) -> tuple[PlannedChange, ...]:
        return tuple(each for each in self.changes if each.change != UNCHANGED)

    @property
    def digest(self) -> str:
        """所见的摘要：写入前再算一次，不同即说明名录在此期间变了。"""
        told = [[each.section, each.change, each.label, each.before, each.after, each.data] for each in self.to_write]
        return hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()


def plan_directory(rows: Mapping[str, Sequence[ReadRow]], present: Present, *, today: date) -> DirectoryPlan:
    """逐表对照，得出计划。"""
    draft = Draft(present, today)
    plan_regions(draft, rows.get(REGION, ()))
    plan_bodies(draft, rows.get(BODY, ()))
    plan_divisions(draft, rows.get(DIVISION, ()))
    plan_posts(draft, rows.get(POST, ()))
    _People(draft).plan(rows.get(PERSON, ()))
    return DirectoryPlan(tuple(draft.changes), tuple(draft.defects))


class _People:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.names: dict[str, tuple[str, int]] = {}
        self.phones: dict[str, str] = {}
        self.seen: dict[tuple[str, str, str, str], int] = {}
        self.by_user: dict[str, list[PresentAppointment]] = {}
        for each in draft.present.appointments:
            self.by_user.setdefault(each.username, []).append(each)

    def plan(self, rows: Iterable[ReadRow]) -> None:
        for row in rows:
            username = unicodedata.normalize("NFKC", row.text("username"))
            if not username or not row.text("full_name"):
                continue
            if self._account(row, username):
                self._appointment(row, username)

    def _account(self, row: ReadRow, username: str) -> bool:
        draft, name, phone = self.draft, row.text("full_name"), row.text("phone")
        if any(char.isspace() for char in username) or not username.isprintable():
            draft.refuse(row, "username_invalid", "username", "登录名不能有空格", "请去掉空格。")
            return False
        if username in self.names:
            known, line = self.names[username]
            if known != name:
                draft.refuse(
                    row,
                    "username_two_people",
                    "username",
                    f"登录名与第 {line} 行的{known}相同",
                    "两个人须用两个登录名。",
                )
                return False
            if phone and phone != self.phones[username]:
                what = f"办公电话与第 {line} 行的不同"
                draft.refuse(row, "phone_differs", "phone", what, "请改成一致，或只在一行填写。")
            return True
        self.names[username], self.phones[username] = (name, row.row), phone
        old = draft.present.accounts.get(username)
        if old is None:
            after = {"登录名": username, **({"办公电话": phone} if phone else {})}
            data = {"username": username, "full_name": name, "phone": phone}
            draft.add(ACCOUNT, NEW, name, row, after=after, data=data)
            return True
        if bare(old.full_name) != bare(name):
            draft.refuse(
                row, "username_taken", "username", f"登录名“{username}”在系统中是{old.full_name}的", "请换一个登录名。"
            )
            return False
        if old.is_system or not old.is_active:
            what = "是系统账号" if old.is_system else "已停用"
            draft.refuse(
                row, "account_unusable", "username", f"账号“{username}”{what}", "请换一个登录名，或先在人员页面启用。"
            )
            return False
        data = {"username": username, "full_name": old.full_name, "phone": phone}
        if phone and phone != old.phone:
            before, after = {"办公电话": old.phone}, {"办公电话": phone}
            draft.add(ACCOUNT, CHANGED, name, row, before=before, after=after, data=data)
        else:
            draft.add(ACCOUNT, UNCHANGED, name, row)
        return True

    def _appointment(self, row: ReadRow, username: str) -> None:
        draft = self.draft
        body = draft.body(row, "body")
        start, last = draft.day(row, "valid_from"), draft.day(row, "last_day")
        wanted = self._roles(row)
        if body is None:
            return
        division = draft.division(row, "division", body)
        if division is None:
            return
        division, post = self._post(row, body, division)
        old = self._present(username, body, division, post)
        if old is not None:
            division, post = old.division, old.post
        key = (username, body, division, post)
        if key in self.seen:
            draft.refuse(row, "row_repeated", "post", f"与第 {self.seen[key]} 行是同一人同一岗位", "请删去一行。")
            return
        self.seen[key] = row.row
        until = last + timedelta(days=1) if last else (old.valid_to if old else None)
        since = old.valid_from if old else start or draft.today
        if not self._period(row, old, start, since, until):
            return
        label = f"{row.text('full_name')} · {draft.bodies[body].name} {post}".strip()
        data = {
            "username": username, "body": body, "division": division, "post": post, "valid_from": since,
            "valid_to": until, "note": row.text("note"), "appointment_id": old.id if old else None,
        }  # fmt: skip
        if old is None:
            if post:
                post_need(draft, row, body, division, post)
            after = {"自": str(since), **({"至": str(last)} if last else {})}
            draft.add(APPOINTMENT, NEW, label, row, after=after, data=data)
        elif until != old.valid_to:
            draft.add(
                APPOINTMENT,
                ENDED,
                label,
                row,
                before={"至": _last(old.valid_to)},
                after={"至": _last(until)},
                data=data,
            )
        else:
            draft.add(APPOINTMENT, UNCHANGED, label, row)
        self._ask(row, old, wanted, until, label, data)

    def _post(self, row: ReadRow, body: str, division: str) -> tuple[str, str]:
        """没写内设机构而岗位只在一处有的，就是那一处。"""
        post = row.text("post")
        if post and not division:
            places = {place for owner, place, name in self.draft.posts if owner == body and name == post}
            if len(places) == 1:
                return places.pop(), post
            if len(places) > 1 and "" not in places:
                self.draft.refuse(row, "post_ambiguous", "post", f"几个内设机构都有岗位“{post}”", "请写明内设机构。")
        return division, post

    def _present(self, username: str, body: str, division: str, post: str) -> PresentAppointment | None:
        mine = [each for each in self.by_user.get(username, ()) if each.body == body]
        if post:
            return next((each for each in mine if (each.division, each.post) == (division, post)), None)
        return mine[0] if len(mine) == 1 else next((each for each in mine if not each.post), None)

    def _period(
        self, row: ReadRow, old: PresentAppointment | None, start: date | None, since: date, until: date | None
    ) -> bool:
        draft = self.draft
        if old is not None and start not in (None, old.valid_from):
            what = f"系统中的起始日期是 {old.valid_from}"
            draft.refuse(row, "appointment_since_fixed", "valid_from", what, "请改回或留空。")
            return False
        if until is not None and until <= since:
            draft.refuse(row, "appointment_period", "last_day", "终止日期在起始日期之前", "请改正日期。")
            return False
        if old is not None and old.valid_to is not None and until is not None and until > old.valid_to:
            what = f"系统中到 {_last(old.valid_to)} 为止，表格不能延长任期"
            draft.refuse(row, "appointment_longer", "last_day", what, "请在人员页面新建任职。")
            return False
        return True

    def _roles(self, row: ReadRow) -> list[str] | None:
        """表中的角色；没填为 None（不变动）。"""
        draft, text = self.draft, row.text("roles")
        if not text:
            return None
        if text == NO_ROLE:
            return []
        found = []
        for word in split_words(text):
            role = code_of(word, GRANTABLE)
            if role is not None:
                found.append(role)
            elif code_of(word, {code: ROLE_LABELS[code] for code in ADMINISTRATORS}):
                draft.refuse(row, "seat_by_workbook", "roles", f"{word}不能由表格授予", "请删去，另在“三员”页面申请。")
            else:
                draft.refuse(row, "role_unknown", "roles", f"没有“{word}”这个角色", "请从“可选值”中选用角色名称。")
        return sorted(set(found))

    def _scope(self, row: ReadRow, old: PresentAppointment | None) -> tuple[str, list[str]] | None:
        draft, text = self.draft, row.text("scope")
        scope = code_of(text, SCOPE_LABELS) if text else (old.scope if old else str(ScopeKind.OWN))
        if scope is None:
            draft.refuse(
                row,
                "scope_unknown",
                "scope",
                f"没有“{text}”这种数据范围",
                f"可填：{'、'.join(SCOPE_LABELS.values())}。",
            )
            return None
        if scope != ScopeKind.NAMED:
            return scope, []
        if not row.text("named") and old is not None and old.scope == scope:
            return scope, sorted(old.named)
        named = [draft.body(row, "named", word) for word in split_words(row.text("named"))]
        return (scope, sorted({code for code in named if code})) if None not in named else None

    def _ask(
        self,
        row: ReadRow,
        old: PresentAppointment | None,
        wanted: list[str] | None,
        until: date | None,
        label: str,
        data: Mapping[str, Any],
    ) -> None:
        draft = self.draft
        if wanted is None and not row.text("scope"):
            return
        place = self._scope(row, old)
        if place is None or (until is not None and until <= draft.today):
            return
        before = (old.roles, old.scope, old.named) if old else ((), str(ScopeKind.OWN), ())
        roles = tuple(wanted) if wanted is not None else before[0]
        after = (roles, place[0], tuple(place[1]))
        if after == before:
            return
        if old is not None and old.pending is not None:
            if old.pending == after:
                draft.add(ROLES_ASKED, UNCHANGED, label, row)
            else:
                draft.refuse(row, "change_pending", "roles", "这个任职已有待确认的角色变更", "请先确认或撤回那一项。")
            return
        account = draft.present.accounts.get(data["username"])
        if account is not None and account.seat:
            what = f"{account.full_name}是{ROLE_LABELS[account.seat]}，三员不兼任业务角色"
            draft.refuse(row, "administrators_exclusive", "roles", what, "请改由他人承担。")
            return
        try:
            require_scope(roles=roles, scope_kind=place[0], named=list(range(len(place[1]))), valid_to=until)
        except DomainError as refused:
            key = "last_day" if refused.code == "end_date_required" else "named"
            draft.refuse(row, refused.code, key, refused.message, refused.hint)
            return
        asked = {**data, "roles": list(roles), "scope": place[0], "named": place[1]}
        pair = [self._words(*state) for state in (before, after)]
        draft.add(
            ROLES_ASKED, NEW if old is None else CHANGED, label, row,
            before=pair[0], after=pair[1], data=asked,
        )  # fmt: skip

    def _words(self, roles: Sequence[str], scope: str, named: Sequence[str]) -> dict[str, str]:
        names = "、".join(self.draft.bodies[code].name for code in named)
        where = SCOPE_LABELS[ScopeKind(scope)] + (f"（{names}）" if names else "")
        return {"角色": "、".join(ROLE_LABELS[role] for role in roles) or "没有角色", "数据范围": where}


def _last(valid_to: date | None) -> str:
    return str(valid_to - timedelta(days=1)) if valid_to else "没有期限"
