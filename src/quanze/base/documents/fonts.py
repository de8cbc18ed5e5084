"""文档与图表所用的中文字体：随依赖安装，不依赖操作系统。"""

from __future__ import annotations

from pathlib import Path

import pylopdf_fonts_zh_cn

SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"


def sans_path() -> Path:
    return Path(pylopdf_fonts_zh_cn.sans_path())


def folder() -> Path:
    """字体所在文件夹，交给排版程序。"""
    return sans_path().parent
