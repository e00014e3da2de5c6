"""The frame of every page: sign-in, navigation, language, refusals."""

import pytest
from django.test import Client

from backoffice.people import roles
from tests import people

pytestmark = pytest.mark.django_db


def test_preferences_page_has_shell(client: Client) -> None:
    user = people.person(roles.SUPERVISOR, name="Sarah Cohen")
    client.force_login(user)
    answer = client.get("/preferences/")
    assert answer.status_code == 200
    assert "Sarah Cohen" in answer.content.decode()
