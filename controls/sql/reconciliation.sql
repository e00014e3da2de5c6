-- Statements against the books. What is open on both sides, and matches, are written by these functions alone: they run
-- as the owner, and refuse what would match a part of a line or posting twice, or what does not add up. Locks: the row
-- of the account in controls_reconciled, then open lines, then open items, each by ascending key.

-- References are compared by their letters and digits alone.
create function match_key(said text) returns text language sql immutable parallel safe as
$$ select coalesce(nullif(nullif(nullif(upper(translate(said, ' -/._:;,+()?''"#*&', '')), 'NOTPROVIDED'), 'NONREF'),
                          'NOTAPPLICABLE'), '') $$;
-- The longest word with a digit, of five characters at least: what an invoice, order or contract is called.
create function match_document(said text) returns text language sql immutable parallel safe as
$$ select coalesce((
       select w from (select translate(t, '-/._#', '') as w
                      from unnest(string_to_array(translate(upper(said), E',;:()+?''"\n\t', '           '), ' ')) as t) x
       where length(w) between 5 and 35 and translate(w, '0123456789', '') <> w
       order by length(w) desc, w limit 1), '') $$;
-- A name by its words: no accents, no legal forms, in the order of the alphabet.
create function match_name(said text) returns text language sql immutable parallel safe as
$$ select coalesce(string_agg(w, ' ' order by w), '')
   from (select distinct w from unnest(string_to_array(translate(upper(translate(said,
             'àâäáãåçéèêëíìîïñóòôöõúùûüýÿÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜÝ',
             'aaaaaaceeeeiiiinooooouuuuyyAAAAAACEEEEIIIINOOOOOUUUUY')), '.,;:-/''"()&+*', '             '), ' ')) as w
         where length(w) > 1 and w not in ('SA', 'SAS', 'SARL', 'SASU', 'EURL', 'SCI', 'SNC', 'GMBH', 'AG', 'KG', 'LTD',
             'LLC', 'INC', 'BV', 'NV', 'SPA', 'SRL', 'SL', 'PLC', 'CIE', 'ETS', 'DE', 'LA', 'LE', 'LES', 'DU', 'DES',
             'ET', 'AND', 'THE', 'OF', 'MR', 'MME', 'VIR', 'VIREMENT', 'SEPA', 'RECU', 'INST', 'PRLV', 'EMIS')) x $$;

create function match_amount_key(account bigint, credit boolean, amount numeric) returns bigint
language sql immutable parallel safe as
$$ select hashtextextended(account || case when credit then '+' else '-' end || trim_scale(amount), 0) $$;
create function match_exact_key(account bigint, credit boolean, amount numeric, reference text) returns bigint
language sql immutable parallel safe as
$$ select case when reference <> '' then
       hashtextextended(account || case when credit then '+' else '-' end || trim_scale(amount) || '|' || reference, 0)
   end $$;

-- The books' side: what was posted on accounts at banks, but for what was there before the books. As open items are.
create view controls_bookside as
select p.id, e.entity_id, p.account_id, p.entry_id, p.line as posting_line, e.payment_id, p.side = 'D' as credit,
       p.amount, p.currency, e.value_date as booked_on, p.created_at, e.kind, e.reverses_id,
       match_key(coalesce(m.end_to_end_id, '')) as reference,
       coalesce(nullif(match_key(coalesce(m.creditor_reference, '')), ''),
                nullif(match_document(coalesce(m.remittance, '')), ''), match_document(e.label)) as document,
       match_key(coalesce(f.message_id, '')) as file, o.block,
       coalesce(case when m.kind in ('incoming', 'debit', 'card') then m.debtor_number else m.creditor_number end, '')
           as number,
       left(coalesce(case when m.kind in ('incoming', 'debit', 'card') then m.debtor_name else m.creditor_name end,
                     acquirer.name, e.label), 140) as name, e.reverses_id is not null as reversal
from transactions_posting p
join transactions_journalentry e on e.id = p.entry_id and e.kind <> 'opening'
left join transactions_payment m on m.id = e.payment_id
left join transactions_outgoingitem o on o.payment_id = e.payment_id
left join transactions_outgoingfile f on f.id = o.file_id
left join transactions_payout y on y.entry_id = e.id
left join transactions_account acquirer on acquirer.id = y.acquirer_id;

