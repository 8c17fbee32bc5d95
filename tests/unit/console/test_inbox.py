"""What waits for a person stays short: one line for each limit that was crossed."""

from dataclasses import replace

from console.views.alerts import AlertRow
from console.views.asked import AskedRow
from console.views.inbox import inbox_of

ONE = AlertRow(
    "a-1", "stale", "Raised", "warning", "temp: KS", "flight-delay", "flight-delay v1", "0.46",
    "≤ 0.20", "2 minutes ago", asks=False, metric="KS", feature="temp",
)  # fmt: skip


def test_one_alert_is_named_with_its_value_and_leads_to_itself() -> None:
    (row,) = inbox_of((), (), (ONE,), (), "Otis Park")
    assert row.task == "temp: KS: 0.46, limit ≤ 0.20"
    assert (row.page, row.query) == ("alerts", (("id", "a-1"),))


def test_features_beyond_one_limit_are_one_line_that_leads_to_all_of_them() -> None:
    names = ("temp", "humid", "score", "visib", "hour")
    raised = [replace(ONE, alert_id=name, feature=name) for name in names]
    other = replace(ONE, alert_id="b", model="wage-benchmark", feature="exper", asks=True)
    together, alone = inbox_of((), (), (*raised, other), (), "Otis Park")
    assert together.task == "KS beyond ≤ 0.20: temp, humid, score and 2 more"
    assert together.query == (("name", "flight-delay"),)
    assert (alone.model, alone.due) == ("wage-benchmark", "asks for a review")


def test_a_review_that_a_rule_asks_for_is_one_task_for_each_version() -> None:
    its = (replace(ONE, asks=True), replace(ONE, alert_id="a-2", feature="humid", asks=True))
    asked = AskedRow("flight-delay", "flight-delay v1", "2 days ago", urgent=True, alerts=its)
    (row,) = inbox_of((), (asked,), (), (), "Otis Park")
    assert row.task == "Review the champion: temp: KS at 0.46, limit ≤ 0.20 and 1 other alert"
    assert (row.model, row.urgent, row.action) == ("flight-delay v1", True, "Open model")
    assert (row.page, row.query) == ("model", (("name", "flight-delay"),))
