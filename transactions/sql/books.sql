-- What runs the checks of books_checks.sql, and what keeps the books from being rewritten.

create trigger keep_books after insert on transactions_posting
    referencing new table as new_postings for each statement execute function keep_books();
alter table transactions_posting add constraint posting_line_from_one check (line >= 1);

create trigger with_postings after insert on transactions_journalentry
    referencing new table as new_entries for each statement execute function refuse_empty_entry();

create trigger append_only before update or delete on transactions_journalentry
    for each row execute function refuse_change();
create trigger append_only_all before truncate on transactions_journalentry
    for each statement execute function refuse_change();
create trigger append_only before update or delete on transactions_posting
    for each row execute function refuse_change();
create trigger append_only_all before truncate on transactions_posting
    for each statement execute function refuse_change();

-- Hot rows stay on their page: a balance is updated in place, and a page of states has room for all of them twice,
-- because they move together.
alter table transactions_accountbalance set (fillfactor = 50);
alter table transactions_paymentstate set (fillfactor = 45);
