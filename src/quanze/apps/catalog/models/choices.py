"""编码表 → 字段的可选值。"""


def choices(labels):
    """编码 → 名称，照表中的次序。"""
    return [(str(code), label) for code, label in labels.items()]
