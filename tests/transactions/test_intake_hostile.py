"""Files that nobody honest sends: refused or read with what is wrong said, quickly, and nothing fails."""

import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable

import pytest

from documents.models import Attachment
from tests import people
from tests.files import pain001
from transactions import intake
from transactions.intake import open_file
from transactions.models import IntakeProblem, PaymentBatch
from transactions.tasks import read_batch

pytestmark = pytest.mark.django_db
HEAD = "Name;IBAN;Amount;Currency;Date;Reference\n"
LINE = "Kervella;DE89370400440532013000;150,00;EUR;2027-01-04;"
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def xml(inside: bytes) -> bytes:
    return pain001(2).replace(b"<GrpHdr>", inside + b"<GrpHdr>", 1)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.xml", b"\0" * 50_000_000)
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "nul in an amount": lambda: f"{HEAD}{LINE.replace('150,00', '15' + chr(0) + '0,00')}A\n".encode("utf-16"),
    "nul in a name": lambda: f"{HEAD}{LINE.replace('Kervella', 'Ker' + chr(0) + 'vella')}A\n".encode("utf-16"),
    "nul in a title": lambda: f"{HEAD.replace('Reference', 'Ref' + chr(0))}{LINE}A\n".encode("utf-16"),
    "half a character": lambda: b"\xff\xfe" + f"{HEAD}{LINE}".encode("utf-16-le") + b"\x00\xd8A\x00\n\x00",
    "entities in entities": f'<!DOCTYPE a [<!ENTITY a0 "x">{ENTITIES}]><a>&a9;</a>'.encode,
    "an entity from a file": lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>',
    "a type from elsewhere": lambda: b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">' + pain001(1).split(b"?>", 1)[1],
    "deep nesting": lambda: xml(b"<a>" * 100_000),
    "a huge attribute": lambda: xml(b'<a b="' + b"c" * 12_000_000 + b'"/>'),
    "many attributes": lambda: xml(b"<a " + b" ".join(b'b%d="c"' % n for n in range(100_000)) + b"/>"),
    "many namespaces": lambda: xml(b"<a " + b" ".join(b'xmlns:b%d="c%d"' % (n, n) for n in range(20_000)) + b"/>"),
    "many strange elements": lambda: xml(b"<a/>" * 300_000),
    "a huge text": lambda: xml(b"<a>" + b"c" * 12_000_000 + b"</a>"),
    "zip": zipped,
    "gzip": lambda: gzip.compress(b"\0" * 50_000_000),
    "many columns": lambda: (";".join(f"c{n}" for n in range(20_000)) + "\n").encode() + b";" * 20_000,
    "the same title many times": (HEAD.strip() + ";Amount" * 15_000 + f"\n{LINE}A\n").encode,
    "a quote without end": lambda: f'{HEAD}"'.encode() + (LINE + "\n").encode() * 150_000,
    "lines of nothing": lambda: HEAD.encode() + b";;;;;\n" * 500_000,
    "an amount of digits": f"{HEAD}{LINE.replace('150,00', '9' * 100_000)}A\n".encode,
    "spaces": f"{HEAD}{LINE.replace('Kervella', 'a' + ' ' * 100_000 + 'b')}A\n".encode,
    "marks that reorder": f"{HEAD}{LINE.replace('Kervella', chr(0x202E) + 'allevreK')}A\n".encode,
}


@pytest.mark.parametrize("kind", FILES)
def test_a_hostile_file_is_answered(kind: str) -> None:
    stage, content = people.bank_branch(), FILES[kind]()
    begun = time.perf_counter()
    made = intake.receive(
        content=content, file_name=f"{kind}.txt", entity=stage.entity, actor=None, channel="file", source=stage.source
    )
    read_batch(made.pk)
    took = time.perf_counter() - begun
    batch = PaymentBatch.objects.get(pk=made.pk)
    assert batch.status in {"refused", "checking", "ready"}
    assert IntakeProblem.objects.filter(batch=batch).exists()
    assert took < 20, f"{took:.1f} s"


def test_payments_as_data_come_by_their_own_door_alone() -> None:
    """The kind that the API keeps is read whole into memory: a file that claims to be it is read as any other."""
    stage = people.bank_branch()
    content = json.dumps({"payments": [{"creditor_name": "x", "amount": "1.00"}]}).encode()
    made = intake.receive(
        content=content, file_name="a.json", entity=stage.entity, actor=None, channel="file",
        content_type=open_file.JSON_TYPE,
    )  # fmt: skip
    read_batch(made.pk)
    batch = PaymentBatch.objects.get(pk=made.pk)
    assert (batch.status, batch.refusal_code) == ("refused", "csv.no_header")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.xml", "a.xml"),
        ("a\x00\r\nSet-Cookie: x.xml", "aSet-Cookie: x.xml"),
        ("\u202elmx.a", "lmx.a"),
        ("..", "file"),
        ("n" * 500 + ".xml", "n" * 196 + ".xml"),
    ],
)
def test_a_file_name_is_a_name(name: str, kept: str) -> None:
    stage = people.bank_branch()
    intake.receive(content=pain001(1), file_name=name, entity=stage.entity, actor=None, channel="file")
    assert Attachment.objects.get().name == kept
