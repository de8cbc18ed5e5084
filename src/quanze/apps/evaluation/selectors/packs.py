"""指标包的读取：随系统提供的文件与已装入的各次修订。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from quanze.apps.evaluation.models import IndicatorPack
from quanze.core.errors import NotFound
from quanze.core.scoring import IndicatorSet, indicator_set_from

_FOLDER = Path(__file__).resolve().parents[1] / "packs"
_PARAMETERS = "parameters.yaml"


@dataclass(frozen=True)
class PackView:
    """指标包：编号、标识、版次、修订、名称、来源、摘要与指标集。"""

    id: int
    key: str
    edition: str
    revision: int
    name: str
    source: str
    digest: str
    installed_at: datetime
    indicators: IndicatorSet

    @property
    def automatic(self) -> int:
        return self.indicators.automatic_share()[0]

    @property
    def count(self) -> int:
        return self.indicators.automatic_share()[1]


def shipped_packs() -> list[tuple[dict[str, Any], IndicatorSet]]:
    """随系统提供的指标包：文件内容与读出的指标集，按标识排序。"""
    found = []
    for path in sorted(_FOLDER.glob("*.yaml")):
        if path.name != _PARAMETERS:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            found.append((data, indicator_set_from(data, path.name)))
    return found


def pack_view(row: IndicatorPack) -> PackView:
    return PackView(
        id=row.pk,
        key=row.key,
        edition=row.edition,
        revision=row.revision,
        name=row.name,
        source=row.source,
        digest=row.digest,
        installed_at=row.installed_at,
        indicators=indicator_set_from(row.data, str(row)),
    )


def packs() -> list[PackView]:
    """已装入的指标包，同一包新修订在前。"""
    return [pack_view(row) for row in IndicatorPack.objects.all()]


def pack(pack_id: int) -> PackView:
    """一个指标包。"""
    row = IndicatorPack.objects.filter(pk=pack_id).first()
    if row is None:
        raise NotFound("没有这个指标包", hint="请从“指标包”页面打开。")
    return pack_view(row)
