from pathlib import Path
from typing import Any

import pytest

from console.views import (
    activity,
    card,
    chain,
    evidence,
    explanations,
    fairness,
    health,
    home,
    lineage,
    model,
    models,
    overview,
    people,
    performance,
    trail,
)
from services.decisions.modelcard.types import FieldEdit, FieldKind, RunFacts
from services.kernel.clock import FixedClock
from services.kernel.error import NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, govern, measure, open_services, person


@pytest.fixture
def services(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(sqlite_store, tmp_path, clock)


@pytest.fixture
def owner(services: Any) -> Principal:
    return person(services, "Olga Owner", Role.OWNER)


def head(services: Any, who: Principal, version: str = "2", **query: str) -> model.ModelHead:
    return model.load(services, who, {"name": NAME, "version": version, **query})


def test_a_model_nobody_governs_says_so_and_offers_the_form(
    services: Any, owner: Principal
) -> None:
    view = head(services, owner)
    assert (view.governed, view.word, view.next.kind) == (False, "Not governed", "govern")
    assert overview.load(services, owner, view).ladder is None


def test_a_governed_model_that_never_ran_is_neither_green_nor_red(
    services: Any, owner: Principal
) -> None:
    govern(services, owner)
    view = head(services, owner)
    assert (view.status, view.word) == ("none", "Not in production")


def test_what_runs_without_a_promotion_is_red_in_the_list(services: Any, owner: Principal) -> None:
    view = models.load(services, owner, {})
    assert [(m.name, m.in_production) for m in view.ungoverned] == [
        ("churn-mobile", True),
        (NAME, False),
    ]


def test_an_unknown_model_is_not_found(services: Any, owner: Principal) -> None:
    with pytest.raises(NotFound):
        model.load(services, owner, {"name": "nobody"})


def test_a_model_of_another_team_is_refused_by_its_address(services: Any, owner: Principal) -> None:
    govern(services, owner)
    stranger = person(services, "Sam Stranger")
    with pytest.raises(NotPermitted):
        head(services, stranger)


def test_the_gate_of_a_version_that_was_never_measured_has_no_pass(
    services: Any, owner: Principal
) -> None:
    govern(services, owner)
    ladder = overview.load(services, owner, head(services, owner)).ladder
    assert ladder is not None
    assert ladder.status == "unknown"
    assert "Pass" not in {row.word for row in ladder.rows if not row.clause_id.startswith("card-")}


def test_a_failing_group_is_named_first(services: Any, owner: Principal) -> None:
    govern(services, owner)
    measure(services, 2, ratio=0.7)
    ladder = overview.load(services, owner, head(services, owner)).ladder
    assert ladder is not None
    assert ladder.rows[0].status == "fail"
    assert "race Black" in ladder.rows[0].sentence


def test_the_bias_audit_shows_rates_ratios_and_says_too_few(
    services: Any, owner: Principal
) -> None:
    govern(services, owner)
    measure(services, 2, ratio=0.7)
    view = fairness.load(services, owner, head(services, owner), "")
    assert (view.attribute, view.reference, view.status) == ("race", "White", "fail")
    few = next(group for group in view.groups if group.group == "Other")
    assert (few.few, few.rate, few.tpr) == (True, "too few (n = 3)", "–")
    assert [p.status for p in view.ratios] == ["none", "fail", "unknown"]
    assert view.limit == 0.8


def test_a_bias_audit_that_was_never_made_shows_the_lines_that_log_it(
    services: Any, owner: Principal
) -> None:
    view = fairness.load(services, owner, head(services, owner), "")
    assert view.missing
    assert "log_artifact" in view.snippet


def test_performance_is_compared_by_version_with_its_limit(services: Any, owner: Principal) -> None:
    govern(services, owner)
    measure(services, 1, auc=0.80)
    measure(services, 2, auc=0.65)
    view = performance.load(services, owner, head(services, owner, compare="1"), "")
    assert view.rows[0].change == "−0.150"
    assert [(p.version, p.outside) for p in view.points] == [(1, False), (2, True)]


def test_an_explanation_says_its_space_and_its_residual(services: Any, owner: Principal) -> None:
    measure(services, 2)
    view = explanations.load(services, owner, head(services, owner))
    assert view.unit == "log-odds"
    assert view.bars[0].feature == "obrat"
    assert ("Additivity residual", "3.0e-07, n = 796") in view.facts


def test_evidence_opens_down_to_its_payload(services: Any, owner: Principal) -> None:
    measure(services, 2)
    rows = evidence.load(services, owner, head(services, owner), "").rows
    assert {row.kind for row in rows} == {"performance", "fairness", "explanation"}
    detail = evidence.load(services, owner, head(services, owner), rows[0].evidence_id).detail
    assert detail is not None
    assert '"n": 796' in detail.payload
    assert dict(detail.facts)["Seed"] == "4"


def test_evidence_of_another_version_is_not_shown_here(services: Any, owner: Principal) -> None:
    measure(services, 1)
    rows = evidence.load(services, owner, head(services, owner, "1"), "").rows
    other = evidence.load(services, owner, head(services, owner), rows[0].evidence_id)
    assert other.detail is None
    assert other.unknown_id == rows[0].evidence_id


def test_lineage_lists_data_run_and_commit(services: Any, owner: Principal) -> None:
    view = lineage.load(services, owner, head(services, owner))
    assert [row.what for row in view.rows] == ["dataset, training", "code", "version"]
    assert view.status == "unknown"


def test_a_blank_card_is_unknown_and_not_empty(services: Any, owner: Principal) -> None:
    govern(services, owner)
    view = card.load(services, owner, head(services, owner))
    assert {field.kind for field in view.fields} == {"unknown"}
    assert view.missing
    assert view.may_edit
    assert "UNKNOWN" in view.markdown


def test_a_card_shows_the_measured_numbers_and_keeps_what_was_written(
    services: Any, owner: Principal
) -> None:
    govern(services, owner)
    measure(services, 2)
    with services.store.unit(SYSTEM) as unit:
        ref = services.registry.ref(unit.session, NAME, 2)
        services.cards.draft(unit, ref, RunFacts(title="Loans"))
    said = "AUC [[performance.auc]]."
    services.cards.revise(owner, ref, 1, {"limitations": FieldEdit(FieldKind.HUMAN, said)})
    view = card.load(services, owner, head(services, owner))
    fields = {field.key: field for field in view.fields}
    assert "0.800 [0.750, 0.840], n = 796" in fields["metrics"].text
    assert fields["limitations"].text == "AUC 0.800 [0.750, 0.840], n = 796."
    assert fields["limitations"].written == said
    assert "[[" not in view.markdown


def test_home_counts_and_says_what_happened(services: Any, owner: Principal) -> None:
    govern(services, owner)
    view = home.load(services, owner)
    assert next(tile for tile in view.tiles if tile.key == "free").count == 1
    assert any(event.action == "model:governed" for event in view.events)


def test_what_happened_to_a_model_is_listed_with_names(services: Any, owner: Principal) -> None:
    govern(services, owner)
    measure(services, 2)
    view = activity.load(services, owner, head(services, owner))
    assert {row.action for row in view.rows} == {"model:governed", "evidence:filed"}
    assert "Olga Owner" in {row.by for row in view.rows}


def test_the_inventory_filters_by_what_stands_in_the_address(
    services: Any, owner: Principal
) -> None:
    govern(services, owner, Tier.LOW)
    assert len(models.load(services, owner, {"tier": "low"}).rows) == 1
    assert not models.load(services, owner, {"tier": "high"}).rows
    assert not models.load(services, owner, {"find": "no such name"}).rows


def test_the_trail_is_read_by_page_and_verifies(services: Any) -> None:
    auditor = person(services, "Aud Auditor", Role.AUDITOR)
    view = trail.load(services, auditor, {"action": "role:granted"})
    assert {row.action for row in view.rows} == {"role:granted"}
    found = chain.verify(services, auditor)
    assert found.status == "pass"


def test_a_viewer_reads_neither_trail_nor_people(services: Any) -> None:
    viewer = person(services, "Vic Viewer", Role.VIEWER)
    with pytest.raises(NotPermitted):
        trail.load(services, viewer, {})
    with pytest.raises(NotPermitted):
        people.load(services, viewer, {})


def test_people_are_listed_with_roles_and_teams(services: Any) -> None:
    admin = person(services, "Ann Admin", Role.ADMINISTRATOR)
    view = people.load(services, admin, {"person": admin.person_id})
    assert view.chosen is not None
    assert (view.chosen.teams, view.chosen.me) == ("Lending", True)
    assert [grant.words for grant in view.chosen.grants] == ["administrator"]


def test_what_nobody_checked_is_not_healthy(services: Any) -> None:
    operator = person(services, "Otto Operator", Role.OPERATOR)
    view = health.load(services, operator)
    found = {row.name: row.status for row in view.rows}
    assert found["Worker, durable lane"] == "unknown"
    assert found["Sandbox"] == "unknown"
    assert view.status != "pass"


def test_a_silent_worker_is_red_and_a_speaking_one_says_its_sandbox(services: Any) -> None:
    operator = person(services, "Otto Operator", Role.OPERATOR)
    services.health.beat("worker:batch", sandbox="S1")
    found = {row.name: row.status for row in health.load(services, operator).rows}
    assert (found["Worker, durable lane"], found["Sandbox"]) == ("pass", "pass")
    services.clock.advance(600)
    found = {row.name: row.status for row in health.load(services, operator).rows}
    assert found["Worker, durable lane"] == "fail"


def test_checks_that_could_not_be_made_are_never_summed_up_as_green() -> None:
    assert health.overall(0, 1)[0] == "unknown"
    assert health.overall(1, 0)[0] == "fail"
    assert health.overall(0, 0)[0] == "pass"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('{"uri": "s3://rows/2026.parquet"}', "s3://rows/2026.parquet"),
        ('{"tags": {"mlflow.user": "ada"}}', '{"tags": {"mlflow.user": "ada"}}'),
        ("rows/2026.parquet", "rows/2026.parquet"),
        ("2026", "2026"),
    ],
)
def test_where_a_dataset_lies_is_told_without_the_json_around_it(source: str, told: str) -> None:
    assert lineage.place(source) == told
