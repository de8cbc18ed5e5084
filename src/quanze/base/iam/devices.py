"""设备：把浏览器自报的名称读成“浏览器 · 系统”，供本人辨认自己的登录。It is a claim, shown and never relied on."""

from __future__ import annotations

import re

# The first that fits names it: browsers built on another also carry the name of that other.
_BROWSERS = (
    ("360", "360 浏览器"),
    ("QIHU", "360 浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("UCBrowser", "UC 浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("UOS", "统信 UOS"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
)
_UNKNOWN = "未知设备"


def device_label(agent: str) -> str:
    """设备的说法，如“Edge 130 · Windows”。"""
    browser = next((_with_version(agent, mark, label) for mark, label in _BROWSERS if mark in agent), "")
    system = next((label for mark, label in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or _UNKNOWN


def _with_version(agent: str, mark: str, label: str) -> str:
    found = re.search(rf"{mark}[A-Za-z]*/(\d{{1,4}})", agent)
    return f"{label} {found[1]}" if found else label
