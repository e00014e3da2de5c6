"""Incidents: cases with one cause, gathered so that one decision is taken on all of them (deciding.decide takes many).

Locks: the cases.
"""

from collections.abc import Sequence

from django.db.models import QuerySet

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import DECIDE, VIEW, Answer, Refusal, act, text
from controls.models import Case, Incident


def visible(actor: User) -> QuerySet[Incident]:
    return Incident.objects.filter(entity__in=access.entity_ids(actor, VIEW)).select_related("entity", "opened_by")


def found(actor: User, incident_id: int) -> Incident:
    one = visible(actor).filter(pk=incident_id).first()
    if one is None:
        raise NotThere("not_there")
    return one


def gather(
    *, ids: Sequence[int], actor: User, kind: str = "", label: str = "", incident_id: int | None = None
) -> list[Answer]:
    """Put cases into an incident that there is, or into a new one with a kind of cause and a name. Of one entity; a
    case that is in another incident stays there. The note of an answer names the incident."""
    if incident_id is not None:
        into = found(actor, incident_id)
    else:
        if kind not in Incident.Kind.values:
            raise BusinessError("case.incident_kind", kind=kind[:8])
        name = text(label, "case.incident_name")[:140]
        places = set(access.entity_ids(actor, DECIDE))
        entity = Case.objects.filter(pk__in=list(ids), entity__in=places).values_list("entity_id", flat=True).first()
        if entity is None:
            raise NotThere("not_there")
        access.demand(actor, DECIDE, entity)
        into = Incident.objects.create(entity_id=entity, kind=kind, label=name, opened_by=actor)

    def check(case: Case) -> Refusal | None:
        if case.entity_id != into.entity_id:
            return "case.incident_elsewhere", {}
        return ("case.in_incident", {}) if case.incident_id not in {None, into.pk} else None

    def change(case: Case) -> None:
        case.incident = into

    def after(cases: list[Case]) -> dict[int, Refusal]:
        return {case.pk: ("case.gathered", {"incident": into.pk}) for case in cases}

    return act(
        "case.gathered", ids=ids, actor=actor, check=check, change=change, fields=("incident",),
        data={"incident": into.label}, after=after,
    )  # fmt: skip
