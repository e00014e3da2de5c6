"""A program at the door: a client that sends a token, and JSON both ways."""

import json
from collections.abc import Iterable
from typing import Any

from django.test import Client

from backoffice.people import access, tokens
from backoffice.people.models import ApiToken, User
from tests import database

ROOT = "/api/v1"


class Program:
    """Acts for ``user`` by a token with these scopes (all rights of the user if left out)."""

    def __init__(self, user: User, scopes: Iterable[str] | None = None, **headers: str) -> None:
        self.user = user
        wanted = access.rights(User.objects.get(pk=user.pk)) if scopes is None else scopes
        token, self.secret = tokens.issue(user=user, name="Program", scopes=wanted or ["-"], actor=user)
        if token.waits:
            database.update(ApiToken.objects.filter(pk=token.pk), waits=False)
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}", **headers})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        if key is not None:
            headers["Idempotency-Key"] = key
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(ROOT + path, data=content, content_type="application/json", headers=headers)


def stranger() -> Client:
    return Client()
