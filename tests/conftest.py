"""Fixtures of the whole suite."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """真实公开数据目录；缺席时跳过并说明。"""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"SKIPPED LOUDLY: real data folder is absent ({SHARED_DATA.name} beside the project)")
    return SHARED_DATA
