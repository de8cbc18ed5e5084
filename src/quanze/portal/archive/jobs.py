"""后台任务：制作归档包。"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction

from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.jobs.public import JobContext, job_handler
from quanze.portal.archive.matters import MADE, matter, subject_of
from quanze.portal.archive.package import build

ARCHIVE, PURPOSE = "record.archive", "record.archive"


@job_handler(ARCHIVE, max_attempts=2)
def make_archive(context: JobContext, *, kind: str, id: int) -> dict[str, Any]:
    """收集、装包、收存，摘要记入事实记录。"""
    context.progress(0, 3, "正在收集文件与记录")
    found = matter(kind, id, actor=context.actor)
    context.progress(1, 3, "正在装包")
    content = build(found)
    context.progress(2, 3, "正在收存")
    now = context.now()
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "archive.zip"
        path.write_bytes(content)
        stored = files.store_made(
            path=path,
            kind="zip",
            name=f"归档 {found.title}.zip",
            body_id=found.body_id,
            actor=context.actor,
            purpose=PURPOSE,
            now=now,
        )
        audit.record(
            actor=context.actor,
            action=MADE,
            subject=subject_of(kind, id, found.title, found.body_id),
            after={"file_id": stored.id, "sha256": stored.sha256, "size": stored.size, "files": len(found.entries) + 3},
            now=now,
        )
    return {"file_id": stored.id, "sha256": stored.sha256}
