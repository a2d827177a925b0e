from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_letters_and_replies")]

    operations = [
        migrations.AddIndex(
            model_name="receivedtext",
            index=models.Index(condition=models.Q(("done", "")), fields=["received_at"], name="received_text_to_do"),
        ),
    ]
