"""入库：一批验过的事件写成文件，与幂等键同一事务登记。

Order of things: the files are written and synced first, the manifest and the key are committed last. A crash in between
leaves files that no row names; nobody reads them and ``collect_garbage`` removes them. One writer at a time holds the
generation row; readers never wait.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from quanze.core.errors import Conflict, InvalidInput
from quanze.warehouse.columns import EVENT_SCHEMA, stable_hashes
from quanze.warehouse.dedupe import Contradiction, Resolution, resolved
from quanze.warehouse.frames import EventFrame
from quanze.warehouse.grouping import codes_of
from quanze.warehouse.kernel import LOCAL_OFFSET_MS
from quanze.warehouse.layout import WrittenFile, case_keys, concat, read_events, sorted_events, write_events
from quanze.warehouse.models import EventBatch, EventFile, Generation

# More files than this in one month are joined by the next batch that adds one.
MAX_FILES_PER_MONTH = 8
_LISTED_CONFLICTS = 200


@dataclass(frozen=True, slots=True)
class BatchResult:
    """入库结果。``is_replay``: the key was known with the same content, and this is the first answer again."""

    batch_id: int
    rows_accepted: int
    rows_duplicate: int
    rows_conflicting: int
    conflicts: tuple[Contradiction, ...]
    months: tuple[str, ...]
    is_replay: bool = False


def warehouse_root() -> Path:
    """数据仓根目录。"""
    return Path(settings.QUANZE_WAREHOUSE_DIR)


def known_batch(key: str, digest: str) -> BatchResult | None:
    """此幂等键的首次结果；未用过则为空。Same key with other content is a conflict."""
    batch = EventBatch.objects.filter(key=key).first()
    if batch is None:
        return None
    if batch.payload_digest != digest:
        raise Conflict(
            f"幂等键“{key}”已用于另一份内容（{batch.file_name or '未命名'}，{batch.created_at:%Y-%m-%d %H:%M} UTC）",
            hint="若确为新的数据，请换一个幂等键重新报送。",
            code="idempotency_mismatch",
        )
    return BatchResult(
        batch.pk,
        batch.rows_accepted,
        batch.rows_duplicate,
        batch.rows_conflicting,
        tuple(Contradiction(c["row"], c["case_id"], c["step_no"], tuple(c["fields"])) for c in batch.conflicts),
        tuple(batch.months),
        is_replay=True,
    )


def known_case_ids(frame: EventFrame, *, source: str) -> frozenset[str]:
    """事件集中已有在库事件的办件编号。"""
    names = frame.case_ids()
    keys = stable_hashes([f"{source}\0{n}" for n in names])
    found = np.zeros(len(names), bool)
    for file in EventFile.objects.filter(status=EventFile.Status.ACTIVE):
        found |= np.isin(keys, _case_index(file)[0])
    return frozenset(n for n, is_found in zip(names, found, strict=True) if is_found)


@transaction.atomic
def append_events(
    frame: EventFrame,
    *,
    source: str,
    key: str,
    actor_name: str,
    now: datetime,
    rows_quarantined: int = 0,
) -> BatchResult:
    """事件集入库，恰好一次。

    Rows that repeat a stored row are duplicates; rows that contradict one are reported and left out. A late event joins
    its case: the file of that case is written anew, the old file stays for readers that still hold it. The marts are
    not touched here; call ``marts.refresh_marts`` after the commit.
    """
    if not source or len(source) > 60:
        raise InvalidInput("来源编码须为 1 到 60 字", code="source")
    generation = _lock()
    replay = known_batch(key, frame.digest)
    if replay is not None:
        return replay
    batch = EventBatch.objects.create(
        key=key,
        source=source,
        file_name=frame.file_name,
        payload_digest=frame.digest,
        rows_read=frame.rows_read,
        rows_quarantined=rows_quarantined,
        actor_name=actor_name[:100],
        created_at=now,
    )
    incoming, row_no = _event_table(frame, source, batch.pk)
    result = _Append(warehouse_root(), batch.pk, now).run(incoming, row_no)
    batch.rows_accepted = int(result.is_new.sum())
    batch.rows_duplicate = result.duplicates
    batch.rows_conflicting = len(result.contradictions)
    batch.conflicts = [asdict(c) for c in result.contradictions[:_LISTED_CONFLICTS]]
    batch.months = sorted(set(_case_months(result.table)[result.is_new].tolist()))
    batch.save()
    if batch.rows_accepted:
        generation.number += 1
        generation.save()
    return BatchResult(
        batch.pk,
        batch.rows_accepted,
        batch.rows_duplicate,
        batch.rows_conflicting,
        result.contradictions[:_LISTED_CONFLICTS],
        tuple(batch.months),
    )


def _lock() -> Generation:
    Generation.objects.get_or_create(id=1)
    return Generation.objects.select_for_update().get(id=1)


def conflicts_within(frame: EventFrame) -> tuple[Contradiction, ...]:
    """一份文件自己前后不一的行：同一办件同一环节序号，内容不同。先出现的为准。Reads nothing that is stored."""
    incoming, row_no = _event_table(frame, "preview", 0)
    return resolved(EVENT_SCHEMA.empty_table(), incoming, row_no).contradictions


def _event_table(frame: EventFrame, source: str, batch_id: int) -> tuple[pa.Table, np.ndarray]:
    """事件集 → 事件表；未给流程者以事项为流程。"""
    if frame.rows:
        frame = frame.filled_from("flow_code", "item_code")
    table = frame._table
    row_no = table["row_no"].to_numpy()
    source_column = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(table.num_rows, np.int32)), pa.array([source], pa.string())
    )
    columns = {n: table[n] for n in table.schema.names if n != "row_no"}
    columns["item_version"] = table["item_version"].fill_null(0)
    columns["source"] = source_column
    columns["batch_id"] = pa.array(np.full(table.num_rows, batch_id, np.int64))
    return pa.table({n: columns[n] for n in EVENT_SCHEMA.names}).cast(EVENT_SCHEMA), row_no


def _case_months(table: pa.Table) -> np.ndarray:
    """每行所属办件的开始月（yyyy-mm，本地时间）。"""
    if not table.num_rows:
        return np.empty(0, "U7")
    case, _ = codes_of(table["case_id"])
    source, sources = codes_of(table["source"])
    _, pair = np.unique(case * len(sources) + source, return_inverse=True)
    time = table["occurred_at"].cast(pa.int64()).to_numpy()
    start = np.full(int(pair.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(start, pair, time)
    months = (start + LOCAL_OFFSET_MS).astype("datetime64[ms]").astype("datetime64[M]").astype("U7")
    return months[pair]


def _case_index(file: EventFile) -> tuple[np.ndarray, np.ndarray]:
    index = pq.read_table(warehouse_root() / file.case_path)
    return index["case_key"].to_numpy(), index["rows"].to_numpy()


class _Append:
    """一次入库的全部文件动作。"""

    def __init__(self, root: Path, batch_id: int, now: datetime) -> None:
        self.root = root
        self.batch_id = batch_id
        self.now = now
        self.active = list(EventFile.objects.filter(status=EventFile.Status.ACTIVE).order_by("id"))

    def run(self, incoming: pa.Table, row_no: np.ndarray) -> Resolution:
        keys = np.unique(case_keys(incoming)) if incoming.num_rows else np.empty(0, np.uint64)
        touched: list[EventFile] = []
        stored: list[pa.Table] = []
        for file in self.active:
            row_keys = self._row_keys(file, keys)
            if row_keys is None:
                continue
            touched.append(file)
            stored.append(read_events(self.root / file.path).filter(pa.array(np.isin(row_keys, keys))))
        resolution = resolved(concat([EVENT_SCHEMA.empty_table(), *stored]), incoming, row_no)
        if not resolution.is_new.any():
            return resolution
        row_key = case_keys(resolution.table)
        changed = np.unique(row_key[resolution.is_new])
        moving = np.isin(row_key, changed)
        rows = resolution.table.filter(pa.array(moving))
        months = _case_months(resolution.table)[moving]
        waiting = {m: rows.filter(pa.array(months == m)) for m in np.unique(months).tolist()}
        for file in touched:
            self._rewrite(file, changed, waiting)
        for month, table in waiting.items():
            self._add(month, table)
        return resolution

    def _row_keys(self, file: EventFile, keys: np.ndarray) -> np.ndarray | None:
        """文件各行的办件键；与这批办件无关的文件不必读。"""
        case_key, rows = _case_index(file)
        return np.repeat(case_key, rows) if np.isin(case_key, keys).any() else None

    def _rewrite(self, file: EventFile, changed: np.ndarray, waiting: dict[str, pa.Table]) -> None:
        """去掉有变化的办件，把同月待写的并入；一字未变的文件不动。"""
        row_keys = self._row_keys(file, changed)
        if row_keys is None:
            return
        remaining = read_events(self.root / file.path).filter(pa.array(~np.isin(row_keys, changed)))
        parts = [remaining] if remaining.num_rows else []
        if file.month in waiting:
            parts.append(waiting.pop(file.month))
        self._replace([file], parts)

    def _add(self, month: str, table: pa.Table) -> None:
        """某月的新办件：另写一个文件；文件过多则并为一个。"""
        siblings = [f for f in self.active if f.month == month and f.status == EventFile.Status.ACTIVE]
        if len(siblings) < MAX_FILES_PER_MONTH:
            self._register(month, table, [])
            return
        self._replace(siblings, [*(read_events(self.root / f.path) for f in siblings), table])

    def _replace(self, old: list[EventFile], parts: list[pa.Table]) -> None:
        if parts:
            self._register(old[0].month, concat(parts), old)
        for file in old:
            file.status = EventFile.Status.REPLACED
            file.replaced_at = self.now
            file.save(update_fields=["status", "replaced_at"])

    def _register(self, month: str, table: pa.Table, old: list[EventFile]) -> None:
        written = write_events(self.root, month, sorted_events(table))
        batches = sorted({self.batch_id, *(b for f in old for b in f.batch_ids)})
        file = EventFile.objects.create(**_manifest_columns(month, written), batch_ids=batches, created_at=self.now)
        self.active.append(file)


def _manifest_columns(month: str, written: WrittenFile) -> dict[str, object]:
    return {
        "month": month,
        "path": written.path,
        "case_path": written.case_path,
        "rows": written.rows,
        "cases": written.cases,
        "size": written.size,
        "min_occurred_at": datetime.fromtimestamp(written.min_occurred_ms / 1000, tz=UTC),
        "max_occurred_at": datetime.fromtimestamp(written.max_occurred_ms / 1000, tz=UTC),
        "digest": written.digest,
    }


def collect_garbage(*, now: datetime, grace: timedelta = timedelta(hours=2)) -> int:
    """删去无人引用的事件文件，返回删去的文件数。

    Within ``grace`` everything stays: a reader may still hold a replaced file, and a file without a row may belong to a
    transaction that has not committed yet.
    """
    root = warehouse_root()
    in_use = set(EventFile.objects.filter(status=EventFile.Status.ACTIVE).values_list("path", "case_path"))
    recent = EventFile.objects.filter(status=EventFile.Status.REPLACED, replaced_at__gt=now - grace)
    named = {p for pair in in_use | set(recent.values_list("path", "case_path")) for p in pair}
    removed = 0
    for path in (root / "events").glob("*/*"):
        is_old = path.stat().st_mtime < (now - grace).timestamp()
        if is_old and path.relative_to(root).as_posix() not in named:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
