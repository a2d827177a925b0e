from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("knowledge", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="copies", name="knowledge_copies_once"),
        migrations.RemoveField(model_name="copies", name="site_id"),
        migrations.AddField(
            model_name="copies",
            name="site_code",
            field=models.SlugField(default=""),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="copies",
            constraint=models.UniqueConstraint(fields=("row", "site_code"), name="knowledge_copies_once"),
        ),
    ]
