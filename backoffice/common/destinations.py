"""Where the house may call: to the outside alone, by https, to the very address that was looked at.

What is inside the house is called only where the administrator of the installation lists its network (``inside``).
Codes of refusals begin with the name of the room that asks: ``webhook.address_bad``.

A name is resolved at each connection and every address that it stands for must be public; the connection goes to one of
those by number, so that a second answer of the name server changes nothing. Redirects are not followed: who wants to
(``location``) opens a connection of its own to where one leads, which is looked at alike.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from backoffice.common.errors import BusinessError

LONGEST_ANSWER, KEPT = 65_536, 1_000
LONGEST_ADDRESS = 500
CONNECT_SECONDS, SECONDS = 5, 10
# Prefixes under which an inside address of IPv4 hides in an outside one of IPv6.
_WRAPPING = ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
# Of no host in the outside: of protocols (RFC 6890), the former relays of 6to4, documentation (RFC 9637).
_SPECIAL = ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
_NOT_OUTSIDE = tuple(ipaddress.ip_network(net) for net in (*_WRAPPING, *_SPECIAL))
# What is given to hosts of IPv6; the rest is local, was so once (fec0::/10), or may become anything.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")


@dataclass(frozen=True)
class Target:
    """``secure`` is https. ``path`` has the query."""

    host: str
    port: int
    path: str
    secure: bool


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


def parse(url: str, *, room: str = "webhook", plain: bool = False, longest: int = LONGEST_ADDRESS) -> Target:
    """The parts of an address, or refuse it: another scheme, a user name, a fragment, nothing that is a host.

    ``plain`` lets http pass, too; :func:`resolve` then sees to it that it stays on this machine.
    """
    refused = BusinessError(f"{room}.address_bad", url=url[:200])
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    except (ValueError, UnicodeError):
        raise refused from None
    plain = parts.scheme == "http" and (plain or settings.DEBUG or settings.WEBHOOKS_LOOPBACK)
    well_formed = url.isascii() and url.isprintable() and " " not in url and len(url) <= longest
    if not host or not (parts.scheme == "https" or plain) or parts.username is not None or parts.fragment:
        raise refused
    if not well_formed or port == 0:
        raise refused
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or (443 if parts.scheme == "https" else 80), path, parts.scheme == "https")


def resolve(target: Target, *, room: str = "webhook", inside: Networks = ()) -> str:
    """One address of the host. Refuses a host of which any address is inside the house and in no network listed."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BusinessError(f"{room}.address_unknown", host=target.host) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_outside(one) or _listed(one, inside) for one in addresses):
        raise BusinessError(f"{room}.address_inside", host=target.host)
    if inside and not target.secure and not all(_bare(one).is_loopback for one in addresses):
        raise BusinessError(f"{room}.address_bad", url=target.host)
    return addresses[0]


def _bare(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _listed(text: str, inside: Networks) -> bool:
    address = _bare(text)
    return any(address.version == network.version and address in network for network in inside)


def _outside(text: str) -> bool:
    address = _bare(text)
    if settings.WEBHOOKS_LOOPBACK and address.is_loopback:
        return True
    if any(address.version == net.version and address in net for net in _NOT_OUTSIDE):
        return False
    if address.version == _GIVEN_OUT.version and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Connection:
    """A connection to one endpoint, kept for as long as it answers and a run of deliveries lasts.

    ``seconds`` is how long a call may take, connecting included; 0: the usual. ``location`` is where the last answer
    points to; empty when it does not.
    """

    def __init__(
        self, url: str, *, room: str = "webhook", inside: Networks = (), plain: bool = False, seconds: float = 0,
        longest: int = LONGEST_ADDRESS,
    ) -> None:  # fmt: skip
        self.target = parse(url, room=room, plain=plain, longest=longest)
        self.address = self.location = ""
        self.room, self.inside, self.seconds = room, inside, seconds
        self._open: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Send and read the answer. OSError and HTTPException when there is none; TimeoutError when it is too slow."""
        status, raw = self.ask("POST", self.target.path, body, headers, LONGEST_ANSWER)
        return Answer(status, _readable(raw))

    def ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], largest: int
    ) -> tuple[int, bytes]:
        """One call and the first ``largest`` bytes of its answer. Fails as :meth:`post` does."""
        seconds = self.seconds or SECONDS
        started = time.monotonic()
        # Ended by the other side: http.client would open it again by itself, to whatever the name stands for by then.
        if self._open is not None and self._open.sock is None:
            self.close()
        connection = self._open or self._connect()
        ended = threading.Event()
        guard = threading.Timer(max(0.1, seconds - (time.monotonic() - started)), _cut, [connection, ended])
        guard.start()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            self.location = response.getheader("Location") or ""
            raw = response.read(largest)
            if not response.isclosed():
                self.close()
            return response.status, raw
        except (OSError, http.client.HTTPException):
            self.close()
            if ended.is_set() or time.monotonic() - started >= seconds:
                raise TimeoutError from None
            raise
        finally:
            guard.cancel()

    def _connect(self) -> http.client.HTTPConnection:
        self.address = resolve(self.target, room=self.room, inside=self.inside)
        seconds = self.seconds or SECONDS
        made = http.client.HTTPConnection(self.target.host, self.target.port, timeout=seconds)
        connect = min(CONNECT_SECONDS, seconds)
        plain = socket.create_connection((self.address, self.target.port), timeout=connect)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(seconds)
            made.sock = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=self.target.host)
                if self.target.secure
                else plain
            )
        except OSError:
            plain.close()
            raise
        self._open = made
        return made


def _cut(connection: http.client.HTTPConnection, ended: threading.Event) -> None:
    """End a call that trickles: each byte came in time, the whole did not."""
    ended.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _readable(raw: bytes) -> str:
    text = raw[:KEPT].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)
