"""The triggers that keep the trail append-only inside the database.

Whoever owns the file or the schema can drop them; the hashes then tell.
"""

SQLITE = (
    """CREATE TRIGGER trail_event_insert BEFORE INSERT ON trail_event
    WHEN NEW.seq != (SELECT COALESCE(MAX(seq), 0) + 1 FROM trail_event)
    BEGIN SELECT RAISE(ABORT, 'the trail only grows at its end'); END""",
    """CREATE TRIGGER trail_event_update BEFORE UPDATE ON trail_event
    BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    """CREATE TRIGGER trail_event_delete BEFORE DELETE ON trail_event
    BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    """CREATE TRIGGER trail_head_insert BEFORE INSERT ON trail_head
    WHEN (SELECT COUNT(*) FROM trail_head) > 0
    BEGIN SELECT RAISE(ABORT, 'the trail has one head'); END""",
    """CREATE TRIGGER trail_head_update BEFORE UPDATE ON trail_head
    WHEN NEW.size != OLD.size + 1 OR NEW.log_id != OLD.log_id
    BEGIN SELECT RAISE(ABORT, 'the head moves by one event'); END""",
    """CREATE TRIGGER trail_head_delete BEFORE DELETE ON trail_head
    BEGIN SELECT RAISE(ABORT, 'the trail has one head'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$""",
    """CREATE FUNCTION trail_append() RETURNS trigger LANGUAGE plpgsql AS
    $$ DECLARE previous text; leaf text; BEGIN
      IF NEW.seq != (SELECT COALESCE(MAX(seq), 0) + 1 FROM trail_event) THEN
        RAISE EXCEPTION 'the trail only grows at its end'; END IF;
      SELECT COALESCE((SELECT chain_hash FROM trail_event WHERE seq = NEW.seq - 1), repeat('0', 64))
        INTO previous;
      leaf := encode(sha256('\\x00'::bytea || convert_to(NEW.envelope, 'UTF8')), 'hex');
      IF NEW.leaf_hash != leaf OR NEW.chain_hash != encode(sha256(
        '\\x02'::bytea || decode(previous, 'hex') || decode(leaf, 'hex')), 'hex') THEN
        RAISE EXCEPTION 'the hashes of the event are wrong'; END IF;
      RETURN NEW; END $$""",
    """CREATE FUNCTION trail_move_head() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.size != OLD.size + 1 OR NEW.log_id != OLD.log_id THEN
      RAISE EXCEPTION 'the head moves by one event'; END IF; RETURN NEW; END $$""",
    "CREATE TRIGGER trail_event_insert BEFORE INSERT ON trail_event "
    "FOR EACH ROW EXECUTE FUNCTION trail_append()",
    "CREATE TRIGGER trail_event_change BEFORE UPDATE OR DELETE ON trail_event "
    "FOR EACH ROW EXECUTE FUNCTION trail_refuse()",
    "CREATE TRIGGER trail_event_truncate BEFORE TRUNCATE ON trail_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse()",
    "CREATE TRIGGER trail_head_update BEFORE UPDATE ON trail_head "
    "FOR EACH ROW EXECUTE FUNCTION trail_move_head()",
    "CREATE TRIGGER trail_head_delete BEFORE DELETE ON trail_head "
    "FOR EACH ROW EXECUTE FUNCTION trail_refuse()",
    "CREATE TRIGGER trail_head_truncate BEFORE TRUNCATE ON trail_head "
    "FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse()",
    "ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_event_insert",
    "ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_event_change",
    "ALTER TABLE trail_event ENABLE ALWAYS TRIGGER trail_event_truncate",
    "ALTER TABLE trail_head ENABLE ALWAYS TRIGGER trail_head_update",
    "ALTER TABLE trail_head ENABLE ALWAYS TRIGGER trail_head_delete",
    "ALTER TABLE trail_head ENABLE ALWAYS TRIGGER trail_head_truncate",
)
