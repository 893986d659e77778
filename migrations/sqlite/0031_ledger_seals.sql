-- Seals stay as they are, one for each movement, in their order.
CREATE TRIGGER ledger_seals_update BEFORE UPDATE ON ledger_seals
BEGIN
    SELECT RAISE(ABORT, 'ledger: seals are not changed');
END;
CREATE TRIGGER ledger_seals_delete BEFORE DELETE ON ledger_seals
BEGIN
    SELECT RAISE(ABORT, 'ledger: seals are not deleted');
END;
CREATE TRIGGER ledger_seals_insert BEFORE INSERT ON ledger_seals
BEGIN
    SELECT RAISE(ABORT, 'ledger: it is sealed already')
    WHERE EXISTS (SELECT 1 FROM ledger_seals WHERE account_id = NEW.account_id AND seq = NEW.seq);
    SELECT RAISE(ABORT, 'ledger: there is no such movement, or the one before it has no seal')
    WHERE NOT EXISTS (SELECT 1 FROM ledger_movements WHERE account_id = NEW.account_id AND seq = NEW.seq)
       OR (NEW.seq > 1
            AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE account_id = NEW.account_id AND seq = NEW.seq - 1));
END;
