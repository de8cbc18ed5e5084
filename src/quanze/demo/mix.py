"""各类职权的项数：按份额分到各清单，零头结转，使全市合计最接近份额。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def largest_remainder(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """把 total 分成整数份，余数大者先得；份额为负的得零。"""
    clipped = {key: max(0.0, weight) for key, weight in weights.items()}
    whole = sum(clipped.values())
    exact = {key: total * weight / whole for key, weight in clipped.items()}
    shares = {key: int(value) for key, value in exact.items()}
    rest = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in rest[: total - sum(shares.values())]:
        shares[key] += 1
    return shares


def spread(
    segments: Sequence[tuple[str, int, int]],
    shares: Mapping[str, float],
    *,
    other_share: Mapping[str, float] | None = None,
) -> dict[str, dict[str, int]]:
    """逐段分配：（名称、项数、出现次数）。

    A segment that occurs in several lists (the county template) weighs as often. ``other_share`` fixes the share of 其他
    in a segment; what that takes too much is made up by the later segments.
    """
    whole = sum(shares.values())
    fractions = {key: value / whole for key, value in shares.items()}
    carry = dict.fromkeys(fractions, 0.0)
    result: dict[str, dict[str, int]] = {}
    remaining = sum(size * times for _, size, times in segments)
    for name, size, times in segments:
        if other_share and name in other_share:
            wanted = {key: value for key, value in fractions.items() if key != "other"}
            others = round(size * other_share[name])
            counts = largest_remainder(size - others, wanted) | {"other": others}
        else:
            # Small remainders are settled at once, a large one (of a fixed segment) little by little.
            counts = largest_remainder(
                size, {key: size * (fractions[key] + carry[key] / remaining) for key in fractions}
            )
        remaining -= size * times
        for key in fractions:
            carry[key] += times * (size * fractions[key] - counts.get(key, 0))
        result[name] = counts
    return result
