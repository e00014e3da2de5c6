"""A pain.001 file from the door to the books: the whole way of the product against the bare path of the same file.

Product: the file is received and kept, read, validated against its schema, stored with states and records, judged by
every rule, validated by one person and approved by another with ceilings, requirements and signatures, funds reserved,
and posted: entries, postings with running balances, states and an audit record for each act. Limit: parse the same
file, COPY it to a stage, ask the database about duplicates, accounts and currencies, keep the payments in one table,
and post them by set-based SQL: both legs with the running balance, the balances, a narrow state. Small: 10,000
payments; full: 100,000.

    python -m benchmarks.intake_to_posted --size small|full
"""

import io
import itertools
from decimal import Decimal
from typing import Any

from benchmarks import harness, intake

GOAL = 0.20

# What posting writes in benchmarks/posting.py, for payments of a table of its own.
TABLES = """
create schema bare;
create table bare.payment (
    id bigint generated always as identity primary key, position int not null, account_id bigint not null,
    instruction_id text not null, end_to_end_id text not null, amount numeric(18,5) not null, currency text not null,
    creditor_bic text not null, creditor_name text not null, street text not null, building text not null,
    post_code text not null, town text not null, country text not null, creditor_number text not null,
    remittance text not null);
create index on bare.payment (end_to_end_id);
create table bare.balance (account_id bigint primary key, balance numeric(18,5) not null) with (fillfactor = 50);
create table bare.state (
    payment_id bigint primary key, status varchar(10) not null, changed_at timestamptz not null) with (fillfactor = 45);
create index on bare.state (changed_at) where status in ('received', 'approved', 'posted');
create table bare.leg (
    id bigint generated always as identity primary key, payment_id bigint not null, account_id bigint not null,
    side varchar(1) not null, amount numeric(18,5) not null, currency varchar(3) not null,
    balance_after numeric(18,5) not null, created_at timestamptz not null);
create index on bare.leg (account_id, created_at, id);
create index on bare.leg (payment_id);
insert into bare.balance select id, 0 from transactions_account;
grant usage on schema bare to backoffice;
grant all on all tables in schema bare to backoffice;
grant usage on all sequences in schema bare to backoffice;
"""
KEEP = """
with kept as (
    insert into bare.payment (position, account_id, instruction_id, end_to_end_id, amount, currency, creditor_bic,
        creditor_name, street, building, post_code, town, country, creditor_number, remittance)
    select b.position, a.id, b.instruction_id, b.end_to_end_id, b.amount, b.currency, b.creditor_bic, b.creditor_name,
           b.street, b.building, b.post_code, b.town, b.country, b.creditor_number, b.remittance
    from bare b cross join (select id from transactions_account where iban = %(debtor)s) a order by b.position
    returning id
)
insert into bare.state select id, 'approved', clock_timestamp() from kept
"""
LOCK = """
    select 1 from bare.balance where account_id in (
        select unnest(array[id, transit_id]) from transactions_account where iban = %(debtor)s)
    order by account_id for update
"""
POST = """
with going as materialized (
    select p.id, p.amount, p.currency, a.id as source, a.normal_side as side, o.id as other,
           o.normal_side as other_side
    from bare.state s
    join bare.payment p on p.id = s.payment_id
    join transactions_account a on a.id = p.account_id
    join transactions_account o on o.id = a.transit_id
    where s.status = 'approved' and a.status = 'open'),
legs as (
    select id, source as account, case side when 'C' then 'D' else 'C' end as side, amount, currency,
           -amount as net from going
    union all
    select id, other, side, amount, currency, case when side = other_side then amount else -amount end from going),
written as (
    insert into bare.leg (payment_id, account_id, side, amount, currency, balance_after, created_at)
    select l.id, l.account, l.side, l.amount, l.currency,
           b.balance + sum(l.net) over (partition by l.account order by l.id rows unbounded preceding),
           clock_timestamp()
    from legs l join bare.balance b on b.account_id = l.account),
balances as (
    update bare.balance b set balance = b.balance + n.net
    from (select account, sum(net) as net from legs group by account) n where n.account = b.account_id)
update bare.state s set status = 'posted', changed_at = clock_timestamp() from going g where g.id = s.payment_id
"""
EMPTIED = (
    *intake.EMPTIED, "transactions_paymentapproval", "transactions_paymentrequirement", "transactions_journalentry",
    "transactions_posting", "bare.payment", "bare.state", "bare.leg",
)  # fmt: skip


