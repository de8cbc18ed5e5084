# ruff: noqa: T201  a command line tool prints
"""数据仓基准：手工运行，给出与裸扫描、DuckDB 的同机同次比值。

    python tests/bench/bench_warehouse.py --rows 1000000

Absolute times depend on the machine and its neighbours; the ratios of one run are what may be compared.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

SRC = Path(__file__).resolve().parents[2] / "src"
ITEMS, BODIES, FLOWS, MONTHS = 8000, 3000, 40, 36


def generated_csv(path: Path, rows: int, seed: int = 7) -> int:
    """造一份 CSV：约每件 8 个环节，36 个月，事项按 Zipf 分布。Returns the number of rows written."""
    rng = np.random.default_rng(seed)
    cases = max(rows // 8, 1)
    lengths = rng.integers(4, 13, cases)
    item = np.minimum(rng.zipf(1.3, cases) - 1, ITEMS - 1)
    body = item % BODIES
    start = np.datetime64("2023-01-01T01:00:00") + rng.integers(0, MONTHS * 30 * 86_400, cases).astype("timedelta64[s]")
    closed = rng.random(cases) < 0.93
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write("case_id,step_no,item_code,flow_code,step_code,body_code,occurred_at,due_at,outcome\n")
        for at in range(0, cases, 20_000):
            part = slice(at, min(at + 20_000, cases))
            size = lengths[part]
            case = np.repeat(np.arange(part.start, part.stop), size)
            step = np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size) + 1
            gap = rng.integers(60, 400_000, len(case)).astype("timedelta64[s]")
            moment = np.repeat(start[part], size) + np.where(step == 1, 0, step).astype(int) * gap
            moment = np.maximum.accumulate(np.where(step == 1, moment, moment).astype("int64")).astype("datetime64[s]")
            moment = np.where(step == 1, np.repeat(start[part], size), moment)
            due = np.repeat(start[part] + np.timedelta64(20, "D"), size)
            is_last = step == np.repeat(size, size)
            ends = is_last & np.repeat(closed[part], size)
            texts = zip(
                case.tolist(),
                step.tolist(),
                item[case].tolist(),
                (np.minimum(step, 9) + rng.integers(0, 3, len(case))).tolist(),
                body[case].tolist(),
                np.datetime_as_string(moment).tolist(),
                np.datetime_as_string(due).tolist(),
                ends.tolist(),
                strict=True,
            )
            out.writelines(
                f"case-{c:09d},{s},item-{i:05d},flow-{i % FLOWS:02d},step-{t:02d},body-{b:04d},{m},{d},"
                f"{'completed' if e else 'normal'}\n"
                for c, s, i, t, b, m, d, e in texts
            )
    return int(lengths.sum())


def timed(label: str, work: Callable[[], object], results: dict[str, float]) -> object:
    """计时一步。"""
    begun = time.perf_counter()
    value = work()
    results[label] = time.perf_counter() - begun
    return value


def bare_scan(files: list[Path]) -> int:
    """裸扫描：只读内核所用的列，不作任何计算。"""
    import pyarrow.parquet as pq

    from quanze.warehouse.kernel import KERNEL_COLUMNS

    return sum(pq.read_table(f, columns=list(KERNEL_COLUMNS), memory_map=True).num_rows for f in files)


DUCKDB_REPORT = """
CREATE TEMP TABLE cases AS
SELECT source, case_id, arg_min(item_code, step_no) item, arg_min(body_code, step_no) body,
       arg_min(sector, step_no) sector, min(occurred_at) started,
       max(CASE WHEN outcome IN ('completed', 'refused', 'withdrawn') THEN occurred_at END) closed, max(due_at) due
