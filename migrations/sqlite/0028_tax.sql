-- What is written stays as it is, and a series only goes on. `INSERT OR REPLACE` deletes without asking the triggers of a
-- deletion, so insertions look themselves for what is there.
CREATE TRIGGER tax_documents_update BEFORE UPDATE ON tax_documents
BEGIN
    SELECT RAISE(ABORT, 'tax: documents are not changed');
END;
CREATE TRIGGER tax_documents_delete BEFORE DELETE ON tax_documents
BEGIN
    SELECT RAISE(ABORT, 'tax: documents are not deleted');
END;
CREATE TRIGGER tax_documents_insert BEFORE INSERT ON tax_documents
BEGIN
    SELECT RAISE(ABORT, 'tax: it is there already')
    WHERE EXISTS (SELECT 1 FROM tax_documents WHERE id = NEW.id)
       OR EXISTS (SELECT 1 FROM tax_documents WHERE reference = NEW.reference)
       OR EXISTS (SELECT 1 FROM tax_documents WHERE seller = NEW.seller AND number = NEW.number);
    SELECT RAISE(ABORT, 'tax: more than was invoiced')
    WHERE NEW.corrects IS NOT NULL AND NEW.total > coalesce((
        SELECT invoice.total - (SELECT coalesce(sum(total), 0) FROM tax_documents WHERE corrects = NEW.corrects)
        FROM tax_documents invoice WHERE invoice.id = NEW.corrects AND invoice.account_id = NEW.account_id), 0);
END;

CREATE TRIGGER tax_series_delete BEFORE DELETE ON tax_series
BEGIN
    SELECT RAISE(ABORT, 'tax: series are not deleted');
END;
CREATE TRIGGER tax_series_update BEFORE UPDATE ON tax_series
BEGIN
    SELECT RAISE(ABORT, 'tax: a series goes on by one')
    WHERE NEW.seller <> OLD.seller OR NEW.prefix <> OLD.prefix OR NEW.financial_year <> OLD.financial_year
       OR NEW.issued <> OLD.issued + 1;
END;
