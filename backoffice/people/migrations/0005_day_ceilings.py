from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_token_entities'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicallimit',
            name='day_amount',
            field=models.DecimalField(decimal_places=5, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='limit',
            name='day_amount',
            field=models.DecimalField(decimal_places=5, max_digits=18, null=True),
        ),
        migrations.AddConstraint(
            model_name='limit',
            constraint=models.CheckConstraint(condition=models.Q(('day_amount', None), ('day_amount__gte', models.F('amount')), _connector='OR'), name='limit_of_the_day_not_below_one', violation_error_message='The limit of the day is not below that of one payment.'),
        ),
    ]
