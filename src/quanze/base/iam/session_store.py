"""会话的存取（SESSION_ENGINE）：时限在读取时判断，任何一道门都绕不过去。

The row that Django reads anyway carries who, since when and until when, so the checks cost no further query. A session
that is over is emptied and marked, and ``ended`` tells the door why.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from quanze.base.iam.session_models import ENDED_WORDS, LoginSession, new_handle
from quanze.base.web.errors import is_disk_full

# Until the login has named the figures of the person, the strictest apply.
STRICT_IDLE_SECONDS = 15 * 60
_TOUCH_EVERY = timedelta(seconds=60)
_KEPT_AFTER_END = timedelta(days=7)


class SessionStore(DatabaseStore):
    """登录会话的存取。"""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.row: LoginSession | None = None
        self.ended = ""
        self.ended_user_id: int | None = None
        # Whose session the cookie held when the request came; tells a login and a logout from what was before.
        self.came_as: int | None = None

    @classmethod
    def get_model_class(cls) -> type[LoginSession]:
        return LoginSession

    def _get_session_from_db(self) -> LoginSession | None:
        row = LoginSession.objects.filter(session_key=self.session_key).first()
        if row is None:
            self._session_key = None
            return None
        now = timezone.now()
        why = row.why_over(now)
        if why:
            self._session_key = None
            if row.user_id is not None:
                self.ended, self.ended_user_id = why, row.user_id
                end_rows([row.session_key], why, now=now)
            return None
        self.row, self.came_as = row, row.user_id
        return row

    async def _aget_session_from_db(self) -> LoginSession | None:
        return await sync_to_async(self._get_session_from_db)()

    def create_model_instance(self, data: dict[str, Any]) -> LoginSession:
        now = timezone.now()
        user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        known = self.row if self.row is not None and self.row.user_id == user_id else None
        return LoginSession(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # of the framework's base class
            session_data=self.encode(data),
            expire_date=known.expire_date if known else now + timedelta(seconds=self.get_session_cookie_age()),
            user_id=user_id,
            handle=known.handle if known else new_handle(),
            started_at=known.started_at if known else now,
            last_seen_at=now,
            idle_seconds=known.idle_seconds if known else STRICT_IDLE_SECONDS,
            address=known.address if known else "",
            agent=known.agent if known else "",
        )

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        row = self.create_model_instance(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        with transaction.atomic():
            if must_create:
                self._insert(row)
            elif not self._update(row):
                # Ended by somebody else meanwhile: nothing to keep, and no error in the face of the person. Gone
                # altogether (signed out in another tab) is what Django calls an interrupted session.
                if not self.exists(row.session_key):
                    raise UpdateError
                return
        self.row = row

    def _insert(self, row: LoginSession) -> None:
        # The row being replaced under a new key (login, password change) gives its handle to the new one.
        LoginSession.objects.filter(handle=row.handle).update(handle=new_handle())
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise CreateError from None

    @staticmethod
    def _update(row: LoginSession) -> int:
        kept = ("session_data", "expire_date", "user_id", "handle", "started_at", "last_seen_at")
        figures = ("idle_seconds", "address", "agent")
        values = {name: getattr(row, name) for name in (*kept, *figures)}
        return LoginSession.objects.filter(session_key=row.session_key, ended_reason="").update(**values)

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)

    @property
    def ended_words(self) -> str:
        """会话因何结束，写给人看；没有结束为空串。"""
        return ENDED_WORDS.get(self.ended, "")

    def flush(self) -> None:
        super().flush()
        self.row = None

    def begin(self, *, address: str, agent: str, idle: timedelta, until: datetime, now: datetime) -> LoginSession:
        """登录刚刚完成：写明来处与时限，立即存下。"""
        self.save()
        assert self.row is not None
        self.row.address, self.row.agent = address[:64], agent[:300]
        self.row.idle_seconds, self.row.expire_date = int(idle.total_seconds()), until
        self.row.started_at = now
        self.save()
        return self.row

    def touch(self, now: datetime) -> None:
        """记下最近操作；一分钟内不重复写。"""
        row = self.row
        if row is None or row.user_id is None or now - row.last_seen_at < _TOUCH_EVERY:
            return
        try:
            LoginSession.objects.filter(session_key=row.session_key, ended_reason="").update(last_seen_at=now)
        except DatabaseError as error:
            # A full disk: nothing can be written, yet who is signed in goes on reading.
            if not is_disk_full(error):
                raise
        row.last_seen_at = now

    @classmethod
    def clear_expired(cls) -> None:
        now = timezone.now()
        LoginSession.objects.filter(user__isnull=True, expire_date__lt=now).delete()
        LoginSession.objects.filter(expire_date__lt=now - _KEPT_AFTER_END).delete()


def end_rows(session_keys: list[str], reason: str, *, now: datetime) -> int:
    """结束若干会话：清空内容，写明原因；已结束的不动。"""
    rows = LoginSession.objects.filter(session_key__in=session_keys, ended_reason="")
    return rows.update(ended_reason=reason, ended_at=now, session_data="")
