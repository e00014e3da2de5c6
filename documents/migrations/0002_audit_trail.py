from django.db import migrations

from backoffice.common import sql


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        sql.install(
            "documents",
            "trail",
            "drop table documents_auditrecord; drop function refuse_change(); "
            "drop function audit_digest(bigint, timestamptz, bigint, text, bigint, text, bigint, text, text); "
            "drop function audit_field(text)",
        )
    ]
