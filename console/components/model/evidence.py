"""Evidence: what was filed, what failed, and one evidence down to its payload."""

import streamlit as st

from console.components import links
from console.components.layout import banner, block, empty, facts, split
from console.components.tables import table
from console.components.text import badge, mono
from console.format import digest, plain
from console.views.evidence import EvidenceDetail, EvidenceView


def evidence(view: EvidenceView) -> None:
    """Draw the tab."""
    if view.unknown_id:
        banner("unknown", f"There is no evidence {mono(view.unknown_id)} of this version.")
    if view.detail is not None:
        detail(view.detail)
    with block("Filed", "newest first; immutable"):
        if view.rows:
            table([_row(view, i) for i in range(len(view.rows))], "Filed evidence", right=(4, 5))
        else:
            with empty("Nothing was filed", "Measure this version on the overview."):
                pass
    if view.failures:
        with block("Failed", "a measurement that met a limit files no number"):
            rows = [
                {
                    "Kind": badge("fail", plain(row.kind)),
                    "Limit": plain(row.limit),
                    "Reason": plain(row.reason),
                    "When": plain(row.when),
                }
                for row in view.failures
            ]
            table(rows, "Failed measurements", wrap=3)


def _row(view: EvidenceView, place: int) -> dict[str, str]:
    row = view.rows[place]
    opened = links.href(
        "model",
        plain(row.kind),
        name=view.name,
        version=str(view.version),
        tab="Evidence",
        id=row.evidence_id,
    )
    return {
        "State": badge(row.status, plain(row.word)),
        "Kind": opened,
        "Produced": plain(row.produced),
        "Measurements": row.measurements,
        "n": row.n,
        "Digest": mono(digest(row.sha256, 2)),
    }


def detail(view: EvidenceDetail) -> None:
    """Draw one evidence: what produced it, on which data, every number, the payload."""
    left, right = split("evidence-detail", [1, 1])
    with left, block(f"Evidence: {plain(view.kind)}", mono(view.evidence_id)):
        facts({plain(k): plain(v) for k, v in view.facts})
    with right, block("Made from", "each input under its digest"):
        rows = [
            {"Input": plain(role), "Digest": mono(digest(sha, 2)), "Rows": rows}
            for role, sha, rows in view.inputs
        ]
        if rows:
            table(rows, "Inputs of this evidence", wrap=1, right=(3,))
        st.caption(f"Payload digest {mono(digest(view.sha256))}")
    with st.expander(f"{len(view.measurements)} measurements", icon=":material/table_rows:"):
        columns = ("Metric", "Segment", "Value", "n", "Method", "Status")
        cells: list[dict[str, str]] = [
            {name: plain(cell) for name, cell in zip(columns, row, strict=True)}
            for row in view.measurements
        ]
        if cells:
            table(cells, "Measurements of this evidence", wrap=(2, 5), right=(4,))
    with st.expander("Payload", icon=":material/data_object:"):
        st.code(view.payload, language="json", height=360)
