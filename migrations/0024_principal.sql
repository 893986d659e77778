-- Whoever is taken out of an account, and an account that ends, take along what was granted in it.
CREATE INDEX grants_by_account ON grants (account_id) WHERE account_id IS NOT NULL;
