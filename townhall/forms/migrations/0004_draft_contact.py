from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms", "0003_one_index_of_tokens")]

    operations = [
        migrations.AddField("draft", "contact_id", models.UUIDField(null=True)),
    ]
