-- The triggers have the names that they have on SQLite.
CREATE FUNCTION licences_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'licences: % is refused', TG_OP USING ERRCODE = '23001';
END $$;
CREATE TRIGGER licences_delete BEFORE DELETE OR TRUNCATE ON licences
    FOR EACH STATEMENT EXECUTE FUNCTION licences_stand();

CREATE FUNCTION licence_is_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.replaced_at IS NOT NULL OR NEW.end_told_at IS NOT NULL THEN
            RAISE EXCEPTION 'licences: a new one is not yet replaced' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.account_id, NEW.plan, NEW.seats, NEW.status, NEW.source, NEW.valid_from, NEW.valid_until, NEW.created_at)
        IS DISTINCT FROM
        (OLD.id, OLD.account_id, OLD.plan, OLD.seats, OLD.status, OLD.source, OLD.valid_from, OLD.valid_until, OLD.created_at)
        OR (OLD.replaced_at IS NOT NULL AND NEW.replaced_at IS DISTINCT FROM OLD.replaced_at)
        OR (OLD.end_told_at IS NOT NULL AND NEW.end_told_at IS DISTINCT FROM OLD.end_told_at)
    THEN
        RAISE EXCEPTION 'licences: what is written is not changed' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER licences_insert BEFORE INSERT ON licences
    FOR EACH ROW EXECUTE FUNCTION licence_is_sound();
CREATE TRIGGER licences_update BEFORE UPDATE ON licences
    FOR EACH ROW EXECUTE FUNCTION licence_is_sound();
