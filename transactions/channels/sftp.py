"""SFTP: the server's key is pinned and compared before anything is said, then one session does the work."""

import base64
import contextlib
import errno
import hashlib
import io
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko
from django.conf import settings

from backoffice.common import destinations
from backoffice.common.errors import BusinessError
from transactions.channels import names, vault, ways
from transactions.channels.ways import Entry, Fault, Found, Letter
from transactions.models import BankChannel

CHUNK = 262_144
_KEYS: tuple[Any, ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def fingerprint(key: Any) -> str:
    """As ``ssh-keygen -lf`` shows it: SHA256 of the key, in base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def private_key(text: str) -> Any:
    """A private key without a passphrase, or a Fault ``channel.key_unreadable``."""
    for kind in _KEYS:
        with contextlib.suppress(paramiko.SSHException, ValueError, IndexError):
            return kind.from_private_key(io.StringIO(text))
    raise Fault("channel.key_unreadable", lasting=True)


class Sftp:
    sure_when_absent = False

    def __init__(self, channel: BankChannel) -> None:
        self.channel = channel
        target = destinations.Target(channel.host, channel.port, "", secure=True)
        try:
            self.address = destinations.resolve(target, room="channel", inside=settings.CHANNEL_NETWORKS)
        except BusinessError as refused:
            raise Fault(refused.code, **refused.params) from None
        self._transport: Any = None
        self.late = threading.Event()
        self._guard = threading.Timer(ways.WHOLE_SECONDS, self._cut)
        self._guard.daemon = True
        self._guard.start()
        try:
            self.session = self._connected()
        except BaseException:
            self.close()
            raise

    def look(self, letter: Letter) -> Found:
        with self._told():
            final = self._size(self._out(letter.name))
            unfinished = self._size(self._out(names.meanwhile(letter.name)))
            same = self._same(self._out(letter.name), letter) if final is not None else None
            return Found(final, unfinished, same)

    def write(self, letter: Letter) -> bool | None:
        with self._told():
            path = self._out(names.meanwhile(letter.name))
            with self.session.open(path, "wb") as out:
                # Each part is answered before the next: paramiko's pipeline forgets why a part was refused.
                for at in range(0, len(letter.content), CHUNK):
                    out.write(letter.content[at : at + CHUNK])
            size = self.session.stat(path).st_size
            same = self._same(path, letter)
            if size != len(letter.content) or same is False:
                raise Fault("channel.written_otherwise")
            return same

    def place(self, letter: Letter) -> Found:
        """By the rename of SFTP that fails when the name is taken; one that replaces is never used."""
        with self._told():
            if self._size(self._out(letter.name)) is not None:
                raise Fault("channel.name_taken", lasting=True, name=letter.name)
            self.session.rename(self._out(names.meanwhile(letter.name)), self._out(letter.name))
        return Found()

    def entries(self) -> list[Entry]:
        found: list[Entry] = []
        with self._told():
            for item in self.session.listdir_iter(self._folder(self.channel.in_folder), read_aheads=4):
                if item.st_mode is not None and stat.S_ISREG(item.st_mode):
                    found.append(Entry(item.filename, item.st_size or 0, int(item.st_mtime or 0)))
                if len(found) >= ways.MOST_LISTED:
                    break
        return sorted(found, key=lambda entry: (entry.modified, entry.name))

    def fetch(self, entry: Entry) -> bytes:
        with self._told():
            path = self._in(entry.name)
            content = self._read(path, entry.size)
            if len(content) != entry.size or self.session.stat(path).st_size != entry.size:
                raise Fault("channel.changed_meanwhile", name=entry.name)
            return content

    def take_away(self, entry: Entry, *, archive: bool) -> None:
        with self._told():
            path = self._in(entry.name)
            if not archive:
                self.session.remove(path)
                return
            done = self._in("done")
            if self._size(done) is None:
                self.session.mkdir(done)
            target = f"{done}/{entry.name}"
            if self._size(target) is not None:
                target = f"{done}/{entry.modified}-{entry.name}"
            self.session.rename(path, target)

    def check(self) -> None:
        with self._told():
            for folder in (self.channel.out_folder, self.channel.in_folder):
                if folder:
                    found = self.session.stat(folder)
                    if found.st_mode is not None and not stat.S_ISDIR(found.st_mode):
                        raise Fault("channel.no_folder", folder=folder)

    def close(self) -> None:
        self._guard.cancel()
        if self._transport is not None:
            self._transport.close()

    def _cut(self) -> None:
        self.late.set()
        if self._transport is not None:
            self._transport.close()

    def _connected(self) -> Any:
        with self._told():
            plain = socket.create_connection((self.address, self.channel.port), timeout=ways.CONNECT_SECONDS)
            self._transport = transport = paramiko.Transport(plain)
            transport.banner_timeout = transport.auth_timeout = ways.CONNECT_SECONDS
            transport.channel_timeout = ways.CONNECT_SECONDS
            self._prefer_pinned(transport)
            transport.start_client(timeout=ways.CONNECT_SECONDS)
            self._compare(transport.get_remote_server_key())
            self._sign_in(transport)
            session = paramiko.SFTPClient.from_transport(transport)
            if session is None:
                raise Fault("channel.no_sftp", lasting=True)
            session.get_channel().settimeout(ways.STEP_SECONDS)
            return session

    def _pinned(self) -> list[tuple[str, str]]:
        lines = [line.split() for line in self.channel.host_keys.splitlines() if line.strip()]
        return [(parts[0] if len(parts) > 1 else "", parts[-1]) for parts in lines]

    def _prefer_pinned(self, transport: Any) -> None:
        """Ask for a key of the pinned kind: a server has several, and shows the one that is asked for."""
        wanted = {kind for kind, _print in self._pinned() if kind}
        if "ssh-rsa" in wanted:
            wanted |= {"rsa-sha2-512", "rsa-sha2-256"}
        options = transport.get_security_options()
        kinds = [kind for kind in options.key_types if kind in wanted]
        if kinds:
            options.key_types = kinds

    def _compare(self, key: Any) -> None:
        seen = f"{key.get_name()} {fingerprint(key)}"
        pinned = {print_ for _kind, print_ in self._pinned()}
        if not pinned:
            raise Fault("channel.host_key_unknown", lasting=True, seen=seen)
        if fingerprint(key) not in pinned:
            raise Fault("channel.host_key_changed", lasting=True, seen=seen)

    def _sign_in(self, transport: Any) -> None:
        try:
            secret = vault.open_secret(self.channel.salt, self.channel.secret)
        except BusinessError as lost:
            raise Fault(lost.code, lasting=True) from None
        if not secret:
            raise Fault("channel.secret_missing", lasting=True)
        if secret.lstrip().startswith("-----BEGIN"):
            transport.auth_publickey(self.channel.user, private_key(secret))
        else:
            transport.auth_password(self.channel.user, secret, fallback=False)

    def _folder(self, folder: str) -> str:
        if not folder:
            raise Fault("channel.no_folder", lasting=True, folder="")
        return folder

    def _out(self, name: str) -> str:
        return f"{self._folder(self.channel.out_folder).rstrip('/')}/{name}"

    def _in(self, name: str) -> str:
        return f"{self._folder(self.channel.in_folder).rstrip('/')}/{name}"

    def _size(self, path: str) -> int | None:
        try:
            return int(self.session.stat(path).st_size or 0)
        except FileNotFoundError:
            return None

    def _same(self, path: str, letter: Letter) -> bool | None:
        try:
            return hashlib.sha256(self._read(path, len(letter.content))).hexdigest() == letter.sha256
        except (PermissionError, FileNotFoundError):
            return None  # a letter box: one may put in, not read

    def _read(self, path: str, size: int) -> bytes:
        if size > settings.INTAKE_MAX_BYTES:
            raise ways.too_large(size)
        with self.session.open(path, "rb") as source:
            source.prefetch(size)
            return bytes(source.read(size + 1))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Fault:
            raise
        except paramiko.AuthenticationException:
            raise Fault("channel.sign_in_refused", lasting=True, user=self.channel.user) from None
        except (paramiko.SSHException, EOFError, OSError, UnicodeError) as error:
            raise self._fault(error) from None

    def _fault(self, error: Exception) -> Fault:
        code = getattr(error, "errno", None)
        broken = self._transport is None or not self._transport.is_active()
        if self.late.is_set() or isinstance(error, TimeoutError):
            late = ways.WHOLE_SECONDS if self.late.is_set() else ways.STEP_SECONDS
            found = Fault("channel.too_slow", seconds=late)
        elif isinstance(error, UnicodeError):
            found = Fault("channel.names_unreadable")
        elif isinstance(error, EOFError | paramiko.SSHException | ConnectionError):
            found = Fault("channel.broken_off", cause=ways.cause(error))
        elif code == errno.ENOENT:
            found = Fault("channel.no_folder", folder=self.channel.out_folder or self.channel.in_folder)
        elif code == errno.EACCES:
            found = Fault("channel.permission")
        elif code is not None:
            found = Fault("channel.no_answer", cause=ways.cause(error))
        else:
            # What SFTP calls a failure: a full disk, a quota, a rename over another file.
            found = Fault("channel.broken_off" if broken else "channel.refused_there", cause=ways.cause(error))
        return found
