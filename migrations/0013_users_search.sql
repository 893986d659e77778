-- Users in the order they came. A number is given once and kept, so any page of the list is found without counting the rows
-- before it.
CREATE TABLE user_numbers (
    id   BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    last BIGINT NOT NULL
);

-- How many users of a thousand consecutive numbers are there, not erased.
CREATE TABLE user_blocks (
    block BIGINT NOT NULL PRIMARY KEY,
    live  BIGINT NOT NULL
);

-- What a user is found by: the address, the user name and the name, folded, from the start of each word on. Bytes, because
-- databases order text by the rules of a language, and a search by beginnings needs the order of the bytes.
CREATE TABLE user_terms (
    term   BYTEA  NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (term, number)
);
CREATE INDEX user_terms_by_number ON user_terms (number);

ALTER TABLE users ADD COLUMN number BIGINT;
-- Set while the terms of the row are to be made: for all rows of before, and for those that an older version writes.
ALTER TABLE users ADD COLUMN terms_due BIGINT DEFAULT 1;

UPDATE users SET number = counted.number FROM (
    SELECT id, row_number() OVER (ORDER BY created_at, id) AS number FROM users WHERE erased_at IS NULL
) AS counted WHERE counted.id = users.id;
INSERT INTO user_numbers (id, last) SELECT 1, COALESCE(max(number), 0) FROM users;
INSERT INTO user_blocks (block, live) SELECT number / 1000, count(*) FROM users WHERE number IS NOT NULL GROUP BY number / 1000;

CREATE UNIQUE INDEX users_by_number ON users (number) WHERE erased_at IS NULL;
CREATE INDEX users_without_terms ON users (id) WHERE terms_due IS NOT NULL;
CREATE INDEX users_administering ON users (id, disabled_at) WHERE role = 'admin';
