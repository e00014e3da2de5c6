-- Lines that are looked at (controls/reconciliation/running.py says which), and what they name.
insert into play_line
select o.line_id, o.account_id, o.credit, o.open, o.amount_key, o.booking_on, o.reference, match_key(l.end_to_end_id),
       upper(replace(l.counterparty_number, ' ', '')), l.counterparty_name, upper(l.counterparty_name),
       concat_ws(' ', l.counterparty_name, l.remittance, l.creditor_reference, l.customer_reference, l.information,
                 l.end_to_end_id),
       array_remove(array[match_key(l.payment_info_id), match_key(l.message_id), match_key(l.customer_reference),
                          match_key(l.end_to_end_id), match_key(l.bank_reference)], ''),
       l.batch_count, l.return_code, l.reversal, l.charges, l.original_amount, l.original_currency, l.detail_count,
       match_key(l.bank_reference)
from controls_openline o join transactions_statementline l on l.id = o.line_id
where /* which */ true;
analyze play_line;

-- Words of the lines that are the reference or document of something open, whatever its amount.
insert into play_hit
with parts as (
    select l.id, l.account_id, translate(unnest(
               string_to_array(translate(upper(l.said), E',;:()+?\'"\n\t', '           '), ' ')
               || case when length(l.said) <= 35 then match_key(l.said) end), '-/._#', '') as word
    from play_line l where translate(l.said, '0123456789', '') <> l.said),
words as materialized (
    select w.id, w.account_id, w.word from parts w
    where length(w.word) between 5 and 70 and translate(w.word, '0123456789', '') <> w.word)
select w.id, i.id, min(w.word) from words w join controls_openitem i
    on i.reference = w.word and i.reference <> '' and i.account_id = w.account_id group by 1, 2
union
select w.id, i.id, min(w.word) from words w join controls_openitem i
    on i.document = w.word and i.document <> '' and i.account_id = w.account_id group by 1, 2;
analyze play_hit;

