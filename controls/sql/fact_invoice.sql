-- What a supplier payment settles: its invoices, against what is known of the supplier. Its columns of ``facts`` are
-- filled for supplier payments alone; a run without any is over at once.
update facts f
set invoice_count = coalesce(x.invoices, 0), invoice_numbers = x.numbers, invoice_account_known = x.account_known,
    invoice_days_late = f.execution_date - x.due_on, invoice_due_on = x.due_on,
    invoice_days_beyond_law = x.beyond_law, invoice_alike = x.alike, invoice_discount = x.discount > 0
from (
    select s.id as payment_id, count(i.id) filter (where i.kind = 'invoice') as invoices,
           string_agg(i.number, ', ' order by i.id) as numbers,
           min(i.due_on) filter (where i.kind = 'invoice') as due_on,
           max(i.due_on - i.issued_on - 60) filter (where i.kind = 'invoice') as beyond_law,
           sum(h.discount) as discount,
           bool_and(exists (
               select 1 from transactions_bankdetails d
               where d.payee_id = i.supplier_id and d.account_number = s.creditor_number and d.valid_to is null
                 and (d.added_by_id is null or d.confirmed_by_id is not null)))
               as account_known,
           min(alike.number) as alike
    from transactions_payment s
    left join transactions_invoiceshare h on h.payment_id = s.id
    left join transactions_supplierinvoice i on i.id = h.invoice_id
    left join lateral (
        select o.number from transactions_supplierinvoice o
        where o.supplier_id = i.supplier_id and o.gross = i.gross and o.currency = i.currency and o.kind = i.kind
          and o.id <> i.id and o.status <> 'cancelled' and abs(o.issued_on - i.issued_on) <= 10
        order by o.id limit 1) alike on true
    where s.id in (select payment_id from facts where kind = 'supplier')
    group by s.id
) x
where f.kind = 'supplier' and x.payment_id = f.payment_id;
