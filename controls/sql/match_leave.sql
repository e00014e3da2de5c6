-- What was kept is in play no more.
delete from play_line where id in (select line from kept_pairs union all select line from kept_lines);
delete from play_item where id in (select item from kept_pairs union all select item from kept_items);
delete from play_hit where line in (select line from kept_pairs union all select line from kept_lines)
    or item in (select item from kept_pairs union all select item from kept_items);
delete from play_pair where line in (select line from kept_pairs union all select line from kept_lines)
    or item in (select item from kept_pairs union all select item from kept_items);
