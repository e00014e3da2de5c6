"""Where each field stands in pain.001: tables of local names. A text is a field; what is special has a class."""

from typing import Any, Union

Values = dict[str, str]
Table = dict[str, Union["Table", str, "Special"]]


class Special:
    """A leaf or element that needs more than its text."""

    def take(self, element: Any, values: Values, address: dict[str, Any]) -> None:
        raise NotImplementedError


class Amount(Special):
    """An amount with its currency in the attribute Ccy."""

    name = "amount"

    def take(self, element: Any, values: Values, address: dict[str, Any]) -> None:
        values["amount"] = (element.text or "").strip()
        values["currency"] = element.get("Ccy") or ""


class Repeated(Special):
    """A text that may stand several times; joined in their order."""

    def __init__(self, name: str, joiner: str) -> None:
        self.name, self.joiner = name, joiner

    def take(self, element: Any, values: Values, address: dict[str, Any]) -> None:
        text = (element.text or "").strip()
        if text:
            former = values.get(self.name)
            values[self.name] = text if former is None else former + self.joiner + text


class Address(Special):
    """A postal address: structured, lines, or both. Keys of the fact table, and what only newer versions know."""

    name = "creditor_address"
    KEYS = {
        "StrtNm": "street",
        "BldgNb": "building",
        "PstCd": "post_code",
        "TwnNm": "town",
        "Ctry": "country",
        "Dept": "department",
        "SubDept": "sub_department",
        "BldgNm": "building_name",
        "Flr": "floor",
        "PstBx": "post_box",
        "Room": "room",
        "TwnLctnNm": "town_location",
        "DstrctNm": "district",
        "CtrySubDvsn": "subdivision",
    }

    def __init__(self, keys: dict[str, str] | None = None, line: str = "AdrLine") -> None:
        self.keys, self.line = keys or self.KEYS, line

    def bound(self, prefix: str) -> "Address":
        return Address({prefix + name: key for name, key in self.KEYS.items()}, prefix + "AdrLine")

    def take(self, element: Any, values: Values, address: dict[str, Any]) -> None:
        for child in element:
            text = (child.text or "").strip()
            key = self.keys.get(child.tag)
            if not text:
                continue
            if key is not None:
                address[key] = text
            elif child.tag == self.line:
                address["lines"] = (*address.get("lines", ()), text)


def _code(name: str) -> Table:
    return {"Cd": name, "Prtry": name}


_TYPE: Table = {
    "SvcLvl": _code("service_level"),
    "LclInstrm": _code("local_instrument"),
    "CtgyPurp": _code("category_purpose"),
}


def _number(name: str) -> Table:
    return {"IBAN": name, "Othr": {"Id": name}}


def birth(side: str) -> Table:
    """Where and when a natural person was born, in the identification of a party."""
    parts = {"BirthDt": "date", "PrvcOfBirth": "province", "CityOfBirth": "town", "CtryOfBirth": "country"}
    return {"PrvtId": {"DtAndPlcOfBirth": {name: f"{side}_birth_{part}" for name, part in parts.items()}}}


PAYMENT: Table = {
    "PmtId": {"InstrId": "instruction_id", "EndToEndId": "end_to_end_id", "UETR": "uetr"},
    "PmtTpInf": _TYPE,
    "Amt": {"InstdAmt": Amount(), "EqvtAmt": {"Amt": Amount(), "CcyOfTrf": "transfer_currency"}},
    "ChrgBr": "charge_bearer",
    "UltmtDbtr": {"Nm": "ultimate_debtor", "Id": birth("ultimate_debtor")},
    "CdtrAgt": {"FinInstnId": {"BIC": "creditor_bic", "BICFI": "creditor_bic"}},
    "Cdtr": {"Nm": "creditor_name", "PstlAdr": Address(), "Id": birth("creditor")},
    "CdtrAcct": {"Id": _number("creditor_number")},
    "UltmtCdtr": {"Nm": "ultimate_creditor", "Id": birth("ultimate_creditor")},
    "Purp": _code("purpose"),
    "RmtInf": {
        "Ustrd": Repeated("remittance", " "),
        "Strd": {"CdtrRefInf": {"Ref": "creditor_reference"}, "RfrdDocInf": {"Nb": Repeated("documents", ", ")}},
    },
}
GROUP: Table = {
    "PmtInfId": "payment_info_id",
    "NbOfTxs": "declared_count",
    "CtrlSum": "declared_sum",
    "PmtTpInf": _TYPE,
    "ReqdExctnDt": {
        "": "requested_execution_date",
        "Dt": "requested_execution_date",
        "DtTm": "requested_execution_date",
    },
    "Dbtr": {"Nm": "debtor_name", "Id": birth("debtor")},
    "DbtrAcct": {"Id": _number("debtor_number"), "Ccy": "debtor_currency"},
    "DbtrAgt": {"FinInstnId": {"BIC": "debtor_bic", "BICFI": "debtor_bic"}},
    "UltmtDbtr": {"Nm": "ultimate_debtor", "Id": birth("ultimate_debtor")},
    "ChrgBr": "charge_bearer",
}


def bound(table: Table, prefix: str) -> Table:
    """The table with the document's namespace before each name, so that one look-up decides."""
    return {
        name and prefix + name: bound(rule, prefix)
        if isinstance(rule, dict)
        else rule.bound(prefix)
        if isinstance(rule, Address)
        else rule
        for name, rule in table.items()
    }


def by_field(payment: Table, group: Table, *, currency: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The places of each field; the currency is an attribute of its."""
    found: dict[str, tuple[str, ...]] = {"currency": currency}

    def walk(table: Table, steps: str) -> None:
        for name, rule in table.items():
            path = f"{steps}/{name}".strip("/")
            if isinstance(rule, dict):
                walk(rule, path)
            else:
                field = rule if isinstance(rule, str) else getattr(rule, "name", "")
                found[field] = (*found.get(field, ()), path)

    walk(payment, "")
    walk(group, "")
    return found


def by_path(places: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {path: field for field, paths in places.items() for path in paths if field != "currency"}


BY_FIELD = by_field(PAYMENT, GROUP, currency=("Amt/InstdAmt", "Amt/EqvtAmt/Amt"))
BY_PATH = by_path(BY_FIELD)
# What a PmtInf may say for all of its payments and a payment for itself: one of the two, by the rule of the format.
INHERITED = frozenset({"service_level", "local_instrument", "category_purpose", "ultimate_debtor", "charge_bearer"})
