from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("forms", "0002_form_versions")]

    operations = [
        # Django's second index of a unique text is for LIKE, which nobody asks of a hash; every new row was written into it.
        migrations.RunSQL(
            "DROP INDEX IF EXISTS forms_draft_token_hash_036d9ebb_like",
            "CREATE INDEX forms_draft_token_hash_036d9ebb_like ON forms_draft (token_hash text_pattern_ops)",
        ),
        # A draft is changed at every page: with room on its page of the table no index has to follow.
        migrations.RunSQL(
            "ALTER TABLE forms_draft SET (fillfactor = 70)", "ALTER TABLE forms_draft RESET (fillfactor)"
        ),
    ]
