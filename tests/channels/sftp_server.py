"""A bank's SFTP server: a real one on the loopback, over a folder, that fails where a test says."""

import errno
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko

from transactions.channels.sftp import fingerprint

USER, PASSWORD = "odet", "correct horse battery staple"


class Cut(Exception):
    """Ends the connection, as a cable that is pulled."""


class _Door(paramiko.ServerInterface):
    def __init__(self, server: "Server") -> None:
        self.server = server

    def check_auth_password(self, username: str, password: str) -> int:
        self.server.tried.append(username)
        good = username == USER and password == self.server.password
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: Any) -> int:
        self.server.tried.append(username)
        good = username == USER and self.server.user_key is not None and key == self.server.user_key
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"


class _Handle(paramiko.SFTPHandle):
    def __init__(self, files: "_Files", path: Path, flags: int, stream: Any) -> None:
        super().__init__(flags)
        self.files, self.path = files, path
        self.readfile = self.writefile = stream

    def write(self, offset: int, data: bytes) -> int:
        code = self.files.step("write", self.path)
        if code is not None:
            return code
        self.files.server.written += len(data)
        return super().write(offset, data)

    def read(self, offset: int, length: int) -> Any:
        code = self.files.step("read", self.path)
        return super().read(offset, length) if code is None else code

    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, door: _Door, transport: Any, server: "Server") -> None:
        super().__init__(door)
        self.server, self.transport = server, transport

    def step(self, name: str, path: Path) -> int | None:
        """Note the step; None goes on, a code answers, :class:`Cut` ends the connection before it."""
        self.server.steps.append((name, path.name))
        try:
            return self.server.at(name, path)
        except Cut:
            self.transport.close()
            return paramiko.SFTP_FAILURE

    def after(self, name: str, path: Path) -> None:
        try:
            self.server.after(name, path)
        except Cut:
            self.transport.close()

    def _path(self, path: str) -> Path:
        return self.server.root / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        code = self.step("list", self._path(path))
        if code is not None:
            return code
        found = []
        for item in os.scandir(self._path(path)):
            attributes = paramiko.SFTPAttributes.from_stat(item.stat(follow_symlinks=False))
            attributes.filename = item.name
            found.append(attributes)
        return [*found, *self.server.extra_entries]

    def stat(self, path: str) -> Any:
        code = self.step("stat", self._path(path))
        if code is not None:
            return code
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        name = "open" if flags & (os.O_WRONLY | os.O_RDWR) else "open_read"
        code = self.step(name, self._path(path))
        if code is not None:
            return code
        try:
            handle = os.open(self._path(path), flags, 0o600)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        stream = os.fdopen(handle, "wb+" if flags & (os.O_WRONLY | os.O_RDWR) else "rb")
        return _Handle(self, self._path(path), flags, stream)

    def rename(self, oldpath: str, newpath: str) -> int:
        code = self.step("rename", self._path(newpath))
        if code is not None:
            return code
        if self._path(newpath).exists():
            return paramiko.SFTP_FAILURE
        self._path(oldpath).rename(self._path(newpath))
        self.server.placed.append(self._path(newpath).name)
        self.after("rename", self._path(newpath))
        return paramiko.SFTP_OK

    def remove(self, path: str) -> int:
        code = self.step("remove", self._path(path))
        if code is not None:
            return code
        try:
            self._path(path).unlink()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def mkdir(self, path: str, attr: Any) -> int:
        code = self.step("mkdir", self._path(path))
        if code is not None:
            return code
        self._path(path).mkdir()
        return paramiko.SFTP_OK


class Server:
    """``at`` is asked before each step and ``after`` after a rename; both may raise :class:`Cut`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("out", "in"):
            (root / name).mkdir(parents=True, exist_ok=True)
        self.key: Any = paramiko.ECDSAKey.generate()
        self.password, self.user_key = PASSWORD, None
        self.tried: list[str] = []
        self.steps: list[tuple[str, str]] = []
        self.placed: list[str] = []
        self.extra_entries: list[Any] = []
        self.written = 0
        self.at: Callable[[str, Path], int | None] = lambda _name, _path: None
        self.after: Callable[[str, Path], None] = lambda _name, _path: None
        self._transports: list[Any] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = True
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def pinned(self) -> str:
        return f"{self.key.get_name()} {fingerprint(self.key)}"

    def whole(self) -> None:
        """Fail no more."""
        self.at, self.after = lambda _name, _path: None, lambda _name, _path: None

    def files(self, folder: str = "out") -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.is_file())

    def stop(self) -> None:
        self._open = False
        self._listener.close()
        for transport in self._transports:
            transport.close()

    def _serve(self) -> None:
        while self._open:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[client], daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        transport = paramiko.Transport(client)
        self._transports.append(transport)
        transport.add_server_key(self.key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, transport, self)
        try:
            transport.start_server(server=_Door(self))
        except (paramiko.SSHException, EOFError, OSError):
            transport.close()


def full_disk(name: str, _path: Path) -> int | None:
    return paramiko.SFTPServer.convert_errno(errno.ENOSPC) if name == "write" else None


def forbidden(step: str) -> Callable[[str, Path], int | None]:
    return lambda name, _path: paramiko.SFTP_PERMISSION_DENIED if name == step else None


def cut_at(step: str, times: int = 1) -> Callable[[str, Path], int | None]:
    left = [times]

    def at(name: str, _path: Path) -> int | None:
        if name == step and left[0]:
            left[0] -= 1
            raise Cut
        return None

    return at


def slow(step: str, seconds: float) -> Callable[[str, Path], int | None]:
    def at(name: str, _path: Path) -> int | None:
        if name == step:
            time.sleep(seconds)
        return None

    return at
