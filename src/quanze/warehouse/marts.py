"""统计集：逐月部分结果 → 几张小表，页面毫秒级读取。

Only months whose files changed are computed again: a partial is stored under a name made of the digests of the files it
comes from, so that an unchanged month is found and not computed. The marts of one generation are written into a folder
of their own, which appears whole by a rename; the row that names it as current is written last.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.db import transaction

from quanze.warehouse import kernel
from quanze.warehouse.grouping import codes_of, group_ids, summed, sums
from quanze.warehouse.models import EventFile, Generation, MartVersion
from quanze.warehouse.partials import load_partial, store_partial, store_tables
from quanze.warehouse.store import warehouse_root

# Part of the name of every partial: change it when the kernel counts differently, and all months are computed anew.
KERNEL_EDITION = "2"
TOP_VARIANTS = 20
_DURATION_LEVELS = (0.5, 0.9, 0.95)
_GAP_LEVELS = (0.5, 0.9)
# Fewer months than this are not worth starting processes for.
_POOL_FROM_MONTHS = 6


@dataclass(frozen=True, slots=True)
class MartStatus:
    """统计集状态：据以计算的事件数、最晚事件、生成时间；``is_stale`` 表示有已入库而未计入的事件。"""

    generation: int
    files: int
    rows: int
    cases: int
    newest_event_at: datetime | None
    built_at: datetime | None
    engine: str
    is_stale: bool


def mart_status() -> MartStatus:
    """现行统计集的状态。"""
    stored = Generation.objects.filter(id=1).first()
    newest = stored.number if stored else 0
    current = MartVersion.objects.filter(is_current=True).first()
    if current is None:
        return MartStatus(0, 0, 0, 0, None, None, "", newest > 0)
    return MartStatus(
        current.generation,
        current.files,
        current.rows,
        current.cases,
        current.newest_event_at,
        current.built_at,
        current.engine,
        newest > current.generation,
    )


def refresh_marts(*, now: datetime, workers: int = 1) -> MartStatus:
    """重算有变化的月份并换上新的统计集。

    Safe to repeat and to run twice at once: the newer generation wins. ``workers`` > 1 computes months in processes.
    """
    stored = Generation.objects.filter(id=1).first()
    generation = stored.number if stored else 0
    current = MartVersion.objects.filter(is_current=True).first()
    root = warehouse_root()
    if current is not None and current.generation == generation and (root / current.folder).is_dir():
        return mart_status()
    files = list(EventFile.objects.filter(status=EventFile.Status.ACTIVE).order_by("month", "id"))
    partials = _month_partials(root, files, workers)
    folder = root / "marts" / f"{generation:08d}-{uuid.uuid4().hex[:8]}"
    store_tables(mart_tables(partials), folder, as_arrow=True)
    newest = max((f.max_occurred_at for f in files), default=None)
    _make_current(generation, folder.relative_to(root).as_posix(), files, newest, now, workers)
    _forget_old(root, files, now)
    return mart_status()


@transaction.atomic
def _make_current(
    generation: int, folder: str, files: Sequence[EventFile], newest: datetime | None, now: datetime, workers: int
) -> None:
    Generation.objects.get_or_create(id=1)
    Generation.objects.select_for_update().get(id=1)
    current = MartVersion.objects.filter(is_current=True).first()
    if current is not None:
        if current.generation > generation:
            return
        current.is_current = False
        current.save(update_fields=["is_current"])
    MartVersion.objects.create(
        generation=generation,
        folder=folder,
        files=len(files),
        rows=sum(f.rows for f in files),
        cases=sum(f.cases for f in files),
        newest_event_at=newest,
        is_current=True,
        engine="local" if workers == 1 else f"local×{workers}",
        built_at=now,
    )


def _partial_folder(root: Path, month: str, files: Sequence[EventFile]) -> Path:
    names = "\n".join([KERNEL_EDITION, *sorted(f.digest for f in files)])
    return root / "partials" / month / hashlib.sha256(names.encode()).hexdigest()[:32]


def _month_partials(root: Path, files: Sequence[EventFile], workers: int) -> list[kernel.Partial]:
    by_month: dict[str, list[EventFile]] = defaultdict(list)
    for file in files:
        by_month[file.month].append(file)
    folders = {m: _partial_folder(root, m, fs) for m, fs in by_month.items()}
    todo = [
        ([(root / f.path, root / f.case_path) for f in by_month[m]], folder)
        for m, folder in folders.items()
        if not folder.is_dir()
    ]
    if workers > 1 and len(todo) >= _POOL_FROM_MONTHS:
        # A fresh interpreter per process: a fork of a server would carry its database connections along.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            list(pool.map(store_partial, *zip(*todo, strict=True)))
    else:
        for pairs, folder in todo:
            store_partial(pairs, folder)
    return [load_partial(folders[m]) for m in sorted(folders)]


def mart_tables(partials: Sequence[Mapping[str, pa.Table]]) -> dict[str, pa.Table]:
    """各月部分结果 → 统计集的表。"""
    heavy = ("durations", "gap_values")
    total = kernel.merge([{n: t for n, t in p.items() if n not in heavy} for p in partials])
    durations = [p["durations"] for p in partials if p["durations"].num_rows]
    order = ("body_code", "item_code", "month", "division_code", "region_code", "sector")
    return {
        "cases": summed(total["cases"], order),
        "events": total["events"],
        "arrivals": total["arrivals"],
        "open_due": summed(total["open_due"], ("body_code", "item_code", "due_day")),
        "durations": _duration_quantiles(
            pa.concat_tables(durations) if durations else kernel.PARTIAL_SCHEMAS["durations"].empty_table()
        ),
        "steps": _with_gap_quantiles(total["steps"], total["gaps"]),
        "follows": total["follows"],
        "variants": _top_variants(total["variants"]),
    }


def _duration_quantiles(durations: pa.Table) -> pa.Table:
    """历时分位数（精确、最近秩）：事项 × 机构。"""
    body, bodies = codes_of(durations["body_code"])
    item, items = codes_of(durations["item_code"])
    value = durations["duration_ms"].to_numpy()
    weight = durations["cases"].to_numpy()
    ids, first = group_ids([body, item], [max(len(bodies), 1), max(len(items), 1)])
    found = kernel.weighted_quantiles(ids, value, weight, len(first), _DURATION_LEVELS)
    take = pa.array(first)
    table = pa.table(
        {
            "body_code": durations["body_code"].combine_chunks().take(take),
            "item_code": durations["item_code"].combine_chunks().take(take),
            "cases": sums(ids, len(first), weight),
            "p50_ms": found[:, 0],
            "p90_ms": found[:, 1],
            "p95_ms": found[:, 2],
        }
    )
    return summed(table, ("body_code", "item_code"))


def _with_gap_quantiles(steps: pa.Table, gaps: pa.Table) -> pa.Table:
    """环节表加上距上一环节时间的分位数（对数桶，误差不超过 1 %）。"""
    names = list(zip(steps["flow_code"].to_pylist(), steps["step_code"].to_pylist(), strict=True))
    place = {n: i for i, n in enumerate(names)}
    flow_codes, flows = codes_of(gaps["flow_code"])
    step_codes, step_names = codes_of(gaps["step_code"])
    pair_ids, first = group_ids([flow_codes, step_codes], [max(len(flows), 1), max(len(step_names), 1)])
    position = np.array([place[flows[flow_codes[r]], step_names[step_codes[r]]] for r in first], np.int64)
    group = position[pair_ids] if len(first) else np.empty(0, np.int64)
    buckets = kernel.weighted_quantiles(
        group, gaps["bucket"].to_numpy().astype(np.int64), gaps["events"].to_numpy(), len(names), _GAP_LEVELS
    )
    for column, name in enumerate(("p50_ms", "p90_ms")):
        middle = kernel.bucket_middle_ms(np.maximum(buckets[:, column], 0)).round().astype(np.int64)
        steps = steps.append_column(name, pa.array(np.where(buckets[:, column] < 0, -1, middle)))
    return steps


def _top_variants(variants: pa.Table) -> pa.Table:
    """每一流程最常见的路径，及该流程路径总数。"""
    flow, flows = codes_of(variants["flow_code"])
    cases = variants["cases"].to_numpy()
    order = np.lexsort((variants["variant"].to_numpy(), -cases, flow))
    ordered = flow[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, np.int64)
    sizes = np.diff(np.r_[starts, len(ordered)])
    rank = np.arange(len(ordered)) - np.repeat(starts, sizes)
    kinds = np.bincount(flow, minlength=len(flows))
    kept = rank < TOP_VARIANTS
    table = variants.take(pa.array(order[kept]))
    return table.append_column("rank", pa.array(rank[kept] + 1)).append_column(
        "flow_variants", pa.array(kinds[ordered[kept]])
    )


def _forget_old(root: Path, files: Sequence[EventFile], now: datetime, grace: timedelta = timedelta(hours=2)) -> None:
    """删去过时的统计集与部分结果；宽限期内的留给仍在读的人。"""
    by_month: dict[str, list[EventFile]] = defaultdict(list)
    for file in files:
        by_month[file.month].append(file)
    keep = {_partial_folder(root, m, fs) for m, fs in by_month.items()}
    keep |= {root / v for v in MartVersion.objects.filter(is_current=True).values_list("folder", flat=True)}
    for folder in (*(root / "partials").glob("*/*"), *(root / "marts").glob("*")):
        if folder not in keep and folder.stat().st_mtime < (now - grace).timestamp():
            shutil.rmtree(folder, ignore_errors=True)
