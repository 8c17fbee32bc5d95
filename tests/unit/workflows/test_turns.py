"""Whose turn it is."""

from services.workflows.engine.types import Capabilities
from services.workflows.retraining.turns import Waiting, next_up

LOCAL = {"local": Capabilities(None, "", 2, stops_pending=True, limits_time=True)}


def one(number: int, team: str = "labs", **more: object) -> Waiting:
    engine, gpus = str(more.get("engine", "local")), int(str(more.get("gpus", 0)))
    return Waiting(f"t{number:03}", f"model-{more.get('model', number)}", team, engine, gpus)


def ids(found: list[Waiting]) -> list[str]:
    return [each.ticket_id for each in found]


def test_the_oldest_of_the_team_with_fewest_running_comes_first() -> None:
    queued = [one(1), one(2), one(3, "risk")]
    assert ids(next_up(queued, [], LOCAL)) == ["t001", "t003"]
    assert ids(next_up(queued, [one(9)], LOCAL)) == ["t003"]
    assert ids(next_up(queued, [one(8), one(9)], LOCAL)) == []


def test_a_team_that_waits_long_is_never_passed_for_ever() -> None:
    running, queued, order = list[Waiting](), [one(n) for n in range(20)], list[str]()
    queued += [one(n, "risk") for n in range(100, 110)]
    while queued or running:
        for each in next_up(queued, running, LOCAL):
            queued.remove(each)
            running.append(each)
            order.append(each.team)
        running.pop(0)
    assert len(order) == 30
    assert order[:20].count("risk") == 10


def test_a_model_is_trained_by_one_ticket_at_a_time() -> None:
    queued = [one(1, model="a"), one(2, model="a"), one(3, model="b")]
    assert ids(next_up(queued, [], LOCAL)) == ["t001", "t003"]
    assert ids(next_up(queued, [one(9, model="a")], LOCAL)) == ["t003"]


def test_a_large_ticket_closes_its_engine_to_those_after_it() -> None:
    gpus = {"local": Capabilities(4, "H100", None, stops_pending=True, limits_time=True)}
    running = [one(9, gpus=3)]
    queued = [one(1, gpus=4), one(2, gpus=1)]
    assert ids(next_up(queued, running, gpus)) == []
    assert ids(next_up(queued, [], gpus)) == ["t001"]
    assert ids(next_up([one(2, gpus=1)], running, gpus)) == ["t002"]


def test_an_engine_that_nobody_reaches_keeps_its_tickets_waiting_and_no_others() -> None:
    queued = [one(1, engine="cluster"), one(2)]
    assert ids(next_up(queued, [], LOCAL)) == ["t002"]
