"""向页面框架、文件与任务登记。Called once, from AppConfig.ready."""

from __future__ import annotations

from quanze.base.files.public import register_purpose
from quanze.base.web import navigation
from quanze.base.web.navigation import NavEntry
from quanze.portal.archive import jobs as archive_jobs
from quanze.portal.record.jobs import PURPOSE
from quanze.portal.record.reading import AUDIT_ADMIN, READERS


def register() -> None:
    """登记。"""
    register_purpose(PURPOSE, "记录摘录", kinds=("xlsx", "csv", "jsonl"))
    register_purpose(archive_jobs.PURPOSE, "归档包", kinds=("zip",))
    own = frozenset({AUDIT_ADMIN})
    navigation.register(
        NavEntry(
            key="record",
            label="全过程记录",
            icon="history",
            url_name="record:facts",
            order=115,
            roles=frozenset(READERS),
            children=(
                NavEntry("record.facts", "查找记录", "list-search", "record:facts", 1),
                NavEntry("record.accesses", "访问记录", "eye", "record:accesses", 2, roles=own),
                NavEntry("record.verification", "记录核验", "shield-check", "record:verification", 3, roles=own),
                NavEntry("record.exports", "导出文件", "file-export", "record:exports", 4),
            ),
        )
    )
