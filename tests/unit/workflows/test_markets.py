"""Where what serves was bought: as the tags say, of the version before those of the model."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import NotFound
from services.standards.price.types import Market, Term
from services.workflows.costing.markets import Markets

AT = datetime(2026, 3, 14, tzinfo=UTC)
SAID = "countersign.serving."


class Tags:
    """A registry in which the tags came after the day."""

    def __init__(self, tags: dict[str, str], own: dict[str, str]) -> None:
        self._tags, self._own = tags, own

    def model(self, session: Any, name: str, at: datetime | None = None) -> Any:
        del session, name
        if at is not None:
            raise NotFound("There was none.")
        return SimpleNamespace(tags=self._tags)

    def versions(self, session: Any, name: str, at: datetime | None = None) -> Any:
        del session, name, at
        return [SimpleNamespace(ref=SimpleNamespace(version=3), tags=self._own)]


def market(source: str, tags: dict[str, str], own: dict[str, str] | None = None) -> Market | None:
    line = Entry(
        source, CostKind.SERVING, Use("cpu", "cpu-hour", Decimal(1)), None, Bearer("loan", 3),
        AT, AT + timedelta(days=1),
    )  # fmt: skip
    return Markets(cast("Any", Tags(tags, own or {})))(cast("Any", None), line)


def test_what_serves_is_priced_where_its_tags_say() -> None:
    tags = {f"{SAID}provider": "AWS", f"{SAID}region": "eu-west-1"}
    assert market("serving:loan:3:day:cpu", tags) == Market("aws", "eu-west-1")
    own = {f"{SAID}term": "spot"}
    assert market("host:loan:3:day:cpu", tags, own) == Market("aws", "eu-west-1", Term.SPOT)
    assert market("serving:loan:3:day:cpu", {}) == Market()


def test_a_run_is_left_to_who_knows_its_tags_and_storage_is_bought_anywhere() -> None:
    assert market("run:abc:cpu", {f"{SAID}term": "spot"}) is None
    assert market("storage:abc:2026-03-14", {f"{SAID}term": "spot"}) == Market()
