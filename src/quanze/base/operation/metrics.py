"""指标：请求数与时长、任务、封存滞后、磁盘。Prometheus text format; with several web processes set PROMETHEUS_MULTIPROC_DIR."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from quanze import __version__
from quanze.base.audit.lag import seal_lag
from quanze.base.jobs import public as jobs
from quanze.base.operation.probes import data_folders, probe_all

_registry = CollectorRegistry()
REQUESTS = Counter("quanze_requests", "请求数", ["route", "method", "status"], registry=_registry)
SECONDS = Histogram(
    "quanze_request_seconds",
    "请求时长（秒）",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.6, 1, 2, 5, 15),
    registry=_registry,
)


def count_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """计入一个请求。``route`` is the pattern, never the address: the number of series stays bounded."""
    REQUESTS.labels(route, method, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def exposition() -> bytes:
    """此刻的全部指标。"""
    registry = CollectorRegistry()
    registry.register(_Now())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        return generate_latest(registry)
    return generate_latest(_registry) + generate_latest(registry)


class _Now(Collector):
    """抓取时才算的指标。What cannot be read is left out; ``quanze_ready`` says so."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield GaugeMetricFamily("quanze_info", f"程序版本 {__version__}", value=1)
        results = probe_all(now)
        ready = GaugeMetricFamily("quanze_ready", "各项是否就绪（1 是）", labels=["probe"])
        for result in results:
            ready.add_metric([result.name], float(result.is_ok))
        yield ready
        disk = GaugeMetricFamily("quanze_disk_free_bytes", "数据目录的剩余空间", labels=["folder"])
        for name, folder in data_folders().items():
            disk.add_metric([name], shutil.disk_usage(folder).free)
        yield disk
        if not results[0].is_ok:
            return
        states = GaugeMetricFamily("quanze_jobs", "各状态的后台任务数", labels=["state"])
        for state, count in jobs.jobs_by_state().items():
            states.add_metric([state], count)
        yield states
        last = jobs.last_tick()
        if last is not None:
            yield GaugeMetricFamily(
                "quanze_worker_idle_seconds", "后台任务进程上次动作距今", value=(now - last).total_seconds()
            )
        yield GaugeMetricFamily("quanze_seal_lag_seconds", "最早未封存的记录距今", value=seal_lag(now))
