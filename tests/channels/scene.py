"""Channels of a house to the servers of these tests, and where a file stands on its way."""

from typing import Any

from django.utils import timezone

from tests import database
from tests.channels.sftp_server import USER, Server
from tests.people import Stage
from transactions.channels import registry, sending
from transactions.channels.registry import Wanted
from transactions.models import BankChannel, OutgoingFile, Transmission


def to(bank: Server, stage: Stage, **others: Any) -> Wanted:
    return Wanted(
        **{
            "name": "Bank", "host": "127.0.0.1", "port": bank.port, "user": USER, "host_keys": bank.pinned,
            "out_folder": "/out", "in_folder": "/in", "accounts": [stage.customer.pk], "source": stage.source.pk,
            "ack_minutes": 60, **others,
        }
    )  # fmt: skip


def signed(channel: BankChannel) -> BankChannel:
    """As if a second person had signed where it points; the same object, switched on."""
    database.update(BankChannel.objects.filter(pk=channel.pk), waits=False, is_active=True)
    channel.waits, channel.is_active = False, True
    return channel


def add(**described: Any) -> BankChannel:
    return signed(registry.add(**described))


def change(**described: Any) -> BankChannel:
    return signed(registry.change(**described))


def way_of(file: OutgoingFile) -> Transmission:
    return Transmission.objects.select_related("channel", "file__attachment").get(file=file)


def again_now(file: OutgoingFile) -> Transmission:
    """As if its time had come, and the clock's task found it."""
    Transmission.objects.filter(file=file).update(next_at=timezone.now())
    sending.due()
    return way_of(file)
