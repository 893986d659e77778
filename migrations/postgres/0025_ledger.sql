-- Whatever is in the ledger stays as it is. The triggers have the names that they have on SQLite.
CREATE FUNCTION ledger_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
CREATE TRIGGER ledger_movements_update BEFORE UPDATE ON ledger_movements
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER ledger_movements_delete BEFORE DELETE OR TRUNCATE ON ledger_movements
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER ledger_transfers_update BEFORE UPDATE ON ledger_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER ledger_transfers_delete BEFORE DELETE OR TRUNCATE ON ledger_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();
CREATE TRIGGER wallets_delete BEFORE DELETE OR TRUNCATE ON wallets
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands();

CREATE FUNCTION ledger_transfer_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_movements WHERE id = NEW.movement_id) THEN
        RAISE EXCEPTION 'ledger: the movement is closed' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_transfers_insert BEFORE INSERT ON ledger_transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_transfer_is_sound();

CREATE FUNCTION ledger_movement_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wallet TEXT := 'wallet:' || NEW.account_id;
BEGIN
    -- In brackets, since the first THEN outside of them would end the condition.
    IF NOT (CASE NEW.seq
        WHEN 1 THEN NEW.balance_after = NEW.wallet_change
        ELSE EXISTS (
            SELECT 1 FROM ledger_movements
            WHERE account_id = NEW.account_id AND seq = NEW.seq - 1 AND currency = NEW.currency
              AND balance_after = NEW.balance_after - NEW.wallet_change)
        END)
    THEN
        RAISE EXCEPTION 'ledger: it does not follow from the movement before it' USING ERRCODE = '23514';
    END IF;
    IF (SELECT count(*) = 0
            OR count(*) FILTER (WHERE currency <> NEW.currency) > 0
            OR count(*) FILTER (WHERE substr(debit, 1, 7) = 'wallet:' AND debit <> wallet) > 0
            OR count(*) FILTER (WHERE substr(credit, 1, 7) = 'wallet:' AND credit <> wallet) > 0
            OR sum(CASE wallet WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END) <> NEW.wallet_change
        FROM ledger_transfers WHERE movement_id = NEW.id)
    THEN
        RAISE EXCEPTION 'ledger: its transfers are others' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_movements_insert BEFORE INSERT ON ledger_movements
    FOR EACH ROW EXECUTE FUNCTION ledger_movement_is_sound();

CREATE FUNCTION wallet_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.movements <> 0 THEN
            RAISE EXCEPTION 'ledger: a wallet begins empty' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.account_id <> OLD.account_id OR NEW.currency <> OLD.currency
        OR NEW.movements NOT IN (OLD.movements, OLD.movements + 1)
        OR (NEW.movements > 0 AND NOT EXISTS (
            SELECT 1 FROM ledger_movements
            WHERE account_id = NEW.account_id AND seq = NEW.movements AND currency = NEW.currency
              AND balance_after = NEW.balance))
    THEN
        RAISE EXCEPTION 'ledger: the balance is not that of the last movement' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER wallets_insert BEFORE INSERT ON wallets
    FOR EACH ROW EXECUTE FUNCTION wallet_is_sound();
CREATE TRIGGER wallets_update BEFORE UPDATE ON wallets
    FOR EACH ROW EXECUTE FUNCTION wallet_is_sound();
