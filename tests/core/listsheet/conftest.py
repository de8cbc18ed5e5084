"""以行列写成的小工作簿，读成清单。"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

import quanze
from quanze.core.listsheet.hygiene import InjectionPatterns
from quanze.core.listsheet.interpretation import read_power_list
from quanze.core.listsheet.reading import ListReading
from quanze.core.listsheet.vocabulary import HeaderVocabulary
from quanze.core.workbook import MergedRange, Sheet, Workbook

PACKS = Path(quanze.__path__[0]) / "apps" / "catalog" / "packs"
Rows = Sequence[Sequence[str]]


@pytest.fixture(scope="session")
def vocabulary() -> HeaderVocabulary:
    """随系统提供的读表用语。"""
    types = yaml.safe_load((PACKS / "power_types.yaml").read_text(encoding="utf-8"))["types"]
    return HeaderVocabulary.from_packs(yaml.safe_load((PACKS / "headers.yaml").read_text(encoding="utf-8")), types)


@pytest.fixture(scope="session")
def patterns() -> InjectionPatterns:
    return InjectionPatterns.from_pack(yaml.safe_load((PACKS / "injections.yaml").read_text(encoding="utf-8")))


def sheet(name: str, rows: Rows, merges: Sequence[tuple[int, int, int, int]] = (), *, is_hidden: bool = False) -> Sheet:
    width = max(map(len, rows), default=0)
    padded = tuple((*row, *("",) * (width - len(row))) for row in rows)
    return Sheet(name, padded, tuple(MergedRange(*merge) for merge in merges), is_hidden)


@pytest.fixture
def make_sheet() -> Callable[..., Sheet]:
    return sheet


@pytest.fixture
def read(vocabulary: HeaderVocabulary, patterns: InjectionPatterns) -> Callable[..., ListReading]:
    """read(rows, name=…, merges=…) 或 read(表, 表, …)。Merges are (first row, first column, last row, last column), from 0."""

    def read_rows(
        *given: Rows | Sheet, name: str = "Sheet1", merges: Sequence[tuple[int, int, int, int]] = ()
    ) -> ListReading:
        sheets = [one if isinstance(one, Sheet) else sheet(name, one, merges) for one in given]
        return read_power_list(Workbook("清单.xlsx", "xlsx", tuple(sheets)), vocabulary, patterns)

    return read_rows
