from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('transactions', '0015_direct_debits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='bankmessage',
            name='kind',
            field=models.CharField(choices=[('pain002', 'Payment status report'), ('pacs002', 'Status report between banks'), ('pacs004', 'Return of payments')], max_length=8),
        ),
    ]
