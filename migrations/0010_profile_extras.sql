-- The picture of a user, as this server encoded it.
CREATE TABLE avatars (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    -- Part of its public address; another one for every upload.
    id         TEXT   NOT NULL UNIQUE,
    format     TEXT   NOT NULL,
    bytes      BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);

-- What a user wants the applications of the account to look and behave like.
CREATE TABLE preferences (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    -- A JSON object.
    document   TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Introductions that a user has been through.
CREATE TABLE milestones (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    milestone  TEXT   NOT NULL,
    reached_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, milestone)
);
