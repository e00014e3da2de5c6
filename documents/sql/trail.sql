-- The audit trail: one row an act and subject. See documents/models.py and documents/trail.py.

-- The lengths below are counted in the database's encoding and frozen as UTF-8.
do $$ begin
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'The database must be in UTF8, not %.', current_setting('server_encoding');
    end if;
end $$;

-- A field: its length in bytes, a colon, the field; a null is a lone minus. Frozen by golden vectors in the tests.
create function audit_field(value text) returns text language sql immutable parallel safe as
$$ select coalesce(octet_length(value)::text || ':' || value, '-') $$;

-- Microseconds since 1970 in UTC, so that the digest does not depend on how a client writes dates. In plpgsql, where
-- audit_field is expanded in place: as a function of SQL it cost nine times as much, half of posting time.
create function audit_digest(
    id bigint, occurred_at timestamptz, entity_id bigint, subject_type text, subject_id bigint,
    action text, actor_id bigint, reason text, data text
) returns bytea language plpgsql immutable parallel safe as
$$ begin
    return sha256(convert_to(
        audit_field(id::text)
        || audit_field((extract(epoch from occurred_at) * 1000000)::bigint::text)
        || audit_field(entity_id::text) || audit_field(subject_type) || audit_field(subject_id::text)
        || audit_field(action) || audit_field(actor_id::text) || audit_field(reason) || audit_field(data), 'UTF8'));
end $$;

create table documents_auditrecord (
    id bigint generated always as identity primary key,
    occurred_at timestamptz not null default clock_timestamp(),
    entity_id bigint,
    subject_type varchar(24) not null,
    subject_id bigint not null,
    action varchar(48) not null,
    actor_id bigint,
    reason text not null default '',
    data text not null default '{}',
    xid xid8 not null default pg_current_xact_id(),
    digest bytea not null generated always as (
        audit_digest(id, occurred_at, entity_id, subject_type, subject_id, action, actor_id, reason, data)) stored
);
create index audit_by_subject on documents_auditrecord (subject_id, subject_type, id);
create index audit_by_actor on documents_auditrecord (actor_id, id desc) where actor_id is not null;
create index audit_by_moment on documents_auditrecord using brin (occurred_at);

create function refuse_change() returns trigger language plpgsql as
$$ begin
    raise exception 'Rows of % are never changed or deleted; correct by adding.', tg_table_name
        using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on documents_auditrecord
    for each row execute function refuse_change();
create trigger append_only_all before truncate on documents_auditrecord
    for each statement execute function refuse_change();
