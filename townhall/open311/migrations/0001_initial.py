from django.db import migrations

# As in updates.py: a query finds its index only when both say the same.
VERBS = """('case.accepted', 'case.awaiting_decision', 'case.scheduled', 'case.waiting_for_customer', 'case.contractor_started',
    'case.offer_accepted', 'case.contractor_sent', 'case.due_changed', 'case.declined', 'case.referred', 'case.merged', 'case.withdrawn',
    'case.closed', 'case.reopened')"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("cases", "0002_indexes"),
        ("ledger", "0001_initial"),
        ("forms", "0001_initial"),
        ("files", "0001_initial"),
    ]

    operations = [
        # What other systems are told of, by when it happened.
        migrations.RunSQL(
            f"CREATE INDEX ledger_entry_told ON ledger_entry (at, id) WHERE verb IN {VERBS}",
            "DROP INDEX ledger_entry_told",
        ),
        migrations.RunSQL(
            "CREATE INDEX case_news ON cases_note (at, id) WHERE kind = 'update'",
            "DROP INDEX case_news",
        ),
    ]
