"""Engines: where training runs, tried and set; and the repositories whose pushes ask for one."""

from collections.abc import Callable
from functools import partial

from console.actions import engines as actions
from console.actions.hooks import carry_out
from console.components import engines as parts
from console.components import hooks as asking
from console.components import links, memory, tasks
from console.components.layout import block, header
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import engines, hooks, task
from console.views.engines import EngineTrial


def render() -> None:
    view = engines.load(services(), principal(), links.query())
    header("Engines", plain(view.sentence))
    if view.trial is not None:
        trial(view.trial)
    with block("Where training runs", "choose a name to try, switch or remove it"):
        parts.engines(view)
    if view.chosen is not None:
        one(view.chosen.name, parts.engine(view.chosen))
    wish = parts.form(view)
    if wish is not None:
        ask(lambda key: actions.test(services(), principal(), wish, key))
    if (hook := asking.hooks(hooks.load(services(), principal()))) is not None:
        shown: list[str] = []
        work = partial(carry_out, services(), principal(), hook, shown)
        attempt(work, "hook", partial(asking.again, shown))


def one(name: str, word: str | None) -> None:
    if word == "test":
        ask(lambda key: actions.test_again(services(), principal(), name, key))
    elif word is not None:
        attempt(lambda: actions.change(services(), principal(), name, word), "engine")


def ask(test_of: Callable[[str], str]) -> None:
    def work() -> str:
        links.ask(test=test_of(memory.form_key("engine")))
        return "It is being tried."

    attempt(work, "engine")


def trial(found: EngineTrial) -> None:
    with block(f"Trial of {plain(found.engine)}", "saved exactly as it was tried"):
        tasks.progress(lambda: task.load(services(), principal(), found.task_id))
        row = task.load(services(), principal(), found.task_id)
        asked = parts.saving(found, row)
    if asked is not None:
        work = partial(actions.save, services(), principal(), found.task_id, untested=asked)
        attempt(work, "engine", lambda: links.go("engines"))
