-- What recurs: mandates and what is collected by them, subscriptions, and whom and what the gateway knows under which id.
CREATE TABLE gateway_customers (
    account_id  TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    customer_id TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);

-- A plan of ours with its price, as the gateway knows it; another price is another plan there.
CREATE TABLE gateway_plans (
    id         TEXT   NOT NULL PRIMARY KEY,
    plan       TEXT   NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    period     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (plan, amount, currency, period)
);

CREATE TABLE mandates (
    id          TEXT   NOT NULL PRIMARY KEY,
    account_id  TEXT   NOT NULL REFERENCES accounts (id),
    status      TEXT   NOT NULL,
    threshold   BIGINT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    max_amount  BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    order_id    TEXT   NOT NULL UNIQUE,
    -- The same as the gateway calls it.
    gateway_order TEXT NOT NULL,
    customer_id TEXT   NOT NULL,
    token_id    TEXT,
    told_at     BIGINT,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    CHECK (amount <= max_amount)
);
-- One that lives for each account.
CREATE UNIQUE INDEX mandates_living ON mandates (account_id) WHERE ended_at IS NULL;
CREATE INDEX mandates_by_account ON mandates (account_id, created_at);
CREATE INDEX mandates_by_token ON mandates (token_id);
CREATE INDEX mandates_by_customer ON mandates (customer_id);
CREATE INDEX mandates_waiting ON mandates (created_at) WHERE status = 'created';

CREATE TABLE collections (
    -- Also its order's, made with it.
    id            TEXT   NOT NULL PRIMARY KEY,
    mandate_id    TEXT   NOT NULL REFERENCES mandates (id),
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    amount        BIGINT NOT NULL CHECK (amount > 0),
    currency      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    -- What is on its way; nothing between two tries.
    payment_id    TEXT,
    failures      BIGINT NOT NULL,
    next_at       BIGINT NOT NULL,
    -- Whoever works on it has it alone up to here.
    working_until BIGINT,
    created_at    BIGINT NOT NULL,
    settled_at    BIGINT
);
-- One at a time.
CREATE UNIQUE INDEX collections_open ON collections (mandate_id) WHERE state = 'open';
CREATE INDEX collections_due ON collections (next_at) WHERE state = 'open';
CREATE INDEX collections_by_mandate ON collections (mandate_id, created_at);
CREATE INDEX collections_by_account ON collections (account_id, created_at);

-- Each failed payment counts once, whoever tells of it.
CREATE TABLE collection_failures (
    collection_id TEXT   NOT NULL REFERENCES collections (id),
    payment_id    TEXT   NOT NULL,
    reason        TEXT,
    at            BIGINT NOT NULL,
    PRIMARY KEY (collection_id, payment_id)
);

CREATE TABLE subscriptions (
    -- The gateway's.
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    plan          TEXT   NOT NULL,
    quantity      BIGINT NOT NULL CHECK (quantity > 0),
    status        TEXT   NOT NULL,
    current_start BIGINT,
    current_end   BIGINT,
    charge_at     BIGINT,
    ended_at      BIGINT,
    paid_count    BIGINT NOT NULL,
    paid_until    BIGINT,
    -- How many of its payments are in the books.
    booked_count  BIGINT NOT NULL,
    short_url     TEXT,
    cancel_at_end BIGINT NOT NULL,
    told_at       BIGINT NOT NULL,
    -- When the gateway is asked about it again.
    look_at       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscriptions_living ON subscriptions (account_id)
    WHERE status NOT IN ('cancelled', 'completed', 'expired');
CREATE INDEX subscriptions_by_account ON subscriptions (account_id, created_at);
CREATE INDEX subscriptions_to_look_at ON subscriptions (look_at)
    WHERE status NOT IN ('cancelled', 'completed', 'expired');

-- Below what an account wants to be told that its wallet runs low, where that is not the deployment's figure.
CREATE TABLE low_balances (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    threshold  BIGINT NOT NULL
);
