"""Sources of files: adding one, changing how it is treated. How its lists are read is transactions.intake.mapping."""

from django.db import IntegrityError, transaction

from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from transactions.models import IntakeSource

MANAGE = "source.manage"


def add(*, actor: User, entity: Entity, code: str, name: str, maker: str, all_or_nothing: bool = False) -> IntakeSource:
    """A source of the entity; its code is used by the API and never changes."""
    access.demand(actor, MANAGE, entity.pk)
    code, name = code.strip().lower(), _named(name)
    _known_maker(maker)
    try:
        with transaction.atomic():
            source = IntakeSource.objects.create(
                entity=entity, code=code, name=name, maker=maker, all_or_nothing=all_or_nothing
            )
            _record("source.added", source, actor, {"code": code, "name": name, "maker": maker})
    except IntegrityError:
        raise Conflict("source.code_taken", code=code) from None
    return source


def change(
    *, actor: User, source_id: int, name: str, maker: str, all_or_nothing: bool, is_active: bool
) -> IntakeSource:
    """Change how the source is treated from the next file on. Locks its row alone; the same again records nothing."""
    wanted = {"name": _named(name), "maker": maker, "all_or_nothing": all_or_nothing, "is_active": is_active}
    _known_maker(maker)
    with transaction.atomic():
        source = IntakeSource.objects.select_for_update(no_key=True).filter(pk=source_id).first()
        if source is None or not access.can(actor, "batch.view", source.entity_id):
            raise NotThere("not_there")
        access.demand(actor, MANAGE, source.entity_id)
        changed = {field: value for field, value in wanted.items() if getattr(source, field) != value}
        if changed:
            before = {field: getattr(source, field) for field in changed}
            for field, value in changed.items():
                setattr(source, field, value)
            source.save(update_fields=list(changed))
            _record("source.changed", source, actor, {"fields": list(changed), "before": before, "after": changed})
    return source


def _named(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > 140:
        raise BusinessError("source.name_missing")
    return tidy


def _known_maker(maker: str) -> None:
    if maker not in IntakeSource.Maker.values:
        raise BusinessError("source.maker_unknown", maker=maker[:8])


def _record(action: str, source: IntakeSource, actor: User, data: dict[str, object]) -> None:
    trail.record(
        action, subject_type="source", subject_id=source.pk, entity_id=source.entity_id, actor=actor, data=data
    )
