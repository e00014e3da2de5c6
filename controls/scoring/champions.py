"""Which model scores: the champion, the challenger beside it, and who may say so.

A model belongs to all entities: it is seen by who may see models anywhere, and moved by who may in every entity.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.models import ChangeRequest, ScoringModel
from controls.scoring import artefacts, comparing, unsupervised
from controls.scoring.features import VERSION
from documents import trail

VIEW, MANAGE = "model.view", "model.manage"
S = ScoringModel.Status


def may_manage(actor: User) -> bool:
    places = access.entity_ids(actor, MANAGE)
    return bool(places) and len(places) == Entity.objects.count()


def demand(actor: User) -> None:
    if not may_manage(actor):
        raise Denied("denied", right=MANAGE)


def visible(actor: User) -> QuerySet[ScoringModel]:
    """All models or none, without their bytes, the newest first."""
    rows = ScoringModel.objects.defer("artefact").select_related("trained_by", "promoted_by", "seconded_by")
    return (rows if access.can(actor, VIEW) else rows.none()).order_by("-number")


def found(actor: User, number: int) -> ScoringModel:
    one = visible(actor).filter(number=number).first()
    if one is None:
        raise NotThere("not_there")
    return one


def present() -> ScoringModel:
    """The champion, without its bytes. In a house without any model the first is made: it knows nothing."""
    champion = ScoringModel.objects.defer("artefact").filter(status=S.CHAMPION).first()
    return champion or _first()


def usable() -> ScoringModel:
    """The champion to score with. Raises ``model.outdated``: then nothing is scored until another is promoted."""
    champion = present()
    demand_usable(champion)
    return champion


def challenger() -> ScoringModel | None:
    return ScoringModel.objects.defer("artefact").filter(status=S.CHALLENGER).first()


def artefact(model: ScoringModel) -> artefacts.Artefact:
    """What the model scores with; its bytes are read once a process. Raises ``model.damaged``."""
    try:
        return artefacts.by_digest(model.digest, lambda: bytes(model.artefact))
    except artefacts.Damaged:
        raise BusinessError("model.damaged", number=model.number) from None


def locked() -> ScoringModel:
    """The champion, locked: models are numbered and moved one after the other."""
    present()
    return ScoringModel.objects.select_for_update(no_key=True).defer("artefact").get(status=S.CHAMPION)


def _first() -> ScoringModel:
    with transaction.atomic():
        model, made = ScoringModel.objects.get_or_create(
            number=1,
            defaults={
                "status": S.CHAMPION, "measures": VERSION, "names": list(unsupervised.TAILS), "parameters": {},
                "artefact": artefacts.FIRST.content, "digest": artefacts.FIRST.digest,
                "learnt": {"payments": 0, "trees": False},
            },
        )  # fmt: skip
        if made:
            trail.record("model.begun", subject_type="model", subject_id=model.pk, entity_id=None, actor=None,
                         data={"model": 1, "digest": model.digest})  # fmt: skip
    return model


def challenge(*, actor: User, number: int) -> ScoringModel:
    """Let a candidate score along, by one person: it raises nothing. The challenger before it is a candidate again."""
    demand(actor)
    with transaction.atomic():
        locked()
        model = _for_update(actor, number)
        if model.status != S.CANDIDATE:
            raise BusinessError("model.no_candidate", number=number)
        demand_usable(model)
        for former in ScoringModel.objects.defer("artefact").filter(status=S.CHALLENGER):
            _move(former, S.CANDIDATE, actor, "model.withdrawn")
        _move(model, S.CHALLENGER, actor, "model.challenged")
    return model


def challenge_by_calendar(model: ScoringModel) -> None:
    """A model of the scheduled training scores along when no other does."""
    if model.status == S.CANDIDATE and challenger() is None:
        _move(model, S.CHALLENGER, None, "model.challenged")


def retire(*, actor: User, number: int, reason: str) -> ScoringModel:
    """Put a candidate or the challenger away; it stays on record. The champion retires when another is promoted."""
    demand(actor)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        locked()
        model = _for_update(actor, number)
        if model.status not in {S.CANDIDATE, S.CHALLENGER}:
            raise BusinessError("model.stays", number=number)
        if ChangeRequest.objects.filter(
            subject_type=ChangeRequest.Subject.MODEL, subject_id=model.pk, status=ChangeRequest.Status.WAITING
        ).exists():  # fmt: skip
            raise BusinessError("change.waiting")
        _move(model, S.RETIRED, actor, "model.retired", reason.strip())
    return model


def take_effect(asked: ChangeRequest, approver: User) -> None:
    """What two people signed: the model is the champion, and the one before it retires. The database looks at that,
    too. Refused when another was promoted since it was asked for (``model.champion_changed``)."""
    demand(asked.asked_by)
    former = locked()
    model = ScoringModel.objects.select_for_update(no_key=True).defer("artefact").get(pk=asked.subject_id or 0)
    if former.number != asked.change["champion"] or model.pk == former.pk:
        raise BusinessError("model.champion_changed", number=former.number)
    demand_usable(model)
    demand_reason(model, former.number, asked.reason)
    _move(former, S.RETIRED, asked.asked_by, "model.retired")
    model.promoted_at, model.promoted_by, model.seconded_by = timezone.now(), asked.asked_by, approver
    model.status, model.reason = S.CHAMPION, asked.reason
    model.save(update_fields=["status", "promoted_at", "promoted_by", "seconded_by", "reason"])
    trail.record(
        "model.promoted", subject_type="model", subject_id=model.pk, entity_id=None, actor=asked.asked_by,
        reason=asked.reason,
        data={"model": model.number, "former": former.number, "seconded_by": approver.full_name, "request": asked.pk,
              "digest": model.digest, "worse": asked.change["worse"], "unmeasured": asked.change["unmeasured"]},
    )  # fmt: skip


def demand_reason(model: ScoringModel, champion: int, reason: str) -> None:
    """A model that is not known to be as good as the champion takes a reason."""
    if reason.strip():
        return
    if worse := comparing.worse(model.figures):
        told = [[line.code, line.own, line.champion] for line in worse]
        raise BusinessError("model.worse", number=model.number, champion=champion, worse=told)
    if comparing.unknown(model.figures, champion):
        raise BusinessError("model.unmeasured", number=model.number, champion=champion)


def demand_usable(model: ScoringModel) -> None:
    if model.measures != VERSION:
        raise BusinessError("model.outdated", number=model.number)


def _for_update(actor: User, number: int) -> ScoringModel:
    return ScoringModel.objects.select_for_update(no_key=True).defer("artefact").get(pk=found(actor, number).pk)


def _move(model: ScoringModel, status: str, actor: User | None, action: str, reason: str = "") -> None:
    before, model.status = model.status, status
    model.save(update_fields=["status"])
    trail.record(action, subject_type="model", subject_id=model.pk, entity_id=None, actor=actor, reason=reason,
                 data={"model": model.number, "before": before, "after": status})  # fmt: skip
