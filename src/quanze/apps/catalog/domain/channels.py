"""公开渠道：一版清单要在哪些渠道公开、限几个工作日、凭什么算办成。

The statutory site carries the edition from its stated day by itself; every other channel is a task with a receipt. Which
channels there are is data (``packs/channels.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.core.statemachine import Lifecycle, Transition

PROOFS = ("none", "url", "file", "either")
OUTPUTS = ("", "embed", "article", "poster", "handbook")

_REPORTERS = frozenset({"publisher", "drafter"})

DISCLOSURE_FLOW = Lifecycle(
    name="catalog.disclosure_task",
    label="公开渠道任务",
    initial="pending",
    states={"pending": "待公开", "done": "已公开", "excused": "不适用", "superseded": "已有新版"},
    transitions=(
        Transition("pending", "report", "done", _REPORTERS, "登记已公开"),
        Transition("pending", "excuse", "excused", _REPORTERS, "说明不适用", reason_required=True),
        Transition("done", "reopen", "pending", _REPORTERS, "更正登记", reason_required=True),
        Transition("excused", "reopen", "pending", _REPORTERS, "更正登记", reason_required=True),
        Transition("pending", "supersede", "superseded", frozenset(), "由新版代替"),
    ),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """一个公开渠道：代码、名称、说明、是否法定平台、适用的机构种类、时限（工作日）、凭据、可给出的材料。"""

    code: str
    label: str
    help: str
    workdays: int
    proof: str
    is_statutory: bool = False
    kinds: frozenset[str] = frozenset()
    output: str = ""

    def suits(self, body_kind: str) -> bool:
        return not self.kinds or body_kind in self.kinds


@dataclass(frozen=True)
class Channels:
    """公开渠道表，次序即显示次序。"""

    channels: tuple[Channel, ...]
    version: str
    source: str

    def for_body(self, body_kind: str) -> tuple[Channel, ...]:
        """某类机构要用的渠道。"""
        return tuple(one for one in self.channels if one.suits(body_kind))

    def get(self, code: str) -> Channel:
        """按代码取渠道；表里已去掉的（旧任务还记着它）只剩代码。"""
        return next((one for one in self.channels if one.code == code), Channel(code, code, "", 0, "either"))

    def label(self, code: str) -> str:
        return self.get(code).label


def parse_channels(data: Mapping[str, Any], pack: str = "channels.yaml") -> Channels:
    """公开渠道包。恰有一个法定平台，代码不重复。"""

    def refuse(message: str, entry: str = "") -> InvalidInput:
        return InvalidInput(
            f"资料包有误：{message}",
            hint="请对照随系统提供的同名资料包改正后重新启动。",
            place=ErrorPlace(file=pack, field=entry),
            code="pack_invalid",
        )

    channels = []
    for entry in data.get("channels") or ():
        code = str(entry.get("code", ""))
        try:
            channel = Channel(
                code=code,
                label=str(entry["label"]),
                help=str(entry.get("help", "")),
                workdays=int(entry["workdays"]),
                proof=str(entry["proof"]),
                is_statutory=bool(entry.get("is_statutory", False)),
                kinds=frozenset(map(str, entry.get("kinds", ()))),
                output=str(entry.get("output", "")),
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise refuse(f"渠道缺少或写错了一项：{problem}", code) from None
        if not code or channel.proof not in PROOFS or channel.output not in OUTPUTS or channel.workdays < 0:
            raise refuse("渠道的代码、凭据、材料或时限不合规定", code)
        channels.append(channel)
    codes = [one.code for one in channels]
    if len(set(codes)) != len(codes):
        raise refuse("渠道代码重复")
    if sum(one.is_statutory for one in channels) != 1:
        raise refuse("应有且只有一个法定公开平台（is_statutory）")
    return Channels(tuple(channels), str(data.get("version", "")), str(data.get("source", "")))


def require_proof(channel: Channel, *, url: str, has_file: bool) -> None:
    """凭据齐全：该填网址的填网址，该附照片的附照片。"""
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
        raise InvalidInput(
            "网址不完整", hint="请从浏览器地址栏整段复制，以 http:// 或 https:// 开头。", place=ErrorPlace(field="url")
        )
    missing = {"url": not url, "file": not has_file, "either": not url and not has_file, "none": False}
    if missing[channel.proof]:
        asked = {"url": "公开页面的网址", "file": "现场照片或扫描件", "either": "网址，或照片、扫描件"}[channel.proof]
        raise InvalidInput(
            f"“{channel.label}”还没有凭据",
            hint=f"请提供{asked}。",
            place=ErrorPlace(field="url" if channel.proof == "url" else "receipt"),
            code="proof_missing",
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """一处手册发放：村（社区）或单位、份数、日期。"""

    place: str
    copies: int


def parse_deliveries(text: str) -> tuple[Delivery, ...]:
    """逐行的发放登记：“河西村 20”。全角数字、顿号、制表符都认；写错的行指明第几行。"""
    found: list[Delivery] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace("\t", " ").replace("，", " ").replace(",", " ").replace("、", " ").split()
        if not words:
            continue
        copies = words[-1].removesuffix("份").removesuffix("册").removesuffix("本") if len(words) > 1 else ""
        if not copies.isdecimal() or not 0 < int(copies) <= 100_000:
            raise InvalidInput(
                f"第 {number} 行看不出份数：{line.strip()[:40]}",
                hint="每行一处：先写村（社区）名称，空一格写份数，例如“河西村 20”。",
                place=ErrorPlace(field="deliveries", row=number),
                code="delivery_invalid",
            )
        place = "".join(words[:-1])
        if any(one.place == place for one in found):
            raise InvalidInput(
                f"第 {number} 行与前面重复：{place}",
                hint="同一处请合并为一行。",
                place=ErrorPlace(field="deliveries", row=number),
                code="delivery_repeated",
            )
        found.append(Delivery(place, int(copies)))
    if not found:
        raise InvalidInput("没有写发放的地方", hint="每行一处，例如“河西村 20”。", place=ErrorPlace(field="deliveries"))
    return tuple(found)


def coverage(states: Sequence[str]) -> int | None:
    """渠道覆盖率（百分数，只舍不入）：已公开的占应公开的；没有应公开的为 None。"""
    wanted = [state for state in states if state in ("pending", "done")]
    return 100 * wanted.count("done") // len(wanted) if wanted else None
