"""Changes of what approval rests on: asked for by one person, in effect when another signs, by the same engine.

The matrix, policies of straight-through processing, the terms of standing orders, rules and their lists: every change.
That a screening hit is somebody else, that a name may pass, and what weakens a watch list. Which model scores, and from
which score on there are alerts. Roles and tokens of programs
with weighty rights, where channels to banks point, and which service verifies payees. A person's limit and an account's
overdraft: what widens it. What narrows, takes back or stops takes effect at once, since whoever must be stopped is
stopped now. Each is asked, signed and refused on record, and is applied in the name of who asked, whose right is looked
at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common import money
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access, roles, services, signing, tokens
from backoffice.people.models import Entity, Grant, Limit, Team, User
from controls import effects, straight
from controls.models import ApprovalPolicy, ChangeRequest, ChangeSignature, RuleVersion
from controls.rules import publishing, reach, rule_lists
from controls.scoring import champions
from controls.screening import hits, watchlists
from controls.verification import registry as verifiers
from documents import trail
from transactions import accounts
from transactions.channels import registry
from transactions.models import Account, Payment, PaymentBatch, StandingOrder
from transactions.standing import orders

MATRIX, USERS = effects.MATRIX, services.MANAGE
STANDING = orders.MANAGE
RIGHTS = {
    ChangeRequest.Subject.MATRIX: MATRIX,
    ChangeRequest.Subject.LIMIT: USERS,
    ChangeRequest.Subject.GRANT: USERS,
    ChangeRequest.Subject.TOKEN: tokens.MANAGE,
    ChangeRequest.Subject.STANDING: STANDING,
    ChangeRequest.Subject.STRAIGHT: straight.MANAGE,
    ChangeRequest.Subject.ACCOUNT: accounts.MANAGE,
    ChangeRequest.Subject.CHANNEL: registry.MANAGE,
    ChangeRequest.Subject.VERIFIER: verifiers.MANAGE,
    ChangeRequest.Subject.RULE: reach.PUBLISH,
    ChangeRequest.Subject.LIST: reach.PUBLISH,
    ChangeRequest.Subject.HIT: hits.DECIDE,
    ChangeRequest.Subject.EXEMPT: hits.DECIDE,
    ChangeRequest.Subject.WATCH: watchlists.MANAGE,
    ChangeRequest.Subject.MODEL: champions.MANAGE,
    ChangeRequest.Subject.SCORING: champions.MANAGE,
}
# Of what belongs to an entity: the right to see its requests.
SEEN = {
    ChangeRequest.Subject.MATRIX: "matrix.view",
    ChangeRequest.Subject.STANDING: orders.VIEW,
    ChangeRequest.Subject.STRAIGHT: straight.VIEW,
    ChangeRequest.Subject.ACCOUNT: "account.view",
    ChangeRequest.Subject.CHANNEL: registry.MANAGE,
    ChangeRequest.Subject.VERIFIER: verifiers.MANAGE,
    ChangeRequest.Subject.RULE: reach.VIEW,
    ChangeRequest.Subject.LIST: reach.VIEW,
    ChangeRequest.Subject.HIT: hits.VIEW,
    ChangeRequest.Subject.EXEMPT: hits.VIEW,
    ChangeRequest.Subject.WATCH: watchlists.VIEW,
    ChangeRequest.Subject.MODEL: champions.VIEW,
    ChangeRequest.Subject.SCORING: champions.VIEW,
}
# What may belong to all entities: seen by who may see it anywhere, decided by who may in every entity.
OF_ALL = (
    ChangeRequest.Subject.RULE, ChangeRequest.Subject.LIST, ChangeRequest.Subject.WATCH, ChangeRequest.Subject.MODEL,
)  # fmt: skip
# What their requests change are rights of the person whose key is the subject's.
ABOUT_PEOPLE = (ChangeRequest.Subject.LIMIT, ChangeRequest.Subject.GRANT, ChangeRequest.Subject.TOKEN)


def ask_matrix(
    *, actor: User, entity: Entity, policy_id: int | None, values: Mapping[str, Any], reason: str
) -> ChangeRequest:
    """Ask for a row of the matrix, new or changed. ``values``: its conditions and ``stages``.

    Refuses rows that would tie with another (``matrix.tie``), malformed ones, silence on why, and a second request for
    the same row (``change.waiting``).
    """
    access.demand(actor, MATRIX, entity.pk)
    demand_person(actor)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    if policy_id is not None and not ApprovalPolicy.objects.filter(pk=policy_id, entity=entity).exists():
        raise NotThere("not_there")
    change = _described(entity, values)
    with transaction.atomic():
        _try(entity, policy_id, change)
        try:
            with transaction.atomic():
                made = ask(ChangeRequest.Subject.MATRIX, policy_id, entity, change, actor, reason)
        except IntegrityError:
            raise BusinessError("change.waiting") from None
    return made


def ask_straight(
    *, actor: User, entity: Entity, policy_id: int | None, values: Mapping[str, Any], reason: str
) -> ChangeRequest:
    """Ask for a policy of straight-through processing, or for the next number of one. See straight.described.

    Refuses malformed ones (``straight.malformed``), a name in use, silence on why, and a second request for the same.
    """
    access.demand(actor, straight.MANAGE, entity.pk)
    demand_person(actor)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    change = straight.described(entity, policy_id, values)
    with transaction.atomic():
        try:
            with transaction.atomic():
                return ask(ChangeRequest.Subject.STRAIGHT, policy_id, entity, change, actor, reason)
        except IntegrityError:
            raise BusinessError("change.waiting") from None


def ask_list(*, actor: User, code: str, add: Sequence[str], remove: Sequence[str], reason: str) -> ChangeRequest:
    """Ask for values to come to a named list of the rules and others to go. One request at a time for each list."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    found = rule_lists.found(actor, code)
    reach.demand(actor, reach.WRITE, found.entity_id)
    demand_person(actor)
    change = rule_lists.change_of(found, add=add, remove=remove)
    try:
        with transaction.atomic():
            return ask(ChangeRequest.Subject.LIST, found.pk, found.entity, change, actor, reason)
    except IntegrityError:
        raise BusinessError("change.waiting") from None


