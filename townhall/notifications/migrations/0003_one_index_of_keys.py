from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_failed")]

    operations = [
        # Django's second index of a unique text is for LIKE, which nobody asks of a key; every new row was written into it.
        migrations.RunSQL(
            "DROP INDEX IF EXISTS notifications_message_key_0781d074_like",
            "CREATE INDEX notifications_message_key_0781d074_like ON notifications_message (key text_pattern_ops)",
        ),
    ]