-- Payments that were sent and whose settlement will be posted on an account at a bank. Of customers' accounts transfers
-- are posted there when they settle, of a company's own accounts what it collects.
create view controls_awaited as
select -p.id as id, p.entity_id, case a.kind when 'bank' then a.id else a.counterpart_id end as account_id,
       p.id as payment_id, f.id as file_id, p.kind = 'debit' as credit, p.amount, p.currency,
       coalesce(s.execution_date, p.requested_execution_date) as booked_on, match_key(p.end_to_end_id) as reference,
       coalesce(nullif(match_key(p.creditor_reference), ''), match_document(p.remittance)) as document,
       match_key(f.message_id) as file, o.block,
       case p.kind when 'debit' then p.debtor_number else p.creditor_number end as number,
       left(case p.kind when 'debit' then p.debtor_name else p.creditor_name end, 140) as name, false as reversal
from transactions_outgoingfile f
join transactions_account a on a.id = f.account_id
join transactions_outgoingitem o on o.file_id = f.id
join transactions_payment p on p.id = o.payment_id
join transactions_paymentstate s on s.payment_id = p.id and s.status = 'sent'
where f.status = 'sent' and (a.kind = 'bank') = (p.kind = 'debit');

create function open_lines(ids bigint[]) returns void language sql security definer
set search_path = pg_catalog, public, pg_temp as
$$
    -- What is left of these lines, unless no statement tells them any more.
    insert into controls_openline (line_id, entity_id, account_id, statement_id, credit, amount, open, currency,
                                   booking_on, exact_key, amount_key, reference, is_new)
    select l.id, l.entity_id, l.account_id, t.statement_id, l.credit, l.amount, x.open, l.currency, l.booking_on,
           match_exact_key(l.account_id, l.credit, x.open, k.reference),
           match_amount_key(l.account_id, l.credit, x.open), k.reference, true
    from transactions_statementline l
    cross join lateral (
        select r.statement_id from transactions_statementline r join transactions_statement s on s.id = r.statement_id
        where (r.id = l.id or r.origin_id = l.id) and r.account_id = l.account_id and s.status = 'taken'
        order by r.id desc limit 1) t
    cross join lateral (
        select l.amount - coalesce(sum(m.amount), 0) as open from controls_matchline m
        join controls_match h on h.id = m.match_id and h.undone_at is null where m.line_id = l.id) x
    cross join lateral (
        select case when l.detail_count > 1 then '' else
            coalesce(nullif(match_key(l.end_to_end_id), ''), match_key(l.customer_reference)) end as reference) k
    where l.id = any (ids) and l.origin_id is null and x.open > 0
    on conflict (line_id) do update
        set open = excluded.open, exact_key = excluded.exact_key, amount_key = excluded.amount_key, is_new = true
$$;
revoke execute on function open_lines(bigint[]) from public;

