"""登录过期时填好的表单：签名后交回本人的浏览器，登录以后原样接着提交。

Nothing is kept on the server for people who may not come back. The signature makes sure that what comes back is what was
typed, by whom and for which page; passwords, tokens and files are never part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest

LARGEST = 200_000
_SALT = "quanze.resume"
_SECONDS = 3600
_NEVER = frozenset({"csrfmiddlewaretoken", "resume"})
_SECRET_WORDS = ("password", "secret", "token", "credential", "again")


@dataclass(frozen=True, slots=True)
class Kept:
    """留住的一次提交：谁、哪个地址、各项内容、哪些文件要重新选。"""

    user_id: int
    path: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    @property
    def typed(self) -> list[str]:
        """写下的文字（较长的各项），供本人看一眼或抄走。"""
        return [value for _, value in self.fields if len(value.strip()) >= 4 and not value.isascii()]


def kept_of(request: HttpRequest, user_id: int) -> Kept:
    """一次提交里可以留住的内容。"""
    fields = tuple(
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NEVER and not any(word in name.lower() for word in _SECRET_WORDS)
        for value in values
    )
    return Kept(user_id, request.get_full_path(), fields, tuple(request.FILES))


def pack(kept: Kept) -> str:
    """签名的文字；太大的为空，只能抄走。"""
    if sum(len(name) + len(value) for name, value in kept.fields) > LARGEST:
        return ""
    content = [kept.user_id, kept.path, [list(pair) for pair in kept.fields], list(kept.files)]
    return signing.dumps(content, salt=_SALT, compress=True)


def unpack(text: str) -> Kept | None:
    """由签名的文字还原；不是我们给出的，或过了一小时，为 None。"""
    try:
        user_id, path, fields, files = signing.loads(text, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return None
    return Kept(user_id, path, tuple((name, value) for name, value in fields), tuple(files))
