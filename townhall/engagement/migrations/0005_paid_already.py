from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0004_written_texts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="writtentext",
            name="because",
            field=models.TextField(
                blank=True,
                choices=[
                    ("twice", "On the list already"),
                    ("stopped", "They texted STOP"),
                    ("unreachable", "Texts to the number come back"),
                    ("refused", "They do not want texts"),
                    ("consent", "They did not agree to texts of this kind"),
                    ("paid", "It is paid, or was taken back"),
                    ("enough", "They have had enough texts today"),
                    ("empty", "Their line of the list lacks a word that the text uses"),
                    ("too_long", "Too long with their words in it"),
                ],
                default="",
            ),
        ),
    ]