-- Draw in what statements told: new lines are open, and lines that a corrected statement does not tell any more are
-- not. Returns how many are new; matches of lines that are told no more are undone by who asked for it.
create function draw_lines(accounts bigint[]) returns integer language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
declare told bigint[]; gone bigint[]; drawn integer;
begin
    select array_agg(s.id) into told from transactions_statement s
    where s.account_id = any (accounts) and s.matched_at is null;
    if told is null then return 0; end if;
    -- Of statements that were replaced: what their successor does not tell.
    select array_agg(coalesce(l.origin_id, l.id)) into gone
    from transactions_statement s join transactions_statementline l on l.statement_id = s.supersedes_id
    where s.id = any (told) and s.supersedes_id is not null and not exists (
        select 1 from transactions_statementline n join transactions_statement t on t.id = n.statement_id
        where n.origin_id = coalesce(l.origin_id, l.id) and n.account_id = l.account_id and t.status = 'taken');
    if gone is not null then
        perform undo_matches(array(select distinct m.match_id from controls_matchline m where m.line_id = any (gone)),
                             null, 'withdrawn');
        delete from controls_openline o where o.line_id = any (gone);
    end if;
    insert into controls_openline (line_id, entity_id, account_id, statement_id, credit, amount, open, currency,
                                   booking_on, exact_key, amount_key, reference, is_new)
    select l.id, l.entity_id, l.account_id, l.statement_id, l.credit, l.amount, l.amount, l.currency, l.booking_on,
           match_exact_key(l.account_id, l.credit, l.amount, k.reference),
           match_amount_key(l.account_id, l.credit, l.amount), k.reference, true
    from transactions_statement s
    join transactions_statementline l on l.statement_id = s.id and l.origin_id is null and l.status = 'booked'
    cross join lateral (
        select case when l.detail_count > 1 then '' else
            coalesce(nullif(match_key(l.end_to_end_id), ''), match_key(l.customer_reference)) end as reference) k
    where s.id = any (told) and s.status = 'taken' and s.kind not in ('camt052', 'camt054', 'mt942')
    on conflict (line_id) do nothing;
    get diagnostics drawn = row_count;
    -- What is looked up next is planned by what is there now.
    if drawn > 20000 then analyze controls_openline; end if;
    -- A line told again after it was gone.
    perform open_lines(array(
        select l.origin_id from transactions_statement s
        join transactions_statementline l on l.statement_id = s.id and l.origin_id is not null and l.status = 'booked'
        where s.id = any (told) and s.status = 'taken'
          and not exists (select 1 from controls_openline o where o.line_id = l.origin_id)
          and not exists (select 1 from controls_matchline m join controls_match h on h.id = m.match_id
                          where m.line_id = l.origin_id and h.undone_at is null)));
    update transactions_statement s set matched_at = clock_timestamp() where s.id = any (told);
    return drawn;
end $$;

create function open_posting(entries bigint[], places smallint[]) returns void language sql security definer
set search_path = pg_catalog, public, pg_temp as
$$
    insert into controls_openitem (id, entity_id, account_id, entry_id, posting_line, payment_id, credit, amount, open,
        currency, booked_on, exact_key, amount_key, reference, document, file, block, number, name, reversal, is_new)
    select b.id, b.entity_id, b.account_id, b.entry_id, b.posting_line, b.payment_id, b.credit, b.amount, x.open,
           b.currency, b.booked_on, match_exact_key(b.account_id, b.credit, x.open, b.reference),
           match_amount_key(b.account_id, b.credit, x.open), b.reference, b.document, b.file, b.block, b.number, b.name, b.reversal, true
    from unnest(entries, places) as k (entry, place)
    join controls_bookside b on b.entry_id = k.entry and b.posting_line = k.place
    cross join lateral (
        select b.amount - coalesce(sum(m.amount), 0) as open from controls_matchposting m
        join controls_match h on h.id = m.match_id and h.undone_at is null
        where m.entry_id = b.entry_id and m.posting_line = b.posting_line) x
    where x.open > 0
    on conflict (id) do update
        set open = excluded.open, exact_key = excluded.exact_key, amount_key = excluded.amount_key, is_new = true
$$;
revoke execute on function open_posting(bigint[], smallint[]) from public;

