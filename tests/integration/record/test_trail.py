"""The trail on both engines."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from services.kernel.error import InvalidInput, UnrecordedChange
from services.kernel.identity import SYSTEM, Actor
from services.record.storage.database import Database
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

TAMPERED = [
    ("UPDATE trail_event SET envelope = REPLACE(envelope, 'note', 'nota') WHERE seq = 3", 3),
    ("UPDATE trail_event SET envelope = envelope || ' ' WHERE seq = 2", 2),
    ("DELETE FROM trail_event WHERE seq = 4", 4),
    ("DELETE FROM trail_event WHERE seq = 6", 6),
    ("UPDATE trail_event SET leaf_hash = chain_hash WHERE seq = 5", 5),
    ("UPDATE trail_index SET actor_id = 'somebody else' WHERE seq = 1", 1),
    ("UPDATE trail_head SET log_id = 'another'", 1),
]


def _fill(store: Store, events: int = 6) -> None:
    for number in range(events):
        with store.unit(Actor("person", "p-1", "s-1")) as unit:
            unit.event(
                "workspace:opened", ("workspace", "default"), note=f"note {number}", n=number
            )


def test_what_was_appended_verifies_and_is_found(store: Store) -> None:
    _fill(store)
    trail = Trail(store)
    state = trail.verify()
    assert (state.holds, state.size) == (True, 6)
    with store.reading() as session:
        found = trail.search(session, action="workspace:", before=4, limit=2)
    assert [event.seq for event in found] == [3, 2]
    assert found[0].payload == {"note": "note 2", "n": 2}


@pytest.mark.parametrize(("attack", "broken"), TAMPERED)
def test_one_edited_row_is_found(store: Store, attack: str, broken: int) -> None:
    _fill(store)
    engine = store.database.engine
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        _disarm(connection)
        connection.exec_driver_sql(attack)
    state = Trail(store).verify()
    assert not state.holds
    assert state.broken_at == broken


def _disarm(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        for table in ("trail_event", "trail_head"):
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        return
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in names.fetchall():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE trail_event SET envelope = 'x' WHERE seq = 1",
        "DELETE FROM trail_event WHERE seq = 1",
        "UPDATE trail_head SET size = 0",
        "DELETE FROM trail_head",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(store: Store, attack: str) -> None:
    _fill(store, 2)
    engine = store.database.engine
    with engine.connect().execution_options(writing=True) as connection:
        with pytest.raises(DatabaseError), connection.begin():
            connection.exec_driver_sql(attack)
    assert Trail(store).verify().holds


def test_sqlite_refuses_to_replace_a_row_of_the_trail(sqlite_store: Store) -> None:
    _fill(sqlite_store, 2)
    engine = sqlite_store.database.engine
    attack = "INSERT OR REPLACE INTO trail_event SELECT 1, event_id, 'x', 'x', 'x' FROM trail_event"
    with engine.connect().execution_options(writing=True) as connection:
        with pytest.raises(DatabaseError), connection.begin():
            connection.exec_driver_sql(attack)


def test_guarded_connections_may_not_drop_a_trigger(sqlite_store: Store) -> None:
    guarded = Database(str(sqlite_store.database.engine.url))
    with guarded.engine.connect().execution_options(writing=True) as connection:
        with pytest.raises(DatabaseError), connection.begin():
            connection.exec_driver_sql("DROP TRIGGER trail_event_delete")
    guarded.close()


def test_a_unit_without_an_event_stores_nothing(store: Store) -> None:
    with pytest.raises(UnrecordedChange), store.unit(SYSTEM) as unit:
        unit.session.execute(sa.text("UPDATE trail_index SET action = action"))
        unit.session.execute(sa.text("CREATE TABLE ledger (id INTEGER)"))
        unit.session.execute(sa.text("INSERT INTO ledger VALUES (1)"))
    with store.reading() as session:
        assert "ledger" not in sa.inspect(session.connection()).get_table_names()


def test_operational_work_cannot_touch_the_trail(store: Store) -> None:
    _fill(store, 1)
    with pytest.raises(UnrecordedChange), store.operational() as session:
        session.execute(sa.text("UPDATE trail_index SET action = 'x:y'"))
    assert Trail(store).verify().holds


def test_an_unknown_word_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput), store.unit(SYSTEM) as unit:
        unit.event("model:improved", ("model", "x"))


def test_the_same_key_asks_once(store: Store) -> None:
    tasks = Tasks(store)
    asked: list[str] = []
    for _ in range(2):
        with store.operational() as session:
            task = tasks.request(
                session, "measurement", ("version", "m/1"), {"a": 1}, requested_by="p", key="k"
            )
            asked.append(task.task_id)
    assert asked[0] == asked[1]
    assert tasks.start(asked[0])
    assert tasks.progress(asked[0], 0.5, "half") is False
    tasks.request_cancel(asked[0])
    assert tasks.progress(asked[0], 0.6, "more") is True
    tasks.cancelled(asked[0], SYSTEM)
    assert tasks.get(asked[0]).is_over
    assert not tasks.start(asked[0])
