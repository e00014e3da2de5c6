"""One's own API tokens, for the page of preferences: seen with their last use, made, shown once."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from backoffice.people import access, roles, tokens
from backoffice.people.models import ApiToken, User
from backoffice.web import lists
from backoffice.web.tokens import NewTokenForm

# More than anyone looks after; older ones are seen by the API.
MOST = 50


class OwnTokenForm(NewTokenForm):
    """A token that acts in the reader's own name."""

    # The page has another form: its fields keep their own identifiers.
    prefix = "token"

    def __init__(self, *arguments: Any, actor: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["scopes"].help_text = gettext_lazy(
            "A token acts in your name and never has more rights than you. Give it the fewest that do the work."
        )
        self.fields["entities"].help_text = gettext_lazy("None chosen: wherever you have a role.")
        own = access.rights(actor)
        self.offer(own, set().union(*(access.entity_ids(actor, right) for right in own)))


def context(request: HttpRequest, *, form: OwnTokenForm | None = None, secret: str = "") -> dict[str, Any]:
    """Tokens that work first, then the newest. One query."""
    person = lists.reader(request)
    rows = list(tokens.own(person).order_by("-revoked_at", "-pk")[:MOST])
    return {
        "tokens": [(token, _rights(token)) for token in rows],
        "token_form": form or OwnTokenForm(actor=person),
        "token_rights": bool(access.rights(person)),
        "secret": secret,
        "now": timezone.now(),
    }


def make(request: HttpRequest) -> dict[str, Any]:
    """What the page shows after the form was sent: the secret, or what was wrong."""
    person = lists.reader(request)
    form = OwnTokenForm(request.POST, actor=person)
    secret = form.issue(user=person, actor=person) if form.is_valid() else ""
    return context(request, form=None if secret else form, secret=secret)


def _rights(token: ApiToken) -> list[str]:
    """The scopes in words; one that is no right any more shows itself."""
    return [str(roles.RIGHTS.get(scope, scope)) for scope in token.scopes]
