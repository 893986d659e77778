-- What a subscription is to be with its next period, and when that begins.
ALTER TABLE subscriptions ADD COLUMN next_plan TEXT;
ALTER TABLE subscriptions ADD COLUMN next_quantity BIGINT;
ALTER TABLE subscriptions ADD COLUMN next_at BIGINT;
