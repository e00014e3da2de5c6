import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql

STAGES = sql.text("transactions", "requirements")
START = STAGES.index("create or replace function refuse_own_signature()")
BEFORE = STAGES[START : STAGES.index("end $$;", START) + len("end $$;")]


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_day_ceilings'),
        ('transactions', '0011_frozen_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='paymentapproval',
            name='person',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='paymentapproval',
            index=models.Index(fields=['person', 'given_at'], name='approval_by_person'),
        ),
        # The trigger of 0002 stays; its function is replaced.
        sql.install("transactions", "day_ceilings", BEFORE),
    ]
