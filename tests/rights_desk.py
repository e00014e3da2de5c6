"""Statements and days for the rights matrix: something to match, days in each state, breaks, entries that wait."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from controls.models import Break, OpenItem, OpenLine
from controls.reconciliation import acting, breaks, corrections, days
from documents.models import Attachment
from tests import database
from tests.controls.reconciliation import desk_scene
from tests.people import Stage, account, person
from transactions.models import Statement

Things = dict[str, Any]
WHY = {"reason": "Asked for by the matrix"}
DAY = date(2026, 11, 24)


def furnish(stage: Stage, code: str, kept: Attachment) -> Things:
    """Lines and postings of an entity's account at a bank; days that are prepared, signed, and asked to be reopened."""
    one, two, three = (person("supervisor", entity=stage.entity, name=f"Closer {n} {code}") for n in (1, 2, 3))
    worker = person("operator", entity=stage.entity, name=f"Matcher {code}")
    fees = account(stage.entity, f"{code}-DESK"[:20], "expense", "D", floor=None, name=f"Charges {code}")
    here = desk_scene.Desk(stage, worker, worker, one, fees)
    texts = [f"Line {number} {code}" for number in range(6)]
    told = desk_scene.statement(stage.bank, [(str(10 + n), text) for n, text in enumerate(texts)], day=DAY)
    database.update(Statement.objects.filter(pk=told.pk), attachment=kept)
    for number in range(3):
        desk_scene.post(here, str(10 + number), f"Posting {number} {code}", day=DAY)
    desk_scene.draw(stage.bank)
    lines = list(OpenLine.objects.filter(account=stage.bank).order_by("pk").values_list("pk", flat=True))
    named = OpenItem.objects.filter(account=stage.bank, name__startswith="Posting").order_by("pk")
    items = list(named.values_list("pk", flat=True))
    made = acting.match(lines=[lines[0]], postings=[items[0]], actor=worker)
    breaks.look([stage.bank.pk])
    kept = Break.objects.filter(line__in=lines, closed_at=None).order_by("line_id")
    ignored = kept.get(line=lines[5])
    breaks.ignore(ids=[ignored.pk], actor=worker, reason=code)
    asked = corrections.ask(
        actor=worker, kind="entry", line=lines[4], contra=fees.pk, label=f"Charges {code}", reason=code
    )  # fmt: skip
    limits = corrections.ask_policy(
        actor=three, entity=stage.entity, write_off=asked.amount, alone=asked.amount * 0, line_days=0, item_days=2
    )  # fmt: skip
    found: Things = {
        "bank": stage.bank.pk, "statement": told.pk, "desk_line": lines[1], "desk_item": items[1],
        "desk_other": lines[2], "match": made.pk, "break": kept.get(line=lines[1]).pk, "break_ignored": ignored.pk,
        "correction": asked.pk, "contra": fees.pk, "limits": limits.pk, "matcher": worker.pk, "free_day": FREE_DAY,
    }  # fmt: skip
    for number, name in enumerate(("day_prepared", "day_signed", "day_asked"), 1):
        day = days.prepare(actor=one, account_id=stage.bank.pk, day=DAY + timedelta(days=number - 1), remark=code)
        found[name], found[f"{name}_digest"] = day.pk, bytes(day.digest).hex()
        if number > 1:
            days.sign(actor=two, day_id=day.pk, digest=bytes(day.digest).hex())
        if number > 2:
            days.ask_reopening(actor=two, day_id=day.pk, reason=code)
    return found


def _file(things: Things) -> dict[str, Any]:
    return {"lines": [things["desk_line"]], "items": [things["desk_item"]]}


def _break(verb: str) -> Callable[[Things], Any]:
    said: dict[str, Any] = {
        "assign": {}, "explain": {"cause": "amount", **WHY}, "comment": {"words": "Seen"}, "ignore": WHY, "heed": {},
    }  # fmt: skip

    def content(things: Things) -> Any:
        key = things["break_ignored" if verb == "heed" else "break"]
        more = {"owner": things["matcher"]} if verb == "assign" else {}
        return {"ids": [key], **said[verb], **more}

    return content


FREE_DAY = (DAY + timedelta(days=3)).isoformat()
BREAK_VERBS = ("assign", "explain", "comment", "ignore", "heed")
_DAYS: dict[str, Callable[[Things], Any]] = {
    "day_sign": lambda things: {"digest": things["day_prepared_digest"]},
    **{name: lambda things: WHY for name in ("day_send_back", "day_ask_reopening", "day_keep")},
}
_ENTRY = {"kind": "entry", "label": "Charges", **WHY}


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", b"name;iban;amount\nA;DE89370400440532013000;1,00\n", "text/csv")


# Lists that are asked for by entity.
LISTS = ("statements", "statement_lines", "open_items", "matches", "positions", "days", "breaks", "corrections")
WEB: dict[str, Callable[[Things], Any]] = {
    "statement_new": lambda things: {"entity": things["code"], "file": file()},
    **_DAYS,
    "day_reopen": lambda things: {},
    "day_prepare": lambda things: {"remark": "Seen"},
    "suggestions_accept": lambda things: {"accept": f"{things['desk_line']}:{things['desk_item']}:"},
    "workbench_match": lambda things: {"verb": "match", **_file(things)},
    "workbench_undo": lambda things: {"undo": things["match"], **WHY},
    **{f"break_{verb}": _break(verb) for verb in BREAK_VERBS},
    "correction_new": lambda things: {**_ENTRY, "line": things["desk_other"], "contra": things["contra"]},
    "correction_agree": lambda things: {},
    "correction_refuse": lambda things: WHY,
    "reconciliation_limits": lambda things: {
        "entity": things["code"],
        "write_off": "9",
        "alone": "0",
        "line_days": "0",
        "item_days": "2",
    },
    "limits_agree": lambda things: {},
}
API: dict[str, Callable[[Things], Any]] = {
    "statements": lambda things: {"entity": things["entity"], "file": file()},
    **_DAYS,
    "day_reopen": lambda things: None,
    "days": lambda things: {"account": things["bank"], "day": FREE_DAY, "remark": "Seen"},
    "matches": _file,
    "matches_suggest": lambda things: {"lines": [things["desk_line"]]},
    "match_undo": lambda things: WHY,
    **{f"breaks_{verb}": _break(verb) for verb in BREAK_VERBS},
    "corrections": lambda things: {**_ENTRY, "line": things["desk_other"], "contra": things["contra"]},
    "correction_agree": lambda things: None,
    "correction_refuse": lambda things: WHY,
}
PARAMS = {
    "statement_id": "statement", "match_id": "match", "break_id": "break", "correction_id": "correction",
    "day_id": "day_prepared", "day": "free_day",
}  # fmt: skip
PK_OF = {
    **dict.fromkeys(("statement", "statement_file"), "statement"),
    **dict.fromkeys(
        ("workbench", "suggestions_accept", "suggestions_certain", "workbench_match", "workbench_undo",
         "correction_new", "day", "day_prepare"), "bank",
    ),
    **dict.fromkeys(("sign_off", "day_sign", "day_send_back"), "day_prepared"),
    "day_ask_reopening": "day_signed", "day_reopen": "day_asked", "day_keep": "day_asked", "break": "break",
    "correction_agree": "correction", "correction_refuse": "correction", "limits_agree": "limits",
}  # fmt: skip
OF_ROUTE = {
    "api:day_ask_reopening": {"day_id": "day_signed"}, "api:day_reopen": {"day_id": "day_asked"},
    "api:day_keep": {"day_id": "day_asked"},
}  # fmt: skip