-- Draw in what was posted since, and what was sent. On one account postings are written one after the other, under the
-- lock of its balance, so none comes to stand before one that was drawn.
create function draw_items(accounts bigint[]) returns integer language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
declare drawn integer; waiting integer;
begin
    -- What waited and is posted now, or was not executed. A payment that was matched while it waited is posted where it
    -- was matched: its posting is not open again.
    delete from controls_openitem o using transactions_paymentstate s
    where o.account_id = any (accounts) and o.entry_id is null and s.payment_id = o.payment_id and s.status <> 'sent';
    update controls_matchposting m set entry_id = b.entry_id, posting_line = b.posting_line
    from controls_reconciled r
    join transactions_posting t on t.account_id = r.account_id
        and (t.created_at, t.id) > (coalesce(r.posted_at, '-infinity'), r.posting_id)
    join transactions_journalentry b_entry on b_entry.id = t.entry_id and b_entry.kind = 'settlement'
    cross join lateral (select t.entry_id, t.line as posting_line) b
    where r.account_id = any (accounts) and m.payment_id = b_entry.payment_id and m.entry_id is null
      and exists (select 1 from controls_match h
                  where h.id = m.match_id and h.account_id = r.account_id and h.undone_at is null);
    insert into controls_openitem (id, entity_id, account_id, entry_id, posting_line, payment_id, credit, amount, open,
        currency, booked_on, exact_key, amount_key, reference, document, file, block, number, name, reversal, is_new)
    select b.id, b.entity_id, b.account_id, b.entry_id, b.posting_line, b.payment_id, b.credit, b.amount, b.amount,
           b.currency, b.booked_on, match_exact_key(b.account_id, b.credit, b.amount, b.reference),
           match_amount_key(b.account_id, b.credit, b.amount), b.reference, b.document, b.file, b.block, b.number, b.name, b.reversal, true
    from controls_reconciled r
    join controls_bookside b on b.account_id = r.account_id
        and (b.created_at, b.id) > (coalesce(r.posted_at, '-infinity'), r.posting_id)
    where r.account_id = any (accounts)
      and not exists (select 1 from controls_matchposting m
                      join controls_match h on h.id = m.match_id and h.undone_at is null
                      where m.entry_id = b.entry_id and m.posting_line = b.posting_line);
    get diagnostics drawn = row_count;
    update controls_reconciled r set posted_at = l.created_at, posting_id = l.id
    from controls_reconciled q cross join lateral (
        select t.created_at, t.id from transactions_posting t where t.account_id = q.account_id
        order by t.created_at desc, t.id desc limit 1) l
    where q.account_id = any (accounts) and r.account_id = q.account_id;
    with files as (
        insert into controls_drawnfile (file_id)
        select f.id from transactions_outgoingfile f join transactions_account a on a.id = f.account_id
        where f.status = 'sent' and case a.kind when 'bank' then a.id else a.counterpart_id end = any (accounts)
          and not exists (select 1 from controls_drawnfile d where d.file_id = f.id)
        on conflict do nothing returning file_id)
    insert into controls_openitem (id, entity_id, account_id, payment_id, credit, amount, open, currency, booked_on,
        exact_key, amount_key, reference, document, file, block, number, name, reversal, is_new)
    select w.id, w.entity_id, w.account_id, w.payment_id, w.credit, w.amount, w.amount, w.currency, w.booked_on,
           match_exact_key(w.account_id, w.credit, w.amount, w.reference),
           match_amount_key(w.account_id, w.credit, w.amount), w.reference, w.document, w.file, w.block, w.number, w.name, w.reversal, true
    from controls_awaited w where w.file_id in (select file_id from files)
    on conflict (id) do nothing;
    get diagnostics waiting = row_count;
    if drawn + waiting > 20000 then analyze controls_openitem; end if;
    return drawn + waiting;
end $$;

create function refuse_match(said text, named text) returns void language plpgsql as
$$ begin
    raise exception using message = said, errcode = 'check_violation', constraint = named;
end $$;

-- Keep what the passes found one to one, of equal amounts: pg_temp.kept_pairs (match_id, line, item, code, rule,
-- confidence, reasons). A line or item of it that is not open any more, or not whole, is refused with all. A million
-- pairs pass from one step to the next in memory.
create function keep_pairs(who bigint) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan set work_mem = '256MB' as
$$
declare asked bigint; kept bigint; lines bigint; items bigint; moment timestamptz := clock_timestamp();
begin
    select count(*) into asked from pg_temp.kept_pairs;
    with gone_lines as (
        delete from controls_openline l using pg_temp.kept_pairs k where l.line_id = k.line
        returning k.match_id, l.line_id, l.entity_id, l.account_id, l.credit, l.open, k.item, k.code, k.rule,
                  k.confidence, k.reasons),
    gone_items as (
        delete from controls_openitem i using pg_temp.kept_pairs k where i.id = k.item
        returning k.match_id, i.id, i.account_id, i.credit, i.open, i.entry_id, i.posting_line, i.payment_id),
    both_sides as materialized (
        select l.*, i.entry_id, i.posting_line, i.payment_id
        from gone_lines l join gone_items i
            on i.match_id = l.match_id and (i.account_id, i.credit, i.open) = (l.account_id, l.credit, l.open)),
    heads as (
        insert into controls_match (id, entity_id, account_id, code, rule_id, reasons, confidence, difference,
                                    difference_code, made_by_id, reason, made_at, undo_reason)
        select match_id, entity_id, account_id, code, rule, reasons, confidence, 0, '', who, '', moment, ''
        from both_sides returning 1),
    of_lines as (
        insert into controls_matchline (match_id, line_id, amount) select match_id, line_id, open from both_sides
        returning 1),
    of_items as (
        insert into controls_matchposting (match_id, item, entry_id, posting_line, payment_id, amount)
        select match_id, item, entry_id, posting_line, payment_id, open from both_sides returning 1)
    select (select count(*) from both_sides), (select count(*) from gone_lines), (select count(*) from gone_items)
    into kept, lines, items;
    if (kept, lines, items) <> (asked, asked, asked) then
        perform refuse_match('A line or posting of these matches is matched already, or not of equal amount.',
                             'match_once');
    end if;
    return kept;
