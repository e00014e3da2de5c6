"""Channels: adding, changing, testing, switching on and off. Each act needs channel.manage in the channel's entity."""

import hashlib
import ipaddress
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

import paramiko
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from backoffice.common import destinations
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from transactions.channels import folder, health, names, sftp, vault, ways
from transactions.channels.ways import Fault
from transactions.models import Account, BankChannel, ChannelRoute, IntakeSource, OutgoingFile

MANAGE = "channel.manage"
SHORTEST_KEY, LONGEST_SECRET = 32, 20_000
MOST_ACK_MINUTES = 14 * 24 * 60
_PRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
# What a secret was given for: another destination must be given it anew.
_WHERE = ("host", "port", "user", "url")
# What a second person signs, with the secret and the routes.
_POINTS = (*_WHERE, "host_keys", "out_folder", "in_folder", "source_id")


@dataclass(frozen=True)
class Wanted:
    """What a channel is to be. ``accounts`` are keys and ``kinds`` kinds of files; they go by the channel in every
    combination. ``all_accounts``: those of all accounts that have no channel of their own, too. ``host_keys`` are keys
    or fingerprints, one a line."""

    name: str
    host: str = ""
    port: int = 22
    user: str = ""
    url: str = ""
    host_keys: str = ""
    out_folder: str = ""
    in_folder: str = ""
    after_fetch: str = "archive"
    file_name: str = "{message_id}.xml"
    accounts: Sequence[int] = ()
    all_accounts: bool = False
    kinds: Sequence[str] = ("pain001", "pain008")
    source: int | None = None
    ack_minutes: int | None = None


def visible(actor: User) -> QuerySet[BankChannel]:
    places = access.entity_ids(actor, MANAGE)
    return BankChannel.objects.select_related("entity", "source", "created_by").filter(entity__in=places)


def add(*, actor: User, entity: Entity, kind: str, wanted: Wanted, secret: str = "") -> BankChannel:
    """A new channel; its secret is kept encrypted and never shown. Nothing is called yet, and nothing goes by it until
    a second person has signed where it points (controls/widenings.py)."""
    access.demand(actor, MANAGE, entity.pk)
    if kind not in BankChannel.Kind.values:
        raise BusinessError("channel.kind_unknown", kind=kind[:7])
    made = BankChannel(entity=entity, kind=kind, salt=secrets.token_bytes(32), created_by=actor)
    made.waits, made.is_active = True, False
    _fill(made, wanted)
    _give(made, secret)
    try:
        with transaction.atomic():
            made.save()
            _route(made, _wanted_routes(made, wanted))
            if kind == BankChannel.Kind.FOLDER:
                _make_folders(made)
            _record("channel.added", made, actor, {"kind": kind, **_told(wanted)})
    except IntegrityError as error:
        raise _taken(error, made) from None
    return made


def change(*, actor: User, channel_id: int, wanted: Wanted, secret: str = "") -> BankChannel:
    """Other settings, from the next call on. A secret left out stays, but not for another host, user or address.

    Where it points elsewhere, has another secret or carries something else, it is switched off and waits for a second
    person (controls/widenings.py), who switches it on again.
    """
    try:
        with transaction.atomic():
            channel = _locked(actor, channel_id)
            before, routes = _settings_of(channel), _routes_of(channel)
            _fill(channel, wanted)
            moved = any(before[name] != getattr(channel, name) for name in _WHERE)
            if moved and channel.secret is not None and not secret:
                raise BusinessError("channel.secret_again")
            _give(channel, secret)
            channel.needs_person = False
            there = _wanted_routes(channel, wanted)
            if secret or there != routes or any(before[name] != getattr(channel, name) for name in _POINTS):
                channel.waits, channel.is_active = True, False
            channel.save()
            if there != routes:
                _route(channel, there)
            if channel.kind == BankChannel.Kind.FOLDER:
                _make_folders(channel)
            after = _settings_of(channel)
            changed = [name for name in after if before[name] != after[name]]
            changed += ["routes"] if there != routes else []
            changed += ["secret"] if secret else []
            if changed:
                shown = [name for name in changed if name in after]
                _record(
                    "channel.changed", channel, actor,
                    {
                        "fields": changed, "before": {name: before[name] for name in shown},
                        "after": {name: after[name] for name in shown},
                    },
                )  # fmt: skip
    except IntegrityError as error:
        raise _taken(error, channel) from None
    return channel


def switch(*, actor: User, channel_id: int, on: bool) -> BankChannel:
    """Use the channel, or let everything of it wait."""
    with transaction.atomic():
        channel = _locked(actor, channel_id)
        if on and channel.waits:
            raise BusinessError("channel.waits")
        if channel.is_active != on:
            channel.is_active = on
            channel.save(update_fields=["is_active"])
            _record("channel.switched_on" if on else "channel.switched_off", channel, actor, {})
    return channel


