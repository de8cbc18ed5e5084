"""口令要求：由资料包与政策参数组成，按设置选用；逐条说明哪里不合、怎么改。

The rules are pure functions of the text; whose words must not occur in it is asked from the portal (iam knows no bodies).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils import timezone

from quanze.base.iam.models import PasswordHistory, User
from quanze.base.parameters import public as parameters
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

LONGEST = 256
_CLASSES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("大写字母", lambda char: char in string.ascii_uppercase),
    ("小写字母", lambda char: char in string.ascii_lowercase),
    ("数字", lambda char: char in string.digits),
    ("汉字", lambda char: "㐀" <= char <= "鿿"),
    ("符号", lambda char: not char.isalnum()),
)
_FEWEST_DIFFERENT = 5
_NUMBERS = "零一二三四五"

WordsOf = Callable[[int], Sequence[str]]
_words_of: list[WordsOf] = []


def register_context_words(provider: WordsOf) -> None:
    """登记与某人有关的词（单位名称等）的来源；再登记即替换。"""
    _words_of[:] = [provider]


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """某日有效的口令要求；0 为不要求。"""

    code: str
    label: str
    source: str
    length: int
    classes: int = 0
    history: int = 0
    days: int = 0

    @property
    def words(self) -> str:
        """写给人看的一句话。"""
        parts = [f"至少 {self.length} 位"]
        if self.classes:
            names = "、".join(name for name, _ in _CLASSES)
            parts.append(f"须含{names}中的{_NUMBERS[self.classes]}类")
        parts.append("不能是常见口令，不能含登录名、姓名、单位、城市或系统名称")
        if self.history:
            parts.append(f"不能与最近 {self.history} 个口令相同")
        if self.days:
            parts.append(f"每 {self.days} 天须更换")
        return "；".join(parts) + "。"


@lru_cache(maxsize=1)
def _pack() -> dict[str, Any]:
    path = Path(__file__).with_name("packs") / "password_policies.yaml"
    data: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return data


def policy_codes() -> tuple[str, ...]:
    """可选的口令要求。"""
    return tuple(row["code"] for row in _pack()["policies"])


def policy_on(on: date, *, code: str = "") -> PasswordPolicy:
    """某日有效的口令要求；不指明为设置所选。"""
    wanted = code or settings.QUANZE_PASSWORD_POLICY
    row = next(each for each in _pack()["policies"] if each["code"] == wanted)
    named = {key: row[key] for key in ("length", "classes", "history", "days") if key in row}
    values = parameters.values_on(named.values(), on=on)
    figures = {key: int(str(values[parameter])) for key, parameter in named.items()}
    return PasswordPolicy(row["code"], row["label"], row["source"], **figures)


def problems(password: str, policy: PasswordPolicy, *, words: Iterable[str] = ()) -> list[Defect]:
    """口令本身的问题，逐条；没有为空。"""
    found = []
    if len(password) < policy.length:
        found.append(Defect("too_short", f"口令只有 {len(password)} 位，至少要 {policy.length} 位，请加长"))
    if len(password) > LONGEST:
        found.append(Defect("too_long", f"口令超过 {LONGEST} 位，请缩短"))
    if any(not char.isprintable() for char in password):
        found.append(Defect("unprintable", "口令含有看不见的字符，请重新输入"))
    if policy.classes and len(missing := _missing_classes(password)) > len(_CLASSES) - policy.classes:
        have = len(_CLASSES) - len(missing)
        found.append(
            Defect(
                "few_classes",
                f"口令只有{_NUMBERS[have]}类字符，须有{_NUMBERS[policy.classes]}类，可加入{'、'.join(missing)}",
            )
        )
    folded = password.casefold()
    for word in sorted(set(words), key=lambda each: (-len(each), each)):
        if _is_telling(word) and word.casefold() in folded:
            found.append(Defect("context_word", f"口令含有“{word}”，容易被猜到，请去掉"))
            break
    if _is_common(password):
        found.append(Defect("common", "这是常见的口令，容易被猜到，请换一个"))
    return found


def context_words(user: User) -> list[str]:
    """不得出现在某人口令里的词：登录名、姓名、单位、城市、产品。"""
    city = settings.QUANZE_CITY_NAME
    words = [user.username, user.full_name, city, city.removesuffix("市"), *_pack()["product_words"]]
    words += settings.QUANZE_PASSWORD_CONTEXT_WORDS
    if user.pk is not None and _words_of:
        words += _words_of[0](user.pk)
    return words


def password_check(user: User, password: str, *, on: date, field: str = "") -> None:
    """口令须合要求，含不得重复使用；不合则逐条说明。"""
    policy = policy_on(on)
    found = problems(password, policy, words=context_words(user))
    if not found and policy.history and user.pk is not None and _is_used(user, password, policy.history):
        found = [Defect("used_before", f"这个口令与最近 {policy.history} 个用过的口令相同，请换一个新的")]
    if found:
        raise RulesNotMet(
            "新口令不合要求，请按下面的提示修改",
            defects=[Defect(each.code, each.message, ErrorPlace(field=field)) for each in found],
            code="weak_password",
        )


def days_left(user: User, *, on: date) -> int | None:
    """口令还能用几天；不限为 None，到期为 0。演示环境的口令印在登录页上，不会到期。"""
    days = policy_on(on).days
    if not days or settings.QUANZE_IS_DEMO or not user.has_usable_password():
        return None
    if user.password_set_at is None:
        return 0
    return max(0, days - (on - timezone.localdate(user.password_set_at)).days)


def _is_used(user: User, password: str, most: int) -> bool:
    if user.has_usable_password() and check_password(password, user.password):
        return True
    past = PasswordHistory.objects.filter(user=user).order_by("-id").values_list("password", flat=True)[:most]
    return any(check_password(password, each) for each in past)


def _missing_classes(password: str) -> list[str]:
    return [name for name, is_in in _CLASSES if not any(is_in(char) for char in password)]


def _is_telling(word: str) -> bool:
    """够长、能认出是谁的词；两个汉字或三个字母起。"""
    return len(word) >= (3 if word.isascii() else 2)


def _is_common(password: str) -> bool:
    folded = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    if len(set(folded)) < _FEWEST_DIFFERENT:
        return True
    listed, extra = _common()
    return folded in listed or core in extra or (len(core) >= 4 and core in listed) or _is_run(folded)


def _is_run(text: str) -> bool:
    """连续的字符（12345678、abcdefgh）占了大半。"""
    steps = sum(ord(after) - ord(before) in (1, -1, 0) for before, after in pairwise(text))
    return steps * 4 >= (len(text) - 1) * 3


@lru_cache(maxsize=1)
def _common() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(CommonPasswordValidator().passwords), frozenset(str(each) for each in _pack()["common"])


class PolicyValidator:
    """Django 的口令检查器：框架自己的表单也照这里的要求。"""

    def validate(self, password: str, user: Any = None) -> None:
        someone = user if isinstance(user, User) else User()
        try:
            password_check(someone, password, on=timezone.localdate())
        except RulesNotMet as error:
            raise ValidationError([ValidationError(each.message, code=each.code) for each in error.defects]) from None

    def get_help_text(self) -> str:
        return policy_on(timezone.localdate()).words
