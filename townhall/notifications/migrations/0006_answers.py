from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_texts_to_answer")]

    operations = [
        migrations.AddField(
            model_name="message", name="answers", field=models.TextField(blank=True, db_default="", default="")
        ),
        migrations.AddField(
            model_name="message", name="reply_to", field=models.TextField(blank=True, db_default="", default="")
        ),
    ]
