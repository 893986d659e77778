-- The ledger. A transfer debits one ledger account as much as it credits another, so all sums are zero by its form.
-- Movements and transfers are only added.
CREATE TABLE ledger_movements (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    -- Its place in the wallet's history, from 1, without gaps.
    seq           BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    -- What it is about; nothing moves twice for one reason.
    reference     TEXT   NOT NULL UNIQUE,
    currency      TEXT   NOT NULL,
    wallet_change BIGINT NOT NULL,
    balance_after BIGINT NOT NULL,
    description   TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    UNIQUE (account_id, seq)
);
CREATE INDEX ledger_movements_by_time ON ledger_movements (account_id, at);
CREATE INDEX ledger_movements_by_kind ON ledger_movements (account_id, kind, seq);

CREATE TABLE ledger_transfers (
    movement_id TEXT   NOT NULL REFERENCES ledger_movements (id),
    line        BIGINT NOT NULL,
    debit       TEXT   NOT NULL,
    credit      TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (movement_id, line),
    CHECK (debit <> credit)
);
CREATE INDEX ledger_transfers_by_debit ON ledger_transfers (debit);
CREATE INDEX ledger_transfers_by_credit ON ledger_transfers (credit);

-- A snapshot of the balance, written with each movement; the row is locked by whoever moves something.
CREATE TABLE wallets (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    currency   TEXT   NOT NULL,
    balance    BIGINT NOT NULL,
    movements  BIGINT NOT NULL
);
