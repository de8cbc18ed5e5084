"""WSGI 入口。"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quanze.conf.local")
application = get_wsgi_application()

from quanze.portal.checks import require_fit_data  # noqa: E402  needs the framework to be set up

require_fit_data()
