-- An account at GitHub that has installed the app. Known here when GitHub told of it, or when somebody has proven to see it.
CREATE TABLE github_installations (
    installation_id      BIGINT NOT NULL PRIMARY KEY,
    account_id           BIGINT NOT NULL,
    account              TEXT   NOT NULL,
    repository_selection TEXT   NOT NULL,
    -- The account at GitHub of whoever installed it, when GitHub told.
    installed_by         BIGINT,
    suspended_at         BIGINT,
    updated_at           BIGINT NOT NULL
);

-- Who has proven to see an installation, and which of theirs is used.
CREATE TABLE github_installation_users (
    installation_id BIGINT NOT NULL REFERENCES github_installations (installation_id),
    user_id         TEXT   NOT NULL REFERENCES users (id),
    active_since    BIGINT,
    linked_at       BIGINT NOT NULL,
    PRIMARY KEY (installation_id, user_id)
);
CREATE INDEX github_installation_users_by_user ON github_installation_users (user_id);

-- What an installation reaches.
CREATE TABLE github_repositories (
    installation_id BIGINT NOT NULL REFERENCES github_installations (installation_id),
    repository_id   BIGINT NOT NULL,
    full_name       TEXT   NOT NULL,
    private         BIGINT NOT NULL,
    PRIMARY KEY (installation_id, repository_id)
);

-- Events that were taken, so that none is taken twice: by GitHub's name for the delivery, and by what it says.
CREATE TABLE github_deliveries (
    id          TEXT   NOT NULL PRIMARY KEY,
    digest      BYTEA  NOT NULL UNIQUE,
    received_at BIGINT NOT NULL
);
CREATE INDEX github_deliveries_by_age ON github_deliveries (received_at);
