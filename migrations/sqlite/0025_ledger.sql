-- Whatever is in the ledger stays as it is. `INSERT OR REPLACE` deletes without asking the triggers of a deletion, so
-- insertions look themselves for what is there.
CREATE TRIGGER ledger_movements_update BEFORE UPDATE ON ledger_movements
BEGIN
    SELECT RAISE(ABORT, 'ledger: movements are not changed');
END;
CREATE TRIGGER ledger_movements_delete BEFORE DELETE ON ledger_movements
BEGIN
    SELECT RAISE(ABORT, 'ledger: movements are not deleted');
END;
CREATE TRIGGER ledger_transfers_update BEFORE UPDATE ON ledger_transfers
BEGIN
    SELECT RAISE(ABORT, 'ledger: transfers are not changed');
END;
CREATE TRIGGER ledger_transfers_delete BEFORE DELETE ON ledger_transfers
BEGIN
    SELECT RAISE(ABORT, 'ledger: transfers are not deleted');
END;
CREATE TRIGGER wallets_delete BEFORE DELETE ON wallets
BEGIN
    SELECT RAISE(ABORT, 'ledger: wallets are not deleted');
END;

CREATE TRIGGER ledger_transfers_insert BEFORE INSERT ON ledger_transfers
BEGIN
    SELECT RAISE(ABORT, 'ledger: the movement is closed')
    WHERE EXISTS (SELECT 1 FROM ledger_movements WHERE id = NEW.movement_id);
END;

CREATE TRIGGER ledger_movements_insert BEFORE INSERT ON ledger_movements
BEGIN
    SELECT RAISE(ABORT, 'ledger: it is there already')
    WHERE EXISTS (SELECT 1 FROM ledger_movements WHERE id = NEW.id)
       OR EXISTS (SELECT 1 FROM ledger_movements WHERE reference = NEW.reference)
       OR EXISTS (SELECT 1 FROM ledger_movements WHERE account_id = NEW.account_id AND seq = NEW.seq)
       OR EXISTS (
            SELECT 1 FROM ledger_movements
            WHERE account_id = NEW.account_id AND kind = NEW.kind AND kind_seq = NEW.kind_seq);
    SELECT RAISE(ABORT, 'ledger: it does not follow from the movement before it')
    WHERE NOT CASE NEW.seq
        WHEN 1 THEN NEW.balance_after = NEW.wallet_change
        ELSE EXISTS (
            SELECT 1 FROM ledger_movements
            WHERE account_id = NEW.account_id AND seq = NEW.seq - 1 AND currency = NEW.currency
              AND balance_after = NEW.balance_after - NEW.wallet_change)
        END;
    SELECT RAISE(ABORT, 'ledger: its transfers are others')
    WHERE (
        SELECT count(*) = 0
            OR sum(currency <> NEW.currency) > 0
            OR sum(substr(debit, 1, 7) = 'wallet:' AND debit <> 'wallet:' || NEW.account_id) > 0
            OR sum(substr(credit, 1, 7) = 'wallet:' AND credit <> 'wallet:' || NEW.account_id) > 0
            OR sum(CASE 'wallet:' || NEW.account_id WHEN credit THEN amount WHEN debit THEN -amount ELSE 0 END)
                <> NEW.wallet_change
        FROM ledger_transfers WHERE movement_id = NEW.id);
END;

CREATE TRIGGER wallets_insert BEFORE INSERT ON wallets
BEGIN
    SELECT RAISE(ABORT, 'ledger: a wallet begins empty, and once')
    WHERE NEW.movements <> 0 OR EXISTS (SELECT 1 FROM wallets WHERE account_id = NEW.account_id);
END;
CREATE TRIGGER wallets_update BEFORE UPDATE ON wallets
BEGIN
    SELECT RAISE(ABORT, 'ledger: the balance is not that of the last movement')
    WHERE NEW.account_id <> OLD.account_id OR NEW.currency <> OLD.currency
       OR NEW.movements NOT IN (OLD.movements, OLD.movements + 1)
       OR (NEW.movements > 0 AND NOT EXISTS (
            SELECT 1 FROM ledger_movements
            WHERE account_id = NEW.account_id AND seq = NEW.movements AND currency = NEW.currency
              AND balance_after = NEW.balance));
END;
