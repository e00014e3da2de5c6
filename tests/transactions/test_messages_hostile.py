"""Files that mean harm, as each message of the bank and as direct debits: refused in words, and nothing moves."""

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from django.utils import translation

from backoffice.common.errors import BusinessError
from documents.models import AuditRecord
from tests import people
from tests.files import camt029, camt056, pacs002, pacs004, pain002, pain008
from transactions import intake, messages
from transactions.intake.rows import FileRefused
from transactions.models import BankMessage, JournalEntry, MessageItem, Payment, PaymentBatch

pytestmark = pytest.mark.django_db

SAID = {"reference": "E-1", "status": "RJCT", "reason": "AC04", "amount": "10.00"}
DEBIT = {"amount": "10.00", "mandate": "M-1"}
KINDS: dict[str, Callable[[], bytes]] = {
    "pain002": lambda: pain002("OUR-1", payments=[SAID]),
    "pacs002": lambda: pacs002("OUR-1", [SAID]),
    "pacs004": lambda: pacs004("OUR-1", [SAID]),
    "pain008": lambda: pain008([DEBIT]),
    "camt029": lambda: camt029([{"instruction": "P1", "status": "ACCR"}]),
    "camt056": lambda: camt056([{"reference": "E-1", "amount": "10.00"}]),
}


def _prolog(content: bytes, doctype: bytes, used: bytes = b"") -> bytes:
    head, mark, rest = content.partition(b"?>")
    if not mark:
        head, rest = b"", content
    return head + mark + doctype + _first(rest, used)


def _first(content: bytes, used: bytes, before: bytes = b"") -> bytes:
    """In the message's own identification, which the messages about cases call Id."""
    name = b"<MsgId>" if b"<MsgId>" in content else b"<Id>"
    return content.replace(name, before + name + used, 1)


def _zip(content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("message.xml", content)
    return out.getvalue()


def _bomb(content: bytes) -> bytes:
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return _prolog(content, f'<!DOCTYPE d [<!ENTITY l0 "ha">{layers}]>'.encode(), b"&l11;")


HARM: dict[str, Callable[[bytes], bytes]] = {
    "a file of the machine": lambda content: _prolog(
        content, b'<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>', b"&f;"
    ),
    "something from the network": lambda content: _prolog(
        content, b'<!DOCTYPE d [<!ENTITY n SYSTEM "http://127.0.0.1:9/x">]>', b"&n;"
    ),
    "entities in entities": _bomb,
    "an archive": _zip,
    "its second half missing": lambda content: content[: len(content) // 2],
    "its end missing": lambda content: content[:-3],
    "another encoding than it says": lambda content: _first(content, b"\xff\xfe"),
    "a zero byte": lambda content: _first(content, b"\x00"),
    "a text without end": lambda content: _first(content, b"x" * 9_000_000),
    "nesting without end": lambda content: _first(content, b"", b"<a>" * 5_000),
    "nothing": lambda _content: b"",
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
@pytest.mark.parametrize("kind", KINDS)
def test_harm_is_refused_in_words_and_moves_nothing(kind: str, harm: Callable[[bytes], bytes]) -> None:
    stage = people.bank_branch()
    content = harm(KINDS[kind]())
    entries = JournalEntry.objects.count()
    try:
        if kind == "pain008":
            batch = intake.receive(
                content=content, file_name="x.xml", entity=stage.entity, actor=None, channel="file", source=stage.source
            )
            intake.read_batch(batch.pk)
            batch = PaymentBatch.objects.get(pk=batch.pk)
            assert batch.status == "refused"
            code, params = batch.refusal_code, batch.refusal_params
        else:
            message = messages.receive(content=content, file_name="x.xml", entity=stage.entity, actor=None)
            messages.read_message(message.pk)
            message = BankMessage.objects.get(pk=message.pk)
            assert message.status == "refused"
            code, params = message.refusal_code, message.refusal_params
            assert AuditRecord.objects.filter(action="message.refused", subject_id=message.pk).count() == 1
    except BusinessError as refusal:
        code, params = refusal.code, refusal.params
    told = []
    for language in ("en", "fr"):
        with translation.override(language):
            told.append(str(FileRefused(code, **params)))
    assert told[0] != told[1]
    assert "root:" not in told[0] + told[1]
    assert (Payment.objects.count(), MessageItem.objects.count()) == (0, 0)
    assert JournalEntry.objects.count() == entries
