-- The books: what holds for every entry and posting, whoever writes them. Measured in docs/adr/0002.
--
-- An entry and its postings come in one statement: lines 1 to posting_count, at least two, debits equal to credits in
-- each currency, every account of the entry's entity and of the posting's currency. They never change afterwards. The
-- balance of an account moves with its postings, so it is their sum, and starts at zero.
--
-- The checks run once a statement over its new rows, by EXECUTE: planned for one row or for 100,000 as they come. A plan
-- kept from a session's first call was a thousand times slower when the next one had another size.

create function keep_books() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as
$$ declare bad bigint; accounts bigint; moved bigint;
begin
    execute $check$
    select n.entry_id
    from (select c.entry_id, sum(c.lines) as lines, min(c.low) as low, max(c.high) as high, bool_and(c.net = 0) as even
          from (select p.entry_id, p.currency, count(*) as lines, min(p.line) as low, max(p.line) as high,
                       sum(case p.side when 'D' then p.amount else -p.amount end) as net
                from new_postings p group by p.entry_id, p.currency) c
          group by c.entry_id) n
    left join transactions_journalentry e on e.id = n.entry_id
    where e.id is null or not n.even or n.lines <> e.posting_count or n.low <> 1 or n.high <> n.lines
    limit 1 $check$ into bad;
    if bad is not null then
        raise exception 'Entry % does not balance, or is not complete.', bad
            using errcode = 'check_violation', constraint = 'entry_balances';
    end if;

    execute $move$
    with nets as materialized (
        select p.account_id, p.currency, sum(case p.side when 'D' then p.amount else -p.amount end) as net
        from new_postings p group by p.account_id, p.currency),
    moves as (
        update transactions_accountbalance b
        set balance = b.balance + case a.normal_side when 'D' then n.net else -n.net end
        from nets n join transactions_account a on a.id = n.account_id and a.currency = n.currency
        where b.account_id = n.account_id
        returning 1)
    select (select count(*) from nets), (select count(*) from moves) $move$ into accounts, moved;
    if accounts <> moved then
        raise exception 'A posting is in the currency of its account.'
            using errcode = 'check_violation', constraint = 'posting_in_currency_of_account';
    end if;
    return null;
end $$;
create trigger keep_books after insert on transactions_posting
    referencing new table as new_postings for each statement execute function keep_books();

create function refuse_empty_entry() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as
$$ declare bad bigint;
begin
    execute $check$
    select e.id from new_entries e
    where not exists (select 1 from transactions_posting p where p.entry_id = e.id and p.line = 1)
    limit 1 $check$ into bad;
    if bad is not null then
        raise exception 'Entry % has no postings.', bad
            using errcode = 'check_violation', constraint = 'entry_balances';
    end if;
    return null;
end $$;
create trigger with_postings after insert on transactions_journalentry
    referencing new table as new_entries for each statement execute function refuse_empty_entry();

create trigger append_only before update or delete on transactions_journalentry
    for each row execute function refuse_change();
create trigger append_only_all before truncate on transactions_journalentry
    for each statement execute function refuse_change();
create trigger append_only before update or delete on transactions_posting
    for each row execute function refuse_change();
create trigger append_only_all before truncate on transactions_posting
    for each statement execute function refuse_change();

-- Hot rows stay on their page: a balance is updated in place, a state moves within its page.
alter table transactions_accountbalance set (fillfactor = 50);
alter table transactions_paymentstate set (fillfactor = 70);

