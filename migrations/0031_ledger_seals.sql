-- A digest of each movement with everything that is stored of it, bound to the one before it in the account's books.
CREATE TABLE ledger_seals (
    account_id TEXT   NOT NULL,
    -- The movement's.
    seq        BIGINT NOT NULL CHECK (seq > 0),
    digest     BYTEA  NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (account_id, seq)
);

-- Books from before there were seals. The program seals them before it serves, and takes them from this list.
CREATE TABLE ledger_unsealed (
    account_id TEXT NOT NULL PRIMARY KEY
);
INSERT INTO ledger_unsealed (account_id) SELECT account_id FROM wallets WHERE movements > 0;