end $$;

-- Keep groups: pg_temp.kept_matches (match_id, account, code, rule, confidence, reasons, difference, difference_code),
-- pg_temp.kept_lines (match_id, line, amount) and pg_temp.kept_items (match_id, item, amount). What the lines move less
-- what the items move is the difference, which is said. Nothing is taken beyond what is open.
create function keep_groups(who bigint, words text default '') returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan as
$$
declare asked bigint; moment timestamptz := clock_timestamp(); line_count bigint; item_count bigint;
begin
    perform 1 from controls_openline l where l.line_id in (select k.line from pg_temp.kept_lines k)
    order by l.line_id for update;
    perform 1 from controls_openitem i where i.id in (select k.item from pg_temp.kept_items k) order by i.id for update;
    if exists (
        select 1 from (select k.line, sum(k.amount) as taken, min(k.amount) as least, min(m.account) as account
                       from pg_temp.kept_lines k join pg_temp.kept_matches m on m.match_id = k.match_id group by 1) t
        left join controls_openline l on l.line_id = t.line
        where l.line_id is null or t.taken > l.open or t.least <= 0 or l.account_id <> t.account
    ) or exists (
        select 1 from (select k.item, sum(k.amount) as taken, min(k.amount) as least, min(m.account) as account
                       from pg_temp.kept_items k join pg_temp.kept_matches m on m.match_id = k.match_id group by 1) t
        left join controls_openitem i on i.id = t.item
        where i.id is null or t.taken > i.open or t.least <= 0 or i.account_id <> t.account
    ) then
        perform refuse_match('A line or posting of this match is matched already.', 'match_once');
    end if;
    if exists (
        select 1 from pg_temp.kept_matches m
        left join (select k.match_id, sum(case when l.credit then k.amount else -k.amount end) as moved, count(*) as n
                   from pg_temp.kept_lines k join controls_openline l on l.line_id = k.line group by 1) b
            on b.match_id = m.match_id
        left join (select k.match_id, sum(case when i.credit then k.amount else -k.amount end) as moved, count(*) as n
                   from pg_temp.kept_items k join controls_openitem i on i.id = k.item group by 1) o
            on o.match_id = m.match_id
        where coalesce(b.moved, 0) - coalesce(o.moved, 0) <> m.difference
           or coalesce(b.n, 0) + coalesce(o.n, 0) < 2
    ) then
        perform refuse_match('The two sides of this match do not add up.', 'match_adds_up');
    end if;
    insert into controls_match (id, entity_id, account_id, code, rule_id, reasons, confidence, difference,
                                difference_code, made_by_id, reason, made_at, undo_reason)
    select m.match_id, a.entity_id, m.account, m.code, m.rule, m.reasons, m.confidence, m.difference,
           m.difference_code, who, words, moment, ''
    from pg_temp.kept_matches m join transactions_account a on a.id = m.account;
    get diagnostics asked = row_count;
    insert into controls_matchline (match_id, line_id, amount)
    select k.match_id, k.line, k.amount from pg_temp.kept_lines k;
    insert into controls_matchposting (match_id, item, entry_id, posting_line, payment_id, amount)
    select k.match_id, k.item, i.entry_id, i.posting_line, i.payment_id, k.amount
    from pg_temp.kept_items k join controls_openitem i on i.id = k.item;
    with taken as (select k.line, sum(k.amount) as amount from pg_temp.kept_lines k group by 1),
    gone as (delete from controls_openline l using taken t where l.line_id = t.line and l.open = t.amount)
    update controls_openline l set open = l.open - t.amount,
        amount_key = match_amount_key(l.account_id, l.credit, l.open - t.amount),
        exact_key = match_exact_key(l.account_id, l.credit, l.open - t.amount, l.reference)
    from taken t where l.line_id = t.line and l.open > t.amount;
    with taken as (select k.item, sum(k.amount) as amount from pg_temp.kept_items k group by 1),
    gone as (delete from controls_openitem i using taken t where i.id = t.item and i.open = t.amount)
    update controls_openitem i set open = i.open - t.amount,
        amount_key = match_amount_key(i.account_id, i.credit, i.open - t.amount),
        exact_key = match_exact_key(i.account_id, i.credit, i.open - t.amount, i.reference)
    from taken t where i.id = t.item and i.open > t.amount;
    return asked;
