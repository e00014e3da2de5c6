-- Two rows of the matrix never tie: on no payment and no day would both count with nothing to choose between them.
-- They tie when they can match one payment and have equally many conditions, unless these are the same conditions and
-- the amount or the risk from which they count differs.
create function approval_stages_sum(stages jsonb) returns int language sql immutable parallel safe as
$$ select coalesce(sum((stage ->> 'persons')::int), 0)::int from jsonb_array_elements(stages) stage $$;

alter table controls_approvalpolicy add constraint policy_stages_add_up
    check (stages = '[]'::jsonb or approvals = approval_stages_sum(stages));

create function refuse_policy_tie() returns trigger language plpgsql as
$$ begin
    -- One writer of an entity's matrix at a time: what the other writes is seen below.
    perform 1 from public.people_entity where id = new.entity_id for no key update;
    if exists (
        select 1 from public.controls_approvalpolicy o
        where o.id <> new.id and o.entity_id = new.entity_id and o.currency = new.currency
          and (o.kind = new.kind or '' in (o.kind, new.kind))
          and (o.channel = new.channel or '' in (o.channel, new.channel))
          and daterange(o.valid_from, o.valid_to, '[]') && daterange(new.valid_from, new.valid_to, '[]')
          and (o.kind <> '')::int + (o.channel <> '')::int + o.new_payee::int + (o.risk_from > 0)::int
            = (new.kind <> '')::int + (new.channel <> '')::int + new.new_payee::int + (new.risk_from > 0)::int
          and not ((o.kind, o.channel, o.new_payee) = (new.kind, new.channel, new.new_payee)
                   and (o.from_amount, o.risk_from) <> (new.from_amount, new.risk_from))
    ) then
        raise exception 'Two rows of the approval matrix would count equally for the same payment.'
            using errcode = 'check_violation', constraint = 'policy_no_tie';
    end if;
    return new;
end $$;
create trigger no_tie before insert or update on controls_approvalpolicy
    for each row execute function refuse_policy_tie();
