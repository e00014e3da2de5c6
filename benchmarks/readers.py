"""Reading pain.001: from the bytes of a file to rows that were understood, against a bare expat reader.

Product: the whole reader as intake drives it, with schema validation, places of errors, counts, sums and declared
totals, down to the columns that would be copied; nothing is stored. Limit: expat's own events, the same leaves of each
payment as texts, nothing validated, nothing understood. Small: 20,000 payments; full: 100,000.

    python -m benchmarks.readers --size small|full
"""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from benchmarks import harness, intake

GOAL = 0.70
CREDITORS = 2_000
CHUNK = 65_536
NOWHERE: dict[str, Any] = {}
# Where each leaf stands below CdtTrfTxInf: Nm alone would not tell a creditor from an ultimate one.
PLACES = {
    "PmtId": {"InstrId": 0, "EndToEndId": 1, "UETR": 2},
    "PmtTpInf": {"SvcLvl": {"Cd": 3}, "LclInstrm": {"Cd": 4}, "CtgyPurp": {"Cd": 5}},
    "Amt": {"InstdAmt": 6},
    "ChrgBr": 7,
    "UltmtDbtr": {"Nm": 8},
    "CdtrAgt": {"FinInstnId": {"BIC": 9, "BICFI": 9}},
    "Cdtr": {"Nm": 10, "PstlAdr": {"StrtNm": 11, "BldgNb": 12, "PstCd": 13, "TwnNm": 14, "Ctry": 15, "AdrLine": 16}},
    "CdtrAcct": {"Id": {"IBAN": 17, "Othr": {"Id": 17}}},
    "UltmtCdtr": {"Nm": 18},
    "Purp": {"Cd": 19},
    "RmtInf": {"Ustrd": 20, "Strd": {"CdtrRefInf": {"Ref": 21}}},
}
LEAVES, CURRENCY = 23, 22


def bare(given: bytes) -> int:
    """How many payments; each as a list of its leaves, handed on one by one."""
    return sum(1 for _leaves in _bare_rows(given))


def _bare_rows(given: bytes) -> Iterator[list[str]]:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    places: Any = None
    above: list[Any] = []
    done: list[list[str]] = []
    values: list[str] = []
    text = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal places, values, text
        text = ""
        if name == "CdtTrfTxInf":
            places, values = PLACES, [""] * LEAVES
        elif places is not None:
            above.append(places)
            places = places.get(name, NOWHERE) if places.__class__ is dict else NOWHERE
            if attributes and places == 6:
                values[CURRENCY] = attributes.get("Ccy", "")

    def end(name: str) -> None:
        nonlocal places
        if places is not None:
            if name == "CdtTrfTxInf":
                done.append(values)
                places = None
            else:
                if places.__class__ is int:
                    values[places] = text
                places = above.pop()

    def characters(content: str) -> None:
        nonlocal text
        text += content

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    stream = io.BytesIO(given)
    while chunk := stream.read(CHUNK):
        parser.Parse(chunk, False)
        yield from done
        done.clear()
    parser.Parse(b"", True)
    yield from done


def product(given: bytes) -> tuple[int, Decimal]:
    from transactions.intake import open_file
    from transactions.intake.reading import Reading

    problems: list[Any] = []
    reading = Reading(open_file.reader_of(io.BytesIO(given), mapping={}), entity_id=1, say=problems.append)
    taken = sum(1 for _columns in reading.rows())
    if problems or taken != reading.all.count:
        raise RuntimeError(f"{taken} of {reading.all.count} payments were understood: {problems[:3]}")
    return taken, reading.all.total


def main() -> None:
    options = harness.options(__doc__ or "")
    count = options.pick(20_000, 100_000)
    harness.set_up()
    from schwifty import IBAN

    creditors = [
        (f"Lieferant {n} GmbH", str(IBAN.generate("DE", bank_code="37040044", account_code=f"{n:010d}")))
        for n in range(1, CREDITORS + 1)
    ]
    content = intake.content(count, creditors[0][1], creditors)
    expected = sum((intake.amount(n) for n in range(count)), Decimal(0))
    if product(content) != (count, expected) or bare(content) != count:
        raise RuntimeError("both sides must read every payment, and the product the right sum")
    sides = harness.Side("product", product, lambda: content), harness.Side("bare expat", bare, lambda: content)
    ratio = harness.compare(*sides, rounds=options.pick(9, 7))
    detail = {
        "payments": count,
        "megabytes": round(len(content) / 1e6, 1),
        "product_per_second": round(count / sides[0].median),
        "limit_per_second": round(count / sides[1].median),
    }
    harness.report("readers", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
