"""System health: checks with a word, never a green default."""

from console.components.layout import block, facts, header
from console.components.tables import table
from console.components.text import badge
from console.format import plain
from console.runtime import services
from console.session import principal
from console.views import health
from console.views.health import HealthView


def render() -> None:
    draw(health.load(services(), principal()))


def draw(view: HealthView) -> None:
    mark = badge(view.status, plain(view.word))
    header("System health", plain(view.sentence), badges=[mark])
    with block("Checks", "worst first; what nobody checked is not healthy"):
        rows = [
            {
                "State": badge(row.status, plain(row.word)),
                "Check": plain(row.name),
                "Found": plain(row.finding),
                "What to do": plain(row.advice) or "–",
            }
            for row in view.rows
        ]
        table(rows, "Checks of the system, worst first", wrap=(3, 4))
    if view.facts:
        with block("Versions and places"):
            facts({plain(k): plain(v) for k, v in view.facts})
