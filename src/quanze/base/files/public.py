"""文件的公共入口。"""

from quanze.base.files.purposes import register_purpose
from quanze.base.files.selectors import OpenedFile, StoredFileView, file_is_intact, file_view, open_file
from quanze.base.files.services import clean_name, store, store_made
from quanze.base.files.sniffing import MEDIA_TYPES, sniff

__all__ = [
    "MEDIA_TYPES",
    "OpenedFile",
    "StoredFileView",
    "clean_name",
    "file_is_intact",
    "file_view",
    "open_file",
    "register_purpose",
    "sniff",
    "store",
    "store_made",
]
