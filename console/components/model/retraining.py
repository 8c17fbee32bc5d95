"""How a model is trained: the recipe, its publishing, its tickets, what trainings grow to."""

import streamlit as st

from console.components import links
from console.components import tickets as parts
from console.components.charts import chart
from console.components.layout import banner, block, empty, facts, mode, split
from console.figures.course import Course
from console.figures.windows import over_windows
from console.format import plain
from console.views.retraining import RetrainingView


def retraining(view: RetrainingView) -> str | None:
    """Draw the tab; return the text of a recipe that is to be published."""
    if view.warning:
        banner("stale", plain(view.warning))
    with block("Tickets", "newest first"):
        if view.tickets:
            parts.listed(view.tickets)
        else:
            with empty("Never retrained here", "A ticket asks for a new model; people approve it."):
                pass
        if view.may_open:
            words = (
                "Open a ticket" if view.recipe is not None else "Open a ticket to draft its recipe"
            )
            links.link("tickets", words, icon="add", model=view.name, open="1")
    _growth(view)
    with block("Recipe", plain(view.recipe.caption) if view.recipe else "how it is trained"):
        return _recipe(view)


def _growth(view: RetrainingView) -> None:
    if view.rows_over_time is None or view.money_over_time is None:
        return
    left, right = split("growth", [1, 1])
    with left:
        _course("Rows of each training", view.rows_over_time, "growth-rows")
    with right:
        _course("Cost of each training", view.money_over_time, "growth-cost")


def _course(title: str, found: Course, key: str) -> None:
    with block(title, key=key):
        said = f"{title}: {len(found.lines[0].points)} trainings"
        chart(over_windows(found, mode()), said, height=180, key=key)


def _recipe(view: RetrainingView) -> str | None:
    if view.recipe is None:
        with empty("No recipe", "A model without one cannot be retrained here; a recipe says how."):
            if view.gaps:
                st.caption("A draft is made from the run of this version; what it does not say:")
            for gap in view.gaps:
                st.caption(f"- {plain(gap)}")
    else:
        st.markdown(f"**{plain(view.recipe.label)}**")
        facts({name: plain(value) for name, value in view.recipe.facts})
        with st.expander("The recipe as it was published", icon=":material/receipt_long:"):
            st.code(view.recipe.text, language="yaml")
        if view.others:
            st.caption("Also in force: " + plain(", ".join(view.others)))
    return _publish(view) if view.may_publish else None


def _publish(view: RetrainingView) -> str | None:
    words = "Publish the next version" if view.recipe else "Publish a recipe"
    with (
        st.expander(words, icon=":material/publish:"),
        st.form(f"cs-recipe-{view.name}", border=False, enter_to_submit=False),
    ):
        began = view.recipe.text if view.recipe else view.draft
        text = st.text_area("Recipe (YAML)", began, height=320, key=f"cs-recipe-text-{view.name}")
        sent = st.form_submit_button("Publish recipe", icon=":material/publish:")
    return text if sent else None
