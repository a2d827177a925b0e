# ruff: noqa: S608 - constants of ours put together; nothing typed by anybody is in them
"""The statement behind the timeline. Each part reads a page by its own index; together they are ordered and cut again."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from townhall.customers.sharing import OPENS

_BEFORE = "({at}, {id}) < (%(at)s, %(key)s)"
_CASE_OPENS = f"({OPENS.format(service='c.service_code')} OR c.id = ANY(%(own)s))"
# A case as a line; of one held elsewhere only whose it is.
_CASE_LINE = f"""json_build_object('id', c.id, 'kind', {{kind}}, 'service', c.service_code,
    'reference', CASE WHEN {_CASE_OPENS} THEN c.reference ELSE '' END,
    'state', CASE WHEN {_CASE_OPENS} THEN c.state ELSE 'done' END,
    'place', CASE WHEN {_CASE_OPENS} THEN coalesce(nullif(c.address, ''), c.place_words) ELSE '' END,
    'due_on', CASE WHEN {_CASE_OPENS} THEN c.due_on END)"""

# The contacts, each with the cases it was about. Notes are left out where one of those cases is held elsewhere.
_CONTACTS: Final = f"""
    SELECT 'contact' AS kind, k.id, k.started_at AS at, k.service_code AS service,
      ({OPENS.format(service="k.service_code")} OR k.adviser_id::text = %(me)s) AS is_open, k.channel, 'contact' AS verb,
      json_build_object('reason', k.reason_code, 'outcome', k.outcome, 'going_on', k.ended_at IS NULL,
        'not_resolved', k.not_resolved_at IS NOT NULL, 'is_repeat', k.repeats_id IS NOT NULL,
        'adviser', (SELECT u.name FROM accounts_user u WHERE u.id = k.adviser_id),
        'notes', CASE WHEN EXISTS (SELECT FROM cases_casecontact x JOIN cases_case c ON c.id = x.case_id
          WHERE x.contact_id = k.id AND NOT {_CASE_OPENS})
          OR NOT (%(note_sites)s::text[] IS NULL OR k.site_code = '' OR k.site_code = ANY(%(note_sites)s::text[])
            OR k.adviser_id::text = %(me)s) THEN '' ELSE k.notes END)::text AS data,
      '' AS words, '' AS subject_kind, k.id AS subject_id,
      (SELECT json_agg({_CASE_LINE.format(kind="x.kind")} ORDER BY c.opened_at)::text
       FROM cases_casecontact x JOIN cases_case c ON c.id = x.case_id WHERE x.contact_id = k.id) AS cases
    FROM contacts_contact k
    WHERE k.customer_id = me.id AND {_BEFORE.format(at="k.started_at", id="k.id")} AND %(kind)s IN ('', 'contact')
      AND %(channel)s IN ('', k.channel)
      AND (%(service)s IN ('', k.service_code) OR EXISTS (SELECT FROM cases_casecontact x JOIN cases_case c ON c.id = x.case_id
        WHERE x.contact_id = k.id AND c.service_code = %(service)s))
    ORDER BY k.started_at DESC, k.id DESC LIMIT {{limit}}"""

# A case stands with the contact that opened it; by itself when that is somebody else's or not known, or cases alone are asked for.
_CASES: Final = f"""
    SELECT 'case', c.id, c.opened_at, c.service_code, {_CASE_OPENS}, c.origin_channel, 'case.opened', NULL, '', '', c.id,
      json_build_array({_CASE_LINE.format(kind="'own'")})::text
    FROM cases_case c
    WHERE c.customer_id = me.id AND {_BEFORE.format(at="c.opened_at", id="c.id")} AND %(kind)s IN ('', 'case')
      AND %(channel)s IN ('', c.origin_channel) AND %(service)s IN ('', c.service_code)
      AND (%(kind)s = 'case' OR NOT EXISTS (SELECT FROM cases_casecontact x JOIN contacts_contact k ON k.id = x.contact_id
        WHERE x.case_id = c.id AND x.kind = 'origin' AND k.customer_id = c.customer_id))
    ORDER BY c.opened_at DESC, c.id DESC LIMIT {{limit}}"""

_MESSAGE_OPENS = f"({OPENS.format(service='s.service')} OR coalesce(c.id = ANY(%(own)s), false))"
_MESSAGES: Final = f"""
    SELECT 'message', m.id, m.created_at, s.service, {_MESSAGE_OPENS}, m.channel, 'message.sent',
      json_build_object('state', m.state)::text,
      CASE WHEN {_MESSAGE_OPENS} THEN coalesce(nullif(m.subject_line, ''), left(m.body_text, 90)) END, '', m.id, NULL
    FROM notifications_message m LEFT JOIN cases_case c ON c.id = m.case_id,
      LATERAL (SELECT coalesce(c.service_code, %(services)s::jsonb ->> m.subject_kind, '') AS service) s
    WHERE m.customer_id = me.id AND m.subject_kind NOT IN ('marker', 'marker_appeal')
      AND {_BEFORE.format(at="m.created_at", id="m.id")} AND %(kind)s IN ('', 'message')
      AND %(channel)s IN ('', m.channel) AND %(service)s IN ('', s.service)
    ORDER BY m.created_at DESC, m.id DESC LIMIT {{limit}}"""

# Whose an entry is: its case's service, the one it names, that of its form or of what was paid, or that of its app.
_SERVICE: Final = """coalesce(c.service_code, nullif(e.data ->> 'service', ''),
    CASE WHEN e.data ->> 'form' LIKE 'service/%%' THEN substr(e.data ->> 'form', 9) END,
    CASE e.subject_kind
      WHEN 'payment' THEN (SELECT n.service_code FROM payments_chargekind n WHERE n.code = e.data ->> 'kind')
      WHEN 'charge' THEN (SELECT n.service_code FROM payments_charge h JOIN payments_chargekind n ON n.code = h.kind_id
        WHERE h.id = e.subject_id)
      WHEN 'refund' THEN (SELECT n.service_code FROM payments_refund f JOIN payments_payment p ON p.id = f.payment_id
        JOIN payments_chargekind n ON n.code = p.kind_code WHERE f.id = e.subject_id)
      WHEN 'document' THEN coalesce((SELECT d.service_code FROM cases_case d WHERE d.customer_id = me.id
        AND e.data ->> 'about' = 'case:' || d.id::text), %(services)s::jsonb ->> split_part(e.data ->> 'about', ':', 1))
    END,
    %(services)s::jsonb ->> split_part(e.verb, '.', 1), '')"""
_WORDS: Final = """CASE WHEN r.is_open THEN CASE r.subject_kind
      WHEN 'payment' THEN (SELECT h.description || ', ' || h.reference FROM payments_payment p JOIN payments_charge h
        ON h.id = p.charge_id WHERE p.id = r.subject_id)
      WHEN 'charge' THEN (SELECT h.description || ', ' || h.reference FROM payments_charge h WHERE h.id = r.subject_id)
      WHEN 'document' THEN (SELECT d.title FROM documents_document d WHERE d.id = r.subject_id)
      WHEN 'permit' THEN (SELECT p.number FROM permits_permit p WHERE p.id = r.subject_id)
      WHEN 'penalty' THEN (SELECT p.number FROM penalties_penaltynotice p WHERE p.id = r.subject_id)
      WHEN 'survey_answer' THEN (SELECT a.score || '/5' FROM feedback_answer a WHERE a.id = r.subject_id)
      WHEN 'booking' THEN (SELECT s.title FROM outreach_booking b JOIN outreach_session s ON s.id = b.session_id
        WHERE b.id = r.subject_id)
      ELSE coalesce(r.data ->> 'on', '') END END"""
# Fenced off (OFFSET 0): what is asked about each entry would else be planned once for each month of the ledger.
_ENTRIES: Final = f"""
    SELECT e.id, e.at, e.verb, e.data, e.subject_kind, e.subject_id, e.case_id, coalesce(e.data ->> 'channel', '') AS channel,
      coalesce(%(kinds)s::jsonb ->> split_part(e.verb, '.', 1), 'other') AS entry_kind
    FROM ledger_entry e
    WHERE e.customer_id = me.id AND {_BEFORE.format(at="e.at", id="e.id")}
      AND NOT (e.verb = ANY(%(quiet)s) OR split_part(e.verb, '.', 1) || '.' = ANY(%(quiet)s))
      AND coalesce(e.data ->> 'about', '') NOT LIKE 'marker%%'
      AND coalesce(e.data ->> 'form', '') NOT LIKE 'service/%%' AND %(channel)s IN ('', coalesce(e.data ->> 'channel', ''))
      AND %(kind)s IN ('', coalesce(%(kinds)s::jsonb ->> split_part(e.verb, '.', 1), 'other'))
    ORDER BY e.at DESC, e.id DESC OFFSET 0"""
_EVENTS: Final = f"""
    SELECT r.entry_kind, r.id, r.at, r.service, r.is_open, r.channel, r.verb, CASE WHEN r.is_open THEN r.data::text END, {_WORDS},
      r.subject_kind, r.subject_id, NULL
    FROM (SELECT e.id, e.at, e.verb, e.data, e.subject_kind, e.subject_id, s.service, e.channel, e.entry_kind,
        ({OPENS.format(service="s.service")} OR coalesce(c.id = ANY(%(own)s), false)) AS is_open
      FROM ({_ENTRIES}) e LEFT JOIN cases_case c ON c.id = e.case_id
        CROSS JOIN LATERAL (SELECT {_SERVICE} AS service OFFSET 0) s
      WHERE %(service)s IN ('', s.service)
      ORDER BY e.at DESC, e.id DESC LIMIT {{limit}}) r"""

_PARTS: Final = f"""({_CONTACTS}) UNION ALL ({_CASES}) UNION ALL ({_MESSAGES}) UNION ALL ({_EVENTS})"""


@lru_cache(maxsize=16)
def statement(*, limit: int, many: bool) -> str:
    """So many rows of one customer's list, or of one into whom others were merged (`many`).

    The number of rows and that there is one customer are written out: with them PostgreSQL finds that a plan made once is good enough.
    Planning this for each page would take ten times as long as reading it.
    """
    who = "unnest(%(ids)s::uuid[])" if many else "(VALUES (%(id)s::uuid))"
    return f"""
    SELECT t.kind, t.id, t.at, t.service, t.is_open, t.channel, t.verb, CASE WHEN t.is_open THEN t.data END, t.words, t.subject_kind,
      t.subject_id, CASE WHEN t.is_open THEN t.cases END
    FROM {who} me(id), LATERAL ({_PARTS.replace("{limit}", str(limit))}) t
    ORDER BY t.at DESC, t.id DESC LIMIT {limit}"""
