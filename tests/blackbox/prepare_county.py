"""黑盒检查的准备：迁移，建起小县，公布一版清单，给各人密钥；把地址与密钥写成 JSON。用法：prepare_county.py 输出文件"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

LOGINS = (
    "drafter",
    "drafter2",
    "legal",
    "deputy",
    "head",
    "justice",
    "establishment",
    "secretary",
    "publisher",
    "forestry",
)
# Limits are measured elsewhere; here they would be in the way of 64 clients with one key.
PER_MINUTE, BURST = 10_000_000, 1_000_000


def main(out: Path, drafts: int) -> None:
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", verbosity=0, interactive=False)
    from county import county_build
    from quanze.base.iam import api_keys
    from quanze.core.actor import SYSTEM

    county = county_build()
    _seat_the_third(county)
    county.publish(county.permit("水产苗种生产许可证核发"))
    versions = county.draft(*[county.content(f"对第{n}种违法捕捞行为的处罚") for n in range(drafts)]) if drafts else []
    now = timezone.now()
    keys = {
        login: api_keys.api_key_create(
            actor=SYSTEM,
            user_id=county.users[login],
            name="黑盒检查",
            scopes=tuple(api_keys.SCOPES),
            expires_at=now + timedelta(days=2),
            per_minute=PER_MINUTE,
            burst=BURST,
            now=now,
        ).token
        for login in LOGINS
    }
    found = {"keys": keys, "list": county.power_list(), "drafts": versions, "item": "QH-NY-00001", "body": "QH-NY"}
    out.write_text(json.dumps(found), encoding="utf-8")


def _seat_the_third(county: Any) -> None:
    """县里缺的安全管理员：没有三员的系统不算能启动（check-setup）。"""
    from quanze.apps.org import public as org
    from quanze.base.iam import public as iam
    from quanze.core.actor import SYSTEM

    guard = iam.user_create(actor=SYSTEM, username="secadmin", full_name="安守", now=county.now)
    org.appointment_make(
        actor=SYSTEM,
        user_id=guard.id,
        body_id=county.bodies["QH-BB"],
        roles=("security_admin",),
        post="安全管理员",
        valid_from=county.today,
        now=county.now,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
