"""THE TABLE OF DECISIONS: which tables row security guards, and why each of the others needs no guard."""

# Rows reach their unit through a unit_id without a number.
BY_UNIT = frozenset({"unit_moves", "unit_names", "unit_splits"})

OPEN = {
    "alembic_version": "the schema's own revision; the role may only read it",
    "audit_seals": "places and keyed digests, nothing about anybody; entries themselves are guarded; append-only",
    "audit_waiting": "ids of entries and their times, until they are sealed; entries themselves are guarded",
    "calendar_notices": "the State Council's holidays are public",
    "idempotency_keys": "found by the asker's own account and key, before any unit is known; answers are encrypted",
    "login_challenges": "found by the hash of a secret token, before anybody is known",
    "login_codes": "found by a random id and a browser's secret, before anybody is known; numbers are encrypted",
    "login_sessions": "found by the hash of a secret token, before anybody is known",
    "login_throttles": "keyed digests of phone numbers and addresses, before anybody is known",
    "past_passwords": "hashes of one account's own earlier passwords, looked at by it alone",
    "recovery_codes": "found by the account that logs in, before its unit is known; keyed digests",
    "second_factors": "found by the account that logs in, before its unit is known; secrets are encrypted",
    "tree_state": "one row: the version of the tree",
    "counter_state": "one row: since when counters are kept by day",
}
