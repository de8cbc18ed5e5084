"""首次设置的地址，挂在 /setup/。"""

from django.urls import path

from quanze.apps.org.web.views.setup import setup

urlpatterns = [path("", setup, name="setup")]
