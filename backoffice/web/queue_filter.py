"""What part of the queue an address asks for. The same parameters travel with a payment opened from the queue."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.people import access
from backoffice.people.models import Entity, User
from backoffice.web import lists
from controls.rules import life
from transactions import queries
from transactions.models import CutOff, PaymentBatch
from transactions.queries.search import amount_of

PARAMETERS = ("view", "entity", "batch", "rule", "risk", "from", "to", "at", "scheme")

TITLES: dict[str, str | Promise] = {
    queries.TODO: gettext_lazy("To do"),
    queries.MINE: gettext_lazy("Mine"),
    queries.SECOND: gettext_lazy("Second approval"),
    queries.MISS: gettext_lazy("Will miss its cut-off"),
    queries.DOCUMENT: gettext_lazy("Waiting for document"),
    queries.WAITING: gettext_lazy("Waiting"),
    queries.LARGE: gettext_lazy("Over 50,000"),
}

# The last assessment of a payment has a result of this rule that counts.
_WITH_RULE = """
    exists (
        select 1 from controls_ruleresult r
        join controls_ruleversion v on v.id = r.version_id join controls_rule c on c.id = v.rule_id
        where c.code = %s and not r.shadow
          and r.assessment_id = (select max(a.id) from controls_assessment a where a.payment_id = s.payment_id))
"""


_OF_SCHEME = """
    payment_scheme(p.kind, p.local_instrument,
                   (select c.scheme from transactions_collection c where c.payment_id = p.id)) = %s
"""


@dataclass(frozen=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    value: str
    without: str


class Chosen:
    """The filters of an address, read once. Unknown values count as absent, so an old link still opens."""

    def __init__(self, request: HttpRequest, *, view: str = "") -> None:
        self.user = request.user
        self.parameters: dict[str, str] = {
            name: request.GET[name].strip()[:40] for name in PARAMETERS if request.GET.get(name, "").strip()
        }
        if view:
            self.parameters["view"] = view
        if self.parameters.get("view") not in queries.VIEWS:
            self.parameters.pop("view", None)
        self.from_list = "view" in self.parameters
        self.view = self.parameters.get("view", queries.TODO)
        risk = self.parameters.get("risk", "")
        self.risk = int(risk) if risk.isdecimal() and 0 < int(risk) <= 100 else 0
        batch = self.parameters.get("batch", "")
        self.batch_id = int(batch) if batch.isdecimal() and len(batch) <= 18 else 0
        self.at = _moment(self.parameters.get("at", ""))
        self.scheme = self.parameters.get("scheme", "")
        self.amount_from = amount_of(self.parameters.get("from", ""))
        self.amount_to = amount_of(self.parameters.get("to", ""))

    @cached_property
    def entities(self) -> list[Entity]:
        """The entities whose payments the person may see. One query."""
        return list(Entity.objects.filter(pk__in=access.entity_ids(self.user, "payment.view")).order_by("code"))

    @cached_property
    def entity(self) -> Entity | None:
        code = self.parameters.get("entity", "")
        return next((place for place in self.entities if place.code == code), None) if code else None

    @cached_property
    def entity_ids(self) -> list[int]:
        if "entity" in self.parameters and self.entity:
            return [self.entity.pk]
        return access.entity_ids(self.user, "payment.view")

    @cached_property
    def rules(self) -> list[tuple[str, str]]:
        """Codes and names of the rules in the reader's sight, in their language. One query."""
        name = "name_fr" if (get_language() or "en").startswith("fr") else "name_en"
        return list(life.rules(cast(User, self.user)).order_by(name).values_list("code", name))

    @cached_property
    def filter(self) -> queries.QueueFilter:
        rule = self.parameters.get("rule", "")
        also: list[tuple[str, tuple[Any, ...]]] = [("p.batch_id = %s", (self.batch_id,))] if self.batch_id else []
        if self.at:
            also.append(("s.due_at = %s and s.execution_date is not null", (self.at,)))
        if self.scheme:
            also.append((_OF_SCHEME, (self.scheme,)))
        return queries.QueueFilter(
            entity_ids=self.entity_ids,
            view=self.view,
            person_id=self.user.pk or 0,
            minimum_risk=self.risk,
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            miss=queries.will_miss(self.entity_ids) if self.view == queries.MISS else (),
            also=(*also, *([(_WITH_RULE, (rule,))] if rule else [])),
        )

    def _batch_name(self) -> str:
        """The file's name; its number when it has none or the person may not see it. One query."""
        rows = PaymentBatch.objects.filter(pk=self.batch_id, entity__in=access.entity_ids(self.user, "payment.view"))
        return rows.values_list("file_name", flat=True).first() or f"#{self.batch_id}"

    @property
    def filtered(self) -> bool:
        return any(name in self.parameters for name in PARAMETERS if name != "view")

    def query(self, **changes: str | int | None) -> str:
        """The parameters as a query string, changed: ``None`` takes one away."""
        text = QueryDict(mutable=True)
        for name, value in {**self.parameters, **changes}.items():
            if value not in (None, ""):
                text[name] = str(value)
        return text.urlencode()

    def address(self, **changes: str | int | None) -> str:
        """The address of the list with these filters."""
        changed = {**self.parameters, **changes}
        view = changed.pop("view", None) or queries.TODO
        place = reverse("second_approvals" if view == queries.SECOND else "queue")
        changed["view"] = None if view in {queries.TODO, queries.SECOND} else view
        query = self.query(**changed)
        return f"{place}?{query}" if query else place

    @property
    def clear(self) -> str:
        """The same view without filters."""
        return self.address(**dict.fromkeys(PARAMETERS[1:]))

    @property
    def own_query(self) -> str:
        """The query that brings this list along."""
        return self.query(view=self.view)

    def payment_address(self, payment_id: int) -> str:
        """The page of a payment that remembers this list, so that it leads on and back."""
        return f"{reverse('payment', args=[payment_id])}?{self.query(view=self.view)}"

    @cached_property
    def chips(self) -> list[Chip]:
        found = []
        if self.entity:
            found.append(Chip(_("Entity"), self.entity.name, self.address(entity=None)))
        if self.batch_id:
            found.append(Chip(_("File"), self._batch_name(), self.address(batch=None)))
        rule = self.parameters.get("rule", "")
        if rule:
            found.append(Chip(_("Reason"), dict(self.rules).get(rule, rule), self.address(rule=None)))
        if self.at:
            found.append(Chip(_("Cut-off"), formats.when(self.at), self.address(at=None)))
        if self.scheme:
            name = dict(CutOff.Scheme.choices).get(self.scheme, self.scheme)
            found.append(Chip(_("Scheme"), str(name), self.address(scheme=None)))
        if self.risk:
            found.append(Chip(_("Score"), f"≥ {self.risk}", self.address(risk=None)))
        if self.amount_from is not None:
            found.append(Chip(_("Amount"), f"≥ {_plain(self.amount_from)}", self.address(**{"from": None})))
        if self.amount_to is not None:
            found.append(Chip(_("Amount"), f"≤ {_plain(self.amount_to)}", self.address(to=None)))
        return found


def _moment(text: str) -> datetime | None:
    """A moment with its zone as an address carries it; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo and lists.in_reach(found) else None


def _plain(value: Decimal) -> str:
    return formats.decimal(value, 2)
