"""Records by subject: its number first, which is compared faster than its type."""

from django.db import migrations

OLD = "create index audit_by_subject on documents_auditrecord (subject_type, subject_id, id desc)"
NEW = "create index audit_by_subject on documents_auditrecord (subject_id, subject_type, id)"


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_audit_trail")]

    operations = [
        migrations.RunSQL(f"drop index audit_by_subject; {NEW}", f"drop index audit_by_subject; {OLD}"),
    ]
