-- Of a supplier's invoice never more is paid than is open: summed under a lock on the invoice, whoever writes.

create function invoice_taken(of_invoice bigint) returns numeric language sql stable as
$$
    select coalesce(sum(x.amount + x.discount), 0)
    from public.transactions_invoiceshare x join public.transactions_paymentstate s on s.payment_id = x.payment_id
    where x.invoice_id = of_invoice and s.status not in ('rejected', 'cancelled', 'returned')
$$;

create function refuse_share() returns trigger language plpgsql as
$$ declare of_invoice record;
begin
    select i.entity_id, i.status, i.gross, i.currency into of_invoice
    from public.transactions_supplierinvoice i where i.id = new.invoice_id for update;
    if of_invoice.status <> 'registered' or not exists (
        select 1 from public.transactions_payment p where p.id = new.payment_id and p.kind = 'supplier'
          and p.entity_id = of_invoice.entity_id and p.currency = of_invoice.currency) then
        raise exception 'A supplier payment settles invoices of its entity and currency that are not cancelled.'
            using errcode = 'check_violation', constraint = 'share_fits';
    end if;
    if public.invoice_taken(new.invoice_id) + new.amount + new.discount > of_invoice.gross then
        raise exception 'No more is paid of an invoice than is open.' using errcode = 'check_violation',
            constraint = 'share_open';
    end if;
    return new;
end $$;
create trigger open_only before insert on transactions_invoiceshare for each row execute function refuse_share();

-- A payment is the sum of its invoices less its credit notes, all of one supplier; written by one statement.
create function refuse_shares() returns trigger language plpgsql as
$$ begin
    if exists (
        select 1 from (
            select x.payment_id, sum(case i.kind when 'credit' then -x.amount else x.amount end) as total,
                   count(distinct i.supplier_id) as suppliers
            from public.transactions_invoiceshare x join public.transactions_supplierinvoice i on i.id = x.invoice_id
            where x.payment_id in (select payment_id from added) group by x.payment_id) t
        join public.transactions_payment p on p.id = t.payment_id
        where t.total <> p.amount or t.suppliers > 1
    ) then
        raise exception 'A supplier payment is the sum of its invoices, less its credit notes.'
            using errcode = 'check_violation', constraint = 'share_sum';
    end if;
    return null;
end $$;
create trigger whole_sum after insert on transactions_invoiceshare
    referencing new table as added for each statement execute function refuse_shares();

-- Brought back, a payment settles its invoices again: when they are still open.
create function refuse_reopened_share() returns trigger language plpgsql as
$$ begin
    perform 1 from public.transactions_supplierinvoice i
    where i.id in (select invoice_id from public.transactions_invoiceshare where payment_id = new.payment_id)
    order by i.id for update;
    if exists (
        select 1 from public.transactions_invoiceshare x join public.transactions_supplierinvoice i on i.id = x.invoice_id
        where x.payment_id = new.payment_id
          and (i.status = 'cancelled' or public.invoice_taken(i.id) + x.amount + x.discount > i.gross)
    ) then
        raise exception 'Its invoices were paid or cancelled meanwhile.' using errcode = 'check_violation',
            constraint = 'share_reopened';
    end if;
    return new;
end $$;
create trigger still_open before update of status on transactions_paymentstate
    for each row when (old.status in ('rejected', 'cancelled') and new.status not in ('rejected', 'cancelled'))
    execute function refuse_reopened_share();

-- An invoice is cancelled when nothing is paid of it.
create function refuse_cancelling() returns trigger language plpgsql as
$$ begin
    if old.status = 'cancelled' or public.invoice_taken(new.id) > 0 then
        raise exception 'An invoice that is paid or on its way is not cancelled.' using errcode = 'check_violation',
            constraint = 'invoice_unpaid';
    end if;
    return new;
end $$;
create trigger unpaid_only before update on transactions_supplierinvoice
    for each row when (new.status <> old.status) execute function refuse_cancelling();
