"""序号的层次：一行的序号与当前事项并列，还是在它之下。

Lists number their levels in the order of official writing: 一、（一） 1. （1） ①, and a list may begin at any of these. So a
mark says nothing by itself; what counts is whether it is the mark of the current item or one that stands below it.
"""

from __future__ import annotations

from quanze.core.listsheet.seqs import Mark, Seq, parse_seq

_DEPTH: dict[Mark, int] = {
    "chinese": 0,
    "bracketed_chinese": 1,
    "plain": 2,
    "bracketed": 3,
    "circled": 4,
    "letter": 5,
    "other": 6,
}


def is_below(seq: Seq, main: Seq | None, last_sub: str, *, main_is_item: bool) -> bool:
    """这个序号是不是当前事项之下的子项。

    ``last_sub`` is the number of the current item's last sub-item ("" for none). ``main_is_item`` tells an item from a
    heading that was numbered: below a heading, 1 2 3 are the items themselves.
    """
    if seq.style == "sub":
        return True
    if main is None or seq.mark == main.mark:
        return False
    if seq.style in ("bracketed", "letter"):
        # Between two kinds of brackets the order of writing decides; "1" may well have （一）below it.
        return main.style not in ("bracketed", "letter") or _DEPTH[seq.mark] > _DEPTH[main.mark]
    if seq.style == "plain" and main.mark in ("chinese", "bracketed_chinese") and main_is_item:
        before = parse_seq(last_sub) if last_sub else None
        expected = before.numbers[0] + 1 if before is not None and before.mark == "plain" else 1
        return seq.numbers[:1] == (expected,)
    return False
