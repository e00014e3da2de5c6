-- What each staged row becomes: whose accounts, which payee, what kind, and whether it was seen before.
-- Every look-up is made once per distinct number or name, not once per row.
with numbers as materialized (
    select distinct debtor_number as number, coalesce(nullif(debtor_currency, ''), currency) as currency
    from intake_stage where debtor_number <> '' and kind <> 'incoming'
), debtors as materialized (
    -- Our account by IBAN, other number or code; among several the one in the currency of the payment.
    select n.number, n.currency, found.id
    from numbers n cross join lateral (
        select a.id from (
            select id, currency, 0 as rank from transactions_account
            where entity_id = %(entity)s and iban = n.number and iban <> ''
            union all
            select id, currency, 1 from transactions_account
            where entity_id = %(entity)s and other_number = n.number and other_number <> ''
            union all
            select id, currency, 2 from transactions_account where entity_id = %(entity)s and code = n.number
        ) a
        order by a.currency = n.currency desc, a.rank, a.id limit 1
    ) found
), creditors as materialized (
    select distinct creditor_number as number, creditor_key as key, currency, kind in ('internal', 'incoming') as by_code
    from intake_stage
), creditor_accounts as materialized (
    -- Our own account as creditor; by its code only when the payment says that it comes to one of ours.
    select distinct on (c.number, c.currency, c.by_code) c.number, c.currency, c.by_code, a.id
    from (select distinct number, currency, by_code from creditors where number <> '') c
    join (
        select id, iban as number, currency, 0 as rank from transactions_account
        where entity_id = %(entity)s and iban <> ''
        union all
        select id, other_number, currency, 1 from transactions_account
        where entity_id = %(entity)s and other_number <> ''
        union all
        select id, code, currency, 2 from transactions_account where entity_id = %(entity)s
    ) a on a.number = c.number and (a.rank < 2 or c.by_code)
    order by c.number, c.currency, c.by_code, a.currency = c.currency desc, a.rank, a.id
), payees as materialized (
    -- The payee by its account; else by its name, when one payee alone has it.
    select c.number, c.key, coalesce(by_number.id, by_name.id) as id
    from (select distinct number, key from creditors) c
    left join lateral (
        select d.payee_id as id
        from transactions_bankdetails d join transactions_payee p on p.id = d.payee_id
        where d.entity_id = %(entity)s and d.account_number = c.number and c.number <> '' and d.valid_to is null
        order by p.name_key = c.key desc, d.id limit 1
    ) by_number on true
    left join lateral (
        select min(p.id) as id from transactions_payee p
        where by_number.id is null and p.entity_id = %(entity)s and p.name_key = c.key and c.key <> ''
        having count(*) = 1
    ) by_name on true
), known as materialized (
    -- One look into the index each, whatever the planner thinks of the size of a table that grows meanwhile; the order
    -- makes it this index and no other that begins with the entity, which may look as good while the table is small.
    select f.fingerprint
    from (select distinct decode(fingerprint, 'hex') as fingerprint from intake_stage) f
    cross join lateral (
        select 1 from transactions_payment p
        where p.entity_id = %(entity)s and p.fingerprint = f.fingerprint order by p.occurrence limit 1
    ) found
), seen as materialized (
    -- The same payment in another batch; one that was rejected, cancelled or returned may be sent again. Identical ones
    -- of this file, of this chunk or an earlier one, are numbered.
    select p.fingerprint,
           max(p.occurrence) as occurrences,
           min(p.id) filter (
               where p.batch_id <> %(batch)s and s.status not in ('rejected', 'cancelled', 'returned')
           ) as payment_id,
           max(p.id) filter (where p.batch_id <> %(batch)s) as last_id
    from known k
    join transactions_payment p on p.entity_id = %(entity)s and p.fingerprint = k.fingerprint
    join transactions_paymentstate s on s.payment_id = p.id
    group by p.fingerprint
)
insert into intake_plan
select s.position,
       row_number() over (partition by s.fingerprint order by s.position) + coalesce(seen.occurrences, 0),
       debtors.id,
       creditor_accounts.id,
       payees.id,
       case
           when s.kind in ('incoming', 'refund') then s.kind
           when creditor_accounts.id is not null then 'internal'
           -- Asked for as instant: by its local instrument, or by the kind that a form or program names.
           when s.local_instrument = 'INST' or s.kind = 'instant' then 'instant'
           when s.kind = 'supplier' then 'supplier'
           when s.currency = 'EUR' and (
               s.service_level = 'SEPA'
               or (left(s.debtor_number, 2) = any(%(sepa)s) and s.debtor_number ~ '^[A-Z]{2}[0-9]{2}'
                   and left(s.creditor_number, 2) = any(%(sepa)s) and s.creditor_number ~ '^[A-Z]{2}[0-9]{2}')
           ) then 'sepa'
           else 'transfer'
       end,
       seen.payment_id,
       former.batch_id,
       seen.last_id is not null and seen.payment_id is null
from intake_stage s
left join debtors on debtors.number = s.debtor_number and s.kind <> 'incoming'
    and debtors.currency = coalesce(nullif(s.debtor_currency, ''), s.currency)
left join creditor_accounts on creditor_accounts.number = s.creditor_number
    and creditor_accounts.currency = s.currency and creditor_accounts.by_code = (s.kind in ('internal', 'incoming'))
left join payees on payees.number = s.creditor_number and payees.key = s.creditor_key and s.kind <> 'incoming'
left join seen on seen.fingerprint = decode(s.fingerprint, 'hex')
left join transactions_payment former on former.id = coalesce(seen.payment_id, seen.last_id);
