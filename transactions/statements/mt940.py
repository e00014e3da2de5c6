"""MT940 and MT942: tags at the beginning of lines, with or without SWIFT's envelope, in one pass.

What begins a line with a colon and is no tag of these messages goes on with the field before it. Reversals: RC takes
back a credit, RD a debit. A third letter of the currency behind the mark is no part of it.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from transactions.intake.rows import FileRefused
from transactions.statements import mt940_dialects, text
from transactions.statements import values as written
from transactions.statements.read import (
    AVAILABLE,
    BLOCK,
    BOOKED,
    CLOSING,
    FORWARD,
    OPENING,
    PENDING,
    Declared,
    ReadBalance,
    ReadDetail,
    ReadLine,
    ReadStatement,
    Say,
)  # fmt: skip
from transactions.statements.speech import Speech

LONGEST_FIELD = 100_000
TAGS = frozenset((
    "20", "21", "25", "25P", "28", "28C", "60F", "60M", "61", "86", "62F", "62M", "64", "65", "34F", "13", "13D", "90D",
    "90C", "NS", "940", "942",
))  # fmt: skip
BALANCES = {"60F": OPENING, "60M": OPENING, "62F": CLOSING, "62M": CLOSING, "64": AVAILABLE, "65": FORWARD}
_ENTRY = re.compile(
    r"([0-9]{6})([0-9]{4}|[ ]{1,4})?(R[CD]|E[CD]|[CD])[A-Z]?[ ]?([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)"
    r"[ ]*(?:([A-Z][A-Z0-9][A-Z0-9 ]{2}|[A-Z][A-Z0-9]{1,3}(?=\n|\Z)))?(.*)"
)
# An entry as most German banks write it, with what is said about it, in one line.
_USUAL = re.compile(
    r"([0-9]{6})([0-9]{4})?(R?[CD])[A-Z]?([0-9]{1,13},[0-9]{0,5})([A-Z][A-Z0-9]{3})([^/: ]{0,35})"
    r"(?://([^: ]{0,35}))?:86:" + mt940_dialects.USUAL
)
_BALANCE = re.compile(r"([CD])([0-9]{6}|null)?[ ]?([A-Z]{3})[ ]?(-?[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_TOTAL = re.compile(r"([0-9]{0,5})[ ]?([A-Z]{3})([0-9]+(?:[.,][0-9]*)?)")
_MOMENT = re.compile(r"([0-9]{6})([0-9]{2})([0-9]{2})(?:([+-])([0-9]{2})([0-9]{2}))?")
_SENDER = re.compile(r"\{1:[A-Z][0-9]{2}([A-Z]{6}[A-Z0-9]{2})|\{2:O9[0-9]{13}([A-Z]{6}[A-Z0-9]{2})")
_IBAN = re.compile(r"([A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}?)(?:[ ]?[A-Z]{3})?\Z")
_ACCOUNT = re.compile(r"(.*[0-9])[ ]?([A-Z]{3})\Z")
# The end of a message: a line with nothing but a dash, closed or not.
_END = re.compile(r"\n-(?:\}|\x03|XXX|[ \t]*(?:\n|\Z)).*", re.DOTALL)
_WIDE = re.compile(r"(\S+) {2,}(.*)")
_COUNTS = re.compile(r"D([0-9]{6})C([0-9]{6})D([0-9]+,[0-9]{2})C([0-9]+,[0-9]{2})\Z")
_MONEY = re.compile(r"/(OCMT|CHGS|EXCH)/(?:([A-Z]{3}))?([0-9]+(?:[.,][0-9]*)?)")
_REASON = re.compile(r"\b(?:AC|AG|AM|BE|MD|MS|RC|RR|SL|FF|CN|TM|DT)[0-9]{2}\b")


class Mt940Reader:
    """Reads one file once."""

    kind = "mt940"

    def __init__(self, stream: IO[bytes], say: Say) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.facts: dict[str, Any] = {"format": "MT940"}
        self.number = self.at = self.line = 0
        self.tag = self.value = self.bic = ""
        self.begun = False
        self.lines: list[ReadLine] = []
        self.done: list[ReadStatement] = []
        self._fresh()

    def statements(self) -> Iterator[ReadStatement]:
        encoding = text.encoding_of(self.stream)
        if encoding == "cp1252":
            self.speech.warn("statement.encoding_guessed", encoding="windows-1252")
        left, self.at = "\n", 0
        for stretch in text.stretches(self.stream, encoding):
            # Cut at entries: most are nothing but :61: and :86:, and are read at once.
            pieces = (left + stretch.replace("{4::", "{4:\n:")).split("\n:61:")
            left = pieces.pop()
            self._pieces(pieces)
            if len(self.lines) >= BLOCK:
                self._piece(continues=True)
            if len(left) > LONGEST_FIELD or len(self.value) > LONGEST_FIELD:
                raise FileRefused.at("statement.field_too_long", line=self.at, longest=LONGEST_FIELD)
            if self.done:
                yield from self._those_done()
        self._pieces([left])
        if self.tag:
            self._field(self.tag, self.value, self.line)
        if self.open:
            self._close()
        yield from self._those_done()
        if not self.number:
            self.speech.error("statement.no_statement")
        if self.all_interim and self.number:
            self.facts["format"] = "MT942"

    def _pieces(self, pieces: list[str]) -> None:
        """``self.at`` is the line of the file on which the next of them begins."""
        entry, usual = self._entry, self._usual
        for piece in pieces:
            if self.begun:
                cut = piece.find("\n")
                if piece.startswith("\n:86:", cut) and piece.find("\n:", cut + 1) < 0 and "\n-" not in piece:
                    if self.tag:
                        self._field(self.tag, self.value, self.line)
                        self.tag = self.value = ""
                        self._entry_ends()
                    if self.open and not self.ended:
                        self.place += 1
                        about = piece[cut + 5 :]
                        read = usual(piece, about) or entry(piece[:cut], about, self.at)
                        if read is None:
                            self.broken += 1
                        else:
                            self.lines.append(read)
                        self.at += piece.count("\n") + 1
                        continue
            whole = f"61:{piece}" if self.begun else piece
            self.begun = True
            for part in whole.split("\n:"):
                name, colon, rest = part.partition(":")
                if colon and name in TAGS:
                    if self.tag:
                        self._field(self.tag, self.value, self.line)
                    self.tag, self.value, self.line = name, rest, self.at
                elif self.tag:
                    self.value = f"{self.value}\n:{part}"
                else:
                    self._before(part)
                self.at += part.count("\n") + 1

    def _those_done(self) -> list[ReadStatement]:
        done, self.done = self.done, []
        return done

    def _before(self, piece: str) -> None:
        """What stands before the first tag: an envelope that names the bank, or nothing of use."""
        found = _SENDER.search(piece)
        if found:
            self.bic = found.group(1) or found.group(2)

    # Statements

    all_interim = True

    def _fresh(self) -> None:
        self.open = self.interim = self.ended = False
        self.identification = self.account = self.sequence = self.page = self.currency = self.information = ""
        self.created: datetime | None = None
        self.balances: list[ReadBalance] = []
        self.last_page = True
        self.place = self.broken = self.begins = 0
        self.entry: tuple[str, int] | None = None
        self.about: list[str] = []
        self.told: dict[str, tuple[int, Decimal]] = {}
        self.own_bic = ""

    def _begin(self, line: int) -> None:
        self.number += 1
        self.open, self.begins = True, line

    def _close(self) -> None:
        self._entry_ends()
        self._piece(continues=False)
        self.all_interim = self.all_interim and self.interim
        self._fresh()

    def _piece(self, *, continues: bool) -> None:
        opening = next((one for one in self.balances if one.kind == OPENING), None)
        closing = next((one for one in reversed(self.balances) if one.kind == CLOSING), None)
        credit, debit = self.told.get("C"), self.told.get("D")
        declared = Declared() if continues or not (credit or debit) else Declared(
            None, credit[0] if credit else None, debit[0] if debit else None, credit[1] if credit else None,
            debit[1] if debit else None,
        )  # fmt: skip
        self.done.append(ReadStatement(
            "mt942" if self.interim else "mt940", self.account, self.currency, self.identification, self.sequence,
            self.page, self.last_page, self.own_bic or self.bic, "", self.created,
            opening.on if opening else None, closing.on if closing else None,
            tuple(self.balances), tuple(self.lines), self.number, self.begins, continues, self.broken, declared,
            self.information.strip()[:2_000],
        ))  # fmt: skip
        self.lines, self.broken = [], 0

    # Fields

    def _field(self, tag: str, value: str, line: int) -> None:
        ended = ""
        if "\n-" in value:
            cut = _END.search(value)
            if cut:
                value, ended = value[: cut.start()], cut.group()
        if tag == "61":
            self._entry_ends()
            if not self.open:
                self._begin(line)
            if self.ended:
                self.speech.warn(
                    "statement.entry_after_end", statement=self.number, line=line, value=value.partition("\n")[0][:60]
                )
            self.entry = (value, line)
            self.about = []
        elif tag == "86":
            self._about(value)
        elif tag in {"940", "942"}:
            pass
        else:
            self._other(tag, value, line)
        if ended:
            self.ended = True
            found = _SENDER.search(ended)
            if found:
                self._entry_ends()
                self.own_bic, self.bic = self.own_bic or self.bic, found.group(1) or found.group(2)

    def _about(self, value: str) -> None:
        if self.entry is not None:
            self.about.append(value.strip("\n"))
            return
        counts = _COUNTS.match(value.strip())
        if counts:
            debits, credits_, debit, credit = counts.groups()
            self.told["D"] = (int(debits), written.amount(debit) or written.ZERO)
            self.told["C"] = (int(credits_), written.amount(credit) or written.ZERO)
        self.information = f"{self.information}\n{value}".strip()

    def _other(self, tag: str, value: str, line: int) -> None:
        first = value.partition("\n")[0].strip()
        if tag == "20":
            if self.open:
                self._close()
            self._begin(line)
            self.identification = first[:35]
            return
        if tag == "NS":
            if self.entry is not None:
                self.about.append(value)
            return
        if not self.open:
            self._begin(line)
        if tag in BALANCES:
            self._entry_ends()
            self._balance(tag, first, line)
        elif tag in {"25", "25P"}:
            if not self.account:
                self.account, self.own_bic = _account(first), _bic(value) if tag == "25P" else self.own_bic
        elif tag in {"28", "28C"}:
            sequence, _slash, page = first.partition("/")
            self.sequence, self.page = sequence.strip()[:35], page.strip()[:10]
        elif tag == "34F":
            self.interim = self.interim or not self.balances
            self.currency = self.currency or first[:3]
        elif tag in {"13", "13D"}:
            self.created = _moment(first)
        elif tag in {"90D", "90C"}:
            self._entry_ends()
            self._total(tag[2], first, line)

    def _total(self, side: str, value: str, line: int) -> None:
        found = _TOTAL.match(value)
        total = written.amount(found.group(3)) if found else None
        if found is None or total is None:
            self.speech.warn("statement.total_bad", statement=self.number, line=line, field=f"90{side}", value=value)
            return
        self.told[side] = (int(found.group(1) or 0), total)

    def _balance(self, tag: str, value: str, line: int) -> None:
        found = _BALANCE.match(value)
        amount = written.amount(found.group(4).lstrip("-")) if found else None
        where = {"statement": self.number, "line": line, "field": tag, "value": value[:60]}
        if found is None or amount is None:
            self.speech.error("statement.balance_bad", **where)
            return
        if found.end() < len(value):
            self.speech.warn("statement.more_behind", rest=value[found.end() :][:40], **where)
        side, day, currency, text_ = found.groups()
        on = written.short_day(day or "")
        if on is None and day != "null":
            on = written.end_of_month(day or "")
            self.speech.warn("statement.date_bad", **{**where, "value": day or "–"})
        negative = (side == "D") != text_.startswith("-")
        self.balances.append(ReadBalance(BALANCES[tag], -amount if negative else amount, currency, on, tag))
        if tag in {"60F", "60M"} or not self.currency:
            self.currency = currency
        if tag in {"62F", "62M"}:
            self.last_page = tag == "62F"

    # Entries

    def _entry_ends(self) -> None:
        """The entry with all that was said about it."""
        if self.entry is None:
            return
        (value, line), about = self.entry, self.about
        self.entry, self.about = None, []
        self._read(value, "\n".join(about) if len(about) > 1 else about[0] if about else "", line)

    def _read(self, value: str, about: str, line: int) -> None:
        self.place += 1
        read = self._entry(value, about, line)
        if read is None:
            self.broken += 1
            return
        self.lines.append(read)
        if len(self.lines) >= BLOCK:
            self._piece(continues=True)

    def _usual(self, piece: str, about: str) -> ReadLine | None:
        """What :meth:`_entry` reads of an entry in the usual form, in one match; None where it must be asked."""
        found = _USUAL.match(piece.replace("\n", ""))
        if found is None:
            return None
        day, short, mark, digits, kind, reference, bank_reference, *fields = found.groups("")
        value_on, booking_on = written.both_days(day, short)
        said = mt940_dialects.usual_fields(*fields)
        if booking_on is None or said is None or mt940_dialects.is_return(said[0]):
            return None
        if reference in _NO_REFERENCE:
            reference = ""
        if bank_reference in _NO_REFERENCE:
            bank_reference = ""
        amount, credit, currency = Decimal(digits.replace(",", ".")), mark in _CREDIT, self.currency
        _kind, end_to_end, customer, mandate, creditor, remittance, bic, number, name = said
        detail = ReadDetail(
            amount, currency, credit, end_to_end, customer or reference, "", mandate, "", "", bank_reference, name,
            number, bic, "", remittance, "", None, "", None, None, "", "", creditor,
        )  # fmt: skip
        return ReadLine(
            self.place, amount, currency, credit, booking_on, value_on, BOOKED, mark[0] == "R", kind, bank_reference,
            reference, None, about, (detail,), self.at,
        )  # fmt: skip

    def _entry(self, value: str, about: str, line: int) -> ReadLine | None:
        found = _ENTRY.match(value)
        if found is None:
            self._odd("statement.entry_bad", line, value.partition("\n")[0], error=True)
            return None
        day, short, mark, digits, kind, rest = found.groups()
        point = digits.find(",")
        # What has few digits cannot be too large to keep.
        quick = 0 < point <= 13 and len(digits) - point <= 6
        amount = Decimal(digits.replace(",", ".")) if quick else written.amount(digits)
        if amount is None:
            self._odd("statement.amount_bad", line, digits, error=True)
            return None
        value_on, booking_on = written.both_days(day, short)
        if booking_on is None:
            value_on, booking_on = self._strange_days(day, short, line)
        more = value.partition("\n")[2] if "\n" in value else ""
        reference, slashes, bank_reference = rest.partition("//")
        reference = reference.strip()
        if "  " in reference and not slashes:
            wide = _WIDE.match(reference)
            if wide:
                reference, more = wide.group(1), f"{wide.group(2).strip()}\n{more}".strip()
        if reference in _NO_REFERENCE:
            reference = ""
        bank_reference = bank_reference.strip()[:35]
        if bank_reference in _NO_REFERENCE:
            bank_reference = ""
        credit = mark in _CREDIT
        return ReadLine(
            self.place, amount, self.currency, credit, booking_on, value_on,
            PENDING if mark[0] == "E" else BOOKED, mark[0] == "R", kind.strip() if kind else "", bank_reference,
            reference[:35], None, f"{more}\n{about}".strip() if more else about,
            (self._detail(about, more, amount, credit, reference, bank_reference),), line,
        )  # fmt: skip

    def _detail(  # noqa: PLR0917  called for each entry: names would cost
        self, about: str, more: str, amount: Decimal, credit: bool, reference: str, bank_reference: str
    ) -> ReadDetail:
        told = mt940_dialects.told(about)
        get = told.get
        original, charges, rate = _NO_MONEY, _NO_MONEY, None
        if "/" in more or "original" in told or "charges" in told:
            money = _money(more, told)
            original, charges = money.get("OCMT", _NO_MONEY), money.get("CHGS", _NO_MONEY)
            rate = money.get("EXCH", _NO_MONEY)[1]
        returned, remittance = get("return_code", ""), get("remittance", "")
        if not returned and "type" in told and mt940_dialects.is_return(told["type"]):
            found = _REASON.search(remittance)
            returned = found.group() if found else ""
        if not remittance and more and not more.startswith("/"):
            remittance = written.squeezed(more)
        number = get("number", "")
        return ReadDetail(
            amount, self.currency, credit, get("end_to_end_id", ""), get("customer_reference") or reference, "",
            get("mandate_id", ""), get("payment_info_id", ""), "", get("bank_reference") or bank_reference,
            get("name") or get("other_name", ""), number.replace(" ", "") if " " in number else number, get("bic", ""),
            get("creditor_reference", ""), remittance, returned, original[1], original[0], rate, charges[1], charges[0],
            "", get("creditor_id", ""),
        )  # fmt: skip

    def _odd(self, code: str, line: int, value: str, *, error: bool = False) -> None:
        """Say what is wrong with the entry that is read."""
        say = self.speech.error if error else self.speech.warn
        say(code, statement=self.number, place=self.place, line=line, field="61", value=value)

    def _strange_days(self, day: str, short: str | None, line: int) -> tuple[date | None, date | None]:
        """30 February is the last of the month to banks that count 30 days in each; other days are none."""
        value_on = written.short_day(day)
        if value_on is None:
            self._odd("statement.date_bad", line, day)
            value_on = written.end_of_month(day)
        booking_on = value_on
        if short and short[0] != " ":
            booking_on = written.near(short, value_on or self._around())
            if booking_on is None:
                self._odd("statement.date_bad", line, short)
        return value_on, booking_on

    def _around(self) -> date:
        return next((one.on for one in self.balances if one.on), None) or date(2000, 1, 1)


_CREDIT = frozenset({"C", "RD", "EC"})
_NO_MONEY: tuple[str, Decimal | None] = ("", None)
_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "EREF", "PREF", "KREF+", "KREF", "MREF", "NREF", "+"})


def _money(more: str, told: dict[str, str]) -> dict[str, tuple[str, Decimal | None]]:
    """Original amount, charges and rate: behind slashes in the entry, or in what is said about it."""
    found = {key: (currency or "", written.amount(digits)) for key, currency, digits in _MONEY.findall(more)}
    for key, name in (("OCMT", "original"), ("CHGS", "charges")):
        if key not in found and name in told:
            amount = re.match(r"([A-Z]{3})?\s?([0-9]+(?:[.,][0-9]*)?)", told[name])
            if amount:
                found[key] = (amount.group(1) or "", written.amount(amount.group(2)))
    return found


def _account(text_: str) -> str:
    """The IBAN, or the account as the bank writes it; a currency behind it is no part of it."""
    packed = text_.replace(" ", "")
    found = _IBAN.match(packed)
    if found:
        from transactions.intake import account_numbers

        for number in (packed, packed[:-3]):
            if account_numbers.looks_like_iban(number) and not account_numbers.iban_fault(number):
                return number
        return packed
    plain = _ACCOUNT.match(text_)
    return (plain.group(1) if plain else text_).strip()[:60]


def _bic(value: str) -> str:
    lines = value.split("\n")
    return lines[1].strip()[:11] if len(lines) > 1 else ""


def _moment(value: str) -> datetime | None:
    found = _MOMENT.match(value)
    day = written.short_day(found.group(1)) if found else None
    if found is None or day is None:
        return None
    hours, minutes, sign, ahead, half = found.groups()[1:]
    zone = f"{sign}{ahead}:{half}" if sign else "+00:00"
    return written.moment(f"{day.isoformat()}T{hours}:{minutes}:00{zone}")
