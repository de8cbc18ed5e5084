"""凭接口密钥访问的客户端，供接口的测试使用。"""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from quanze.base.iam import api_keys


class Keyed:
    """某人的密钥与一个测试客户端。"""

    def __init__(self, token):
        self.token = token
        self.client = Client()

    def send(self, method, path, body=None, **headers):
        given = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data=b"" if body is None else json.dumps(body),
            content_type="application/json",
            headers=given,
        )

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, body=None, **headers):
        return self.send("POST", path, body or {}, **headers)

    def patch(self, path, body, **headers):
        return self.send("PATCH", path, body, **headers)


@pytest.fixture
def keyed(county):
    """某人的全权密钥。"""
    api_keys.drawn.forget()

    def make(login, scopes=tuple(api_keys.SCOPES)):
        new = api_keys.api_key_create(
            actor=county.actor(login),
            user_id=county.users[login],
            name="测试",
            scopes=scopes,
            expires_at=timezone.now() + timedelta(days=30),
            now=timezone.now(),
        )
        return Keyed(new.token)

    return make
