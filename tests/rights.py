"""The stage of the rights matrix: two entities furnished alike, people in each role of the first, and every request.

What is expected is data: ``rights_matrix.csv`` beside this module. A line is a route and a method; a cell is a role,
and says what happens with an object of the role's own entity and, after a space, with one of the other entity:

ok       done (something moved) or shown: 2xx, or a redirect to elsewhere than the sign-in
still    a POST that is answered so and moves nothing of the house
refused  the act is refused by the rules, not for lack of a right (409 or 422); nothing moves
none     a call for many is answered, none of them was done
hidden   a list or page is shown, and nothing of the other entity is in it
302      sent to the sign-in
401 403 404 405 400  answered so
-        there is no such case
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backoffice.common import sql
from backoffice.people.models import User
from backoffice.web.decisions import VERBS
from tests import rights_cases, rights_desk
from tests.people import person
from tests.rights_stage import furnish

TABLE = Path(__file__).with_name("rights_matrix.csv")
ROLES = ("operator", "supervisor", "logistics", "auditor", "administrator", "nobody", "anonymous")
# In every name of the other entity's objects, and nowhere else.
MARK = "ZQXELSEWHERE"

# Below this: pages of sign-in and of one's own account. They show and change nobody's but the reader's.
OWN_ACCOUNT = "account/"

_MOVING = (
    "transactions_payment", "transactions_paymentstate", "transactions_hold", "transactions_paymentapproval",
    "transactions_accountbalance", "transactions_account", "transactions_journalentry", "transactions_posting",
    "transactions_outgoingfile", "transactions_outgoingitem", "transactions_paymentbatch",
    "transactions_intakesource", "transactions_instantlimit", "transactions_instanttransfer",
    "transactions_supplierinvoice", "transactions_invoiceshare", "transactions_standingorder",
    "transactions_standingdue", "transactions_bankmessage", "transactions_mandate", "transactions_historicalmandate",
    "transactions_collection", "transactions_recall", "transactions_recallrequest", "transactions_messageitem",
    "transactions_intakeproblem", "transactions_payee", "transactions_bankdetails", "documents_attachment",
    "documents_attachmentlink", "documents_auditrecord", "people_user", "people_grant", "people_limit",
    "people_apitoken", "people_delegation", "people_idempotencykey", "transactions_paymentrequirement",
    "transactions_cutoff", "transactions_historicalcutoff", "transactions_calendar", "transactions_holiday",
    "webhooks_endpoint", "webhooks_event", "webhooks_delivery", "webhooks_attempt", "controls_controlcard",
    "controls_changerequest", "controls_changesignature", "controls_rule", "controls_ruleversion",
    "controls_approvalpolicy", "transactions_bankchannel", "transactions_historicalbankchannel",
    "transactions_channelroute", "transactions_transmission", "transactions_transmissionattempt",
    "transactions_fetchedfile", "transactions_decision", "transactions_handover", "transactions_informationrequest",
    "people_entity", "transactions_returnproposal", "transactions_outgoingfault", "controls_straightpolicy",
    "controls_straightrelease", "controls_verificationservice", "controls_payeeverification",
    "controls_paymentverification", "controls_rulelist", "controls_rulelistentry",
    "controls_backtest", "controls_backtestpart", "controls_backtesthit",
    "controls_watchlist", "controls_watchlistversion", "controls_watchlistentry",
    "controls_exemption", "controls_screeninghit",
    "controls_case", "controls_alert", "controls_caseverdict", "controls_caselink", "controls_casetick",
    "controls_caserequest", "controls_incident", "controls_suspicionreport", "controls_silence",
    "controls_scoringmodel", "controls_scoringtraining", "controls_scoringpolicy",
    "controls_expectation", "controls_occurrence", "transactions_statement", "transactions_statementline",
    "controls_match", "controls_matchline", "controls_matchposting", "controls_openline", "controls_openitem",
    "controls_matchingrule", "controls_alias", "controls_reconciled", "controls_reconciledday",
    "controls_reconciliationpolicy", "controls_break", "controls_correction",
)  # fmt: skip


def fingerprint() -> str:
    """Of everything that an act could move: states, balances, books, records, rights."""
    parts = " union all ".join(
        f"select '{table}' as name, md5(coalesce(string_agg(row::text, '|' order by row::text), '')) from {table} row"
        for table in _MOVING
    )
    return str(sql.rows(f"select md5(string_agg(x.name || x.md5, ',' order by x.name)) from ({parts}) x")[0][0])


class World:
    def __init__(self) -> None:
        self.own = furnish("OWN", "FR1420041010050500013M02606")
        self.other = furnish(MARK, "FR7630006000011234567890189")
        self.people: dict[str, User | None] = {
            role: person(role, entity=self.own.stage.entity) for role in ROLES if role not in {"nobody", "anonymous"}
        }
        self.people |= {"nobody": person(None), "anonymous": None}

    def client(self, role: str) -> Client:
        client, user = Client(), self.people[role]
        if user is not None:
            client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client


@dataclass(frozen=True)
class Route:
    """A named address. ``params`` are the names of what stands in it."""

    name: str
    callback: Any
    params: tuple[str, ...]
    fixed: dict[str, str] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api:")


def routes() -> Iterator[Route]:
    """Every address of the house but the reader's own account and the catch-all of the API.

    The acts on the payment page share an address; each verb is a route of its own here.
    """
    for route in _walk(get_resolver(), ""):
        if route.name == "payment_act":
            yield from (replace(route, name=f"payment_act/{verb}", fixed={"verb": verb}) for verb in VERBS)
        elif route.name != "api:nowhere":
            yield route


def _walk(resolver: URLResolver, space: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver) and str(entry.pattern) != OWN_ACCOUNT:
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, inner)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"an address without a name: {entry.pattern}"
            yield Route(space + entry.name, entry.callback, tuple(entry.pattern.converters))


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    route: str
    method: str
    cells: dict[str, tuple[str, str]]

    @property
    def id(self) -> str:
        return f"{self.method} {self.route}"


def table() -> list[Line]:
    with TABLE.open(encoding="utf-8", newline="") as source:
        return [
            Line(row["route"], row["method"], {role: _cell(row[role]) for role in ROLES})
            for row in csv.DictReader(source)
        ]


def _cell(text: str) -> tuple[str, str]:
    own, _space, other = text.partition(" ")
    return own, other or "-"


# What stands for a parameter of an address: by its name, and of some routes another thing.
PARAMS = {
    "payment_id": "checked", "account_id": "account", "account_pk": "account", "entity_id": "entity",
    "user_id": "user", "token_id": "token", "entry_id": "journal_entry", "payee_id": "payee", "details_id": "details",
    "source_id": "source", "batch_id": "batch", "file_id": "outgoing_prepared", "attachment_id": "attachment",
    "grant_pk": "grant", "webhook_id": "webhook", "delivery_id": "delivery", "delivery_pk": "delivery",
    "card_pk": "card", "entity_pk": "entity", "message_id": "message", "mandate_id": "mandate", "answer_id": "answer",
    "cut_off_id": "cut_off", "calendar_id": "calendar", "holiday_id": "holiday",
    "recall_id": "recall", "request_id": "request_open",
    "channel_id": "channel", "fetched_id": "fetched", "service_id": "verifier",
    "standing_id": "standing", "invoice_id": "invoice",
    "hit_id": "hit", "exemption_id": "exemption", "list_id": "watchlist", "number": "list_number",
    "request_pk": "request",
    "row_id": "policy", "policy_id": "straight", "change_id": "change", "delegation_id": "delegation",
    "version_id": "draft",
    "backtest_id": "backtest", "training_id": "training", **rights_cases.PARAMS, **rights_desk.PARAMS,
}  # fmt: skip
# Screens call every key ``pk``: of what, the route says.
PK_OF = {
    name: {"pk": thing}
    for thing, names in {
        "checked": "payment payment_pane payment_reveal payment_amend payment_act payment_verify "
        "payment_document payment_document_add",
        "batch": "batch batch_problems batch_file batch_verify",
        "message": "message message_file",
        "mandate": "mandate mandate_amend mandate_cancel",
        "recall": "recall recall_approve recall_withdraw",
        "recallable": "recall_new",
        "request_open": "recall_request recall_request_accept recall_request_refuse",
        "request_proposed": "recall_request_confirm",
        "invoice": "invoice invoice_cancel",
        "standing": "standing_order standing_change standing_suspend standing_end",
        "standing_suspended": "standing_resume",
        "answer": "answer answer_assign answer_dismiss",
        "cut_off": "cut_off cut_off_withdraw",
        "calendar": "calendar calendar_close",
        "holiday": "holiday_open",
        "source": "source",
        "account": "account account_block account_channel account_overdraft instant_limit",
        "blocked": "account_unblock",
        "journal_entry": "entry",
        "outgoing_prepared": "outgoing_file outgoing_download outgoing_send outgoing_void",
        "outgoing_sent": "outgoing_confirm outgoing_look outgoing_again outgoing_arrived",
        "channel": "channel channel_test channel_switch",
        "fetched": "fetched_file fetched_dismiss",
        "user": "user user_grant user_revoke user_limit user_active user_invite",
        "token": "token_revoke own_token_revoke",
        "webhook": "webhook webhook_delivery webhook_rotate webhook_pause webhook_resume webhook_retire webhook_replay",
        "delegation": "delegation_end",
        "signed": "payment_card",
        "policy": "matrix_row",
        "straight": "straight_row straight_stop",
        "change": "change_decide",
        "draft": "rule_draft rule_submit rule_discard",
        "backtest": "backtest backtest_judge",
        "backtest_open": "backtest_cancel",
        "hit": "screening_hit screening_release screening_true screening_exempt",
        "exemption": "exemption_end",
        "watchlist": "watchlist watchlist_load watchlist_fetch watchlist_change watchlist_version watchlist_file",
    }.items()
    for name in names.split()
} | {name: {"pk": thing} for name, thing in {**rights_cases.PK_OF, **rights_desk.PK_OF}.items()}
_OF_RULES = {
    **{name: {"code": "rule"} for name in ("rule", "rule_next", "rule_mode", "rule_versions", "rule_trial")},
    **{name: {"code": "list"} for name in ("rule_list", "rule_list_page", "rule_list_entries", "rule_list_change")},
}
OF_ROUTE = {
    **rights_desk.OF_ROUTE,
    **{f"{space}{name}": thing for name, thing in _OF_RULES.items() for space in ("", "api:")},
    "api:backtest_cancel": {"backtest_id": "backtest_open"},
    **{
        f"{space}{name}": {"number": "model"}
        for name in (
            "model",
            "model_challenge",
            "model_retire",
            "model_promote",
            "scoring_model",
            "scoring_model_challenge",
            "scoring_model_retire",
            "scoring_model_promotion",
        )
        for space in ("", "api:")
    },
    "payment_act/send-back": {"pk": "validated"},
    "payment_act/lift": {"pk": "held"},
    "payment_act/reopen": {"pk": "rejected"},
    "payment_act/settle": {"pk": "sent"},
    "payment_act/return": {"pk": "settled"},
    "payment_act/release": {"pk": "claimed"},
    "payment_act/apply": {"pk": "suspended"},
    "payment_act/refund": {"pk": "credited"},
    "payment_act/chargeback": {"pk": "captured"},
    "payout_new": {"acquirer_pk": "claim"},
    "api:payment_apply": {"payment_id": "suspended"},
    "api:payment_refund": {"payment_id": "credited"},
    "api:payment_chargeback": {"payment_id": "captured"},
    "payment_act/resume": {"pk": "held"},
    "payment_act/decline": {"pk": "handed"},
    "request_answer": {"pk": "asked"},
    "request_close": {"pk": "asked"},
    "api:payment_resume": {"payment_id": "held"},
    "api:payment_decline": {"payment_id": "handed"},
    "api:payment_withdraw": {"payment_id": "validated"},
    "api:payment_approve": {"payment_id": "validated"},
    "api:payment_send_back": {"payment_id": "validated"},
    "api:payment_reopen": {"payment_id": "rejected"},
    "api:payment_lift": {"payment_id": "held"},
    "api:payment_return": {"payment_id": "settled"},
    "api:payment_release": {"payment_id": "claimed"},
    "api:account_unblock": {"account_id": "blocked"},
    "api:recall_request_confirm": {"request_id": "request_proposed"},
    "api:request": {"request_id": "request"},
    "api:request_answer": {"request_id": "request"},
    "api:request_close": {"request_id": "request"},
    "api:standing_approve": {"standing_id": "standing_waiting"},
    "api:standing_refuse": {"standing_id": "standing_waiting"},
    "api:standing_resume": {"standing_id": "standing_suspended"},
    "api:outgoing_confirm": {"file_id": "outgoing_sent"},
    "api:transmission": {"file_id": "outgoing_sent"},
    "api:outgoing_look": {"file_id": "outgoing_sent"},
    "api:outgoing_again": {"file_id": "outgoing_sent"},
    "api:outgoing_arrived": {"file_id": "outgoing_sent"},
}


def send(client: Client, line: Line, route: Route, things: dict[str, Any], sent: "Sent") -> Any:
    """The request of a line about the objects ``things``."""
    named = PARAMS | PK_OF.get(route.name.split("/")[0], {}) | OF_ROUTE.get(route.name, {})
    given = route.fixed | sent.params
    values = {name: given[name] if name in given else things[named.get(name, name)] for name in route.params}
    path = reverse(route.name.split("/")[0], kwargs=values)
    if line.method == "GET":
        return client.get(path, sent.query)
    if not route.is_api or (isinstance(sent.content, dict) and "file" in sent.content):
        return client.post(path, sent.content or {})
    return client.post(path, b"" if sent.content is None else sent.content, content_type="application/json")


@dataclass(frozen=True)
class Sent:
    """What goes with a request: a body, parts of the address that are not keys, a query."""

    content: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)


def verdict(answer: Any, *, away: bool) -> str:
    """What an answer amounts to, in the words of the table; ``leak`` when it shows something of the other entity."""
    status = answer.status_code
    if status in {301, 302, 303} and "/login/" in answer["Location"]:
        return "302"
    if status in {409, 422}:
        return "refused"
    if status >= 400:
        return str(status)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if MARK.encode() in content.upper():
        return "leak"
    if answer.get("Content-Type") == "application/json" and "answers" in (told := answer.json()):
        return "ok" if told["done"] else "none"
    return "hidden" if away else "ok"
