"""每个测试各用一个空的数据仓目录。"""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def warehouse_dir(settings, tmp_path: Path) -> Path:
    settings.QUANZE_WAREHOUSE_DIR = tmp_path / "warehouse"
    return settings.QUANZE_WAREHOUSE_DIR
