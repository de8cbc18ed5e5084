"""图片：先看尺寸，再解开重画一遍才收存。

What is stored is a new picture of the same dots: metadata (place, device, hidden text), trailing content and whatever
only looked like a picture do not survive. Only the header is read before the size is known.
"""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps

from quanze.core.errors import ErrorPlace, InvalidInput

# A scan of an A3 sheet at 300 dpi has 17 million dots; decoded, 24 million take 72 MB.
MOST_PIXELS = 24_000_000
_FORMATS = {"png": "PNG", "jpg": "JPEG"}


def redrawn(stream: BinaryIO, *, kind: str, name: str) -> bytes:
    """重画的图片；尺寸过大或损坏的拒收。"""
    place = ErrorPlace(file=name)
    stream.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(stream, formats=(_FORMATS[kind],)) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise _too_large(place, picture.width, picture.height)
                return _saved(ImageOps.exif_transpose(picture), kind)
    except Image.DecompressionBombError:
        raise _too_large(place, 0, 0) from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError):
        raise InvalidInput(
            "图片损坏，无法打开", hint="请用看图程序打开并另存后再传。", code="FILE_CORRUPT", place=place
        ) from None


def _saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "jpg":
        shown = picture if picture.mode in ("RGB", "L", "CMYK") else picture.convert("RGB")
        shown.save(out, "JPEG", quality=92)
    else:
        # A palette may carry its transparency in the metadata.
        shown = picture.convert("RGBA") if picture.mode == "P" else picture
        shown.info = {}
        shown.save(out, "PNG")
    return out.getvalue()


def _too_large(place: ErrorPlace, width: int, height: int) -> InvalidInput:
    size = f"（{width}×{height}）" if width else ""
    return InvalidInput(
        f"图片尺寸过大{size}：至多 {MOST_PIXELS // 10_000} 万像素",
        hint="请缩小或降低扫描分辨率后再传。",
        code="IMAGE_TOO_LARGE",
        place=place,
    )
