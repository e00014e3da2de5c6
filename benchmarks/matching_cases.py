"""Lines of a bank and what the books hold of them, with the truth: references, fees, splits, batches, typing errors,
returns, duplicates, twins and near-identical amounts. The same seed gives the same cases.
"""

import random
import string
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

START = date(2026, 1, 5)
DAYS = 60
FIRST = [
    "Garage", "Boulangerie", "Menuiserie", "Transports", "Imprimerie", "Atelier", "Pharmacie", "Librairie",
    "Maçonnerie", "Plomberie", "Scierie", "Fromagerie", "Brasserie", "Clinique", "Cabinet", "Studio", "Laboratoire",
    "Domaine", "Ferme", "Hôtel", "Agence", "Comptoir", "Maison", "Entrepôt",
]  # fmt: skip
TAILS = [
    "SARL", "SAS", "SA", "GmbH", "BV", "Ltd", "et Fils", "Frères", "Services", "Bretagne", "Ouest", "Nord",
    "International",
]  # fmt: skip
SYLLABLES = [
    "ker", "vel", "la", "mar", "tin", "du", "bois", "le", "gall", "ro", "bert", "ma", "the", "go", "vi", "no", "ze",
    "mat", "lu", "cas", "pe", "ra", "so", "li", "ber", "nar", "do", "han",
]  # fmt: skip
PRICES = [Decimal(price) for price in ("9.90", "19.90", "49.90", "99.00", "100.00", "250.00", "500.00", "1200.00")]
NOISE = ["VIR SEPA", "VIREMENT RECU", "PRLV", "REGLEMENT", "PAIEMENT FOURNISSEUR", "ECHEANCE", "CB"]

# Of a thousand: how many cases of each kind.
MIX = {
    "reference": 690, "document": 90, "number": 50, "name": 40, "misspelt": 15, "mistyped": 15, "fee": 18,
    "instalments": 8, "several": 12, "batch": 3, "subset": 8, "returned": 8, "duplicate": 4, "twins": 6, "unknown": 18,
    "uncleared": 20, "lookalike": 15,
}  # fmt: skip
# No machine can know which of them belongs to which: these are for people.
AMBIGUOUS = frozenset({"duplicate", "twins"})


@dataclass
class Payer:
    name: str
    number: str


@dataclass(slots=True)
class Item:
    id: int
    account: int
    credit: bool
    amount: Decimal
    on: date
    reference: str
    document: str
    payer: Payer
    file: str = ""
    block: int | None = None
    reversal: bool = False
    group: int = 0


@dataclass(slots=True)
class Line:
    id: int
    account: int
    credit: bool
    amount: Decimal
    on: date
    reference: str = ""
    name: str = ""
    number: str = ""
    text: str = ""
    batch_id: str = ""
    batch_count: int | None = None
    charges: Decimal | None = None
    return_code: str = ""
    group: int = 0
    kind: str = ""


@dataclass
class Cases:
    """``group`` of lines and items that belong together is the same; 0 belongs to nothing."""

    items: list[Item] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def members(self) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        lines: dict[int, set[int]] = {}
        items: dict[int, set[int]] = {}
        for line in self.lines:
            if line.group:
                lines.setdefault(line.group, set()).add(line.id)
        for item in self.items:
            if item.group:
                items.setdefault(item.group, set()).add(item.id)
        return lines, items


