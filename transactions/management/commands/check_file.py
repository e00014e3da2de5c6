"""What is in a payment file or a statement and every error in words, without storing anything."""

import json
import sys
from argparse import ArgumentParser
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.common import formats
from transactions import reasons
from transactions.intake import check
from transactions.intake.check import Report
from transactions.intake.rows import ERROR
from transactions.messages import statuses

MOST_STATUSES = 200


class Command(BaseCommand):
    help = (
        "Tell what is in a payment file or a bank statement and everything wrong with it. Stores nothing and needs no "
        "database. Ends with 0 when everything can be taken in, with 1 when there are errors."
    )
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")
        parser.add_argument("--currency", default="EUR", help="assumed for lists that name none (default: EUR)")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        with translation.override(options["language"]):
            report = check.check(content, path.name, currency=options["currency"])
            if options["json"]:
                self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
            else:
                self._words(path.name, report)
        if not report.clean:
            sys.exit(1)

    def _words(self, name: str, report: Report) -> None:
        facts = report.facts
        write = self.stdout.write
        write(_("File: %(name)s") % {"name": name})
        write(_("Kind: %(kind)s") % {"kind": _kind(facts)})
        if "statuses" in facts:
            self._statuses(facts)
        if "statements" in facts:
            self._statements(facts)
        if "control_sum" in facts:
            write(_("Message: %(id)s") % {"id": facts["message_id"] or "–"})
            write(self._sums(facts))
        if facts.get("xsd_valid") is not None:
            answer = _("kept") if facts["xsd_valid"] else _("not kept")
            write(_("Schema %(xsd)s: %(answer)s") % {"xsd": facts["xsd"], "answer": answer})
        self._problems(report)

    def _statuses(self, facts: dict[str, Any]) -> None:
        """A report of the bank: what it answers, and each status in words."""
        write = self.stdout.write
        write(_("Message: %(id)s") % {"id": facts["message_id"] or "–"})
        answered = {"id": facts["original_message_id"] or "–", "name": facts["original_message_name"] or "–"}
        write(_("Answer to: %(id)s (%(name)s)") % answered)
        titles = {"group": _("File"), "batch": _("Group %(id)s"), "payment": _("Payment %(id)s")}
        for said in facts["statuses"][:MOST_STATUSES]:
            name = said["payment_info_id"] if said["level"] == "batch" else ""
            name = name or said["instruction_id"] or said["end_to_end_id"] or "–"
            words = f"{said['status']}, {statuses.words(said['status'])}"
            if said["reason_code"]:
                words += f"; {said['reason_code']}, {reasons.words(said['reason_code'], reasons.ISO)}"
            write("  " + titles[said["level"]] % {"id": name} + f": {words}")
            if said["reason"]:
                write(f"    {said['reason']}")
        more = len(facts["transaction_statuses"]) + len(facts["payment_info_statuses"]) - MOST_STATUSES
        if more > 0:
            write(_("  and %(count)s more") % {"count": formats.count(more)})

    def _statements(self, facts: dict[str, Any]) -> None:
        """What statements hold, each with its balances."""
        write = self.stdout.write
        if facts.get("columns"):
            write(_("Columns: %(titles)s") % {"titles": ", ".join(title or "–" for title in facts["columns"])})
        counts = {"statements": formats.count(facts["statements"]), "entries": formats.count(facts["entries"])}
        write(_("Statements: %(statements)s; entries: %(entries)s") % counts)
        each = facts.get("per_statement") or ([facts] if facts["statements"] else [])
        for number, one in enumerate(each[:MOST_STATUSES], start=1):
            told = {name: _balance(one[name]) for name in ("opening", "closing", "sum_credit", "sum_debit")}
            currency = one["currency"] or "–"
            told["currency"] = ", ".join(currency) if isinstance(currency, list) else currency
            write("  " + _("%(number)s. %(currency)s: opening balance %(opening)s, credits %(sum_credit)s, debits "
                           "%(sum_debit)s, closing balance %(closing)s") % {"number": number, **told})  # fmt: skip
        if len(each) > MOST_STATUSES:
            write(_("  and %(count)s more") % {"count": formats.count(facts["statements"] - MOST_STATUSES)})

    def _sums(self, facts: dict[str, Any]) -> str:
        """How many payments and of how much. Currencies are named, not added up in words."""
        currencies = facts["currency"] if isinstance(facts["currency"], list) else [facts["currency"]]
        total = Decimal(str(facts["control_sum"]))
        payments = _("Payments: %(count)s") % {"count": formats.count(facts["payments"])}
        groups, number = "", facts["batches"]
        if number:
            groups = ngettext("in %(count)s group", "in %(count)s groups", number) % {"count": formats.count(number)}
        if not facts["payments"]:
            return payments
        if len(currencies) == 1 and currencies[0]:
            money = formats.amount(total, currencies[0])
        else:
            money = _("control sum %(sum)s") % {"sum": formats.decimal(total, 2)}
            money += f" ({', '.join(currencies)})" if len(currencies) > 1 else ""
        return ", ".join(part for part in (f"{payments} {groups}".strip(), money) if part)

    def _problems(self, report: Report) -> None:
        write = self.stdout.write
        errors = sum(one.severity == ERROR for one in report.problems)
        warnings = len(report.problems) - errors
        write("")
        if not report.problems:
            write(_("Nothing to say.") if {"statuses", "statements"} & report.facts.keys()
                  else _("Nothing to say: every payment can be taken in."))  # fmt: skip
            return
        write(ngettext("%(count)s error (not taken in)", "%(count)s errors (not taken in)", errors) % {"count": errors})
        write(ngettext("%(count)s warning", "%(count)s warnings", warnings) % {"count": warnings})
        entries = "statements" in report.facts
        for problem in report.problems:
            said = check.as_json(problem)
            place = [
                _("error") if problem.severity == ERROR else _("warning"),
                (_("entry %(position)s") if entries else _("payment %(position)s")) % said if problem.position else "",
                _("line %(line)s") % said if problem.line else "",
                problem.path,
            ]
            write("")
            write(" · ".join(part for part in place if part))
            write(f"  {said['message']}")
            if problem.value:
                write(f"  [{problem.value}]")


def _balance(told: str | None) -> str:
    return "–" if told is None else formats.control_sum(Decimal(told))


def _kind(facts: dict[str, Any]) -> str:
    """The format by its name, and in words what has none."""
    kind = str(facts.get("format") or facts["kind"])
    return {"binary": _("not a text file"), "unknown": _("not known")}.get(kind, kind)
