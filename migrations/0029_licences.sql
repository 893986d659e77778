-- What binds accounts to plans: every licence an account ever had. A change adds one; at most one is not replaced.
CREATE TABLE licences (
    id          TEXT   NOT NULL PRIMARY KEY,
    account_id  TEXT   NOT NULL REFERENCES accounts (id),
    plan        TEXT   NOT NULL,
    seats       BIGINT NOT NULL CHECK (seats > 0),
    status      TEXT   NOT NULL,
    -- 'admin', or 'subscription:' and the gateway's id.
    source      TEXT   NOT NULL,
    -- When the account came to this plan; kept while only status, seats or end change.
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT,
    created_at  BIGINT NOT NULL,
    -- When another one took its place.
    replaced_at BIGINT,
    -- When its end was told to whoever remembers what it gave.
    end_told_at BIGINT
);
CREATE UNIQUE INDEX licences_living ON licences (account_id) WHERE replaced_at IS NULL;
CREATE INDEX licences_by_account ON licences (account_id, created_at);
CREATE INDEX licences_ending ON licences (valid_until) WHERE replaced_at IS NULL AND end_told_at IS NULL;

-- What an account has used of a metric in a calendar month.
CREATE TABLE usage_counters (
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    metric       TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    -- The part of it that is paid for, and what was charged for that.
    billable     BIGINT NOT NULL CHECK (billable >= 0),
    charged      BIGINT NOT NULL CHECK (charged >= 0),
    PRIMARY KEY (account_id, metric, period_start)
);

-- The same by day.
CREATE TABLE usage_days (
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    metric     TEXT   NOT NULL,
    day        BIGINT NOT NULL,
    used       BIGINT NOT NULL CHECK (used >= 0),
    charged    BIGINT NOT NULL CHECK (charged >= 0),
    PRIMARY KEY (account_id, metric, day)
);

-- Reports that were taken, so that none counts twice.
CREATE TABLE usage_reports (
    reporter   TEXT   NOT NULL,
    report_key TEXT   NOT NULL,
    -- Of what was reported.
    digest     BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (reporter, report_key)
);
CREATE INDEX usage_reports_by_expiry ON usage_reports (expires_at);
