"""People: list, link, grant, disable."""

import streamlit as st

from console.actions import people as actions
from console.components import links, memory
from console.components import people as parts
from console.components.layout import banner, block, header
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import people
from console.views.people import PeopleView


def render() -> None:
    view = people.load(services(), principal(), links.query())
    header("People", plain(view.sentence))
    link()
    with block("Accounts", "choose a name to change what a person may do"):
        parts.people(view.rows)
    made = parts.new_person(view)
    if made is not None:
        attempt(lambda: actions.create(services(), principal(), made), "person")
    if view.chosen is not None:
        one(view)


def link() -> None:
    left = memory.kept("link")
    if left:
        memory.drop("link")
        banner("info", f"{plain(left[0])} signs in once with this link, within 24 hours:")
        st.code(left[1], language=None, wrap_lines=True)


def one(view: PeopleView) -> None:
    asked = parts.person(view)
    row = view.chosen
    if asked == "link" and row is not None:

        def make() -> str:
            memory.keep("link", (row.name, actions.link(services(), principal(), row)))
            return "The link is made."

        attempt(make, "person")
    elif asked is not None and row is not None:
        attempt(lambda: actions.change(services(), principal(), row, asked), "person")
