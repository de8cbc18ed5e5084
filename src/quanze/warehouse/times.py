"""时间列的解析：一列中可以混有带时区与不带时区、有秒与无秒的写法。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanze.warehouse.columns import INSTANT

_MICRO = pa.timestamp("us")
_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_WITH_OFFSET = _ISO + r"([Zz]|[+-]\d{2}:?\d{2}))$"
_WITHOUT_OFFSET = _ISO + r")?$"
# 常见的非标准写法，列映射可在其后补充。
COMMON_FORMATS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
    "%Y.%m.%d %H:%M:%S",
    "%Y.%m.%d",
)


def parsed_times(texts: pa.Array, *, time_zone: str, formats: Sequence[str] = ()) -> pa.Array:
    """文本 → 时刻（毫秒，UTC）。What cannot be read, and what is empty, becomes null."""
    texts = pc.utf8_trim_whitespace(texts)
    plain = _uniform(texts, time_zone)
    if plain is not None:
        return plain
    result = np.full(len(texts), np.iinfo(np.int64).min)
    with_offset = _mask(texts, _WITH_OFFSET)
    if with_offset.any():
        result[with_offset] = _iso_millis(texts, with_offset, pa.timestamp("us", tz="UTC"), None)
    without = _mask(texts, _WITHOUT_OFFSET)
    if without.any():
        result[without] = _iso_millis(texts, without, _MICRO, time_zone)
    rest = np.flatnonzero(~(with_offset | without))
    if len(rest):
        zone = ZoneInfo(time_zone)
        known: dict[str, int | None] = {}
        for row, text in zip(rest.tolist(), texts.take(pa.array(rest)).to_pylist(), strict=True):
            if not text:
                continue
            if text not in known:
                known[text] = _by_format(text, (*formats, *COMMON_FORMATS), zone)
            if (value := known[text]) is not None:
                result[row] = value
    return pa.array(result, mask=result == np.iinfo(np.int64).min).cast(INSTANT)


def _uniform(texts: pa.Array, time_zone: str) -> pa.Array | None:
    """整列同一种 ISO 8601 写法的快路；夹有别的写法则为空，交由逐行辨认。"""
    filled = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    for kind in (_MICRO, pa.timestamp("us", tz="UTC")):
        try:
            times = pc.cast(filled, kind)
        except pa.ArrowInvalid:
            continue
        if kind is _MICRO:
            times = pc.assume_timezone(times, time_zone, ambiguous="earliest", nonexistent="earliest")
        return pc.floor_temporal(times, unit="millisecond").cast(INSTANT, safe=False)
    return None


def _mask(texts: pa.Array, pattern: str) -> np.ndarray:
    return pc.match_substring_regex(texts, pattern).fill_null(False).to_numpy(zero_copy_only=False)


def _iso_millis(texts: pa.Array, rows: np.ndarray, kind: pa.DataType, zone: str | None) -> np.ndarray:
    """已知合乎 ISO 8601 字形者；日期本身不存在的（如 2 月 30 日）逐个回退。"""
    chosen = texts.filter(pa.array(rows))
    try:
        times = pc.cast(chosen, kind)
    except pa.ArrowInvalid:
        times = pa.array([_iso_or_none(t) for t in chosen.to_pylist()], kind)
    if zone is not None:
        # Once in a clock change a local time exists twice or never: the earlier reading is taken, never a refusal.
        times = pc.assume_timezone(times, zone, ambiguous="earliest", nonexistent="earliest")
    micros = times.cast(pa.int64())
    return np.where(
        micros.is_null().to_numpy(zero_copy_only=False),
        np.iinfo(np.int64).min,
        micros.fill_null(0).to_numpy(zero_copy_only=False) // 1000,
    )


def _iso_or_none(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.astimezone(UTC) if value.tzinfo else value


def _by_format(text: str, formats: Sequence[str], zone: ZoneInfo) -> int | None:
    for pattern in formats:
        try:
            value = datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is the mapping's
        except ValueError:
            continue
        if value.tzinfo is None:
            value = value.replace(tzinfo=zone)
        return int(value.timestamp() * 1000)
    return None
