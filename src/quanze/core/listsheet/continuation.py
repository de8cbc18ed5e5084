"""名称的续行：一个名称断成两行，下一行不是新的事项。

A list that was printed and typed again, or taken from a PDF, breaks a long name over two rows. Only a name that cannot
end where it ends, or a rest that cannot begin a name, is proof; anything else stays a row of its own.
"""

from __future__ import annotations

from quanze.core.listsheet.vocabulary import HeaderVocabulary

_CANNOT_BEGIN = ("的", "、", "，", ",", "；", ";", "。", "）", ")", "》", "”", "】", "及其")
_CANNOT_END = ("、", "，", ",", "的", "和", "或", "及", "与", "或者", "以及", "（", "(", "《", "“", "对", "在", "未")
_PAIRS = ("（）", "()", "《》", "“”", "【】")


def name_goes_on(before: str, after: str, vocabulary: HeaderVocabulary) -> bool:
    """``after`` 是不是 ``before`` 没写完的名称的后半。"""
    if not before or not after:
        return False
    if after.startswith(_CANNOT_BEGIN) or before.endswith(_CANNOT_END):
        return True
    if any(before.count(pair[0]) > before.count(pair[1]) for pair in _PAIRS):
        return True
    # "对擅自占用" + "城市道路行为的处罚": what is opened by 对 ends with the act.
    is_open = before.startswith("对") and not vocabulary.ends_with_act(before)
    return is_open and not after.startswith("对") and vocabulary.ends_with_act(after)