def pointing(channel: BankChannel) -> dict[str, Any]:
    """Where the channel points and what goes by it, for whoever signs it. ``digest`` is of all that counts, with the
    secret as it is kept."""
    routes = channel.routes.select_related("account")
    told = {name: getattr(channel, name) for name in ("kind", *_POINTS) if name != "source_id"} | {
        "source": channel.source.name if channel.source else "",
        "accounts": sorted({route.account.code if route.account else "*" for route in routes}),
        "kinds": sorted({route.kind for route in routes}),
    }
    secret = hashlib.sha256(bytes(channel.secret or b"")).hexdigest()
    kept = json.dumps([told, channel.source_id, _routes_of(channel), secret], sort_keys=True)
    return {"name": channel.name, **told, "digest": hashlib.sha256(kept.encode()).hexdigest()}


def take_effect(*, actor: User, channel_id: int, digest: str, on: bool) -> BankChannel:
    """A second person has signed where the channel points. Refused when it points elsewhere since
    (``channel.changed_since``); the database looks at the signature."""
    with transaction.atomic():
        channel = _locked(actor, channel_id)
        if not channel.waits or pointing(channel)["digest"] != digest:
            raise BusinessError("channel.changed_since")
        channel.waits, channel.is_active = False, on
        channel.save(update_fields=["waits", "is_active"])
        _record("channel.signed", channel, actor, {"digest": digest})
    return channel


def test(*, actor: User, channel_id: int) -> str:
    """Connect, sign in, look at the folders; write nothing. Returns the address that answered, or raises the fault.

    A channel that needed a person works again after a test that went well.
    """
    access.demand(actor, MANAGE)
    channel = visible(actor).filter(pk=channel_id).first()
    if channel is None:
        raise NotThere("not_there")
    fault, address = None, ""
    try:
        with ways.opened(channel) as way:
            way.check()
            address = way.address
    except Fault as failure:
        fault = failure
    with transaction.atomic():
        if fault is None:
            health.worked(channel.pk)
        else:
            health.failed(channel.pk, fault)
        told = {"code": fault.code, "params": fault.params} if fault else {"address": address}
        _record("channel.tested", channel, actor, told)
    if fault is not None:
        raise fault
    return address


def _fill(channel: BankChannel, wanted: Wanted) -> None:
    name = " ".join(wanted.name.split())
    if not name or len(name) > 80:
        raise BusinessError("channel.name_missing")
    names.check_pattern(wanted.file_name)
    channel.name, channel.file_name = name, wanted.file_name
    if wanted.after_fetch not in BankChannel.After.values:
        raise BusinessError("channel.after_unknown", after=wanted.after_fetch[:7])
    if wanted.ack_minutes is not None and not 1 <= wanted.ack_minutes <= MOST_ACK_MINUTES:
        raise BusinessError("channel.ack_minutes", most=MOST_ACK_MINUTES)
    channel.after_fetch, channel.ack_minutes = wanted.after_fetch, wanted.ack_minutes
    channel.out_folder = _folder(wanted.out_folder, channel.kind)
    channel.in_folder = _folder(wanted.in_folder, channel.kind)
    if channel.kind == BankChannel.Kind.ADAPTER:
        channel.out_folder, channel.in_folder = "", "inbox" if channel.in_folder else ""
        channel.url = wanted.url.strip().rstrip("/")
        target = destinations.parse(channel.url, room="channel", plain=bool(settings.CHANNEL_NETWORKS))
        if "?" in target.path:
            raise BusinessError("channel.address_bad", url=channel.url[:200])
        destinations.resolve(target, room="channel", inside=settings.CHANNEL_NETWORKS)
    elif not channel.out_folder and not channel.in_folder:
        raise BusinessError("channel.no_folder", folder="")
    elif channel.out_folder == channel.in_folder:
        raise BusinessError("channel.folders_same")
    if channel.kind == BankChannel.Kind.SFTP:
        _server(channel, wanted)
    source = None
    if wanted.source is not None:
        source = IntakeSource.objects.filter(pk=wanted.source, entity_id=channel.entity_id, is_active=True).first()
        if source is None:
            raise BusinessError("channel.source_unknown")
    channel.source = source


