"""Channels: test, save, switch, remove, and what became of the last messages."""

from collections.abc import Callable

from console.actions import channels as actions
from console.components import channels as parts
from console.components import links, memory, tasks
from console.components.layout import block, header
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import channels, task
from console.views.channels import ChannelTest


def render() -> None:
    view = channels.load(services(), principal(), links.query())
    header("Channels", plain(view.sentence))
    if view.test is not None:
        test(view.test)
    with block("Ways to tell somebody", "choose a name to test, switch or remove it"):
        parts.channels(view)
    if view.chosen is not None:
        one(view.chosen.name, parts.channel(view.chosen))
    with block("Last messages", "newest first"):
        parts.deliveries(view.deliveries)
    wish = parts.form(view)
    if wish is not None:
        ask(lambda key: actions.test(services(), principal(), wish, key))


def one(name: str, word: str | None) -> None:
    if word == "test":
        ask(lambda key: actions.test_again(services(), principal(), name, key))
    elif word is not None:
        attempt(lambda: actions.change(services(), principal(), name, word), "channel")


def ask(test_of: Callable[[str], str]) -> None:
    def work() -> str:
        links.ask(test=test_of(memory.form_key("channel")))
        return "The test message is on its way."

    attempt(work, "channel")


def test(found: ChannelTest) -> None:
    with block(f"Test of {plain(found.channel)}", "saved exactly as it was tested"):
        tasks.progress(lambda: task.load(services(), principal(), found.task_id))
        row = task.load(services(), principal(), found.task_id)
        asked = parts.saving(found.channel, row)

    def save() -> str:
        thanks = actions.save(services(), principal(), found.task_id, untested=bool(asked))
        links.ask(test=None)
        return thanks

    if asked is not None:
        attempt(save, "channel")