class Maker:
    def __init__(self, seed: int, accounts: list[int], size: int, first_id: int = 1) -> None:
        self.chance = random.Random(seed)
        self.accounts, self.cases = accounts, Cases()
        self.next_line = self.next_item = first_id
        self.group = 0
        # What stands alone on either side must not be each other's by chance: nobody could tell.
        self.alone: set[tuple[object, ...]] = set()
        self.payers = [self._payer(number) for number in range(max(size // 20, 50))]

    def _payer(self, number: int) -> Payer:
        words = "".join(self.chance.choice(SYLLABLES) for _ in range(self.chance.randint(2, 4))).title()
        name = f"{self.chance.choice(FIRST)} {words}"
        if self.chance.random() < 0.5:
            name += " " + self.chance.choice(TAILS)
        return Payer(name, f"FR76{number:023d}")

    def amount(self) -> Decimal:
        if self.chance.random() < 0.1:
            return self.chance.choice(PRICES)
        cents = int(min(self.chance.lognormvariate(10.5, 1.4), 5e7)) + 100
        return Decimal(cents) / 100

    def item(self, **fields: object) -> Item:
        values = {
            "account": self.chance.choice(self.accounts), "credit": self.chance.random() < 0.4, "amount": self.amount(),
            "on": START + timedelta(days=self.chance.randrange(DAYS)), "payer": self.chance.choice(self.payers),
            "reference": f"E2E{self.next_item:012d}", "document": self.document(), "group": self.group,
        }  # fmt: skip
        made = Item(id=self.next_item, **{**values, **fields})  # type: ignore[arg-type]
        if not made.group:
            while not self.stands_alone(made):
                made.amount = self.amount() + 7
        self.next_item += 1
        self.cases.items.append(made)
        return made

    def stands_alone(self, item: Item) -> bool:
        key = (item.account, item.credit, item.amount, item.payer.number)
        known = key in self.alone
        self.alone.add(key)
        return not known

    def document(self) -> str:
        kind = self.chance.choice(("F", "INV", "RE", "FA2026", ""))
        return f"{kind}{self.chance.randrange(10**5, 10**9)}"

    def line(self, item: Item, kind: str, **fields: object) -> Line:
        late = self.chance.choices((0, 1, 2, 3), (50, 30, 15, 5))[0]
        values = {
            "account": item.account, "credit": item.credit, "amount": item.amount, "on": item.on + timedelta(days=late),
            "group": item.group, "kind": kind, "text": self.chance.choice(NOISE),
        }  # fmt: skip
        made = Line(id=self.next_line, **{**values, **fields})  # type: ignore[arg-type]
        self.next_line += 1
        self.cases.lines.append(made)
        return made

    def case(self, kind: str) -> None:
        self.group += 1
        getattr(self, f"case_{kind}")()

    # One to one, by what the bank passes on.

    def case_reference(self) -> None:
        item = self.item()
        known = {"name": item.payer.name, "number": item.payer.number} if self.chance.random() < 0.7 else {}
        self.line(item, "reference", reference=item.reference, text=item.document, **known)

    def case_document(self) -> None:
        item = self.item()
        written = item.document
        if self.chance.random() < 0.4 and written[0].isalpha():
            letters = written.rstrip(string.digits)
            written = f"{letters}-{written[len(letters) :]}"
        text = f"{self.chance.choice(NOISE)} {self.cut(item.payer.name)} {written} {self.chance.choice(['', 'MERCI'])}"
        self.line(item, "document", text=text)

    def case_number(self) -> None:
        item = self.item(document="")
        self.line(item, "number", name=self.cut(item.payer.name), number=item.payer.number)

    def case_name(self) -> None:
        item = self.item(document="")
        name = self.cut(item.payer.name) if self.chance.random() < 0.5 else item.payer.name.upper()
        if self.chance.random() < 0.3:
            self.line(item, "name", text=f"{self.chance.choice(NOISE)} {name}")
        else:
            self.line(item, "name", name=name)

    def case_misspelt(self) -> None:
        item = self.item(document="")
        self.line(item, "misspelt", name=self.mistype(item.payer.name))

    def case_mistyped(self) -> None:
        item = self.item()
        text = f"{self.chance.choice(NOISE)} {self.mistype(item.document)}"
        self.line(item, "mistyped", text=text, number=item.payer.number, name=item.payer.name)

    def case_returned(self) -> None:
        item = self.item(credit=False)
        self.line(item, "returned", reference=item.reference, name=item.payer.name)
        self.group += 1
        back = self.item(
            account=item.account, credit=True, amount=item.amount, on=item.on + timedelta(days=2), payer=item.payer,
            reference=item.reference, document=item.document, reversal=True,
        )  # fmt: skip
        self.line(back, "returned", reference=item.reference, return_code="AC04", text="RETOUR VIR")

    def case_fee(self) -> None:
        item = self.item(amount=max(self.amount(), Decimal("600.00")))
        fee = Decimal(self.chance.randint(100, 2500)) / 100
        moved = item.amount - fee if item.credit else item.amount + fee
        told = fee if self.chance.random() < 0.3 else None
        named = {"reference": item.reference} if self.chance.random() < 0.5 else {"text": f"SWIFT {item.document} OUR"}
        self.line(item, "fee", amount=moved, charges=told, name=item.payer.name, **named)

    # Many to one and one to many.

    def case_instalments(self) -> None:
        item = self.item(amount=self.amount() + 300)
        parts = self.split(item.amount, self.chance.randint(2, 3))
        for number, part in enumerate(parts):
            self.line(
                item, "instalments", amount=part, text=f"ACPTE {number + 1} {item.document}", name=item.payer.name,
                on=item.on + timedelta(days=7 * number),
            )  # fmt: skip

    def case_several(self) -> None:
        first = self.item()
        same = {"account": first.account, "credit": first.credit, "payer": first.payer}
        items = [first, *(self.item(on=first.on, **same) for _ in range(self.chance.randint(1, 4)))]
        text = " ".join(item.document for item in items)
        total = sum((item.amount for item in items), Decimal(0))
        self.line(first, "several", amount=total, text=text, name=first.payer.name, number=first.payer.number)

    def case_batch(self) -> None:
        file = f"BO{self.group:010d}"
        count = self.chance.randint(5, 40)
        first = self.item(credit=False, file=file, block=1)
        same = {"account": first.account, "credit": False, "on": first.on, "file": file, "block": 1}
        items = [first, *(self.item(**same) for _ in range(count - 1))]
        total = sum((item.amount for item in items), Decimal(0))
        said = self.chance.choice(({"batch_id": file}, {"batch_id": f"{file}-1"}, {}))
        self.line(first, "batch", amount=total, batch_count=count, text="VIR EMIS EN LOT", **said)

    def case_subset(self) -> None:
        payer = Payer(f"{self.chance.choice(FIRST)} {self.group}", f"DE89{self.group:018d}")
        first = self.item(payer=payer, document="")
        same = {"account": first.account, "credit": first.credit, "payer": payer, "document": ""}
        chosen = [first, *(self.item(on=first.on, **same) for _ in range(self.chance.randint(1, 3)))]
        total = sum((item.amount for item in chosen), Decimal(0))
        self.line(first, "subset", amount=total, name=payer.name, number=payer.number)
        for _ in range(self.chance.randint(0, 5)):
            self.item(on=first.on + timedelta(days=self.chance.randint(-1, 1)), group=0, **same)

    # What must be left alone, or to people.

    def case_duplicate(self) -> None:
        item = self.item()
        self.line(item, "duplicate", reference=item.reference, name=item.payer.name)
        self.line(item, "duplicate", reference=item.reference, name=item.payer.name)

    def case_twins(self) -> None:
        first = self.item(document="")
        second = self.item(
            account=first.account, credit=first.credit, amount=first.amount, on=first.on, payer=first.payer, document=""
        )
        for item in (first, second):
            self.line(item, "twins", name=item.payer.name, number=item.payer.number)

    def case_unknown(self) -> None:
        """Of nothing in the books, though the amount or the name may be somebody's."""
        ghost = Item(
            0, self.chance.choice(self.accounts), self.chance.random() < 0.5, self.amount(),
            START + timedelta(days=self.chance.randrange(DAYS)), "", "", self.chance.choice(self.payers),
        )  # fmt: skip
        near = self.chance.random()
        if self.cases.items and near < 0.6:
            like = self.cases.items[self.chance.randrange(max(len(self.cases.items) - 2000, 0), len(self.cases.items))]
            ghost.account, ghost.credit, ghost.on = like.account, like.credit, like.on
            if near < 0.2:  # the same amount by somebody else
                ghost.amount = like.amount
            elif near < 0.4:  # the same counterparty, a cent or a euro off
                ghost.payer = like.payer
                ghost.amount = like.amount + self.chance.choice((Decimal("0.01"), Decimal(1), Decimal("0.10")))
            else:  # the same amount and counterparty, weeks later
                ghost.payer, ghost.amount, ghost.on = like.payer, like.amount, like.on + timedelta(days=21)
        while not self.stands_alone(ghost):
            ghost.amount = self.amount() + 7
        self.line(ghost, "unknown", name=ghost.payer.name, number=ghost.payer.number, group=0)

    def case_uncleared(self) -> None:
        self.item(group=0)

    def case_lookalike(self) -> None:
        """Not on the statement, and nearly what is: another amount, another day, or another account."""
        item = self.item()
        self.line(item, "reference", reference=item.reference, name=item.payer.name)
        change = self.chance.choice((
            {"amount": item.amount + Decimal("0.01")}, {"on": item.on + timedelta(days=1)},
            {"amount": item.amount + 1, "reference": item.reference + "A"},
        ))  # fmt: skip
        same = {"account": item.account, "credit": item.credit, "amount": item.amount, "on": item.on}
        self.item(**{**same, "payer": item.payer, "group": 0, **change})

    def cut(self, name: str) -> str:
        words = name.upper().split()
        return " ".join([words[0][: self.chance.choice((4, 5, 20))], *words[1:2]])

    def mistype(self, text: str) -> str:
        at = self.chance.randrange(1, max(len(text) - 2, 2))
        way = self.chance.randrange(3)
        if way == 0:
            return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
        if way == 1:
            return text[:at] + text[at + 1 :]
        letters = string.digits if text[at].isdigit() else string.ascii_lowercase
        return text[:at] + self.chance.choice(letters) + text[at + 1 :]

    def split(self, amount: Decimal, parts: int) -> list[Decimal]:
        cents = int(amount * 100)
        cuts = sorted(self.chance.sample(range(1, cents), parts - 1))
        return [Decimal(end - begin) / 100 for begin, end in zip([0, *cuts], [*cuts, cents], strict=True)]


def make(size: int, accounts: list[int], *, seed: int = 20260615, first_id: int = 1) -> Cases:
    """About ``size`` lines."""
    maker = Maker(seed, accounts, size, first_id)
    kinds, weights = list(MIX), list(MIX.values())
    while len(maker.cases.lines) < size:
        for kind in maker.chance.choices(kinds, weights, k=200):
            maker.case(kind)
    return maker.cases
