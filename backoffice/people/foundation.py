"""The first acts of an installation, from its machine's console: entities, and the administrator who lets others in.

Whoever holds the console holds the database; these acts name nobody as actor and are on record like any other.
"""

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import roles, services
from backoffice.people.models import Entity, Grant, User
from documents import trail


def add_entity(*, code: str, name: str, profile: str, country: str = "FR", bic: str = "") -> Entity:
    """A legal entity. Its code is short, upper-case and never changes; refused when taken (``entity.code_taken``)."""
    code, name = code.strip().upper(), " ".join(name.split())
    if not code.isascii() or not code.replace("-", "").isalnum() or len(code) > 20 or not name or len(name) > 140:
        raise BusinessError("entity.malformed", code=code[:20])
    if profile not in Entity.Profile.values:
        raise BusinessError("entity.profile_unknown", profile=profile[:12], known=", ".join(Entity.Profile.values))
    try:
        with transaction.atomic():
            entity = Entity.objects.create(
                code=code, name=name, profile=profile, country=country.upper(), bic=bic.strip().upper()
            )
            trail.record(
                "entity.added", subject_type="entity", subject_id=entity.pk, entity_id=entity.pk, actor=None,
                data={"code": code, "name": name, "profile": profile},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict("entity.code_taken", code=code) from None
    return entity


def give_role(*, email: str, role: str, entity_code: str = "") -> User:
    """Give an account that is there a role, in the name of the server's console, which needs no second person.

    The console answers for the account, too: whoever made it, it counts as a person of its own from then on. Again:
    the role that is there already is the console's.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=email.strip().lower()).first()
        entity = Entity.objects.filter(code=entity_code.strip().upper()).first() if entity_code else None
        if user is None or (entity_code and entity is None):
            raise NotThere("not_there")
        if role not in roles.ROLES:
            raise BusinessError("user.role_unknown", role=role[:16])
        if not user.grants.filter(role=role, entity=entity).update(granted_by=None):
            services.refuse_together(user, role, entity)
            Grant.objects.create(user=user, role=role, entity=entity)
        User.objects.filter(pk=user.pk).update(created_by=None)
        trail.record(
            "user.granted", subject_type="user", subject_id=user.pk, entity_id=None, actor=None,
            data={"role": role, "entity": entity.code if entity else None},
        )  # fmt: skip
    return user


def first_administrator(*, email: str, full_name: str, password: str) -> User:
    """An administrator of everything; refused once there is one who can sign in (``user.administrator_exists``).

    Raises Django's ValidationError for a password that is too weak.
    """
    user = User(email=email.strip().lower(), full_name=" ".join(full_name.split()))
    user.full_clean(exclude=["password"])
    validate_password(password, user)
    with transaction.atomic():
        # Two consoles at once: the second waits here and then sees the first one's administrator.
        sql.run("select pg_advisory_xact_lock(hashtext('first_administrator'))")
        if Grant.objects.filter(role=roles.ADMINISTRATOR, entity=None, user__is_active=True).exists():
            raise Conflict("user.administrator_exists")
        user.set_password(password)
        user.save()
        Grant.objects.create(user=user, role=roles.ADMINISTRATOR, entity=None)
        trail.record(
            "user.created", subject_type="user", subject_id=user.pk, entity_id=None, actor=None,
            data={"email": user.email, "full_name": user.full_name, "role": roles.ADMINISTRATOR},
        )  # fmt: skip
    return user
