"""Channels: the list, one channel, its last messages, the form, and the test that comes before saving."""

from collections.abc import Sequence

import streamlit as st

from console.actions.channels import Typed
from console.components import links
from console.components.layout import block, empty, facts, scope
from console.components.rows import To, rows
from console.components.tables import table
from console.components.text import badge, chip, mono
from console.format import NOTHING, plain
from console.views.channels import ChannelRow, ChannelsView, DeliveryRow
from console.views.task import TaskRow
from services.standards.channel.types import Part

TITLES = ("State", "Name", "Kind", "Leads to", "Last message", "When")
WEIGHTS = (1.4, 1.6, 1.4, 2.8, 1.8, 1.4)
HINTS = {
    "url": "https://",
    "recipients": "ada@example.org, vera@example.org",
    "signing_secret": "16 characters or more",
}
INSIDE = "It may lead into this network, without encryption"


def channels(view: ChannelsView) -> None:
    """Draw every channel."""
    if not view.rows:
        empty("No channel is set", "Alerts stand on their page; nobody is told of them.")
        return
    rows(TITLES, WEIGHTS, [_line(row) for row in view.rows])


def _line(row: ChannelRow) -> tuple[str | To, ...]:
    last = row.last
    return (
        badge(row.status, row.word),
        To("channels", plain(row.name), (("channel", row.name),)),
        plain(row.kind),
        mono(row.shown) + (f" {chip('inside', 'lan')}" if row.inside else ""),
        badge(last.status, last.word) if last else NOTHING,
        plain(last.when) if last else NOTHING,
    )


def channel(row: ChannelRow) -> str | None:
    """Draw one channel; return the word of an action."""
    with block(plain(row.name), plain(row.kind), key="channel"):
        facts(
            {
                "Leads to": mono(row.shown),
                "Tested": plain(row.tested),
                "Inside this network": "allowed" if row.inside else "never",
            }
        )
        return _actions(row)


def _actions(row: ChannelRow) -> str | None:
    chosen = None
    with st.container(horizontal=True):
        if st.button("Test again", icon=":material/send:", key="cs-channel-test"):
            chosen = "test"
        word, icon = ("off", "notifications_off") if row.enabled else ("on", "notifications")
        if st.button(f"Switch {word}", icon=f":material/{icon}:", key="cs-channel-switch"):
            chosen = word
        if st.button("Remove", icon=":material/delete:", key="cs-channel-remove"):
            chosen = "remove"
    return chosen


def deliveries(found: Sequence[DeliveryRow]) -> None:
    """Draw what became of the last messages."""
    if not found:
        st.caption("No message was sent yet.")
        return
    lines = [
        {
            "State": badge(row.status, row.word),
            "Channel": plain(row.channel),
            "Message": f"{plain(row.event)}: {plain(row.title)}",
            "When": plain(row.when),
            "Why": plain(row.why) or NOTHING,
        }
        for row in found
    ]
    table(lines, "The last messages, newest first", wrap=(3, 5))


def form(view: ChannelsView) -> Typed | None:
    """Draw the form of a channel; return what was typed when a test is asked for."""
    kinds = dict(view.kinds)
    with block("Set a channel", "a test message is sent first; a name that exists is replaced"):
        with scope():
            kind = st.selectbox(
                "Kind", list(kinds), index=list(kinds).index(view.kind),
                format_func=kinds.__getitem__, width=200, key="cs-channel-kind",
            )  # fmt: skip
        if kind != view.kind:
            links.ask(kind=kind)
            st.rerun()
        with st.form(f"cs-channel-{view.kind}", border=False):
            with scope():
                name = st.text_input("Name", placeholder="ops", width=200)
                typed = [(part.name, _typed(part)) for part in view.parts]
            help_words = None if view.may_allow else "Only an administrator allows this"
            inside = st.checkbox(INSIDE, disabled=not view.may_allow, help=help_words)
            sent = st.form_submit_button("Send a test message", icon=":material/send:")
    return Typed(name, view.kind, tuple(typed), inside) if sent else None


def _typed(part: Part) -> str:
    label = part.words if part.required or part.default else f"{part.words} (optional)"
    if part.choices:
        return st.selectbox(label, part.choices, width=160)
    return st.text_input(
        label,
        placeholder=part.default or HINTS.get(part.name, ""),
        type="password" if part.secret else "default",
        autocomplete="new-password" if part.secret else "off",
        width=420 if part.name in ("url", "recipients") else 240,
    )


def saving(name: str, task: TaskRow | None) -> bool | None:
    """Offer to save what was tested; return whether untested, or None while nothing is asked."""
    if task is not None and task.over and not task.failed:
        st.markdown(f"{badge('pass', 'Arrived')} The test message reached **{plain(name)}**.")
        if st.button("Save channel", type="primary", key="cs-channel-save"):
            return False
    elif st.button("Save untested", key="cs-channel-untested"):
        return True
    return None
