-- The books: what holds for every entry and posting, whoever writes them. Measured in docs/adr/0002.
--
-- An entry and its postings come in one statement: lines 1 to posting_count, at least two, debits equal to credits in
-- each currency, each posting in the currency of its account. They never change afterwards. The balance of an account
-- moves with its postings, so it is their sum.
--
-- The checks run once a statement over its new rows, by EXECUTE: planned for one row or for 100,000 as they come. What
-- they look up is bounded by keys and joined by hash, never by nested loops: statistics taken in the middle of a large
-- transaction say that a table is empty, and a plan made of that took minutes.

create function keep_books() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_nestloop = off as
$$ declare
    accounts bigint[]; nets numeric[]; currencies text[]; mixed boolean; low bigint; high bigint; longest int;
    bad bigint; moved bigint;
begin
    execute $net$
        select array_agg(n.account_id), array_agg(n.net), array_agg(n.currency), bool_or(n.currency <> n.other),
               min(n.low), max(n.high), max(n.longest)
        from (select p.account_id, sum(case p.side when 'D' then p.amount else -p.amount end) as net,
                     min(p.currency) as currency, max(p.currency) as other,
                     min(p.entry_id) as low, max(p.entry_id) as high, max(p.line) as longest
              from new_postings p group by p.account_id) n $net$
        into accounts, nets, currencies, mixed, low, high, longest;
    if accounts is null then
        return null;
    end if;

    -- Lines are unique in an entry and start at 1, so that as many lines as the last one's number are all of them. Where
    -- no entry has more than two, each first line must meet its second: half the cost of adding up.
    if longest = 2 then
        execute $check$
            select coalesce(p.entry_id, q.entry_id)
            from (select * from new_postings where line = 1) p
            full join (select * from new_postings where line = 2) q
                on q.entry_id = p.entry_id and q.amount = p.amount and q.currency = p.currency
            left join (select id, posting_count from transactions_journalentry where id between $1 and $2) e
                on e.id = p.entry_id
            where p.side is not distinct from q.side or p.side is null or q.side is null
               or e.posting_count is distinct from 2
            limit 1 $check$ into bad using low, high;
    else
        execute $check$
            select n.entry_id
            from (select p.entry_id, count(*) as lines, max(p.line) as last,
                         sum(case p.side when 'D' then p.amount else -p.amount end) as net
                  from new_postings p group by p.entry_id) n
            left join (select id, posting_count from transactions_journalentry where id between $1 and $2) e
                on e.id = n.entry_id
            where e.posting_count is distinct from n.lines or n.last <> n.lines or n.net <> 0
            limit 1 $check$ into bad using low, high;
        if bad is null and currencies[1] <> any (currencies) then
            execute $check$
                select p.entry_id from new_postings p group by p.entry_id, p.currency
                having sum(case p.side when 'D' then p.amount else -p.amount end) <> 0 limit 1 $check$ into bad;
        end if;
    end if;
    if bad is not null then
        raise exception 'Entry % does not balance, or is not complete.', bad
            using errcode = 'check_violation', constraint = 'entry_balances';
    end if;

    execute $move$
        with moves as (
            update transactions_accountbalance b
            set balance = b.balance + case a.normal_side when 'D' then n.net else -n.net end
            from unnest($1, $2, $3) as n (account_id, net, currency)
            join (select id, normal_side, currency from transactions_account where id = any ($1)) a
                on a.id = n.account_id and a.currency = n.currency
            where b.account_id = n.account_id and b.account_id = any ($1)
            returning 1)
        select count(*) from moves $move$ into moved using accounts, nets, currencies;
    if mixed or moved <> cardinality(accounts) then
        raise exception 'A posting is on an account that has a balance, in its currency.'
            using errcode = 'check_violation', constraint = 'posting_in_currency_of_account';
    end if;
    return null;
end $$;

create function refuse_empty_entry() returns trigger language plpgsql
    set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_nestloop = off as
$$ declare bad bigint; low bigint; high bigint;
begin
    select min(id), max(id) into low, high from new_entries;
    execute $check$
        select e.id from new_entries e
        left join (select entry_id from transactions_posting where entry_id between $1 and $2 and line = 1) p
            on p.entry_id = e.id
        where p.entry_id is null limit 1 $check$ into bad using low, high;
    if bad is not null then
        raise exception 'Entry % has no postings.', bad
            using errcode = 'check_violation', constraint = 'entry_balances';
    end if;
    return null;
end $$;
