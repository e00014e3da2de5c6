-- Amounts fit their currency: no more decimals than ISO 4217 gives it. The same table is EXPONENTS in common/money.py.

create function currency_exponent(currency text) returns int language sql immutable parallel safe as
$$ select case
    when currency = 'EUR' then 2 -- asked first, because it is most of them
    when currency = any ('{BIF,CLP,DJF,GNF,ISK,JPY,KMF,KRW,PYG,RWF,UGX,UYI,VND,VUV,XAF,XOF,XPF}'::text[]) then 0
    when currency = any ('{BHD,IQD,JOD,KWD,LYD,OMR,TND}'::text[]) then 3
    when currency = any ('{CLF,UYW}'::text[]) then 4
    else 2 end $$;

alter table transactions_payment add constraint payment_amount_in_currency
    check (amount = round(amount, currency_exponent(currency)));
alter table transactions_posting add constraint posting_amount_in_currency
    check (amount = round(amount, currency_exponent(currency)));