def _server(channel: BankChannel, wanted: Wanted) -> None:
    channel.host, channel.port, channel.user = wanted.host.strip(), wanted.port, wanted.user.strip()
    if not _is_host(channel.host) or not 1 <= channel.port <= 65_535:
        raise BusinessError("channel.host_bad", host=channel.host[:100])
    if not channel.user or not channel.user.isprintable() or len(channel.user) > 80:
        raise BusinessError("channel.user_missing")
    channel.host_keys = _host_keys(wanted.host_keys)
    target = destinations.Target(channel.host, channel.port, "", secure=True)
    destinations.resolve(target, room="channel", inside=settings.CHANNEL_NETWORKS)


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(re.fullmatch(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.?)*", text))
    return True


def _host_keys(text: str) -> str:
    """Each line as ``type fingerprint``: of a key as known_hosts has it, or of a fingerprint as ssh-keygen shows it."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        parts = line.split()
        printed = next((part for part in parts if _PRINT.fullmatch(part)), "")
        kind = next((part for part in parts if part.startswith(("ssh-", "ecdsa-"))), "")
        body = next((part for part in parts if part.startswith("AAAA")), "")
        if not printed and kind and body:
            try:
                key = paramiko.hostkeys.HostKeyEntry.from_line(f"bank {kind} {body}")
                printed = sftp.fingerprint(key.key) if key is not None and key.key is not None else ""
            except (paramiko.SSHException, ValueError, paramiko.hostkeys.InvalidHostKey):
                printed = ""
        if not printed:
            raise BusinessError("channel.host_key_bad", line=line[:60])
        found.append(f"{kind} {printed}".strip())
    if len(found) > 5:
        raise BusinessError("channel.host_key_bad", line=found[5][:60])
    return "\n".join(dict.fromkeys(found))


def _folder(text: str, kind: str) -> str:
    folder_name = text.strip()
    path = PurePosixPath(folder_name)
    bad = ".." in path.parts or not folder_name.isprintable() or len(folder_name) > 200 or "\\" in folder_name
    if bad or (kind == BankChannel.Kind.FOLDER and path.is_absolute()):
        raise BusinessError("channel.folder_bad", folder=folder_name[:100])
    return str(path) if folder_name else ""


def _give(channel: BankChannel, secret: str) -> None:
    if not secret:
        return
    given = secret.strip() if secret.lstrip().startswith("-----BEGIN") else secret
    if channel.kind == BankChannel.Kind.FOLDER or len(given) > LONGEST_SECRET:
        raise BusinessError("channel.secret_not_for_this")
    if channel.kind == BankChannel.Kind.ADAPTER and len(given) < SHORTEST_KEY:
        raise BusinessError("channel.key_short", shortest=SHORTEST_KEY)
    if channel.kind == BankChannel.Kind.SFTP and given.startswith("-----BEGIN"):
        given += "\n"
        sftp.private_key(given)
    channel.secret = vault.close(bytes(channel.salt), given)


def _wanted_routes(channel: BankChannel, wanted: Wanted) -> list[tuple[int | None, str]]:
    """What is to go by it, in the order of :func:`_routes_of`."""
    kinds = sorted(set(wanted.kinds))
    if any(kind not in OutgoingFile.Kind.values for kind in kinds):
        raise BusinessError("channel.file_kind_unknown")
    asked = set(wanted.accounts)
    found = set(Account.objects.filter(pk__in=asked, entity_id=channel.entity_id).values_list("pk", flat=True))
    if found != asked:
        raise BusinessError("channel.account_unknown")
    if (asked or wanted.all_accounts) and not channel.out_folder and channel.kind != BankChannel.Kind.ADAPTER:
        raise BusinessError("channel.no_folder", folder="")
    return [(account, kind) for account in (*sorted(found), *([None] if wanted.all_accounts else [])) for kind in kinds]


def _route(channel: BankChannel, routes: Sequence[tuple[int | None, str]]) -> None:
    ChannelRoute.objects.filter(channel=channel).delete()
    ChannelRoute.objects.bulk_create(
        ChannelRoute(entity_id=channel.entity_id, channel=channel, account_id=account, kind=kind)
        for account, kind in routes
    )


def _routes_of(channel: BankChannel) -> list[tuple[int | None, str]]:
    return list(channel.routes.order_by("account_id", "kind").values_list("account_id", "kind"))


def _settings_of(channel: BankChannel) -> dict[str, Any]:
    kept = (
        "name", "host", "port", "user", "url", "host_keys", "out_folder", "in_folder", "after_fetch", "file_name",
        "source_id", "ack_minutes",
    )  # fmt: skip
    return {name: getattr(channel, name) for name in kept}


def _told(wanted: Wanted) -> dict[str, Any]:
    return {
        name: value for name, value in asdict(wanted).items() if value not in ("", None, (), False) and name != "name"
    }


def _make_folders(channel: BankChannel) -> None:
    for name in (channel.out_folder, channel.in_folder):
        if name:
            try:
                (folder.root(channel) / name).mkdir(parents=True, exist_ok=True, mode=0o770)
            except OSError as error:
                raise BusinessError("channel.refused_there", cause=ways.cause(error)) from None


def _taken(error: IntegrityError, channel: BankChannel) -> Exception:
    if "channel_name_once" in str(error):
        return Conflict("channel.name_used", name=channel.name)
    if "channel_of_account_once" in str(error):
        return Conflict("channel.account_taken")
    if "channel_of_all_once" in str(error):
        return Conflict("channel.all_taken")
    return error


def _locked(actor: User, channel_id: int) -> BankChannel:
    access.demand(actor, MANAGE)
    channel = visible(actor).select_for_update(no_key=True, of=("self",)).filter(pk=channel_id).first()
    if channel is None:
        raise NotThere("not_there")
    return channel


def _record(action: str, channel: BankChannel, actor: User, data: dict[str, Any]) -> None:
    trail.record(
        action, subject_type="channel", subject_id=channel.pk, entity_id=channel.entity_id, actor=actor,
        data={"name": channel.name, **data},
    )  # fmt: skip
