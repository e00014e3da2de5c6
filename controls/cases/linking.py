"""What belongs to a case beside the payments of its alerts: payments, payees, parties, accounts, other cases.

Only what the person may see can be linked; what is of another entity is not there. Locks: the case.
"""

from collections.abc import Sequence

from django.db.models import Model

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import Answer, Refusal, act, visible
from controls.models import Case, CaseLink
from transactions.models import Account, Party, Payee, Payment

# Each kind of thing with the right to see it.
_KINDS: dict[str, tuple[type[Model], str]] = {
    "payment": (Payment, "payment.view"), "payee": (Payee, "payee.view"), "party": (Party, "account.view"),
    "account": (Account, "account.view"), "other": (Case, "case.view"),
}  # fmt: skip


def link(*, ids: Sequence[int], actor: User, kind: str, target: int, note: str = "") -> list[Answer]:
    """Link cases to one thing of their entity, with a note. Linked already, it stays as it was."""
    if kind not in _KINDS:
        raise BusinessError("case.link_unknown", kind=kind[:16])
    model, right = _KINDS[kind]
    entity = model._default_manager.filter(pk=target, entity__in=access.entity_ids(actor, right)).values_list(
        "entity_id", flat=True
    )
    place = entity.first()
    if place is None:
        raise NotThere("not_there")

    linked: set[int] = set()
    made: list[CaseLink] = []

    def prepare(found: list[Case]) -> None:
        known = CaseLink.objects.filter(case__in=found, **{f"{kind}_id": target})
        linked.update(known.values_list("case_id", flat=True))

    def check(case: Case) -> Refusal | None:
        if case.entity_id != place:
            return "not_there", {}
        if kind == "other" and case.pk == target:
            return "case.link_itself", {}
        return ("case.linked", {}) if case.pk in linked else None

    def change(case: Case) -> None:
        said = note.replace("\x00", "").strip()[:200]
        made.append(CaseLink(case=case, linked_by=actor, note=said, **{f"{kind}_id": target}))

    def before(_cases: list[Case]) -> None:
        CaseLink.objects.bulk_create(made)

    return act(
        "case.linked", ids=ids, actor=actor, check=check, change=change, fields=(),
        data={"kind": kind, "target": target}, prepare=prepare, before=before,
    )  # fmt: skip


def unlink(*, link_id: int, actor: User) -> Answer:
    """Take a link away; both acts stay on record."""
    one = CaseLink.objects.filter(pk=link_id, case__in=visible(actor)).first()
    if one is None:
        raise NotThere("not_there")

    def check(_case: Case) -> Refusal | None:
        return None

    def change(_case: Case) -> None:
        CaseLink.objects.filter(pk=link_id).delete()

    return act(
        "case.unlinked", ids=[one.case_id], actor=actor, check=check, change=change, fields=(),
        data={"kind": one.kind, "target": getattr(one, f"{one.kind}_id")},
    )[0]  # fmt: skip
