"""The catalogue of metrics keeps its own grammar."""

import re

from services.kernel.metric import CATALOGUE


def test_names_units_and_directions_follow_the_grammar() -> None:
    for name, metric in CATALOGUE.items():
        assert re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", name)
        assert metric.direction in {"higher", "lower", "none"}
        assert metric.unit
        assert metric.definition.endswith("."), name
        assert metric.source
        assert metric.words[0].isupper()
