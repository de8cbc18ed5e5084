"""拒收的原因：每个代码一句话说明、一句话办法。

Codes are stable and upper case like those of every machine-readable file refusal; the table is the documentation.
"""

from __future__ import annotations

from quanze.core.errors import ErrorPlace, InvalidInput

SAVE_AS = "请用 WPS 或 Excel 打开该文件，另存为“Excel 工作簿(*.xlsx)”后再传。"

# code -> (what happened, what to do)
REFUSALS: dict[str, tuple[str, str]] = {
    "FILE_NOT_FOUND": ("找不到文件", "请检查路径和文件名是否写对。"),
    "FILE_EMPTY": ("文件是空的", "请确认选对了文件，并在 WPS 或 Excel 中能看到内容。"),
    "FILE_TOO_LARGE": ("文件过大", "请删去图片或拆成几个文件分批上传。"),
    "FILE_TYPE_MISMATCH": ("文件格式不是 Excel 工作簿（仅支持 .xls、.xlsx、.csv）", SAVE_AS),
    "FILE_CORRUPT": ("文件损坏，无法读取", SAVE_AS),
    "FILE_ENCRYPTED": ("文件带有打开密码（已加密）", "请在 WPS 或 Excel 中取消密码后再传。"),
    "ARCHIVE_TOO_LARGE": ("文件解压后过大或压缩比异常", SAVE_AS),
    "ARCHIVE_TOO_MANY_FILES": ("文件内部的部件文件数过多", SAVE_AS),
    "ARCHIVE_BAD_PATH": ("文件损坏：内部路径不合法", SAVE_AS),
    "ACTIVE_CONTENT": ("文件含有宏", "请另存为不含宏的“Excel 工作簿(*.xlsx)”后再传。"),
    "XML_FORBIDDEN": ("文件内部含有不允许的 XML 实体或 DTD", SAVE_AS),
    "SHEET_TOO_LARGE": ("工作表的行数、列数或合并单元格超出上限", "请删去多余的空行空列，或分批上传。"),
    "SHEET_HIDDEN": ("含有隐藏的工作表", "请取消隐藏或删去隐藏的工作表后再传。"),
    "FORMULA_FORBIDDEN": ("含有公式", "请选中全部单元格，复制后“选择性粘贴—数值”，再保存上传。"),
    "ENCODING_UNSUPPORTED": (
        "文件的文字编码无法识别（支持 UTF-8 与 GB18030）",
        "请另存为“CSV UTF-8(逗号分隔)”或 .xlsx。",
    ),
    "ROW_INVALID": ("这一行读不出来", "请检查该行的引号和分隔符。"),
}


def refuse(
    code: str, *, file: str = "", detail: str = "", sheet: str = "", row: int | None = None, column: int | None = None
) -> InvalidInput:
    """构造拒收错误，供 raise。``detail`` is appended to what happened and must not contain internals."""
    what, remedy = REFUSALS[code]
    message = f"{what}：{detail}" if detail else what
    return InvalidInput(
        message, hint=remedy, code=code, place=ErrorPlace(file=file, sheet=sheet, row=row, column=column)
    )
