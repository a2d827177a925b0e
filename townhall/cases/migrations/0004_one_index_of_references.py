from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_jobs_sent_out")]

    operations = [
        # Django's second index of a unique text is for LIKE, which nobody asks of a reference; every new row was written into it.
        migrations.RunSQL(
            "DROP INDEX IF EXISTS cases_case_reference_cb43aa34_like",
            "CREATE INDEX cases_case_reference_cb43aa34_like ON cases_case (reference text_pattern_ops)",
        ),
    ]
