"""How a list of a bank or a custodian is read: which column says what, and how amounts and days are written.

A mapping is data (:meth:`Mapping.as_json`): guessed from titles in English, French and German, saved with the source,
answered by a person where the list leaves it open.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from transactions.intake import csv_columns, names
from transactions.intake.rows import FileRefused

DELIMITERS = (";", ",", "\t", "|")
BANK = {
    "booking_on": (
        "booking date", "date comptable", "date de comptabilisation", "date operation", "date d operation",
        "date de l operation", "buchungstag", "buchungsdatum", "buchung", "transaction date", "posting date",
        "posted date", "entry date", "date", "datum", "date ope", "dateop", "completed date", "date de debut",
    ),
    "value_on": ("value date", "date de valeur", "date valeur", "valeur", "wertstellung", "valuta", "valutadatum",
                 "wert", "dateval", "started date"),
    "amount": (
        "amount", "montant", "betrag", "umsatz", "transaction amount", "montant operation", "montant de l operation",
        "betrag in eur", "net amount", "netamount", "montant net", "value", "somme", "bedrag",
    ),
    "debit": ("debit", "debits", "debit amount", "montant debit", "soll", "belastung", "lastschrift", "withdrawal",
              "withdrawals", "money out", "paid out", "retrait", "ausgang", "debit euros"),
    "credit": ("credit", "credits", "credit amount", "montant credit", "haben", "gutschrift", "deposit", "deposits",
               "money in", "paid in", "versement", "eingang", "credit euros"),
    "side": ("d c", "dc", "c d", "debit credit", "credit debit", "sens", "sens de l operation", "soll haben", "s h",
             "credit debit indicator", "cdt dbt ind", "af bij", "direction"),
    "currency": ("currency", "devise", "wahrung", "waehrung", "ccy", "currency code", "code devise", "monnaie",
                 "mutatievaluta"),
    "balance": ("balance", "running balance", "solde", "solde apres operation", "saldo", "kontostand",
                "saldo nach buchung", "balance after", "account balance", "solde courant"),
    "label": (
        "label", "details", "description", "libelle", "libelle operation", "libelle de l operation", "buchungstext",
        "verwendungszweck", "memo", "narrative", "transaction description", "libelle simplifie", "operation", "text",
        "detail", "information", "informations", "particulars", "omschrijving", "statement", "vorgang",
    ),
    "more": ("remittance", "reference information", "informations complementaires", "motif", "communication", "message",
             "zusatzinformation", "note", "notes", "commentaire", "payment reference", "additional information"),
    "reference": (
        "reference", "ref", "bank reference", "transaction id", "reference de l operation", "numero d operation",
        "operation number", "referenz", "referenznummer", "kundenreferenz", "id", "transaction reference",
        "reference operation", "customer reference", "end to end id", "numero operation",
    ),
    "counterparty_name": (
        "partner name", "counterparty", "counterparty name", "payee", "payer", "beneficiary", "nom de la contrepartie",
        "contrepartie", "tiers", "nom", "beneficiaire", "auftraggeber empfanger", "beguenstigter zahlungspflichtiger",
        "name zahlungsbeteiligter", "empfanger", "auftraggeber", "name", "naam tegenpartij", "emetteur",
    ),
    "counterparty_number": (
        "bank account", "counterparty iban", "counterparty account", "iban de la contrepartie",
        "compte de la contrepartie",
        "kontonummer iban", "iban zahlungsbeteiligter", "tegenrekening", "counterparty account number",
        "iban contrepartie",
        "partner account", "partner iban",
    ),
    "counterparty_bic": ("counterparty bic", "bic", "bic swift code", "bic swift", "swift", "code bic"),
    "account": (
        "account", "account number", "accountid", "account id", "iban", "compte", "numero de compte", "kontonummer",
        "konto", "iban auftragskonto", "auftragskonto", "own account", "rekening", "account iban",
    ),
    "original_amount": ("amount currency", "original amount", "montant d origine", "montant en devise",
                        "ursprungsbetrag", "foreign amount", "instructed amount"),
    "original_currency": ("original currency", "devise d origine", "ursprungswahrung", "foreign currency"),
    "charges": ("charges", "fee", "fees", "frais", "gebuhr", "gebuhren", "commission"),
}  # fmt: skip
POSITIONS = {
    "isin": ("isin", "code isin", "isin code", "instrument", "security", "security id", "valeur", "wertpapier",
             "identifier", "instrument id"),
    "name": ("name", "instrument name", "security name", "description", "libelle", "nom", "bezeichnung", "designation",
             "libelle valeur", "wertpapierbezeichnung"),
    "quantity": ("quantity", "quantite", "nominal", "units", "shares", "holding", "position", "nombre", "stuck",
                 "stuckzahl", "anzahl", "bestand", "nominal quantity", "qty", "quantite nominal"),
    "price": ("price", "cours", "kurs", "unit price", "market price", "prix", "closing price", "preis", "last price",
              "prix unitaire"),
    "currency": ("currency", "devise", "ccy", "wahrung", "price currency", "devise de cotation", "currency code"),
    "value": ("value", "market value", "valorisation", "valeur de marche", "kurswert", "marktwert", "amount", "montant",
              "valuation", "position value", "net amount", "betrag", "montant net"),
    "on": ("date", "as of", "as of date", "position date", "date de position", "date d arrete", "valuation date",
           "stichtag", "date de valorisation", "trade date", "date de negociation", "date d operation", "handelstag",
           "datum"),
    "settlement_on": ("settlement date", "date de reglement", "value date", "valuta", "date de denouement",
                      "date de valeur"),
    "account": ("account", "portfolio", "compte", "portefeuille", "depot", "account number", "numero de compte",
                "depotnummer", "safekeeping account", "custody account", "compte titres"),
    "side": ("side", "buy sell", "sens", "transaction type", "type", "kauf verkauf", "operation", "direction", "b s"),
    "reference": ("reference", "trade id", "ref", "transaction id", "referenz", "trade reference", "numero d ordre",
                  "order id", "reference operation"),
    "fees": ("fees", "charges", "frais", "commission", "gebuhren", "costs", "courtage"),
}  # fmt: skip
TITLES = {"bank": BANK, "positions": POSITIONS}
RANKED = {kind: csv_columns.ranked(titles) for kind, titles in TITLES.items()}
FIELDS = {kind: frozenset(titles) for kind, titles in TITLES.items()}
ORDERS = frozenset({"", "dmy", "mdy", "ymd"})


@dataclass(frozen=True)
class Mapping:
    """``columns``: field by title, as titles stand in the list ("" leaves one out). The rest is empty where the list
    itself tells: ``decimal`` is , or . and ``order`` is dmy, mdy or ymd. ``account`` and ``currency`` are those of a
    list that names none; ``header`` is the line of its titles, from 1."""

    columns: dict[str, str] = field(default_factory=dict)
    delimiter: str = ""
    decimal: str = ""
    order: str = ""
    account: str = ""
    currency: str = ""
    header: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any] | None, kind: str) -> "Mapping":
        """From what is stored. Raises :class:`FileRefused` (statement.mapping_bad) for what is no mapping."""
        told = dict(told or {})
        unknown = sorted({*told} - {*cls.__dataclass_fields__})
        columns = told.get("columns", {})
        if unknown or not isinstance(columns, dict):
            raise FileRefused.at("statement.mapping_bad", detail=", ".join(unknown)[:60] or "columns")
        wrong = sorted(str(name) for name in columns.values() if name and name not in FIELDS[kind])
        read = cls(**told)
        if wrong or read.decimal not in {"", ",", "."} or read.order not in ORDERS:
            raise FileRefused.at("statement.mapping_bad", detail=", ".join(wrong)[:60] or read.decimal or read.order)
        return read

    def learnt(self, **found: Any) -> "Mapping":
        """With what a reading proved, for the next list of the source."""
        return replace(self, **found)


@dataclass
class Titles:
    """A line of titles: the column of each field, and of titles that say nothing here."""

    by_field: dict[str, int]
    cells: list[str]
    ignored: list[str]

    @classmethod
    def of(cls, cells: Iterable[str], saved: dict[str, str], kind: str) -> "Titles":
        """The saved mapping first, then the synonyms; the better of two columns that would fill a field."""
        found = cls({}, [cell.strip().lstrip("\ufeff") for cell in cells], [])
        ranks: dict[str, int] = {}
        known = RANKED[kind]
        for index, title in enumerate(found.cells):
            name, rank = (saved[title], -1) if title in saved else known.get(names.key(title), ("", 0))
            if not name or (name in ranks and ranks[name] <= rank):
                if title and saved.get(title) != "":
                    found.ignored.append(title)
                continue
            found.by_field[name], ranks[name] = index, rank
        return found

    def as_mapping(self) -> dict[str, str]:
        """Field by title, as it is saved."""
        return {self.cells[at]: name for name, at in self.by_field.items()}

    @property
    def score(self) -> int:
        return len(self.by_field)
