"""The gate ladder: verdict, clause, value with interval, picture, limit, n, source, age."""

import streamlit as st

from console.components import links
from console.components.layout import block
from console.components.pictures import mark
from console.components.tables import table
from console.components.text import badge, code, mono
from console.format import NOTHING, digest, plain
from console.views.gate import ClauseRow, Ladder


def ladder(view: Ladder | None, model: str, version: int, *, wide: bool = True) -> None:
    """Draw the gate of a version; ``wide`` adds source and n."""
    if view is None:
        return
    with block("Gate", f"{plain(view.policy)} · {view.summary}"):
        rows = [_row(each, model, version, wide=wide) for each in view.rows]
        numbers = (6, 8) if wide else (6,)
        table(rows, f"Gate of version {version}, worst clause first", wrap=2, right=numbers)
        notes = [row for row in view.rows if row.note]
        if notes:
            with st.expander("Why a clause did not pass", icon=":material/help:"):
                for row in notes:
                    st.markdown(f"{code(row.clause_id)} {plain(row.note)}")
        st.caption(f"Policy digest {mono(digest(view.policy_sha256, 3))}")


def _row(row: ClauseRow, model: str, version: int, *, wide: bool) -> dict[str, str]:
    picture = mark(
        row.status,
        row.values,
        row.limit,
        at_least=row.at_least,
        words=f"{row.shown}, limit {row.limit_words}",
    )
    cells = {
        "Verdict": badge(row.status, plain(row.word)),
        "Clause": f"{plain(row.sentence)} {code(row.clause_id)}"
        if named(row)
        else plain(row.sentence),
        "Value": plain(row.shown),
        "Against the limit": picture,
        "Limit": plain(row.limit_words),
    }
    if wide:
        cells["n"] = plain(row.n)
        cells["Source"] = _source(row, model, version)
    return {**cells, "Age": plain(row.age.replace(" minute", " min").replace("mins", "min"))}


def _source(row: ClauseRow, model: str, version: int) -> str:
    if not row.evidence_id:
        return NOTHING
    return links.href(
        "model", row.kind, name=model, version=str(version), tab="Evidence", id=row.evidence_id
    )


def named(row: ClauseRow) -> bool:
    """Tell whether somebody gave the clause its id; the others are called by their sentence."""
    return not row.clause_id.startswith(("card-", "evidence-"))
