"""Posting: what the product's post_payments takes against the bare set-based SQL posting of the same payments.

The bare design is the least that a ledger needs: accounts locked in the order of their keys, then one statement that
writes both legs with the running balance, moves the balances and the narrow state. Its legs have a key, the index of
statements and the index that finds a payment's legs; there are no entries, no reserved funds, no audit trail, no
constraints beyond not-null and no triggers. The product does all that in its call. Both post the same freshly approved
payments, each round new ones, in turns, and commit.

    python -m benchmarks.posting --size small|full
"""

from typing import Any

from benchmarks import harness

GOAL = 0.60

BARE = """
create schema bare;
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
create function bare.post(ids bigint[]) returns void language plpgsql set plan_cache_mode = force_custom_plan as
$$ begin
    perform 1 from bare.balance b
    where b.account_id in (
        select p.debtor_account_id from transactions_payment p where p.id = any (ids)
        union
        select a.transit_id from transactions_payment p join transactions_account a on a.id = p.debtor_account_id
        where p.id = any (ids))
    order by b.account_id for update;
    with going as materialized (
        select p.id, p.amount, p.currency, a.id as source, a.normal_side as side, o.id as other,
               o.normal_side as other_side
        from bare.state s
        join transactions_payment p on p.id = s.payment_id
        join transactions_account a on a.id = p.debtor_account_id
        join transactions_account o on o.id = a.transit_id
        where s.payment_id = any (ids) and s.status = 'approved' and a.status = 'open'),
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
    update bare.state s set status = 'posted', changed_at = clock_timestamp() from going g where g.id = s.payment_id;
end $$;
"""

STAGE = """
insert into people_entity (id, code, name, profile, country, bic, registration_number, time_zone, base_currency,
    created_at) values (1, 'BENCH', 'Bench', 'bank', 'FR', '', '', 'Europe/Paris', 'EUR', now());
insert into documents_attachment (id, entity_id, sha256, size, name, content_type, created_at)
    values (1, 1, 'x', 1, 'x', 'x', now());
insert into transactions_paymentbatch (id, entity_id, channel, attachment_id, sha256, file_name, format, message_id,
    initiating_party, status, read_count, read_sum, taken_count, problem_count, checked_count, batch_count,
    refusal_code, refusal_params, created_at)
    values (1, 1, 'file', 1, 'x', '', '', '', '', 'ready', 0, 0, 0, 0, 0, 0, '', '{}', now());
insert into transactions_account (id, entity_id, code, name, kind, normal_side, currency, iban, bic, other_number,
    status, opened_on) values
    (1, 1, 'NOSTRO', 'Nostro', 'bank', 'D', 'EUR', '', '', '', 'open', now()),
    (2, 1, 'TRANSIT', 'In transit', 'transit', 'C', 'EUR', '', '', '', 'open', now());
insert into transactions_account (id, entity_id, code, name, kind, normal_side, currency, iban, bic, other_number,
    status, opened_on, counterpart_id, transit_id)
    select 10 + g, 1, 'C' || g, 'Customer ' || g, 'customer', 'C', 'EUR', '', '', '', 'open', now(), 1, 2
    from generate_series(0, %(accounts)s - 1) g;
insert into transactions_accountbalance (account_id, balance, held, floor)
    select id, 0, 0, null from transactions_account order by id;
insert into bare.balance select id, 0 from transactions_account order by id;
"""

