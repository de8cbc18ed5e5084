"""规则：一个缺陷一个类，声明式地写明代码、含义、缘由、正反例。

The declaration is the single source of the reference page, of the test skeleton (each rule's own examples are run) and
of the default severity. A class is named for the defect it finds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from quanze.core.lint.findings import Hit, Severity


class Keyed(Protocol):
    """有键之物：在所属主体内唯一。"""

    @property
    def key(self) -> str: ...


ItemT = TypeVar("ItemT", bound=Keyed)
ItemT_co = TypeVar("ItemT_co", bound=Keyed, covariant=True)


class Subject(Protocol[ItemT_co]):
    """检查的主体：有若干事项。"""

    @property
    def items(self) -> Sequence[ItemT_co]: ...


SubjectT = TypeVar("SubjectT", bound=Subject[Any])


class RuleScope(StrEnum):
    """规则看多宽：单项、一份清单、跨清单。"""

    ITEM = "item"
    LIST = "list"
    CROSS = "cross"


SCOPE_LABELS = {RuleScope.ITEM: "逐项", RuleScope.LIST: "整份清单", RuleScope.CROSS: "跨清单"}


@dataclass(frozen=True, slots=True)
class Example(Generic[SubjectT]):
    """示例：一句话说明与可以真正运行的主体。"""

    text: str
    subject: SubjectT


class Rule(ABC, Generic[SubjectT]):
    """规则基类。子类声明下列类属性并实现 check。

    ``meaning``: what the defect is. ``reason``: why it matters. ``method``: how it is found, exactly enough that a
    clerk can check it by hand. ``remedy``: what to do. ``source``: the legal or documentary ground. ``fields``: content
    fields that are read, the first being the one that the finding usually points to.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    scope: ClassVar[RuleScope] = RuleScope.LIST
    severity: ClassVar[Severity]
    meaning: ClassVar[str]
    reason: ClassVar[str]
    method: ClassVar[str]
    remedy: ClassVar[str]
    source: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]
    bad: ClassVar[Example[Any]]
    good: ClassVar[Example[Any]]

    @abstractmethod
    def check(self, subject: SubjectT) -> Iterable[Hit]:
        """看一遍主体，说出每一处缺陷。Pure: same subject, same hits."""

    @property
    def name(self) -> str:
        """类名，即缺陷的英文名。"""
        return type(self).__name__


class ItemRule(Rule[SubjectT], Generic[SubjectT, ItemT]):
    """逐项规则：每一项单独判断，与次序无关。"""

    scope = RuleScope.ITEM

    def check(self, subject: SubjectT) -> Iterator[Hit]:
        for item in subject.items:
            yield from self.check_item(item, subject)

    @abstractmethod
    def check_item(self, item: ItemT, subject: SubjectT) -> Iterable[Hit]:
        """看一项。``subject`` is there for its parent, its siblings and the data of the place."""
