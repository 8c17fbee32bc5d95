"""What is scraped is OpenMetrics, and the dashboard asks for nothing that is not scraped."""

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api import production_gauges
from services.api.exposition import Gauge, text
from tests.support.openmetrics import parse

DASHBOARD = Path(__file__).parents[3] / "docs/grafana/countersign.json"
OWN = {"countersign_ready", "countersign_live_sessions"}


def test_a_gauge_is_named_explained_and_has_a_line_for_each_value() -> None:
    told = text([Gauge("countersign_x", "An x.", [({}, 1.5), ({"model": "a"}, None)])])
    assert told == (
        "# TYPE countersign_x gauge\n# HELP countersign_x An x.\ncountersign_x 1.5\n# EOF\n"
    )


labels = st.dictionaries(st.sampled_from(["model", "feature"]), st.text(max_size=20), max_size=2)


@given(
    st.lists(
        st.tuples(labels, st.floats()), max_size=5, unique_by=lambda x: frozenset(x[0].items())
    )
)
def test_whatever_a_model_is_called_it_is_read_back(
    samples: list[tuple[dict[str, str], float]],
) -> None:
    found = parse(text([Gauge("countersign_x", 'A "quoted"\nx.', list(samples))]))
    assert len(found) == len(samples)
    for labelled, value in samples:
        its = found["countersign_x", frozenset(labelled.items())]
        assert its == value or (math.isnan(its) and math.isnan(value))


def test_a_name_that_the_format_does_not_know_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no name"):
        text([Gauge("countersign.x", "An x.")])


def test_the_parser_of_these_tests_refuses_what_is_no_exposition() -> None:
    good = text([Gauge("countersign_x", "An x.", [({"a": "b"}, 1.0)])])
    assert parse(good)
    twice = good.replace("# EOF", 'countersign_x{a="b"} 2.0\n# EOF')
    stranger = good.replace("countersign_x{", "countersign_y{")
    for broken in (good[:-6], twice, stranger, good.replace('"}', "}"), good.replace("1.0", "one")):
        with pytest.raises(ValueError, match="line|EOF"):
            parse(broken)


def test_the_dashboard_asks_for_what_is_scraped() -> None:
    held = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = set(re.findall(r"countersign_[a-z0-9_]+", json.dumps(held)))
    assert len(asked) > 15
    assert asked - production_gauges.names() - OWN == set()


def test_every_panel_of_the_dashboard_has_a_place_a_title_and_a_sentence() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    assert len({each["id"] for each in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for each in panels:
        assert each["title"]
        assert each["description"].endswith(".")
        assert all(target["expr"] for target in each["targets"])
        at = each["gridPos"]
        its = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert max(x for x, _ in its) < 24
        assert not its & taken, each["title"]
        taken |= its
