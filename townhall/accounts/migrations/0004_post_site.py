from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_finance_role"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="site_code",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
