-- A model of scoring stays as it was made. It becomes the champion when one person asked and another signed; with a
-- reason where it found less than the champion did on the same payments, or where nobody measured that. The champion
-- retires with the promotion of another, never alone.
create function model_needs_reason(figures jsonb, champion integer) returns boolean language sql immutable as
$$
    select (figures -> 'champion' ->> 'number')::integer is distinct from champion or exists (
        select 1 from (values (array['average_precision']), (array['budgets', '0.5', 'recall']),
                              (array['budgets', '1', 'recall'])) as measure(path)
        where coalesce((figures -> 'own' #>> measure.path)::numeric
                       < (figures -> 'champion' #>> measure.path)::numeric, true))
$$;

create function refuse_begun_model() returns trigger language plpgsql as
$$ begin
    if new.digest <> encode(sha256(new.artefact), 'hex') then
        raise exception 'The digest of a model is that of its bytes.'
            using errcode = 'check_violation', constraint = 'model_digest';
    end if;
    if current_user = 'backoffice' and (
        num_nonnulls(new.promoted_at, new.promoted_by_id, new.seconded_by_id) > 0 or new.reason <> ''
        or new.status <> case when exists (select 1 from public.controls_scoringmodel) or new.window_from is not null
                                   or new.trained_by_id is not null then 'candidate' else 'champion' end)
    then
        raise exception 'A model begins as a candidate.' using errcode = 'check_violation',
            constraint = 'model_begins_candidate';
    end if;
    return new;
end $$;
create trigger begins_candidate before insert on controls_scoringmodel
    for each row execute function refuse_begun_model();

create function refuse_model_rewritten() returns trigger language plpgsql as
$$ begin
    raise exception 'A model stays on record as it was made.' using errcode = 'restrict_violation',
        constraint = 'model_stays';
end $$;
create trigger stays before delete on controls_scoringmodel for each row execute function refuse_model_rewritten();
create trigger is_what_it_was before update on controls_scoringmodel
    for each row when ((new.id, new.number, new.window_from, new.window_to, new.measures, new.names, new.parameters,
        new.seed, new.learnt, new.figures, new.artefact, new.digest, new.trained_at, new.trained_by_id)
        is distinct from (old.id, old.number, old.window_from, old.window_to, old.measures, old.names, old.parameters,
        old.seed, old.learnt, old.figures, old.artefact, old.digest, old.trained_at, old.trained_by_id)
        or (new.status = old.status or new.status <> 'champion') and (new.promoted_at, new.promoted_by_id,
        new.seconded_by_id, new.reason) is distinct from (old.promoted_at, old.promoted_by_id, old.seconded_by_id,
        old.reason))
    execute function refuse_model_rewritten();

create function refuse_model_moved() returns trigger language plpgsql as
$$ declare asked public.controls_changerequest;
begin
    if new.status = 'champion' then
        select c.* into asked from public.controls_changerequest c
        where c.subject_type = 'model' and c.subject_id = new.id and c.status = 'waiting'
          and public.signed_change(c.id, 'model', new.id) ->> 'digest' = new.digest;
        if asked.id is null or new.promoted_by_id is distinct from asked.asked_by_id
           or not exists (select 1 from public.controls_changesignature g
                          where g.request_id = asked.id and g.person_id = new.seconded_by_id)
           or not exists (select 1 from public.controls_scoringmodel m
                          where m.number = (asked.change ->> 'champion')::integer and m.status = 'retired')
        then
            raise exception 'A model is promoted when one person has asked and another has signed.'
                using errcode = 'check_violation', constraint = 'model_signed';
        end if;
        if btrim(new.reason) = '' and public.model_needs_reason(new.figures, (asked.change ->> 'champion')::integer)
        then
            raise exception 'A model that is not known to be better than the champion is promoted with a reason.'
                using errcode = 'check_violation', constraint = 'model_reason';
        end if;
    elsif old.status = 'champion' then
        if new.status <> 'retired' or not exists (
            select 1 from public.controls_changerequest c
            where c.subject_type = 'model' and c.subject_id <> old.id and c.status = 'waiting'
              and public.signed_change(c.id, 'model', c.subject_id) ->> 'champion' = old.number::text)
        then
            raise exception 'The champion retires with the promotion of another model.'
                using errcode = 'check_violation', constraint = 'model_champion_stays';
        end if;
    elsif old.status = 'retired' then
        raise exception 'A retired model comes back by promotion alone.'
            using errcode = 'check_violation', constraint = 'model_retired';
    end if;
    return new;
end $$;
create trigger promoted_by_two before update on controls_scoringmodel
    for each row when (current_user = 'backoffice' and new.status <> old.status)
    execute function refuse_model_moved();

-- From which score on there are alerts is asked by one person and signed by another, like the model itself.
create function refuse_unsigned_threshold() returns trigger language plpgsql as
$$ begin
    if not exists (
        select 1 from public.controls_changerequest c, public.signed_change(c.id, 'scoring', new.entity_id) as asked
        where c.subject_type = 'scoring' and c.subject_id = new.entity_id and c.entity_id = new.entity_id
          and (asked ->> 'threshold')::integer = new.threshold
          and (asked ->> 'sample_per_million')::integer = new.sample_per_million)
       or tg_op = 'UPDATE' and old.entity_id <> new.entity_id
    then
        raise exception 'The threshold of scores is changed by one person and signed by another.'
            using errcode = 'check_violation', constraint = 'scoring_signed';
    end if;
    return new;
end $$;
create trigger signed_by_two before insert or update on controls_scoringpolicy
    for each row when (current_user = 'backoffice') execute function refuse_unsigned_threshold();
