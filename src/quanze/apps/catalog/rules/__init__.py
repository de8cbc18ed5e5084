"""事项规则：一族一个文件，一个代码一个类；登记簿与运行入口在此。"""

from __future__ import annotations

from quanze.apps.catalog.domain.items import ItemSnapshot, ListSnapshot
from quanze.apps.catalog.domain.packs import RulePacks
from quanze.apps.catalog.rules import (
    basis,
    classification,
    comparison,
    duplicates,
    mandates,
    naming,
    organisation,
    responsibility,
    structure,
    supervision,
)
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Registry, Report, run

REGISTRY: Registry[CheckedList] = Registry(
    [
        structure.RequiredElementMissing(),
        structure.PowerCodeInvalid(),
        structure.SubItemWithoutMain(),
        structure.MainWithSingleSubItem(),
        structure.ValidityPeriodBroken(),
        duplicates.DuplicateItem(),
        duplicates.NearDuplicateItem(),
        duplicates.UntidyText(),
        duplicates.BoilerplateAccountability(),
        naming.NameDiffersFromBase(),
        naming.NameWithoutActWord(),
        naming.VagueVerbInName(),
        naming.PenaltyWithoutUnlawfulAct(),
        naming.NameLengthOrPunctuation(),
        classification.LicenceUnderAnotherType(),
        classification.TypeContradictsName(),
        classification.TooManyOtherPowers(),
        classification.AbolishedCategoryWording(),
        classification.TypeDiffersFromBase(),
        basis.BasisWithoutLocator(),
        responsibility.PowerWithoutDuty(),
        responsibility.AccountabilityMissing(),
        responsibility.DutyStagesIncomplete(),
        responsibility.PowerAndDutyHeldApart(),
        organisation.DissolvedBodyOrDivision(),
        organisation.NoLeadDivision(),
        organisation.SharedWorkNotDivided(),
        supervision.LicenceWithoutSupervisor(),
        mandates.ItemWithoutMandateClause(),
        mandates.MandateClauseWithoutItem(),
        comparison.ItemCountApartFromPeers(),
        comparison.CountyApartFromCounties(),
        comparison.SubItemsDifferFromBase(),
    ]
)


def check_list(snapshot: ListSnapshot, packs: RulePacks) -> Report:
    """检查一份清单：严重程度取所用清单模板。Pure: same snapshot and packs, same report."""
    subject = CheckedList(snapshot, packs)
    return run(subject, rules=REGISTRY, severities=subject.template.severities, digest=_digest)


def _digest(item: ItemSnapshot) -> str:
    return item.content.content_hash()
