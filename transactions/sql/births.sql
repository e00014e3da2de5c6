-- What a payment says of a birth is said when it comes, or amended before anybody signed it.
create function refuse_late_birth() returns trigger language plpgsql as
$$ begin
    -- The owner of the tables, who alone may empty them, also loads history.
    if has_table_privilege('public.transactions_paymentbirth', 'truncate') then
        return null;
    end if;
    if exists (
        select 1 from written b
        left join public.transactions_paymentstate s on s.payment_id = b.payment_id
        where s.status is null or s.status not in ('received', 'checked'))
    then
        raise exception 'A birth is said with its payment or amended before it is signed, never later.'
            using errcode = 'check_violation', constraint = 'birth_said_in_time';
    end if;
    return null;
end $$;
create trigger said_in_time after insert on transactions_paymentbirth
    referencing new table as written for each statement execute function refuse_late_birth();
create trigger amended_in_time after update on transactions_paymentbirth
    referencing new table as written for each statement execute function refuse_late_birth();
