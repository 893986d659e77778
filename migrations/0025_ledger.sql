-- The ledger. A transfer debits one ledger account as much as it credits another, so all sums are zero by its form.
-- Movements and transfers are only added. What a row says about others is guarded by triggers, in the folders of the two
-- databases under the same number.
CREATE TABLE ledger_movements (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    -- Its place in the wallet's history, from 1, without gaps.
    seq           BIGINT NOT NULL CHECK (seq > 0),
    kind          TEXT   NOT NULL,
    -- Its place among those of its kind, from 1, without gaps.
    kind_seq      BIGINT NOT NULL CHECK (kind_seq > 0),
    -- What it is about; nothing moves twice for one reason.
    reference     TEXT   NOT NULL UNIQUE,
    currency      TEXT   NOT NULL,
    wallet_change BIGINT NOT NULL CHECK (wallet_change = CAST(wallet_change AS BIGINT)),
    balance_after BIGINT NOT NULL CHECK (balance_after = CAST(balance_after AS BIGINT)),
    description   TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    -- The day it was booked on, in the books' time zone: `2026-11-21`.
    day           TEXT   NOT NULL CHECK (length(day) = 10),
    UNIQUE (account_id, seq),
    UNIQUE (account_id, kind, kind_seq)
);

-- Written before the movement, which closes them.
CREATE TABLE ledger_transfers (
    movement_id TEXT   NOT NULL REFERENCES ledger_movements (id) DEFERRABLE INITIALLY DEFERRED,
    line        BIGINT NOT NULL,
    debit       TEXT   NOT NULL,
    credit      TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    -- A whole number: SQLite would keep a fraction.
    amount      BIGINT NOT NULL CHECK (amount > 0 AND amount = CAST(amount AS BIGINT)),
    PRIMARY KEY (movement_id, line),
    CHECK (debit <> credit)
);

-- A snapshot of the balance, written with each movement; the row is locked by whoever moves something.
CREATE TABLE wallets (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    currency   TEXT   NOT NULL,
    balance    BIGINT NOT NULL,
    movements  BIGINT NOT NULL,
    CHECK (movements > 0 OR (movements = 0 AND balance = 0))
);

-- What a day has brought, written with each movement: credits - debits - spend is what the day changed in the wallet.
CREATE TABLE ledger_days (
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    day        TEXT   NOT NULL,
    -- Of usage.
    spend      BIGINT NOT NULL,
    -- Of everything else, apart by its sign.
    credits    BIGINT NOT NULL,
    debits     BIGINT NOT NULL,
    PRIMARY KEY (account_id, day)
);
