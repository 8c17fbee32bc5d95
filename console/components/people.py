"""People: the list, one person, and the forms of an administrator."""

from collections.abc import Sequence

import streamlit as st

from console.actions.people import Granted, NewPerson, Renamed
from console.components.layout import block, facts, scope
from console.components.rows import To, rows
from console.components.text import chip
from console.format import NOTHING, plain
from console.views.people import PeopleView, PersonRow

TITLES = ("State", "Name", "E-mail", "Roles", "Teams", "Known as")
WEIGHTS = (1.1, 2.2, 2.6, 3.6, 1.4, 1.6)
SCOPES = {"everything": "everything", "team": "one team", "model": "one model"}


def people(everybody: Sequence[PersonRow]) -> None:
    """Draw everybody with an account."""
    lines = [
        (
            chip("Active", "person") if row.active else chip("Disabled", "block"),
            To("people", plain(row.name), (("person", row.person_id),)),
            plain(row.email),
            " ".join(chip(g.words) for g in row.grants) or NOTHING,
            plain(row.teams) or NOTHING,
            plain(", ".join(row.external)) or NOTHING,
        )
        for row in everybody
    ]
    rows(TITLES, WEIGHTS, lines)


def person(view: PeopleView) -> Granted | Renamed | str | None:
    """Draw one person; return a role to give, names, or the word of an action."""
    row = view.chosen
    if row is None:
        return None
    with block(plain(row.name), plain(row.email), key="person"):
        facts(
            {
                "Roles": " ".join(chip(g.words) for g in row.grants) or "none",
                "Teams": plain(row.teams) or "none",
                "Known as": plain(", ".join(row.external)) or "nobody maps to this person",
            }
        )
        action = _actions(row)
    granted = _grant(view, row)
    return granted or _known_as(row) or action


def _actions(row: PersonRow) -> str | None:
    chosen = None
    with st.container(horizontal=True):
        if st.button("Make a sign-in link", icon=":material/link:", disabled=not row.active):
            chosen = "link"
        if st.button(
            "Disable",
            icon=":material/block:",
            disabled=row.me or not row.active,
            help="You cannot disable yourself" if row.me else None,
        ):
            chosen = "disable"
        for number, grant in enumerate(row.grants):
            if st.button(f"Take away {grant.words}", key=f"cs-revoke-{number}", type="tertiary"):
                chosen = f"revoke:{number}"
    return chosen


def _grant(view: PeopleView, row: PersonRow) -> Granted | None:
    teams = dict(view.teams)
    with block("Give a role"), st.form(f"cs-grant-{row.person_id}", border=False), scope():
        role = st.selectbox("Role", view.roles, width=160)
        over = st.selectbox("Over", list(SCOPES), format_func=SCOPES.__getitem__, width=140)
        team = st.selectbox("Team", list(teams), format_func=teams.__getitem__, width=160)
        model = st.selectbox("Model", view.models, width=220)
        sent = st.form_submit_button("Grant")
    if not sent:
        return None
    scopes = {"everything": "", "team": team or "", "model": model or ""}
    return Granted(row.person_id, role or "", over or "", scopes[over or "everything"])


def _known_as(row: PersonRow) -> Renamed | None:
    note = "names in MLflow and git; they make separation of duties see the trainer"
    with block("Known as", note), st.form(f"cs-names-{row.person_id}", border=False), scope():
        names = st.text_input(
            "External names", value=", ".join(row.external), placeholder="ada, ada@example.org",
            width=380,
        )  # fmt: skip
        sent = st.form_submit_button("Save names")
    listed = tuple(n.strip() for n in names.split(",") if n.strip())
    return Renamed(row.person_id, listed) if sent else None


def new_person(view: PeopleView) -> NewPerson | None:
    """Draw the form that makes an account."""
    teams = dict(view.teams)
    with st.expander("Add a person", icon=":material/person_add:"), st.form("cs-new", border=False):
        with scope():
            name = st.text_input("Name", width=220)
            email = st.text_input("E-mail", width=240)
            names = st.text_input("Known as", placeholder="names in MLflow, git", width=220)
            chosen = st.multiselect("Teams", list(teams), format_func=teams.__getitem__, width=220)
        sent = st.form_submit_button("Add", type="primary")
    listed = tuple(n.strip() for n in names.split(",") if n.strip())
    return NewPerson(name, email, listed, tuple(chosen)) if sent else None