FROM events GROUP BY source, case_id;
CREATE TEMP TABLE a AS SELECT body_code, sector, date_trunc('month', occurred_at + INTERVAL 8 HOUR) m, count(*) n
FROM events GROUP BY ALL;
CREATE TEMP TABLE a2 AS SELECT body, sector, date_trunc('month', started + INTERVAL 8 HOUR) m, count(*) n
FROM cases GROUP BY ALL;
CREATE TEMP TABLE b AS SELECT item, body, count(*) n, count(closed) closed, count(*) FILTER (WHERE closed > due) late,
       quantile_disc(epoch_ms(closed) - epoch_ms(started), [0.5, 0.9, 0.95]) q
FROM cases GROUP BY ALL;
"""


def duckdb_report(files: list[Path]) -> tuple[int, int]:
    """DuckDB 的 (a)+(b) 两部分，作对照。"""
    import duckdb

    connection = duckdb.connect()
    names = ", ".join(f"'{f}'" for f in files)
    connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet([{names}])")
    connection.execute(DUCKDB_REPORT)
    row = connection.execute("SELECT (SELECT sum(n) FROM a), (SELECT sum(closed) FROM b)").fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def main() -> None:
    """跑一遍并打印表。"""
    options = argparse.ArgumentParser(description="数据仓基准")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    sys.path.insert(0, str(SRC))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quanze.conf.test")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from quanze.warehouse import kernel, public
    from quanze.warehouse.models import EventFile

    with tempfile.TemporaryDirectory(prefix="quanze-bench-") as folder:
        settings.QUANZE_WAREHOUSE_DIR = Path(folder) / "warehouse"
        call_command("migrate", "warehouse", verbosity=0, skip_checks=True)
        source = Path(folder) / "events.csv"
        rows = generated_csv(source, chosen.rows)
        names = ("case_id", "step_no", "item_code", "flow_code", "step_code", "body_code", "occurred_at", "due_at")
        mapping = public.ColumnMapping(columns={n: n for n in (*names, "outcome")})
        now = datetime.now(UTC)
        seconds: dict[str, float] = {}
        frame = timed("读 CSV 并检查", lambda: public.read_csv(source, mapping, now=now), seconds)
        assert isinstance(frame, public.EventFrame)
        assert frame.rows == rows, (frame.rows, rows, frame.problem_counts)
        timed(
            "去重、排序、写文件、登记",
            lambda: public.append_events(frame, source="bench", key="bench", actor_name="bench", now=now),
            seconds,
        )
        active = EventFile.objects.filter(status="active").order_by("month")
        files = [settings.QUANZE_WAREHOUSE_DIR / f.path for f in active]
        size = sum(f.size for f in active)
        timed("裸扫描", lambda: bare_scan(files), seconds)
        pairs = [(settings.QUANZE_WAREHOUSE_DIR / f.path, settings.QUANZE_WAREHOUSE_DIR / f.case_path) for f in active]
        timed("内核一遍（单进程，不存）", lambda: [kernel.partial_of_files([p]) for p in pairs], seconds)
        timed(
            f"全部统计集（{chosen.workers} 进程）",
            lambda: public.refresh_marts(now=now, workers=chosen.workers),
            seconds,
        )
        timed("首次读统计集", lambda: public.case_counts(by=("month",), body_codes=["body-0001"]), seconds)
        timed("再读统计集", lambda: public.case_counts(by=("item_code", "month"), body_codes=["body-0002"]), seconds)
        (events, closed) = timed("DuckDB SQL：仅 (a)+(b)", lambda: duckdb_report(files), seconds)  # type: ignore[misc]
        (ours,) = public.case_counts()
        assert (events, closed) == (ours.events, ours.closed), "两种引擎的合计不同"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{rows:,} 条事件，{ours.cases:,} 件，{len(files)} 个文件，每行 {size / rows:.1f} 字节，峰值内存 {peak:,.0f} MB"
        )
        print(f"{'步骤':<28}{'秒':>9}{'行/秒':>14}{'÷ 裸扫描':>10}")
        for label, spent in seconds.items():
            print(f"{label:<28}{spent:>9.3f}{rows / max(spent, 1e-9):>14,.0f}{spent / seconds['裸扫描']:>10.2f}")


if __name__ == "__main__":
    main()
