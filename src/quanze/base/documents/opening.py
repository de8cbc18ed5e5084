"""打开别人交来的 Word 文件：解开之前先限大小，引用别处文件的拒绝。"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from quanze.core.errors import ErrorPlace, InvalidInput

_MOST_UNPACKED = 60 * 1024 * 1024
_MOST_PARTS = 2_000
_HYPERLINK = "/hyperlink"


def open_word(data: bytes, *, file: str, what: str) -> Any:
    """打开 Word 文件；``what`` 为这是什么文件，写在拒绝的话里。Size and parts are bounded before anything is unpacked; links to other documents are refused."""
    import docx

    place = ErrorPlace(file=file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_PARTS or sum(one.file_size for one in members) > _MOST_UNPACKED:
                raise InvalidInput(
                    f"{what}解开后太大", hint="请去掉文件里的图片后再上传。", code="FILE_TOO_LARGE", place=place
                )
        word = docx.Document(io.BytesIO(data))
    except InvalidInput:
        raise
    except Exception as problem:  # the parsers behind it raise a dozen kinds
        raise InvalidInput(
            f"{what}打不开", hint="请在 Word 或 WPS 中另存为 .docx 后再上传。", code="FILE_DAMAGED", place=place
        ) from problem
    for part in word.part.package.iter_parts():
        for link in part.rels.values():
            if link.is_external and not link.reltype.endswith(_HYPERLINK):
                raise InvalidInput(
                    f"{what}引用了别处的文件",
                    hint="请在 Word 中断开链接的图片、模板或对象，另存后再上传。",
                    code="FILE_LINKED",
                    place=place,
                )
    return word
