-- How often clients and their secrets have changed: whoever remembers a client compares this before using it.
CREATE TABLE client_changes (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO client_changes (id, version) VALUES (1, 0);
