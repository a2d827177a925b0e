from django.db import migrations, models
from django.db.models import Q

OWN_CASE = "UPDATE clocks_clock SET case_id = subject_id WHERE subject_kind = 'case' AND case_id IS NULL"
# The same rules in fewer words: PostgreSQL reads the text of each anew for every statement that inserts. That numbers which only
# Townhall counts are not below nothing is left to it.
LEAN = """
ALTER TABLE clocks_clock
    DROP CONSTRAINT clock_finished_has_time,
    DROP CONSTRAINT clock_paused_has_time,
    DROP CONSTRAINT IF EXISTS clocks_clock_amount_check,
    DROP CONSTRAINT IF EXISTS clocks_clock_next_rung_check,
    ADD CONSTRAINT clock_finished_has_time CHECK ((finished_at IS NULL) = (state IN ('running', 'paused'))),
    ADD CONSTRAINT clock_paused_has_time CHECK ((paused_at IS NOT NULL) = (state = 'paused'))
"""


class Migration(migrations.Migration):
    dependencies = [("clocks", "0002_reference_version")]

    operations = [
        migrations.RunSQL(OWN_CASE, migrations.RunSQL.noop),
        migrations.RemoveIndex("clock", "clock_subject"),
        migrations.AddIndex(
            "clock",
            models.Index(
                fields=["subject_kind", "subject_id"], condition=~Q(subject_kind="case"), name="clock_subject"
            ),
        ),
        migrations.RunSQL(LEAN, migrations.RunSQL.noop),
    ]
