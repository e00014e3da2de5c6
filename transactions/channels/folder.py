"""A folder below ``channels/<entity>`` of the state folder; a share is mounted or linked there."""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from transactions.channels import names, ways
from transactions.channels.ways import Entry, Fault, Found, Letter
from transactions.models import BankChannel


def root(channel: BankChannel) -> Path:
    return Path(settings.STATE_DIR) / "channels" / channel.entity.code


class Folder:
    sure_when_absent = False
    address = ""

    def __init__(self, channel: BankChannel) -> None:
        top = root(channel)
        self.out = top / channel.out_folder if channel.out_folder else None
        self.inbox = top / channel.in_folder if channel.in_folder else None

    def look(self, letter: Letter) -> Found:
        with _told():
            final = _size(self._out() / letter.name)
            unfinished = _size(self._out() / names.meanwhile(letter.name))
            same = self._same(letter) if final is not None else None
            return Found(final, unfinished, same)

    def write(self, letter: Letter) -> bool | None:
        with _told():
            path = self._out() / names.meanwhile(letter.name)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
                out.write(letter.content)
                out.flush()
                os.fsync(out.fileno())
            if hashlib.sha256(path.read_bytes()).hexdigest() != letter.sha256:
                raise Fault("channel.written_otherwise")
        return True

    def place(self, letter: Letter) -> Found:
        """By a hard link where there are links: it fails when the name is taken. Then the first name goes."""
        with _told():
            final, unfinished = self._out() / letter.name, self._out() / names.meanwhile(letter.name)
            try:
                os.link(unfinished, final)
            except FileExistsError:
                raise Fault("channel.name_taken", lasting=True, name=letter.name) from None
            except OSError as error:
                if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
                    raise
                if final.exists():
                    raise Fault("channel.name_taken", lasting=True, name=letter.name) from None
                unfinished.rename(final)
            with contextlib.suppress(FileNotFoundError):
                unfinished.unlink()
            _flush(final.parent)
        return Found()

    def entries(self) -> list[Entry]:
        found: list[Entry] = []
        with _told(), os.scandir(self._inbox()) as listed:
            for item in listed:
                seen = item.stat(follow_symlinks=False)
                if stat.S_ISREG(seen.st_mode):
                    # A name that is no text at all must not stop the others.
                    name = os.fsencode(item.name).decode("utf-8", "replace")
                    found.append(Entry(name, seen.st_size, int(seen.st_mtime)))
                if len(found) >= ways.MOST_LISTED:
                    break
        return sorted(found, key=lambda entry: (entry.modified, entry.name))

    def fetch(self, entry: Entry) -> bytes:
        with _told():
            handle = os.open(self._inbox() / entry.name, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as source:
                content = source.read(settings.INTAKE_MAX_BYTES + 1)
        if len(content) != entry.size:
            raise Fault("channel.changed_meanwhile", name=entry.name)
        return content

    def take_away(self, entry: Entry, *, archive: bool) -> None:
        with _told():
            path = self._inbox() / entry.name
            if not archive:
                path.unlink(missing_ok=True)
                return
            done = self._inbox() / "done"
            done.mkdir(exist_ok=True)
            target = done / entry.name
            if target.exists():
                target = done / f"{entry.modified}-{entry.name}"
            if path.exists():
                path.rename(target)

    def check(self) -> None:
        with _told():
            for place in (self.out, self.inbox):
                if place is not None:
                    os.scandir(place).close()
                    if not os.access(place, os.W_OK | os.X_OK):
                        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def close(self) -> None:
        """Nothing is kept open."""

    def _out(self) -> Path:
        return _there(self.out)

    def _inbox(self) -> Path:
        return _there(self.inbox)

    def _same(self, letter: Letter) -> bool | None:
        try:
            return hashlib.sha256((self._out() / letter.name).read_bytes()).hexdigest() == letter.sha256
        except OSError:
            return None


def _there(place: Path | None) -> Path:
    if place is None:
        raise Fault("channel.no_folder", lasting=True, folder="")
    return place


def _size(path: Path) -> int | None:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        # Not the file: the folder itself is there, or nothing can be said.
        if not path.parent.is_dir():
            raise
        return None


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Fault("channel.no_folder", folder=Path(str(error.filename or "")).name[:100]) from None
    except PermissionError:
        raise Fault("channel.permission") from None
    except OSError as error:
        raise Fault("channel.refused_there", cause=ways.cause(error)) from None
