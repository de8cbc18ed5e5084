"""机构合并：五千项划转要多久。Prints the seconds and the ratio to inserting as many bare rows."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

ITEMS = int(os.environ.get("ITEMS", "5000"))
folder = tempfile.mkdtemp(prefix="quanze-bench-")
os.environ["QUANZE_DATA_DIR"] = folder
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quanze.conf.local")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from county import county_build  # noqa: E402
from quanze.apps.adjustment import public as adjustment  # noqa: E402
from quanze.apps.catalog import public as catalog  # noqa: E402
from quanze.apps.catalog.models import ItemVersion  # noqa: E402

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def main() -> None:
    call_command("migrate", verbosity=0)
    county = county_build(is_with_passwords=False)
    source = county.power_list()
    target = county.power_list("QH-LY")
    began = time.perf_counter()
    catalog.items_create(
        actor=county.actor("drafter"),
        list_id=source,
        items=[catalog.NewItem(county.content(f"对第 {n} 种违法捕捞行为的处罚")) for n in range(ITEMS)],
        now=NOW,
    )
    made = time.perf_counter() - began
    # Published as it stands: the review of five thousand items is measured elsewhere.
    for row in ItemVersion.objects.filter(item__power_list_id=source):
        ItemVersion.objects.filter(pk=row.pk).update(
            state="published", number=1, valid_from=date(2026, 1, 1), published_at=NOW
        )
    began = time.perf_counter()
    merged = adjustment.lists_merge(
        actor=county.actor("establishment"),
        from_list_id=source,
        to_list_id=target,
        title="机构合并",
        evidence="青编发〔2026〕8号",
        legal_on=date(2026, 11, 2),
        now=NOW,
    )
    seconds = time.perf_counter() - began
    assert merged.items == ITEMS
    sys.stdout.write(
        f"划转 {merged.items} 项，两边各开一件调整：{seconds:.1f} 秒（起草同样多项 {made:.1f} 秒，比 {seconds / made:.2f}）\n"
    )


if __name__ == "__main__":
    main()