end $$;

-- Book what the bank moved beyond the books (transactions/sql/charges.sql); where there is no account for it, it stays
-- unbooked and said. The posting on the bank's account belongs to the match. Returns how many were booked.
create function book_differences(ids bigint[], who bigint) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
declare matches bigint[]; banks bigint[]; amounts numeric[]; labels text[]; days date[]; booked bigint;
begin
    select array_agg(m.id order by m.id), array_agg(m.account_id order by m.id), array_agg(m.difference order by m.id),
           array_agg(m.difference_code order by m.id), array_agg(l.value_on order by m.id)
    into matches, banks, amounts, labels, days
    from controls_match m
    left join lateral (select max(t.value_on) as value_on from controls_matchline k
                       join transactions_statementline t on t.id = k.line_id where k.match_id = m.id) l on true
    where m.id = any (ids) and m.difference <> 0 and m.difference_entry_id is null and m.undone_at is null;
    if matches is null then return 0; end if;
    with made as materialized (
        select matches[c.place] as match_id, amounts[c.place] as difference, c.entry, c.posting
        from book_charges(banks, amounts, labels, days) c),
    theirs as (
        insert into controls_matchposting (match_id, item, entry_id, posting_line, amount)
        select d.match_id, d.posting, d.entry, 1, abs(d.difference) from made d),
    said as (
        update controls_match m set difference_entry_id = d.entry from made d where m.id = d.match_id),
    acts as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select m.entity_id, 'match', m.id, 'match.difference_booked', who,
               '{"difference":"' || d.difference || '","entry":' || d.entry || '}'
        from made d join controls_match m on m.id = d.match_id order by m.id)
    select count(*) into booked from made;
    return booked;
end $$;

-- Take back what was booked so, for matches that were undone: its posting and the reversal's cancel each other.
create function unbook_differences(ids bigint[]) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
declare undone bigint;
begin
    with reversed as materialized (
        select r.*, m.entity_id, m.account_id, m.difference, nextval('controls_match_id_seq') as made
        from reverse_charges(array(select m.difference_entry_id from controls_match m
                                   where m.id = any (ids) and m.undone_at is not null
                                     and m.difference_entry_id is not null)) r
        join controls_match m on m.difference_entry_id = r.entry),
    heads as (
        insert into controls_match (id, entity_id, account_id, code, reasons, confidence, difference, difference_code,
                                    reason, made_at, undo_reason)
        select made, entity_id, account_id, 'contra', '[{"code": "match.contra"}]', 100, 0, '', '', clock_timestamp(), ''
        from reversed),
    gone as (delete from controls_openitem i using reversed r where i.id = r.reversed_posting),
    theirs as (
        insert into controls_matchposting (match_id, item, entry_id, posting_line, amount)
        select made, reversed_posting, entry, 1, abs(difference) from reversed
        union all select made, posting, reversal, 1, abs(difference) from reversed)
    select count(*) into undone from reversed;
    return undone;
end $$;