def ask_limit(
    *, actor: User, user_id: int, act: str, currency: str, amount: Decimal | None, day_amount: Decimal | None = None
) -> ChangeRequest | None:
    """Change a limit: at once when it narrows, else by a second person; None when it took effect."""
    if amount is None:
        day_amount = None
    with transaction.atomic():
        _user, before, kept, kept_day = services.limitable(
            actor=actor, user_id=user_id, act=act, currency=currency, amount=amount, day_amount=day_amount
        )
        if not _widens(before, kept, kept_day):
            services.set_limit(
                actor=actor, user_id=user_id, act=act, currency=currency, amount=amount, day_amount=day_amount
            )
            return None
        demand_person(actor)
        # Written out now that it was seen to be amounts: before, a few characters might stand for too many.
        change = {
            "act": act, "currency": currency, "amount": None if amount is None else f"{amount:f}",
            "day_amount": None if day_amount is None else f"{day_amount:f}",
        }  # fmt: skip
        return ask(ChangeRequest.Subject.LIMIT, user_id, None, change, actor, "")


def _widens(before: Limit | None, amount: Decimal | None, day_amount: Decimal | None) -> bool:
    if amount is None:
        return False
    if before is None or amount > before.amount:
        return True
    return before.day_amount is not None and (day_amount is None or day_amount > before.day_amount)


def sign(*, actor: User, request_id: int) -> ChangeRequest:
    """Sign a change; with the last signature it takes effect. Never by the one who asked (``change.own_work``), nor by
    the one whose rights it changes (``change.about_oneself``), nor by a hand in the draft of a rule
    (``change.own_draft``), nor by somebody whom the one who asked let in, or who let them in (``change.of_one_hand``):
    an account that one made, or a role that one gave, is no second person."""
    with transaction.atomic():
        found = _locked(actor, request_id)
        names = set(found.signatures.values_list("person", flat=True))
        place = _place(found.places[len(names)])
        no = signing.refusal(
            signing.hand(actor.pk, "approve"), place, subject="change", own_work=found.asked_by_id == actor.pk,
            signed=actor.pk in names, entity_id=found.entity_id, currency="",
        )  # fmt: skip
        no = no or _about_oneself(found, actor) or _in_the_draft(found, actor)
        no = no or _of_one_hand(found.asked_by, actor) or _over_limit(found, actor)
        if no:
            raise BusinessError(no[0], **no[1])
        ChangeSignature.objects.create(request=found, place=len(names) + 1, person=actor)
        if len(names) + 1 == len(found.places):
            effects.apply(found, actor)
            found.status, found.decided_at, found.decided_by = "approved", timezone.now(), actor
            found.save(update_fields=["status", "decided_at", "decided_by"])
        _record("change.approved", found, actor, {"asked_by": found.asked_by.full_name})
    return found


