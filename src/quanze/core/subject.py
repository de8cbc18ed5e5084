"""客体引用：一件事办在谁身上。Only text and numbers, so that a record outlives the row that it points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubjectRef:
    """客体引用：种类、编号、当时的名称、所属机构。``body_id`` decides who may read what is recorded about it."""

    kind: str
    id: int | str
    label: str
    body_id: int | None = None
