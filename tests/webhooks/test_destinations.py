"""Nothing is sent to an address inside the house, whatever name it goes by, and nowhere but to what was looked at."""

import socket
import threading
import time
from typing import Any

import pytest

from backoffice.common import destinations
from backoffice.common.errors import BusinessError


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://user:word@example.com/", "https://user@example.com/",
        "https:///path", "https://", "example.com", "https://example.com/#part", "https://example.com:0/",
        "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\r\nHost: x", "https://[::1/",
        "https://" + "a" * 500 + ".com/", "javascript:alert(1)", "file:///etc/passwd", "https://exämple.com/",
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BusinessError) as refused:
        destinations.parse(url)
    assert refused.value.code == "webhook.address_bad"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.8.8.8", "localhost", "0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "[::1]", "[::]",
        "[fe80::1]", "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "2130706433", "0x7f.1", "127.1", "[fec0::1]", "[feff::1]", "192.0.0.8", "192.0.0.170",
        "192.88.99.1", "[3fff::1]", "[3fff:fff::1]", "[5f00::1]", "[::7f00:1]", "[2001:db8::1]", "[100::1]",
        "[::ffff:192.0.0.8]", "[::ffff:0:a00:1]",
    ],
)  # fmt: skip
def test_no_address_inside(host: str) -> None:
    with pytest.raises(BusinessError) as refused:
        destinations.resolve(destinations.parse(f"https://{host}/"))
    assert refused.value.code in {"webhook.address_inside", "webhook.address_unknown"}


@pytest.mark.parametrize("host", ["8.8.8.8", "192.0.1.1", "[2606:4700:4700::1111]", "[2a00:1450:4007:80e::200e]"])
def test_addresses_outside_pass(host: str) -> None:
    assert destinations.resolve(destinations.parse(f"https://{host}/")) == host.strip("[]")


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: found)


def test_a_name_of_which_one_address_is_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    target = destinations.parse("https://events.example.com/")
    answers(monkeypatch, "93.184.215.14")
    assert destinations.resolve(target) == "93.184.215.14"
    answers(monkeypatch, "93.184.215.14", "10.0.0.8")
    with pytest.raises(BusinessError, match="inside"):
        destinations.resolve(target)


def test_the_call_goes_to_the_number_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise the second time is not asked a second time."""
    asked: list[Any] = []
    answers(monkeypatch, "93.184.215.14")

    def connect(address: Any, **_more: Any) -> Any:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        destinations.Connection("https://events.example.com/x").post(b"{}", {})
    assert asked == [("93.184.215.14", 443)]


def test_loopback_only_by_its_setting(settings: Any) -> None:
    settings.WEBHOOKS_LOOPBACK = True
    assert destinations.resolve(destinations.parse("http://127.0.0.1:9/")) == "127.0.0.1"
    with pytest.raises(BusinessError, match="inside"):
        destinations.resolve(destinations.parse("http://10.0.0.1/"))


def test_an_answer_that_trickles_is_cut_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOKS_LOOPBACK = True
    monkeypatch.setattr(destinations, "SECONDS", 0.5)
    server = socket.create_server(("127.0.0.1", 0))

    def trickle() -> None:
        client, _address = server.accept()
        client.recv(65536)
        with client:
            for letter in "HTTP/1.1 200 OK\r\nX-Slow: " + "a" * 200:
                try:
                    client.sendall(letter.encode())
                except OSError:
                    return
                time.sleep(0.1)

    threading.Thread(target=trickle, daemon=True).start()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        destinations.Connection(f"http://127.0.0.1:{server.getsockname()[1]}/").post(b"{}", {})
    assert time.monotonic() - started < 2
    server.close()