def refuse(*, actor: User, request_id: int, reason: str) -> ChangeRequest:
    """Refuse a change, or take one's own back; the reason is kept."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        found = _locked(actor, request_id)
        found.status, found.decided_at, found.decided_by = "refused", timezone.now(), actor
        found.answer = reason.strip()
        found.save(update_fields=["status", "decided_at", "decided_by", "answer"])
        if found.subject_type == ChangeRequest.Subject.STANDING:
            orders.refused(order_id=found.subject_id or 0, actor=actor)
        elif found.subject_type == ChangeRequest.Subject.TOKEN:
            tokens.refused(token_id=found.change["token"], actor=actor)
        elif found.subject_type == ChangeRequest.Subject.RULE:
            publishing.refused(found)
        elif found.subject_type == ChangeRequest.Subject.WATCH:
            watchlists.refused(found)
        _record("change.refused", found, actor, {"asked_by": found.asked_by.full_name}, reason.strip())
    return found


def withdraw(*, actor: User, request_id: int, reason: str) -> ChangeRequest:
    """Take one's own request back; of another's: ``change.not_own``."""
    with transaction.atomic():
        if _locked(actor, request_id).asked_by_id != actor.pk:
            raise BusinessError("change.not_own")
        return refuse(actor=actor, request_id=request_id, reason=reason)


def visible(actor: User, subject_type: str) -> QuerySet[ChangeRequest]:
    """The requests of one kind that the actor may see, the newest first."""
    rows = ChangeRequest.objects.filter(subject_type=subject_type).select_related("asked_by", "decided_by", "entity")
    if subject_type in ABOUT_PEOPLE:
        rows = rows.filter(subject_id__in=services.visible(actor).values("pk"))
    else:
        rows = rows.filter(_in_sight(actor, ChangeRequest.Subject(subject_type)))
    return rows.order_by("-pk")


def _in_sight(actor: User, subject: ChangeRequest.Subject) -> Q:
    places = access.entity_ids(actor, SEEN[subject])
    here = Q(entity__in=places)
    return here | Q(entity=None) if places and subject in OF_ALL else here


def seen(actor: User) -> QuerySet[ChangeRequest]:
    """Every request that the actor may see, with its signatures, the newest first."""
    shown = Q(subject_type__in=ABOUT_PEOPLE, subject_id__in=services.visible(actor).values("pk"))
    for subject_type in SEEN:
        shown |= Q(subject_type=subject_type) & _in_sight(actor, subject_type)
    rows = ChangeRequest.objects.filter(shown)
    rows = rows.select_related("asked_by", "decided_by", "entity").prefetch_related("signatures__person")
    return rows.order_by("-pk")


def _locked(actor: User, request_id: int) -> ChangeRequest:
    """The request, locked, when the actor may decide on it; it still waits."""
    found = ChangeRequest.objects.select_for_update(of=("self",)).select_related("asked_by", "entity").filter(
        pk=request_id
    ).first()  # fmt: skip
    if found is None or not visible(actor, found.subject_type).filter(pk=request_id).exists():
        raise NotThere("not_there")
    demand_person(actor)
    if found.subject_type == ChangeRequest.Subject.WATCH:
        watchlists.demand(actor, found.entity_id)
    elif found.subject_type in OF_ALL:
        reach.demand(actor, RIGHTS[ChangeRequest.Subject(found.subject_type)], found.entity_id)
    elif found.subject_type not in ABOUT_PEOPLE:
        access.demand(actor, RIGHTS[ChangeRequest.Subject(found.subject_type)], found.entity_id)
    else:
        access.demand(actor, RIGHTS[ChangeRequest.Subject(found.subject_type)])
        services.demand_over(actor, User.objects.get(pk=found.subject_id or 0))
        if found.subject_type == ChangeRequest.Subject.GRANT:
            services.demand_place(actor, found.entity_id)
    if found.status != ChangeRequest.Status.WAITING:
        raise BusinessError("change.decided")
    return found


def demand_person(actor: User) -> None:
    if actor.is_machine:
        raise Denied("payment.by_machine")


def ask(  # noqa: PLR0917 - the columns of one row
    subject: str, subject_id: int | None, entity: Entity | None, change: dict[str, Any], actor: User, reason: str
) -> ChangeRequest:
    """A request, on record; whether it may be asked is looked at before."""
    places = [{"stage": place.stage, "role": place.role} for place in signing.anyone(1).places]
    made = ChangeRequest.objects.create(
        subject_type=subject, subject_id=subject_id, entity=entity, change=change, places=places, asked_by=actor,
        reason=reason.strip(),
    )  # fmt: skip
    _record("change.asked", made, actor, {}, reason.strip())
    return made


def _record(action: str, of: ChangeRequest, actor: User, more: dict[str, Any], reason: str = "") -> None:
    subject_type, subject_id = {
        **dict.fromkeys(ABOUT_PEOPLE, ("user", of.subject_id or of.pk)),
        ChangeRequest.Subject.STANDING: ("standing", of.subject_id or of.pk),
        ChangeRequest.Subject.ACCOUNT: ("account", of.subject_id or of.pk),
        ChangeRequest.Subject.CHANNEL: ("channel", of.subject_id or of.pk),
        ChangeRequest.Subject.VERIFIER: ("verifier", of.subject_id or of.pk),
        ChangeRequest.Subject.RULE: ("rule", of.change.get("rule_id", of.pk)),
        ChangeRequest.Subject.LIST: ("rule_list", of.subject_id or of.pk),
        ChangeRequest.Subject.HIT: ("hit", of.subject_id or of.pk),
        ChangeRequest.Subject.WATCH: ("watchlist", of.subject_id or of.pk),
        ChangeRequest.Subject.EXEMPT: ("hit", of.change.get("hit", of.pk)),
        ChangeRequest.Subject.MODEL: ("model", of.subject_id or of.pk),
        ChangeRequest.Subject.SCORING: ("scoring", of.subject_id or of.pk),
    }.get(ChangeRequest.Subject(of.subject_type), (of.subject_type, of.pk))
    trail.record(
        action, subject_type=subject_type, subject_id=subject_id, entity_id=of.entity_id, actor=actor, reason=reason,
        data={"subject": of.subject_type, "request": of.pk, "change": of.change, **more},
    )  # fmt: skip


def _place(kept: Mapping[str, Any]) -> signing.Place:
    return signing.Place(int(kept["stage"]), str(kept["role"]))


def _described(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """The row as JSON, every value looked at."""
    currency = str(values.get("currency") or "EUR").upper()
    if currency not in money.currencies():
        raise BusinessError("matrix.malformed", field="currency")
    for name, known_values in (("kind", Payment.Kind.values), ("channel", PaymentBatch.Channel.values)):
        if (values.get(name) or "") not in {"", *known_values}:
            raise BusinessError("matrix.malformed", field=name)
    stages = signing.stages_of(values["stages"])
    known = set(Team.objects.filter(entity=entity).values_list("pk", flat=True))
    for stage in stages:
        fine = stage.role in {"", roles.OPERATOR, roles.SUPERVISOR} and 1 <= stage.persons <= 5
        if not fine or (stage.team_id is not None and stage.team_id not in known):
            raise BusinessError("matrix.malformed", field="stages")
    if not 1 <= len(stages) <= 4:
        raise BusinessError("matrix.malformed", field="stages")
    days = {name: values.get(name) for name in ("valid_from", "valid_to")}
    if days["valid_from"] and days["valid_to"] and days["valid_from"] > days["valid_to"]:
        raise BusinessError("matrix.malformed", field="valid_to")
    return {
        "kind": values.get("kind") or "", "currency": currency, "channel": values.get("channel") or "",
        "from_amount": f"{values.get('from_amount') or Decimal(0):f}", "risk_from": int(values.get("risk_from") or 0),
        "new_payee": bool(values.get("new_payee")), "stages": [stage.kept() for stage in stages],
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }  # fmt: skip


def ask_standing(
    *, actor: User, account: Account, values: Mapping[str, Any], reason: str = "", order_id: int | None = None
) -> ChangeRequest:
    """Ask for a standing order on an account, or for other terms of one in force (with a reason). ``values``: its
    TERMS. A program may ask; only a person signs. A second change of the same order is refused (``change.waiting``).
    """
    access.demand(actor, STANDING, account.entity_id)
    former = None
    if order_id is not None:
        if not reason.strip():
            raise BusinessError("payment.reason_required")
        former = StandingOrder.objects.filter(pk=order_id, account=account).first()
        if former is None:
            raise NotThere("not_there")
        if former.status != StandingOrder.Status.ACTIVE:
            raise BusinessError("standing.over", reference=former.reference)
    change = orders.terms(account, values, former=former)
    if former is not None and orders.kept(former) == change:
        raise BusinessError("payment.nothing_changed")
    try:
        with transaction.atomic():
            order = former or orders.draft(actor=actor, account=account, kept=change)
            return ask(ChangeRequest.Subject.STANDING, order.pk, account.entity, change, actor, reason)
    except IntegrityError as error:
        if "change_of_a_row_once" not in str(error):
            raise
        raise BusinessError("change.waiting") from None


class _Undone(Exception):
    """Takes back what was only tried."""


def _try(entity: Entity, policy_id: int | None, change: Mapping[str, Any]) -> None:
    """Write the row and undo it: the database says whether it can stand beside the others."""
    try:
        with transaction.atomic():
            effects.row(entity, policy_id, change).save()
            raise _Undone
    except DatabaseError as refused:
        code = "matrix.tie" if "count equally" in str(refused) else "matrix.malformed"
        raise BusinessError(code, field="") from None
    except _Undone:
        pass


def _about_oneself(found: ChangeRequest, actor: User) -> signing.Refusal | None:
    about_person = found.subject_type in ABOUT_PEOPLE and found.subject_id == actor.pk
    return ("change.about_oneself", {}) if about_person else None


def _in_the_draft(found: ChangeRequest, actor: User) -> signing.Refusal | None:
    """Whoever wrote or changed the draft of a rule knows it too well."""
    if found.subject_type != ChangeRequest.Subject.RULE:
        return None
    hands = RuleVersion.objects.values_list("written_by", "editors").get(pk=found.subject_id or 0)
    return ("change.own_draft", {}) if actor.pk in {hands[0], *hands[1]} else None


def _of_one_hand(one: User, other: User) -> signing.Refusal | None:
    """Did either make the other's account, or give a role that they have? The console of the server made nobody."""
    made = other.created_by_id == one.pk or one.created_by_id == other.pk
    given = Grant.objects.filter(Q(user=one, granted_by=other) | Q(user=other, granted_by=one))
    return ("change.of_one_hand", {"name": one.full_name}) if made or given.exists() else None


def _over_limit(found: ChangeRequest, actor: User) -> signing.Refusal | None:
    """A fixed amount that is paid again and again is within the ceiling of whoever approves it once."""
    if found.subject_type != ChangeRequest.Subject.STANDING or found.change["amount"] is None:
        return None
    hand = replace(signing.hand(actor.pk, "approve"), signed_today={})
    one = {currency: signing.Ceiling(ceiling.one) for currency, ceiling in hand.ceilings.items()}
    amount, currency = Decimal(found.change["amount"]), found.change["currency"]
    return replace(hand, ceilings=one).reaches(amount, currency, entity_id=found.entity_id or 0)


def waiting(actor: User, subject_type: str, subject_id: int | None = None) -> list[ChangeRequest]:
    rows = visible(actor, subject_type).filter(status=ChangeRequest.Status.WAITING)
    return list(rows.filter(Q(subject_id=subject_id) if subject_id else Q())[:50])
