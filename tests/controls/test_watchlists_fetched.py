"""Lists that the clock loads from a publisher's address: followed, looked at, refused in words."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from backoffice.common.errors import BusinessError
from controls import changes
from controls.screening import asking, fetching, watchlists
from documents.models import AuditRecord
from tests.controls import listed

pytestmark = pytest.mark.django_db


class _Publisher(BaseHTTPRequestHandler):
    # As OFAC does: to another path, then to a store with a signature in the address.
    MOVED = {
        "/sdn.csv": (301, "/latest/sdn.csv"), "/latest/sdn.csv": (302, f"/store/f00?signature={'s' * 900}#top"),
        "/round": (302, "/round"), "/inside": (302, "https://10.0.0.1/list.csv"), "/files": (302, "file:///etc/passwd"),
        "/broken": (302, "https://[store/list.csv"),
    }  # fmt: skip

    def do_GET(self) -> None:
        found = self.path == "/list.csv" or self.path.startswith("/store/")
        body = listed.SIMPLE.encode() if found else b"gone"
        self.send_response(self.MOVED.get(self.path, (200 if found else 404, ""))[0])
        if self.path in self.MOVED:
            self.send_header("Location", self.MOVED[self.path][1])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def publisher() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Publisher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_list_is_loaded_from_its_address_by_the_clock(publisher: str, settings: Any) -> None:
    _stage, (one, _other) = listed.supervisors()
    with pytest.raises(BusinessError) as refused:
        listed.a_list(one, code="PLAIN", url=f"{publisher}/list.csv")
    assert refused.value.code == "watchlist.address_bad"
    inside = listed.a_list(one, code="INSIDE", url="https://127.0.0.1/list.csv")
    with pytest.raises(BusinessError) as refused:
        watchlists.fetch(list_id=inside.pk)
    assert refused.value.code == "watchlist.address_inside"
    settings.WEBHOOKS_LOOPBACK = True
    of = listed.a_list(one, code="GOOD", url=f"{publisher}/list.csv")
    gone = listed.a_list(one, code="GONE", url=f"{publisher}/gone.csv")
    assert fetching.fetch(gone.pk) is None
    told = AuditRecord.objects.get(action="watchlist.not_fetched")
    assert (told.subject_id, told.details["code"]) == (gone.pk, "watchlist.answered")
    made = fetching.fetch(of.pk)
    assert made is not None
    assert (made.origin, made.loaded_by, made.status, made.entry_count) == ("url", None, "current", 3)
    again = fetching.fetch(of.pk)
    assert again is not None
    assert again.pk == made.pk


def test_where_the_address_points_to_is_followed_and_looked_at(publisher: str, settings: Any) -> None:
    _stage, (one, _other) = listed.supervisors()
    settings.WEBHOOKS_LOOPBACK = True
    made = watchlists.fetch(list_id=listed.a_list(one, code="SDN", url=f"{publisher}/sdn.csv").pk)
    assert (made.file_name, made.entry_count, made.status) == ("sdn.csv", 3, "current")
    for path, code in (
        ("round", "watchlist.answered"), ("inside", "watchlist.address_inside"), ("files", "watchlist.address_bad"),
        ("broken", "watchlist.address_bad"),
    ):  # fmt: skip
        of = listed.a_list(one, code=path, url=f"{publisher}/{path}")
        with pytest.raises(BusinessError) as refused:
            watchlists.fetch(list_id=of.pk)
        assert refused.value.code == code


def test_a_version_from_the_address_waits_with_its_request_or_is_not_there(publisher: str, settings: Any) -> None:
    _stage, (one, other) = listed.supervisors()
    settings.WEBHOOKS_LOOPBACK = True
    of = listed.loaded(one, listed.MORE, url=f"{publisher}/list.csv").watch_list
    settings_asked = asking.settings(actor=one, list_id=of.pk, values={"threshold": 90}, reason="Too many hits")
    assert settings_asked is not None
    with pytest.raises(BusinessError) as refused:
        asking.fetch(actor=one, list_id=of.pk)
    assert refused.value.code == "change.waiting"
    assert [version.status for version in of.versions.all()] == ["current"]
    changes.refuse(actor=other, request_id=settings_asked.pk, reason="No")
    made, asked = asking.fetch(actor=one, list_id=of.pk)
    assert asked is not None
    assert (made.status, made.origin, asked.change["version"]) == ("waiting", "url", made.pk)
