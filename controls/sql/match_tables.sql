-- The tables of a run, of its session alone: what is in play, what belongs together, what is kept.
drop table if exists pg_temp.kept_pairs, pg_temp.kept_matches, pg_temp.kept_lines, pg_temp.kept_items,
    pg_temp.play_line, pg_temp.play_item, pg_temp.play_hit, pg_temp.play_pair;
create temporary table kept_pairs (match_id bigint, line bigint, item bigint, code text, rule bigint,
    confidence smallint, reasons jsonb) on commit delete rows;
create temporary table kept_matches (match_id bigint, account bigint, code text, rule bigint, confidence smallint,
    reasons jsonb, difference numeric, difference_code text) on commit delete rows;
create temporary table kept_lines (match_id bigint, line bigint, amount numeric) on commit delete rows;
create temporary table kept_items (match_id bigint, item bigint, amount numeric) on commit delete rows;
create temporary table play_line (id bigint, account_id bigint, credit boolean, open numeric, amount_key bigint,
    booking_on date, reference text, own_reference text, number text, name text, name_key text, said text,
    batch_keys text[], batch_count integer, return_code text, reversal boolean, charges numeric,
    original_amount numeric, original_currency text, detail_count integer, bank_reference text)
    on commit delete rows;
create temporary table play_item (id bigint, account_id bigint, credit boolean, open numeric, amount_key bigint,
    booked_on date, reference text, document text, file text, number text, name text, name_key text,
    payment_id bigint, entry_id bigint) on commit delete rows;
create temporary table play_hit (line bigint, item bigint, word text) on commit delete rows;
create temporary table play_pair (line bigint, item bigint, days integer, same_number boolean, same_name boolean,
    alias boolean, clash boolean, veto boolean) on commit delete rows;
grant select on kept_pairs, kept_matches, kept_lines, kept_items to public
