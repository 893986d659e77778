-- Seals stay as they are, one for each movement, in their order.
CREATE TRIGGER ledger_seals_update BEFORE UPDATE ON ledger_seals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER ledger_seals_delete BEFORE DELETE OR TRUNCATE ON ledger_seals
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();

CREATE FUNCTION ledger_seal_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger_movements WHERE account_id = NEW.account_id AND seq = NEW.seq)
        OR (NEW.seq > 1
            AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE account_id = NEW.account_id AND seq = NEW.seq - 1))
    THEN
        RAISE EXCEPTION 'ledger: there is no such movement, or the one before it has no seal' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_seals_insert BEFORE INSERT ON ledger_seals
    FOR EACH ROW EXECUTE FUNCTION ledger_seal_is_sound();
