-- `INSERT OR REPLACE` deletes without asking the triggers of a deletion, so insertions look themselves for what is there.
CREATE TRIGGER licences_update BEFORE UPDATE ON licences
BEGIN
    SELECT RAISE(ABORT, 'licences: what is written is not changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.account_id IS NOT OLD.account_id OR NEW.plan IS NOT OLD.plan
       OR NEW.seats IS NOT OLD.seats OR NEW.status IS NOT OLD.status OR NEW.source IS NOT OLD.source
       OR NEW.valid_from IS NOT OLD.valid_from OR NEW.valid_until IS NOT OLD.valid_until
       OR NEW.created_at IS NOT OLD.created_at
       OR (OLD.replaced_at IS NOT NULL AND NEW.replaced_at IS NOT OLD.replaced_at)
       OR (OLD.end_told_at IS NOT NULL AND NEW.end_told_at IS NOT OLD.end_told_at);
END;
CREATE TRIGGER licences_delete BEFORE DELETE ON licences
BEGIN
    SELECT RAISE(ABORT, 'licences: they are not deleted');
END;
CREATE TRIGGER licences_insert BEFORE INSERT ON licences
BEGIN
    SELECT RAISE(ABORT, 'licences: it is there already')
    WHERE EXISTS (SELECT 1 FROM licences WHERE id = NEW.id)
       OR EXISTS (SELECT 1 FROM licences WHERE account_id = NEW.account_id AND replaced_at IS NULL);
    SELECT RAISE(ABORT, 'licences: a new one is not yet replaced')
    WHERE NEW.replaced_at IS NOT NULL OR NEW.end_told_at IS NOT NULL;
END;
