"""What every kind of channel can do, and how it fails. Nothing here knows the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

from backoffice.common.errors import BusinessError
from transactions.models import BankChannel

CONNECT_SECONDS, STEP_SECONDS, WHOLE_SECONDS = 10, 30, 300
MOST_LISTED = 10_000


class Fault(BusinessError):
    """The other side did not do what was asked. ``lasting``: the same again would fail the same way, or do harm
    (a wrong password tried often closes the account), so only a person starts again."""

    def __init__(self, code: str, /, *, lasting: bool = False, **params: Any) -> None:
        super().__init__(code, **params)
        self.lasting = lasting

    @property
    def of_channel(self) -> bool:
        """Does it speak of the channel, and not of one file?"""
        return self.code.startswith("channel.") and self.code not in _OF_A_FILE


_OF_A_FILE = frozenset(
    {"channel.name_taken", "channel.file_too_large", "channel.changed_meanwhile", "channel.file_refused"}
)


@dataclass(frozen=True)
class Letter:
    """A file to carry: its name there, its bytes and what identifies it."""

    name: str
    content: bytes
    sha256: str
    message_id: str
    kind: str


@dataclass(frozen=True)
class Found:
    """What lies on the other side. Sizes are None where there is nothing. ``same`` is whether the bytes under the final
    name are ours, None when they cannot be read. ``acknowledged`` when the other side says so."""

    final: int | None = None
    unfinished: int | None = None
    same: bool | None = None
    acknowledged: bool = False


@dataclass(frozen=True)
class Entry:
    """A file that waits for us. ``modified`` is a moment in seconds, 0 when not known."""

    name: str
    size: int
    modified: int


class Way(Protocol):
    """An open connection. ``sure_when_absent``: what is not there was not taken away either, so the same may be sent
    again under its key; where others take files away, absence says nothing."""

    sure_when_absent: bool
    address: str

    def look(self, letter: Letter) -> Found:
        """What is there of a file. Moves nothing."""
        ...

    def write(self, letter: Letter) -> bool | None:
        """Write the bytes under another name and compare size and digest. None when they cannot be read back."""
        ...

    def place(self, letter: Letter) -> Found:
        """Give the file its name: from here on the bank may have it. Never over another file."""
        ...

    def entries(self) -> list[Entry]:
        """What waits for us: whole files, at most ``MOST_LISTED``."""
        ...

    def fetch(self, entry: Entry) -> bytes:
        """The bytes; a :class:`Fault` ``channel.changed_meanwhile`` when there are not as many as were listed."""
        ...

    def take_away(self, entry: Entry, *, archive: bool) -> None:
        """Move what was taken in to the folder ``done``, or delete it."""
        ...

    def check(self) -> None:
        """Try what the channel is for, without writing."""
        ...

    def close(self) -> None: ...


@contextmanager
def opened(channel: BankChannel) -> Iterator[Way]:
    """The channel, connected. Fails with :class:`Fault`."""
    from transactions.channels import adapter, folder, sftp

    kinds: dict[str, Any] = {"folder": folder.Folder, "sftp": sftp.Sftp, "adapter": adapter.Adapter}
    way: Way = kinds[channel.kind](channel)
    try:
        yield way
    finally:
        way.close()


def cause(error: BaseException) -> str:
    """What an error of the system or of a library says, short and printable."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return "".join(character for character in str(text) if character.isprintable())[:200]


def too_large(size: int) -> Fault:
    return Fault("channel.file_too_large", lasting=True, size=size, largest=settings.INTAKE_MAX_BYTES)
