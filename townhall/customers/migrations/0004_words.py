from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False  # indexes are made while others go on writing

    dependencies = [("customers", "0003_more_numbers")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="word_keys",
            field=ArrayField(base_field=models.IntegerField(), editable=False, null=True, size=None),
        ),
        migrations.AddField(model_name="customer", name="words", field=models.TextField(editable=False, null=True)),
        AddIndexConcurrently(
            model_name="customer",
            index=GinIndex(fields=["word_keys"], fastupdate=False, name="customer_word_keys"),
        ),
        AddIndexConcurrently(
            model_name="customer",
            index=models.Index(fields=["id"], condition=Q(word_keys__isnull=True), name="customer_words_missing"),
        ),
    ]
