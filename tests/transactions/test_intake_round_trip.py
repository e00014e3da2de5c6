"""What the writer of bank files wrote, the reader of payment files reads: valid by the schema, and the same."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.common import money
from tests.files import iban
from tests.people import CUSTOMER_IBAN
from transactions.intake import open_file
from transactions.intake.pain001 import Pain001Reader
from transactions.intake.reading import Reading
from transactions.intake.rows import Problem, Row
from transactions.writers import pain001
from transactions.writers.characters import basic_latin

REFERENCES = st.text("abcXYZ0123456789/-?:().,'+", min_size=1, max_size=35)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)
NAMES = st.sampled_from(["Kervella & Fils", "Fournitures <Ouest>", "Ærø Håndværk", "株式会社", "O'Brien"]) | WORDS
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "TND", "CLF"])
# A birth is written whole or not at all: without its town or country the schema has no place for it.
BIRTHS = st.fixed_dictionaries(
    {},
    optional={
        side: st.fixed_dictionaries(
            {
                "born_on": st.dates(date(1900, 1, 1), date(2026, 1, 1)).map(date.isoformat) | st.just(""),
                "province": WORDS,
                "town": WORDS,
                "country": st.sampled_from(["FR", "BG", ""]),
            }
        )
        for side in ("creditor", "ultimate_debtor", "ultimate_creditor")
    },
)
CODES = st.sampled_from(["", "SALA", "SUPP", "Own word"])


@st.composite
def transfers(draw: st.DrawFn, currency: str) -> pain001.Transfer:
    amount = Decimal(draw(st.integers(1, 10**11))).scaleb(-money.exponent(currency))
    number = draw(st.integers(1, 40))
    return pain001.Transfer(
        instruction_id=draw(REFERENCES),
        end_to_end_id=draw(REFERENCES),
        amount=amount,
        currency=currency,
        creditor_name=draw(NAMES),
        creditor_number=draw(st.sampled_from([iban(number), "12345678", ""])),
        creditor_bic=draw(st.sampled_from(["", "COBADEFFXXX", "PSSTFRPP"])),
        address=draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "street": WORDS,
                    "town": WORDS,
                    "country": st.just("FR"),
                    "lines": st.lists(WORDS, max_size=2),
                },
            )
        ),
        uetr=draw(st.sampled_from(["", "235d1eb5-8dd7-4c1a-8ece-559df8c67da1"])),
        remittance=draw(WORDS),
        creditor_reference=draw(st.sampled_from(["", "RF18539007547034"])),
        purpose=draw(CODES),
        category_purpose=draw(CODES),
        service_level=draw(st.sampled_from(["", "SEPA", "URGP"])),
        local_instrument=draw(st.sampled_from(["", "INST"])),
        charge_bearer=draw(st.sampled_from(["", "SLEV", "SHAR"])),
        ultimate_debtor=draw(NAMES),
        ultimate_creditor=draw(NAMES),
        births=draw(BIRTHS),
    )  # fmt: skip


# A file for the bank is of one account, and so of one currency.
FILES = CURRENCIES.flatmap(lambda currency: st.lists(transfers(currency), min_size=1, max_size=6))
ORDER = pain001.Order(
    message_id="ROUND-1",
    created_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    execution_date=date(2026, 11, 25),
    debtor_name="Fournitures Industrielles Ouest",
    debtor_number=CUSTOMER_IBAN,
    debtor_bic="PSSTFRPPXXX",
    debtor_currency="EUR",
)


def written(transfer: pain001.Transfer) -> dict[str, str]:
    """The transfer by the reader's names, as the basic Latin set leaves it."""
    reference = transfer.creditor_reference
    texts = {
        "payment_info_id": "",
        "debtor_name": ORDER.debtor_name,
        "debtor_number": ORDER.debtor_number,
        "debtor_bic": ORDER.debtor_bic,
        "debtor_currency": ORDER.debtor_currency,
        "requested_execution_date": ORDER.execution_date.isoformat(),
        "instruction_id": transfer.instruction_id,
        "end_to_end_id": transfer.end_to_end_id,
        "uetr": transfer.uetr,
        "amount": money.plain(transfer.amount, transfer.currency),
        "currency": transfer.currency,
        "creditor_name": basic_latin(transfer.creditor_name, 70),
        "creditor_number": transfer.creditor_number,
        "creditor_bic": transfer.creditor_bic,
        "remittance": "" if reference else basic_latin(transfer.remittance, 140),
        "creditor_reference": reference,
        "purpose": transfer.purpose,
        "category_purpose": transfer.category_purpose,
        "service_level": transfer.service_level,
        "local_instrument": transfer.local_instrument,
        "charge_bearer": transfer.charge_bearer,
        "ultimate_debtor": basic_latin(transfer.ultimate_debtor, 70),
        "ultimate_creditor": basic_latin(transfer.ultimate_creditor, 70),
    }
    return {name: text for name, text in {**texts, **born(transfer)}.items() if text}


def born(transfer: pain001.Transfer) -> dict[str, str]:
    found: dict[str, str] = {}
    for side, said in transfer.births.items():
        province, town = (basic_latin(said[part], 35) for part in ("province", "town"))
        if said["born_on"] and said["country"] and town:
            found |= {
                f"{side}_birth_date": said["born_on"], f"{side}_birth_province": province,
                f"{side}_birth_town": town, f"{side}_birth_country": said["country"],
            }  # fmt: skip
    return found


def address(transfer: pain001.Transfer) -> dict[str, object]:
    given = transfer.address
    parts: dict[str, object] = {
        "street": basic_latin(given.get("street", ""), 70),
        "town": basic_latin(given.get("town", ""), 35),
        "country": given.get("country", ""),
        "lines": tuple(line for line in (basic_latin(line, 70) for line in given.get("lines", [])) if line),
    }
    return {name: part for name, part in parts.items() if part}


@settings(deadline=None)
@given(FILES)
def test_the_reader_gives_back_what_was_written(rows: list[pain001.Transfer]) -> None:
    content = pain001.write(ORDER, rows)
    reader = open_file.reader_of(io.BytesIO(content), mapping={})
    assert isinstance(reader, Pain001Reader)
    found = list(reader.items())
    assert reader.schema_errors == 0
    assert [item for item in found if isinstance(item, Problem)] == []
    read = [item for item in found if isinstance(item, Row)]
    expected = sorted(rows, key=lambda row: row.group)
    assert [row.problems for row in read] == [[]] * len(rows)
    assert [{**row.values, "payment_info_id": ""} for row in read] == [
        {**written(transfer), "payment_info_id": ""} for transfer in expected
    ]
    assert [row.address for row in read] == [address(transfer) for transfer in expected]


@settings(deadline=None)
@given(FILES)
def test_amounts_counts_and_sums_agree_with_what_the_file_declares(rows: list[pain001.Transfer]) -> None:
    said: list[Problem] = []
    reader = open_file.reader_of(io.BytesIO(pain001.write(ORDER, rows)), mapping={})
    reading = Reading(reader, entity_id=1, say=said.append)
    columns = list(reading.rows())
    assert (len(columns), reading.all.bad, said) == (len(rows), 0, [])
    assert reading.all.total == sum((row.amount for row in rows), Decimal(0))
    assert not reading.declared_mismatch
