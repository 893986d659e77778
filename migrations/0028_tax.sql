-- What an account says of itself for its invoices. Invoices carry a copy: they stay when this changes or goes.
CREATE TABLE tax_profiles (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    gstin      TEXT,
    legal_name TEXT,
    -- Lines.
    address    TEXT   NOT NULL,
    state_code TEXT,
    updated_at BIGINT NOT NULL
);

-- The last number of each series; it moves in the write that uses the number, so that none is left out.
CREATE TABLE tax_series (
    -- The seller's GSTIN; empty without one.
    seller         TEXT   NOT NULL,
    prefix         TEXT   NOT NULL,
    financial_year TEXT   NOT NULL,
    issued         BIGINT NOT NULL,
    PRIMARY KEY (seller, prefix, financial_year)
);

-- Invoices, bills of supply and credit notes: only added. `document` is all that is printed; the rest is there to be found by.
CREATE TABLE tax_documents (
    id             TEXT   NOT NULL PRIMARY KEY,
    account_id     TEXT   NOT NULL REFERENCES accounts (id),
    kind           TEXT   NOT NULL,
    seller         TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    financial_year TEXT   NOT NULL,
    issued_at      BIGINT NOT NULL,
    -- The reference of the movement that it documents.
    reference      TEXT   NOT NULL UNIQUE,
    -- Of a credit note: what it takes back from.
    corrects       TEXT REFERENCES tax_documents (id),
    currency       TEXT   NOT NULL,
    total          BIGINT NOT NULL CHECK (total > 0),
    taxable        BIGINT NOT NULL CHECK (taxable >= 0),
    cgst           BIGINT NOT NULL CHECK (cgst >= 0),
    sgst           BIGINT NOT NULL CHECK (sgst >= 0),
    igst           BIGINT NOT NULL CHECK (igst >= 0),
    document       TEXT   NOT NULL,
    UNIQUE (seller, number),
    CHECK (total = taxable + cgst + sgst + igst),
    CHECK (igst = 0 OR cgst + sgst = 0),
    CHECK ((kind = 'credit_note') = (corrects IS NOT NULL))
);
CREATE INDEX tax_documents_by_account ON tax_documents (account_id, issued_at);
CREATE INDEX tax_documents_by_corrected ON tax_documents (corrects) WHERE corrects IS NOT NULL;
