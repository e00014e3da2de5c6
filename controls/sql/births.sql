-- Whether somebody who was born on a day may be the one of an entry: 1 agrees, -1 differs, 0 when one side is not known.
-- The dates of entries are a day, a month (1963-07), a year, or a span of years (1960/1965); of one that is about then
-- (~1961) nobody can say that it differs. As Python has it, where the words are made: controls/screening/births.py.
create function birth_agrees(born_on date, listed jsonb) returns smallint language sql immutable as
$$
    select case
        when birth_agrees.born_on is null or count(*) = 0 then 0
        when bool_or(d.may_be) then 1
        when bool_or(d.may_be is null) then 0
        else -1 end::smallint
    from (
        select case when said like '~%' then nullif(m.may_be, false) else m.may_be end as may_be
        from jsonb_array_elements_text(coalesce(birth_agrees.listed, '[]')) as l(said)
        cross join lateral (select ltrim(l.said, '~')) p(plain)
        cross join lateral (select case
            when p.plain ~ '^[0-9]{4}(-[0-9]{2}){0,2}$'
                then to_char(birth_agrees.born_on, 'YYYY-MM-DD') ~ ('^' || p.plain)
            when p.plain ~ '^[0-9]{4}/[0-9]{4}$'
                then extract(year from birth_agrees.born_on)
                     between least(left(p.plain, 4)::int, right(p.plain, 4)::int)
                         and greatest(left(p.plain, 4)::int, right(p.plain, 4)::int)
            end) m(may_be)
    ) d
$$;

-- What is known of the birth of whom a name of a payment means: what the payment says, else what we know of the holder
-- of the account of ours that it names. An object of parts that have a word, empty when nothing is known.
create function known_birth(payment bigint, field text) returns jsonb language sql stable
set search_path = pg_catalog, public, pg_temp as
$$
    select coalesce((
        select known from (
            select 1 as rank, jsonb_strip_nulls(jsonb_build_object(
                       'born_on', b.born_on, 'province', nullif(b.province, ''), 'town', nullif(b.town, ''),
                       'country', nullif(b.country, ''))) as known
            from transactions_paymentbirth b
            where b.payment_id = known_birth.payment and b.side = replace(known_birth.field, '_name', '')
            union all
            select 2, jsonb_strip_nulls(jsonb_build_object(
                       'born_on', o.born_on, 'town', nullif(o.birth_town, ''), 'country', nullif(o.birth_country, '')))
            from transactions_payment p
            join transactions_account a on a.id = case known_birth.field when 'debtor_name' then p.debtor_account_id
                                                                         when 'creditor_name' then p.creditor_account_id end
            join transactions_party o on o.id = a.owner_id
            where p.id = known_birth.payment
        ) told where known <> '{}' order by rank limit 1
    ), '{}')
$$;
