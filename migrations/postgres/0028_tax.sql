-- What is written stays as it is, and a series only goes on.
CREATE FUNCTION tax_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'tax: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '23001';
END $$;
CREATE TRIGGER tax_documents_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON tax_documents
    FOR EACH STATEMENT EXECUTE FUNCTION tax_stands();
CREATE TRIGGER tax_series_stand BEFORE DELETE OR TRUNCATE ON tax_series
    FOR EACH STATEMENT EXECUTE FUNCTION tax_stands();

CREATE FUNCTION tax_document_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.corrects IS NOT NULL AND NEW.total > coalesce((
        SELECT invoice.total - (SELECT coalesce(sum(total), 0) FROM tax_documents WHERE corrects = NEW.corrects)
        FROM tax_documents invoice WHERE invoice.id = NEW.corrects AND invoice.account_id = NEW.account_id), 0)
    THEN
        RAISE EXCEPTION 'tax: more than was invoiced' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tax_documents_insert BEFORE INSERT ON tax_documents
    FOR EACH ROW EXECUTE FUNCTION tax_document_is_sound();

CREATE FUNCTION tax_series_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seller <> OLD.seller OR NEW.prefix <> OLD.prefix OR NEW.financial_year <> OLD.financial_year
        OR NEW.issued <> OLD.issued + 1
    THEN
        RAISE EXCEPTION 'tax: a series goes on by one' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tax_series_sound BEFORE UPDATE ON tax_series
    FOR EACH ROW EXECUTE FUNCTION tax_series_is_sound();