# Amounts and accounts in no order; a step that is prime to both spreads them evenly.
PAYMENTS = """
insert into transactions_payment (id, entity_id, batch_id, position, kind, channel, received_at, amount, currency,
    requested_execution_date, debtor_name, debtor_number, debtor_bic, debtor_account_id, ultimate_debtor, creditor_name,
    creditor_number, creditor_bic, creditor_address, ultimate_creditor, payment_info_id, instruction_id, end_to_end_id,
    uetr, remittance, creditor_reference, purpose, category_purpose, service_level, local_instrument, charge_bearer,
    fingerprint, occurrence)
select g, 1, 1, g, 'sepa', 'file', now(), (1 + g::bigint * 7919 %% 100000) / 100.0, 'EUR', current_date, 'Debtor',
    'FR1420041010050500013M02606', '', 10 + g::bigint * 48271 %% 2147483647 %% %(accounts)s, '', 'Creditor ' || g,
    'DE89370400440532013000', '', '{}', '', '', '', 'E2E-' || g, '', 'Invoice ' || g, '', '', '', 'SEPA', '', 'SLEV',
    sha256(g::text::bytea), 1
from generate_series(%(first)s, %(last)s) g;
insert into transactions_paymentstate (payment_id, entity_id, status, version, priority, due_at, outcome, risk,
    hold_count, approvals_required, approvals_given, changed_at)
select g, 1, 'approved', 3, 0, now(), 'pass', 0, 0, 1, 1, now() from generate_series(%(first)s, %(last)s) g;
insert into bare.state select g, 'approved', now() from generate_series(%(first)s, %(last)s) g;
"""


class Rounds:
    """New payments for each round, approved with their funds reserved; both sides post the same."""

    def __init__(self, size: int, accounts: int) -> None:
        self.size, self.accounts, self.last, self.fresh = size, accounts, 0, [False, False]

    def ids(self, side: int) -> list[int]:
        from django.db import transaction

        from backoffice.common import sql
        from transactions import ledger

        if not self.fresh[side]:
            first, self.last = self.last + 1, self.last + self.size
            self.fresh = [True, True]
            with harness.owner():
                sql.run(PAYMENTS, {"first": first, "last": self.last, "accounts": self.accounts})
            with transaction.atomic():
                assert ledger.reserve(range(first, self.last + 1)) == {}
            with harness.owner():
                for table in ("transactions_payment", "transactions_paymentstate", "bare.state"):
                    sql.run(f"vacuum (analyze) {table}")
        self.fresh[side] = False
        return list(range(self.last - self.size + 1, self.last + 1))


def post(ids: list[int]) -> None:
    from django.db import transaction

    from transactions import ledger

    with transaction.atomic():
        assert ledger.post(ids) == {}


def post_bare(ids: list[int]) -> None:
    from backoffice.common import sql

    sql.run("select bare.post(%s)", [ids])


def agree(size: int) -> dict[str, Any]:
    """Both designs must have written the same money; the product's books must agree with themselves."""
    from backoffice.common import sql
    from transactions import ledger

    difference = sql.rows(
        "select count(*) from transactions_accountbalance a join bare.balance b using (account_id) "
        "where a.balance <> b.balance"
    )[0][0]
    assert difference == 0, f"{difference} balances differ"
    found = ledger.audit()
    assert found == [], found[:5]
    postings, legs = sql.rows("select (select count(*) from transactions_posting), (select count(*) from bare.leg)")[0]
    assert postings == legs > 0
    return {"payments_a_round": size, "postings": postings}


def main() -> None:
    options = harness.options(__doc__ or "")
    size, accounts = options.pick(10_000, 100_000), options.pick(1_000, 10_000)
    with harness.database():
        from backoffice.common import sql

        with harness.owner():
            sql.run(BARE)
            sql.run(STAGE, {"accounts": accounts})
            sql.run("vacuum (analyze) transactions_account")
            sql.run("vacuum (analyze) bare.balance")
            sql.run("grant usage on schema bare to backoffice")
            sql.run("grant all on all tables in schema bare to backoffice")
        rounds = Rounds(size, accounts)
        product = harness.Side("product", post, lambda: rounds.ids(0))
        bare = harness.Side("bare set-based SQL", post_bare, lambda: rounds.ids(1))
        ratio = harness.compare(product, bare, rounds=options.pick(7, 5))
        detail = {
            **agree(size),
            "accounts": accounts,
            "product_per_second": round(size / product.median),
            "bare_per_second": round(size / bare.median),
        }
    harness.report("posting", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
