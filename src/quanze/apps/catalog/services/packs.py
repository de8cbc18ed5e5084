"""资料包的读取：随应用提供的 YAML，读一次，验一次，缓存。Needs neither database nor settings."""

from __future__ import annotations

from functools import cache

from quanze.apps.catalog.domain import packs as domain
from quanze.apps.catalog.domain.channels import Channels, parse_channels
from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.selectors.pack_files import PACK_FOLDER, read_pack
from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.core.listsheet.hygiene import InjectionPatterns

PARAMETER_PACK = PACK_FOLDER / "lint_parameters.yaml"


@cache
def power_types() -> domain.PowerTypes:
    """职权类型。"""
    return domain.parse_power_types(read_pack(PACK_FOLDER / "power_types.yaml"))


@cache
def channels() -> Channels:
    """公开渠道。"""
    return parse_channels(read_pack(PACK_FOLDER / "channels.yaml"))


@cache
def shipped_packs() -> domain.RulePacks:
    """规则所用的资料，界限取随系统提供的现行值（不查库，供检查文件用）。"""
    schemes = domain.parse_code_schemes(read_pack(PACK_FOLDER / "code_schemes.yaml"))
    templates: dict[str, domain.ListTemplate] = {}
    for path in sorted((PACK_FOLDER / "templates").glob("*.yaml")):
        template = domain.parse_template(read_pack(path), path.name, schemes=schemes)
        if template.code != path.stem:
            raise InvalidInput(
                f"清单模板代码“{template.code}”应与文件名一致", place=ErrorPlace(file=path.name), code="pack_invalid"
            )
        for key in template.severities:
            if key.partition(".")[0] not in REGISTRY:
                raise InvalidInput(
                    f"清单模板提到不存在的规则 {key}", place=ErrorPlace(file=path.name, field=key), code="pack_invalid"
                )
        templates[template.code] = template
    return domain.RulePacks(
        types=power_types(),
        naming=domain.parse_naming(read_pack(PACK_FOLDER / "naming.yaml")),
        licences=domain.parse_licences(read_pack(PACK_FOLDER / "licences.yaml")),
        schemes=schemes,
        templates=templates,
        injections=InjectionPatterns.from_pack(read_pack(PACK_FOLDER / "injections.yaml")),
        thresholds=_shipped_thresholds(),
    )


def _shipped_thresholds() -> domain.Thresholds:
    entries = read_pack(PARAMETER_PACK)["parameters"]
    latest = {one["code"]: max(one["values"], key=lambda value: value["valid_from"])["value"] for one in entries}
    return domain.thresholds_from(latest)
