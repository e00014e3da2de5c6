-- Where an act leads, as the table of transitions says (transactions/workflow/table.py); null when it leads nowhere.
create function status_after(act text) returns text language sql immutable as
$$ select case act
    when 'payment.received' then 'received' when 'payment.checked' then 'checked'
    when 'payment.validated' then 'validated' when 'payment.sent_back' then 'checked'
    when 'payment.approved' then 'approved' when 'payment.executed' then 'approved'
    when 'payment.passed_straight' then 'approved' when 'payment.rejected' then 'rejected'
    when 'payment.cancelled' then 'cancelled' when 'payment.reopened' then 'received'
    when 'payment.amended' then 'received' when 'payment.posted' then 'posted'
    when 'payment.sent' then 'sent' when 'payment.settled' then 'settled'
    when 'payment.returned' then 'returned' when 'payment.withdrawn' then 'withdrawn' end $$;

-- The status that a payment had at a moment, by the audit trail: null before it was taken in. Asked of the few payments
-- whose state changed since; of the others the present state says it (controls/backtest/replay.py).
create function status_at(payment bigint, moment timestamptz) returns text language plpgsql stable as
$$ declare
    former record;
    following record;
    state record;
begin
    select a.id, a.action into former
    from public.documents_auditrecord a
    where a.subject_id = payment and a.subject_type = 'payment' and a.occurred_at <= moment
      and public.status_after(a.action) is not null
    order by a.id desc limit 1;
    if former.action not in ('payment.approved', 'payment.withdrawn') then
        return public.status_after(former.action);
    end if;
    select s.status, s.approvals_given < s.approvals_required as unsigned into state
    from public.transactions_paymentstate s where s.payment_id = payment;
    if former.id is null then
        -- What was written past the doors has no record: its present state is all that is known.
        return case when not exists (
            select from public.documents_auditrecord a
            where a.subject_id = payment and a.subject_type = 'payment'
              and public.status_after(a.action) is not null) then state.status end;
    end if;
    -- One signature of several leaves it validated; what was taken back goes to where it came from. The next act tells.
    select a.id, a.action, a.data::jsonb ->> 'verb' as verb into following
    from public.documents_auditrecord a
    where a.subject_id = payment and a.subject_type = 'payment' and a.id > former.id
      and public.status_after(a.action) is not null
    order by a.id limit 1;
    return case
        when following.id is null then state.status
        when following.action = 'payment.checked' then 'received'
        when following.action in ('payment.validated', 'payment.amended', 'payment.passed_straight') then 'checked'
        when following.action in ('payment.approved', 'payment.sent_back', 'payment.executed') then 'validated'
        when following.action in ('payment.posted', 'payment.sent', 'payment.settled') then 'approved'
        when following.action = 'payment.reopened' then 'rejected'
        else coalesce(
            (select d.before_status from public.transactions_decision d
             where d.payment_id = payment and d.decided_at > moment order by d.decided_at limit 1),
            case when former.action <> 'payment.approved' or following.verb = 'validate'
                      or (state.status in ('rejected', 'cancelled') and state.unsigned)
                 then 'validated' else 'approved' end)
    end;
end $$;
