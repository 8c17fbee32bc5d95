"""The foot of every page: who is signed in, and the way out."""

import html

import streamlit as st

from services.people.account.types import Principal


def foot(who: Principal) -> None:
    """Draw who is signed in and with which roles, and the link that ends the session."""
    roles = sorted({grant.role.value for grant in who.grants}) or ["no role"]
    name, held = html.escape(who.name), html.escape(", ".join(roles))
    st.html(
        f'<footer class="cs-foot"><span>Signed in as <b>{name}</b>, {held}</span>'
        '<a href="/session/sign-out" target="_self">Sign out</a></footer>'
    )
