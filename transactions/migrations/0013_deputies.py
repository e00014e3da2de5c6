import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from backoffice.common import sql


def before(file: str, function: str) -> str:
    """A function as it was."""
    text = sql.text("transactions", file)
    start = text.index(f"create or replace function {function}()")
    return text[start : text.index("end $$;", start) + len("end $$;")]


BEFORE = before("day_ceilings", "refuse_own_signature") + before("requirements", "refuse_unsigned")


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0006_delegations'),
        ('transactions', '0012_day_ceilings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='paymentapproval',
            name='on_behalf_of',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='paymentapproval',
            index=models.Index(condition=models.Q(('on_behalf_of__isnull', False)), fields=['on_behalf_of', 'given_at'], name='approval_by_giver'),
        ),
        # The triggers stay; their functions are replaced.
        sql.install("transactions", "deputies", BEFORE),
    ]
