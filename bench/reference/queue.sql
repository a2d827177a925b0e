SELECT c.* FROM cases_case c WHERE c.doer_team_id = (SELECT id FROM accounts_team WHERE code = 'street-cleansing')
AND c.state IN ('awaiting_decision', 'accepted', 'waiting_for_customer', 'done') ORDER BY c.due_on, c.id LIMIT 25;
