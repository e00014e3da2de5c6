"""The French catalogue: in step with the code, whole, with the same places, and in French typography."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog, Message

from backoffice import catalogue

PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w+)\}")
# Before these signs French has a space that never breaks; after an opening guillemet too.
LOOSE = re.compile(r"(?<=\S) [:;!?»]|« ")


@pytest.fixture(scope="module")
def french() -> Catalog:
    return catalogue.read("fr")


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, (list, tuple)) else [str(value)]


def test_the_catalogue_is_in_step_with_the_code() -> None:
    in_step = catalogue.path("fr").read_bytes() == catalogue.merged("fr")
    assert in_step, "run make messages"  # two files side by side would say less


def test_every_message_is_translated() -> None:
    assert catalogue.untranslated("fr") == []


def test_translations_keep_the_places_of_values(french: Catalog) -> None:
    wrong = []
    for message in messages(french):
        asked = {frozenset(PLACE.findall(text)) for text in texts(message.id)}
        for text in texts(message.string):
            # A plural form may leave the number out ("one payment"); nothing may name what is not given.
            if text and frozenset(PLACE.findall(text)) not in asked:
                wrong.append((message.id, text))
    assert wrong == []


def test_translations_use_french_typography(french: Catalog) -> None:
    wrong = [
        (text, found.group())
        for message in messages(french)
        for text in texts(message.string)
        if (found := LOOSE.search(text))
    ]
    assert wrong == [], "use U+202F before ; ! ? and U+00A0 before : and inside guillemets"


def test_translations_use_the_typographic_apostrophe(french: Catalog) -> None:
    straight = [text for message in messages(french) for text in texts(message.string) if re.search(r"\w'\w", text)]
    assert straight == []


@pytest.mark.parametrize("name", ["python", "template"])
def test_messages_are_found_in_code_and_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The gatherer itself: contexts, plurals, trimmed blocks, deep indentation."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "controls").mkdir()
    if name == "python":
        source = 'x = [\n  _("A"),\n  ngettext("%(n)s row", "%(n)s rows", 2),\n  pgettext("bank", "Statement")]\n'
        (tmp_path / "controls" / "a.py").write_text(source)
    else:
        source = (
            '<p>\n      {% translate "A" %} it\'s ( not code\n'
            "   {% blocktranslate count n=2 trimmed %}\n   {{ n }} row\n"
            " {% plural %} {{ n }} rows {% endblocktranslate %}"
            '\n\t{% translate "Statement" context "bank" %}{{ x|default:_("B") }}</p>'
        )
        (tmp_path / "templates" / "a.html").write_text(source)
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    found = {(message.id, message.context) for message in catalogue.gather() if message.id}
    assert {("A", None), (("%(n)s row", "%(n)s rows"), None), ("Statement", "bank")} <= found
    assert (("B", None) in found) == (name == "template")


def test_a_stale_catalogue_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    po = catalogue.path("fr")
    po.parent.mkdir(parents=True)
    po.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "A"\nmsgstr "É"\n')
    assert catalogue.compile_stale() == ["fr"]
    assert "É".encode() in po.with_suffix(".mo").read_bytes()
    assert catalogue.compile_stale() == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_two_states_of_an_object_bear_one_name(language: str) -> None:
    from django.utils import translation

    from transactions.models import Account, OutgoingFile, PaymentBatch, PaymentState

    with translation.override(language):
        for choices in (PaymentState.Status, PaymentBatch.Status, OutgoingFile.Status, Account.Status, Account.Kind):
            words = [str(label) for label in choices.labels]
            assert len(set(words)) == len(words), words
