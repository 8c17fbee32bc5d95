"""Models: the inventory, and what is not yet governed."""

from console.actions import bookmarks as kept
from console.actions import models as actions
from console.components import links
from console.components.bookmarks import Keeping, bookmarks
from console.components.filters import chosen as filters
from console.components.inventory import govern_form, inventory, sheet, ungoverned
from console.components.layout import banner, empty, header
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import models
from console.views.models import ModelsView


def render() -> None:
    asked = links.query()
    view = models.load(services(), principal(), asked)
    header("Models", plain(view.sentence))
    if view.stale:
        banner("unknown", plain(view.stale))
    if name := asked.get("govern"):
        begin(view, name)
    draw(view)


def begin(view: ModelsView, name: str) -> None:
    form = govern_form(view, name)
    if form is not None:
        work = lambda: actions.begin(services(), principal(), form)  # noqa: E731
        attempt(work, "govern", lambda: links.go("model", name=name))


def keeping() -> Keeping:
    who = principal()
    return Keeping(
        lambda name, query: kept.keep(services(), who, "models", name, query),
        lambda name: kept.forget(services(), who, "models", name),
        attempt,
    )


def draw(view: ModelsView) -> None:
    filters(view)
    bookmarks("models", view.kept, keeping())
    if view.rows:
        name = inventory(view.rows)
        sheet(view)
        if name is not None:
            links.go("model", name=name)
    else:
        why = "No governed model fits the filters." if view.total else "Begin with one below."
        with empty("No governed model", why):
            links.link("models", "Clear the filters", arrow=True)
    if view.ungoverned:
        ungoverned(view.ungoverned)
