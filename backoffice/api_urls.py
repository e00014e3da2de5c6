"""/api/v1/: each room's endpoints at their addresses."""

from django.urls import URLPattern, URLResolver, path, re_path

from backoffice import api_document
from backoffice.common.api import NoSuchAddress
from backoffice.people import api as people

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema", api_document.Schema.as_view(), name="schema"),
    path("entities", people.EntityList.as_view(), name="entities"),
    path("entities/<int:entity_id>", people.EntityDetail.as_view(), name="entity"),
    path("users", people.UserList.as_view(), name="users"),
    path("users/me", people.Me.as_view(), name="me"),
    path("users/<int:user_id>", people.UserDetail.as_view(), name="user"),
    path("tokens", people.TokenList.as_view(), name="tokens"),
    path("tokens/<int:token_id>", people.TokenDetail.as_view(), name="token"),
    path("tokens/<int:token_id>/revoke", people.TokenRevoke.as_view(), name="token_revoke"),
    re_path(r"^.*$", NoSuchAddress.as_view(), name="nowhere"),
]
