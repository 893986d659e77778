-- What the gateway is asked for, and what it tells.
CREATE TABLE payment_orders (
    -- Our own name of it; the gateway knows it as the receipt.
    id         TEXT   NOT NULL PRIMARY KEY,
    -- The gateway's id: not known before its answer has come.
    gateway_id TEXT   UNIQUE,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    -- topup, autopay or mandate
    purpose    TEXT   NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount > 0),
    currency   TEXT   NOT NULL,
    -- opening, created, attempted, paid or expired
    status     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    paid_at    BIGINT,
    payment_id TEXT,
    -- How often the gateway was asked what has become of it.
    looks      BIGINT NOT NULL
);
CREATE INDEX payment_orders_by_account ON payment_orders (account_id, created_at);
CREATE INDEX payment_orders_by_status ON payment_orders (status, created_at);
CREATE INDEX payment_orders_unnamed ON payment_orders (created_at) WHERE gateway_id IS NULL;

-- Messages that were taken. The signature covers the body and not the name of the delivery: a copy under another name is
-- a copy.
CREATE TABLE gateway_events (
    digest      BYTEA  NOT NULL PRIMARY KEY,
    event_id    TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX gateway_events_by_id ON gateway_events (event_id);
CREATE INDEX gateway_events_by_time ON gateway_events (received_at);

CREATE TABLE refunds (
    id         TEXT   NOT NULL PRIMARY KEY,
    gateway_id TEXT   UNIQUE,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    payment_id TEXT   NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount > 0),
    currency   TEXT   NOT NULL,
    -- The ledger account that the payment had gone to.
    source     TEXT   NOT NULL,
    -- held, processed or failed
    status     TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT
);
CREATE INDEX refunds_by_payment ON refunds (payment_id);
CREATE INDEX refunds_by_account ON refunds (account_id, created_at);
