"""读取上限：文件、解压、行列、内存与时间。

Every number is a ceiling against hostile or broken files, far above any real list (the largest published one met so far
has 330 rows and 26 columns). A door that expects other sizes passes its own instance.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """读取上限。``refuse_formulas`` and ``refuse_hidden`` suit machine-filled templates; lists tolerate both."""

    file_bytes: int = 30 * MIB
    unpacked_bytes: int = 192 * MIB
    compression_ratio: int = 250
    parts: int = 1000
    rows: int = 110_000  # 100,000 rows of data, and room for titles and notes
    columns: int = 512
    merges: int = 100_000
    sheets: int = 200
    text_bytes: int = 160 * MIB
    memory_bytes: int = 512 * MIB
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    refuse_formulas: bool = False
    refuse_hidden: bool = False


DEFAULT_LIMITS = SheetLimits()