def bare(given: tuple[bytes, str, int]) -> None:
    from django.db import connection, transaction

    from backoffice.common import sql

    file, debtor, count = given
    asked = {"debtor": debtor}
    with transaction.atomic():
        sql.run(intake.STAGE)
        lines = intake.leaves(file)
        with connection.cursor() as cursor:
            while chunk := list(itertools.islice(lines, 10_000)):
                cursor.copy_expert("copy bare from stdin", io.StringIO("\n".join(chunk) + "\n"))
        sql.run("analyze bare")
        for check in intake.CHECKS:
            sql.rows(check, asked)
        sql.run(KEEP, asked)
        sql.run(LOCK, asked)
        if sql.run(POST) != count:
            raise RuntimeError("the limit must post every payment")


def product(given: tuple[dict[str, Any], bytes, int]) -> None:
    """The same calls as the screens make; tasks run in place, so that each step has woken the next one."""
    from controls import approvals
    from transactions import workflow
    from transactions.models import Payment, PaymentState

    place, _file, count = given
    intake.product(given)
    ids = list(Payment.objects.order_by("pk").values_list("pk", flat=True))
    for sign, person in ((approvals.validate, "validator"), (workflow.approve, "approver")):
        refused = [answer for answer in sign(ids=ids, actor=place[person], reason="As agreed") if not answer.done]
        if refused:
            raise RuntimeError(f"{len(refused)} refused: {refused[0]}")
    posted = PaymentState.objects.filter(status="posted").count()
    if posted != count:
        raise RuntimeError(f"{posted} of {count} payments were posted")


def people(place: dict[str, Any]) -> None:
    """Two who may sign as far as this file goes, one approval asked, and no time to take it back."""
    from backoffice.people import roles
    from backoffice.people.models import Grant, Limit, User
    from controls.models import ApprovalPolicy

    place["entity"].undo_seconds = 0
    place["entity"].save()
    ApprovalPolicy.objects.create(entity=place["entity"], from_amount=Decimal(0), approvals=1)
    for name in ("validator", "approver"):
        place[name] = user = User.objects.create_user(email=f"{name}@example.org", full_name=name.title())
        Grant.objects.create(user=user, role=roles.SUPERVISOR, entity=place["entity"])
        for act in Limit.Act.values:
            Limit.objects.create(user=user, act=act, currency="EUR", amount=Decimal(1_000_000))


def payees(place: dict[str, Any]) -> None:
    """The creditors of the file are known and their bank details confirmed, as most are in what a company pays."""
    from django.utils import timezone

    from transactions.intake import names
    from transactions.models import BankDetails, Payee

    now = timezone.now()
    known = Payee.objects.bulk_create(
        Payee(entity=place["entity"], name=name, name_key=names.key(name), country="DE", created_at=now)
        for name, _iban in place["creditors"]
    )
    BankDetails.objects.bulk_create(
        BankDetails(
            payee=payee, entity=place["entity"], account_number=iban, bic="", valid_from=now,
            added_by=place["validator"], confirmed_by=place["approver"], confirmed_at=now,
        )
        for payee, (_name, iban) in zip(known, place["creditors"], strict=True)
    )  # fmt: skip


def emptied() -> None:
    """Every round meets the same tables and balances."""
    harness.as_owner(
        f"set session_replication_role = replica; truncate {', '.join(EMPTIED)} cascade;"
        "update transactions_accountbalance set balance = 0, held = 0; update bare.balance set balance = 0"
    )


def main() -> None:
    options = harness.options(__doc__ or "")
    count, rounds = options.pick(10_000, 100_000), options.pick(3, 5)
    with harness.database(valkey=True):
        from transactions import ledger

        with harness.owner():
            place = intake.found()
            people(place)
            payees(place)
        harness.as_owner(TABLES)

        def fresh() -> bytes:
            emptied()
            return intake.content(count, place["debtor"], place["creditors"])

        sides = (
            harness.Side("product", product, lambda: (place, fresh(), count)),
            harness.Side("limit", bare, lambda: (fresh(), place["debtor"], count)),
        )
        ratio = harness.compare(*sides, rounds=rounds, warm_up=1)
        emptied()
        product((place, fresh(), count))
        differences = ledger.audit()
        assert differences == [], differences[:5]
    detail = {
        "payments": count,
        "product_seconds": round(sides[0].median, 3),
        "limit_seconds": round(sides[1].median, 3),
        "product_per_second": round(count / sides[0].median),
        "limit_per_second": round(count / sides[1].median),
    }
    harness.report("intake_to_posted", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
