from django.db import migrations, models

# What was taken in tells the currencies of batches that were read before. Where there was but one, the sum as it was
# read is its sum; where several, what was taken in is all that can still be told apart.
BEFORE = """
    update transactions_paymentbatch b set read_sums = s.sums
    from (
        select t.batch_id,
            case when count(*) = 1 then jsonb_build_object(min(t.currency), trim_scale(min(b.read_sum))::text)
                 else jsonb_object_agg(t.currency, trim_scale(t.total)::text) end as sums
        from (select batch_id, currency, sum(amount) as total from transactions_payment group by 1, 2) t
        join transactions_paymentbatch b on b.id = t.batch_id
        group by t.batch_id
    ) s
    where b.id = s.batch_id
"""


class Migration(migrations.Migration):
    """Batches keep a sum for each currency. Taken back, the column goes."""

    dependencies = [("transactions", "0009_postings_by_entry")]

    operations = [
        migrations.AddField(
            "paymentbatch",
            "read_sums",
            models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
    ]
