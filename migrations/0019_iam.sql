-- Accounts have a name, shown to those who are invited into them; without one they are called after their root user.
ALTER TABLE accounts ADD COLUMN name TEXT;

-- The account that a grant or an opaque token acts in; none for applications that ask for no account.
ALTER TABLE grants ADD COLUMN account_id TEXT;
ALTER TABLE access_tokens ADD COLUMN account_id TEXT;

-- Those who sign in inside an account. What every principal has (password, sessions, second factor) hangs on their row in
-- `users`, whose role is `iam`; it has no mailbox, and nothing that looks for people finds it.
CREATE TABLE iam_users (
    id                 TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    account_id         TEXT   NOT NULL REFERENCES accounts (id),
    -- As it was given, and as it is compared: names differ by more than case.
    username           TEXT   NOT NULL,
    name_key           TEXT   NOT NULL,
    -- Since when a password opens the console; none for programs only.
    console_since      BIGINT,
    password_set_at    BIGINT,
    -- Since when the password has to be changed before anything else.
    change_required_at BIGINT,
    created_at         BIGINT NOT NULL,
    UNIQUE (account_id, name_key)
);

-- Passwords that were, as hashes, newest last; as many as the account's rules look back on.
CREATE TABLE password_history (
    user_id       TEXT   NOT NULL REFERENCES users (id),
    set_at        BIGINT NOT NULL,
    password_hash TEXT   NOT NULL,
    PRIMARY KEY (user_id, set_at)
);

-- One JSON document per account that has rules of its own.
CREATE TABLE password_policies (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    rules      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE iam_groups (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, name_key)
);

CREATE TABLE iam_group_members (
    group_id TEXT   NOT NULL REFERENCES iam_groups (id),
    user_id  TEXT   NOT NULL REFERENCES iam_users (id),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX iam_group_members_by_user ON iam_group_members (user_id);

-- The policies that accounts write themselves; managed ones come with the server and its configuration.
CREATE TABLE iam_policies (
    id          TEXT   NOT NULL PRIMARY KEY,
    account_id  TEXT   NOT NULL REFERENCES accounts (id),
    name        TEXT   NOT NULL,
    name_key    TEXT   NOT NULL,
    description TEXT   NOT NULL,
    document    TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (account_id, name_key)
);

-- What a user or group has. `principal_id` is the id of either; a managed policy is in no table, so there is no reference.
CREATE TABLE iam_attachments (
    principal_id TEXT   NOT NULL,
    policy_id    TEXT   NOT NULL,
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    attached_at  BIGINT NOT NULL,
    PRIMARY KEY (principal_id, policy_id)
);
CREATE INDEX iam_attachments_by_policy ON iam_attachments (account_id, policy_id);

-- Keys that requests are signed with. The secret has to be read back, so it is sealed, for a purpose of its own.
CREATE TABLE access_keys (
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES iam_users (id),
    secret_sealed BYTEA  NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX access_keys_by_user ON access_keys (user_id, created_at);

-- Signatures that were taken; each is good once, on any replica, for as long as its time would be accepted.
CREATE TABLE request_signatures (
    digest     BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX request_signatures_by_expiry ON request_signatures (expires_at);