-- Undo matches, with a reason: what they took is open again. Those that were undone before are left out.
create function undo_matches(ids bigint[], who bigint, words text) returns bigint language plpgsql security definer
set search_path = pg_catalog, public, pg_temp as
$$
declare undone bigint[];
begin
    with marked as (
        update controls_match m set undone_at = clock_timestamp(), undone_by_id = who, undo_reason = words
        where m.id = any (ids) and m.undone_at is null returning m.id)
    select array_agg(id) into undone from marked;
    if undone is null then return 0; end if;
    perform open_lines(array(select distinct l.line_id from controls_matchline l where l.match_id = any (undone)));
    perform open_posting(array_agg(p.entry_id), array_agg(p.posting_line))
    from (select distinct q.entry_id, q.posting_line from controls_matchposting q
          where q.match_id = any (undone) and q.entry_id is not null) p;
    insert into controls_openitem (id, entity_id, account_id, payment_id, credit, amount, open, currency, booked_on,
        exact_key, amount_key, reference, document, file, block, number, name, reversal, is_new)
    select w.id, w.entity_id, w.account_id, w.payment_id, w.credit, w.amount, w.amount, w.currency, w.booked_on,
           match_exact_key(w.account_id, w.credit, w.amount, w.reference),
           match_amount_key(w.account_id, w.credit, w.amount), w.reference, w.document, w.file, w.block, w.number, w.name, w.reversal, true
    from controls_matchposting p join controls_awaited w on w.payment_id = p.payment_id
    where p.match_id = any (undone) and p.entry_id is null
    on conflict (id) do nothing;
    return cardinality(undone);
end $$;

-- Matches stay; only that they were undone is added.
create function refuse_match_change() returns trigger language plpgsql as
$$ begin
    raise exception 'A match stays on record as it was made.'
        using errcode = 'check_violation', constraint = 'match_stays';
end $$;
create trigger stays before delete on controls_match for each row execute function refuse_match_change();
create trigger stays_as_made before update on controls_match for each row
    when (old.undone_at is not null
          or old.difference_entry_id is not null and new.difference_entry_id is distinct from old.difference_entry_id
          or (old.account_id, old.code, old.difference, old.made_at, old.made_by_id, old.reasons)
             is distinct from (new.account_id, new.code, new.difference, new.made_at, new.made_by_id, new.reasons))
    execute function refuse_match_change();
create trigger stays before update or delete on controls_matchline
    for each row execute function refuse_match_change();
create trigger stays before delete on controls_matchposting for each row execute function refuse_match_change();
-- A payment that was matched while it waited is posted: then its posting is known.
create trigger stays_as_made before update on controls_matchposting for each row
    when (old.entry_id is not null or new.entry_id is null
          or (old.match_id, old.item, old.amount, old.payment_id)
             is distinct from (new.match_id, new.item, new.amount, new.payment_id))
    execute function refuse_match_change();

-- A version is written once; where it stands follows, by another person than who wrote it.
create function refuse_matching_rule() returns trigger language plpgsql as
$$ begin
    raise exception 'A version of a pass stays as it was written; another person than its writer puts it in force.'
        using errcode = 'check_violation', constraint = 'matching_rule_by_two';
end $$;
create trigger stays_as_written before update on controls_matchingrule for each row
    when ((old.entity_id, old.code, old.version, old.params, old.written_by_id)
          is distinct from (new.entity_id, new.code, new.version, new.params, new.written_by_id)
          or new.mode = 'active' and old.mode <> 'active'
             and (new.decided_by_id is null or new.decided_by_id is not distinct from new.written_by_id))
    execute function refuse_matching_rule();
create trigger begins_in_shadow before insert on controls_matchingrule for each row
    when (current_user = 'backoffice' and new.mode = 'active') execute function refuse_matching_rule();

-- The passes in their first versions, in the order in which they run. Days: from so many before the books' day to so
-- many after it; money in the account's currency; a share of the amount.
insert into controls_matchingrule (code, version, mode, params, note, written_at) values
    ('reference', 1, 'active', '{}', '', now()),
    ('made_of_line', 1, 'active', '{}', '', now()),
    ('contra', 1, 'active', '{"days": 10}', '', now()),
    ('details', 1, 'active', '{}', '', now()),
    ('batch', 1, 'active', '{}', '', now()),
    ('document', 1, 'active', '{"before": 15, "after": 120}', '', now()),
    ('several', 1, 'active', '{"most": 50}', '', now()),
    ('instalments', 1, 'active', '{"days": 60, "most": 12}', '', now()),
    ('fees', 1, 'active', '{"fee": 25, "fee_share": 0.05, "exchange_share": 0.03}', '', now()),
    ('number', 1, 'active', '{"before": 2, "after": 5}', '', now()),
    ('name', 1, 'active', '{"before": 2, "after": 5}', '', now()),
    ('amount', 1, 'active', '{"before": 1, "after": 3}', '', now()),
    ('sums', 1, 'active', '{"before": 2, "after": 10, "items": 20, "members": 6, "round": 100}', '', now());
