"""静态加密：写进数据库的密钥先封后存。

AES-256-GCM with a random nonce. Every sealed text names the key that closed it, so that keys can be changed without
touching the rows at once: the first configured key seals, all configured keys open (``QUANZE_FIELD_KEYS``).
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from quanze.core.errors import WrongState

_VERSION = "v1"
_NONCE_BYTES = 12


def seal(text: str) -> str:
    """封：``v1.<密钥编号>.<base64>``。"""
    key_id, key = next(iter(_keys().items()))
    nonce = secrets.token_bytes(_NONCE_BYTES)
    closed = AESGCM(key).encrypt(nonce, text.encode(), _context(key_id))
    return f"{_VERSION}.{key_id}.{base64.urlsafe_b64encode(nonce + closed).decode()}"


def unseal(sealed: str) -> str:
    """启封；密钥已不在设置里、或内容被改动的，说明怎么办。"""
    version, _, rest = sealed.partition(".")
    key_id, _, body = rest.partition(".")
    key = _keys().get(key_id) if version == _VERSION else None
    if key is None:
        raise WrongState(
            f"封存内容所用的密钥“{key_id}”不在设置里",
            hint="请系统管理员把原来的密钥加回 QUANZE_FIELD_KEYS，或由安全管理员重置这个账号的第二因素。",
            code="field_key_missing",
        )
    raw = base64.urlsafe_b64decode(body)
    try:
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _context(key_id)).decode()
    except InvalidTag:
        raise WrongState(
            "封存内容已被改动，不能启封", hint="请安全管理员重置这个账号的第二因素，并查看记录。", code="field_damaged"
        ) from None


def _keys() -> dict[str, bytes]:
    """密钥编号 → 密钥，按设置的次序。"""
    given = [part.partition(":") for part in settings.QUANZE_FIELD_KEYS.split(",") if part.strip()]
    if given:
        return {key_id.strip(): _derived(key.strip()) for key_id, _, key in given}
    # Without keys of its own a system uses its secret key; the identifier shows when that one was changed.
    mark = hashlib.sha256(b"quanze.field_key:" + settings.SECRET_KEY.encode()).hexdigest()[:8]
    return {f"s{mark}": _derived(settings.SECRET_KEY)}


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"quanze.field_key").derive(secret.encode())


def _context(key_id: str) -> bytes:
    return f"{_VERSION}.{key_id}".encode()
