"""数据仓中备份须带上的文件。Free of the engines: it is imported at start-up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from quanze.base.backup.public import files_below


def root() -> Path:
    """数据仓根目录。"""
    return Path(settings.QUANZE_WAREHOUSE_DIR)


def paths_in_use() -> Iterator[str]:
    """在用的事件文件与办件索引、待核实原件、现行统计集。

    Partials are not taken along: they are made again from the event files. Quarantined files are never removed, so all
    of them are taken.
    """
    from quanze.warehouse.models import EventFile, MartVersion

    for path, case_path in EventFile.objects.filter(status=EventFile.Status.ACTIVE).values_list("path", "case_path"):
        yield path
        yield case_path
    yield from files_below(root(), "quarantine/*/*.parquet")
    for folder in MartVersion.objects.filter(is_current=True).values_list("folder", flat=True):
        yield from files_below(root(), f"{folder}/*")
