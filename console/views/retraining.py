"""How a model is trained: its recipe, the tickets that used it, and what trainings grow to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.figures.course import Course, Line, WindowPoint
from console.format import ago, digest, plural
from console.views import tickets
from console.views.decisions import team_of
from console.views.drafted import drafted
from console.views.model import ModelHead
from console.views.names import Names
from console.views.names import load as names_of
from console.views.tickets import TicketRow, amount
from services.decisions.recipe.types import PublishedRecipe, Search
from services.decisions.retraining.types import Ticket
from services.facts.training_data.growth import Retrain, growth
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class RecipeRow:
    """The recipe in force."""

    name: str
    label: str
    caption: str
    text: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class RetrainingView:
    """What the tab shows.

    Attributes
    ----------
    draft, gaps
        A recipe drafted from the run of the version, and what a person must add; empty where there is
        a recipe or nothing to draft from.
    rows_over_time
        None with fewer than two trainings.
    """

    name: str
    recipe: RecipeRow | None
    others: tuple[str, ...]
    draft: str
    gaps: tuple[str, ...]
    tickets: tuple[TicketRow, ...]
    rows_over_time: Course | None
    money_over_time: Course | None
    warning: str
    may_open: bool
    may_publish: bool


def load(services: "Services", principal: Principal, head: ModelHead) -> RetrainingView:
    """Return what the tab shows."""
    now = services.clock.now()
    with services.store.reading() as session:
        where = {"model": head.name, "team": team_of(services, session, head.name)}
        names = names_of(services, session)
        held = services.recipes.of_model(session, head.name)
        found = services.tickets.of_model(session, head.name)
        ref = services.registry.ref(session, head.name, head.version)
        made = None if held else drafted(services, session, ref)
    trained = [each for each in reversed(found) if each.data is not None and each.spent is not None]
    grown = [Retrain(t.opened_at, t.data.rows, t.spent) for t in trained if t.data is not None]
    return RetrainingView(
        head.name,
        _recipe(held[0], names, ago(held[0].published_at, now)) if held else None,
        tuple(f"{each.recipe.name} v{each.recipe.version}" for each in held[1:]),
        made.text if made else "",
        made.gaps if made else (),
        tuple(tickets.row(each, ago(each.opened_at, now)) for each in found),
        _rows(trained),
        _money(trained),
        growth(grown).warning,
        services.authority.permits(principal, Action.TICKET_OPEN, **where),
        services.authority.permits(principal, Action.RECIPE_PUBLISH, **where),
    )


def _recipe(each: PublishedRecipe, names: Names, when: str) -> RecipeRow:
    recipe = each.recipe
    needs = recipe.needs
    gpus = f", {plural(needs.gpus, 'GPU')} {needs.gpu_type}".rstrip() if needs.gpus else ""
    return RecipeRow(
        recipe.name, f"{recipe.name} v{recipe.version}",
        f"published {when} by {names.person(each.published_by)}", each.text,
        (
            ("Runs", " ".join(recipe.entry.command)),
            ("Code", f"{recipe.entry.kind.value} {recipe.entry.location} {recipe.entry.commit[:12]}"),
            ("Data", recipe.data.uri),
            ("Rows", recipe.data.window.kind.value),
            ("Holdout", digest(recipe.holdout.sha256, 2)),
            ("Environment", f"{recipe.environment.kind.value} {recipe.environment.name}".strip()),
            ("Engine", f"{recipe.engine}: {needs.cpus:g} {'CPU' if needs.cpus == 1 else 'CPUs'}, {needs.memory_gb:g} GB{gpus}, at most {needs.seconds:,} s"),
            ("Attempts", f"at most {recipe.max_attempts}"),
            *_search(recipe.search),
            ("Digest", digest(recipe.sha256, 2)),
        ),
    )  # fmt: skip


def _search(asked: Search | None) -> Iterator[tuple[str, str]]:
    """Yield what is searched over; nothing where nothing is."""
    if asked is not None:
        over = ", ".join(sorted(asked.space))
        yield "Search", f"{plural(asked.trials, 'trial')} for the best {asked.metric}, over {over}"


def _rows(trained: list[Ticket]) -> Course | None:
    points = tuple(
        WindowPoint(each.opened_at, float(each.data.rows), f"{each.data.rows:,} rows")
        for each in trained
        if each.data is not None
    )
    return Course((Line("rows", points),)) if len(points) > 1 else None


def _money(trained: list[Ticket]) -> Course | None:
    points = tuple(
        WindowPoint(each.opened_at, each.spent.micros / 1e6, amount(each.spent))
        for each in trained
        if each.spent is not None
    )
    return Course((Line("cost", points),)) if len(points) > 1 else None
