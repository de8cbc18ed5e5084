"""以某人的身份在本处建立一个会话，打印 Cookie 头（供黑盒工具使用）。用法：sign_in.py 用户名"""

from __future__ import annotations

import sys

import django


def main(login: str) -> None:
    django.setup()
    from django.conf import settings
    from django.test import Client

    from quanze.base.iam.models import User

    client = Client()
    client.force_login(User.objects.get(username=login), backend="django.contrib.auth.backends.ModelBackend")
    print(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
