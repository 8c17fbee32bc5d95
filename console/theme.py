"""The colours of the console, once, and the stylesheet made of them; no Streamlit.

A status is an icon, a word and a colour, always all three. ``mark`` is for icons, points and lines,
``text`` for words, ``tint`` for the ground of a badge. ``.streamlit/config.toml`` repeats the
colours; a test compares.
"""

from functools import cache
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"

GLYPH = {  # where no icon can stand: tables on a canvas, CSV
    "pass": "✓", "waived": "◇", "unknown": "?", "fail": "✗", "stale": "↺", "info": "→", "none": "–",
}  # fmt: skip

STATUS = {  # key: (icon, word, Streamlit colour name)
    "pass": ("check_circle", "Pass", "green"),
    "waived": ("gavel", "Waived", "violet"),
    "unknown": ("indeterminate_question_box", "Not measured", "gray"),
    "fail": ("dangerous", "Fail", "red"),
    "stale": ("history", "Stale", "orange"),
    "info": ("info", "In review", "blue"),
    "none": ("remove", "Not applicable", "gray"),
}

LIGHT: dict[str, Any] = {
    "background": "#FFFFFF", "surface": "#F4F6F7", "raised": "#FFFFFF",
    "border": "#D3DADE", "control": "#84909A",
    "text": "#0C1317", "muted": "#56616A", "faint": "#DFE4E7",
    "accent": "#0B5A66", "on_accent": "#FFFFFF", "link": "#0B5A66", "focus": "#0B5A66",
    "pass": {"mark": "#3F8F4C", "text": "#1F6A2E", "tint": "#E8F4EA"},
    "waived": {"mark": "#63307C", "text": "#5A2B72", "tint": "#F3ECF7"},
    "unknown": {"mark": "#7A8288", "text": "#4A545C", "tint": "#EDF0F2"},
    "fail": {"mark": "#8C1118", "text": "#8C1118", "tint": "#FBEAE9"},
    "stale": {"mark": "#A85A05", "text": "#8A4700", "tint": "#FCF1E1"},
    "info": {"mark": "#2C66CC", "text": "#1F4FA3", "tint": "#E8F0FC"},
    "categorical": ["#0B5A66", "#977502", "#4B199C", "#4198E4", "#B4479A",
                    "#727272", "#674923", "#162146", "#949267", "#B883A5"],
    "sequential": ["#EBF6F7", "#C7E5E8", "#A4D3D9", "#7DBBC4", "#54A1AE",
                   "#328795", "#1A6D7C", "#015563", "#00404D", "#002C38"],
    "diverging": ["#6A3A06", "#9D6219", "#C69453", "#E2C699", "#F3F0E7",
                  "#E9F2F3", "#A7D4D9", "#65ABB6", "#287E8D", "#04515E"],
}  # fmt: skip

DARK: dict[str, Any] = {
    "background": "#0F1416", "surface": "#171D20", "raised": "#171D20",
    "border": "#2F393E", "control": "#6C7982",
    "text": "#E8EDEF", "muted": "#9BA7AE", "faint": "#232B2F",
    "accent": "#57B5C0", "on_accent": "#0F1416", "link": "#6FC6D0", "focus": "#57B5C0",
    "pass": {"mark": "#8BDA98", "text": "#8BDA98", "tint": "#14301B"},
    "waived": {"mark": "#B678E4", "text": "#CBA0F0", "tint": "#2C1F3A"},
    "unknown": {"mark": "#868E95", "text": "#B3BDC4", "tint": "#242B30"},
    "fail": {"mark": "#E5534B", "text": "#FF8F87", "tint": "#3A1716"},
    "stale": {"mark": "#E3A548", "text": "#EDB661", "tint": "#352513"},
    "info": {"mark": "#A9CBFB", "text": "#A9CBFB", "tint": "#172A44"},
    "categorical": ["#57B5C0", "#EB9F2C", "#7662E1", "#B6DDFE", "#B23E87",
                    "#8C8C8C", "#82644F", "#6C7FB0", "#E9EEAA", "#DE96F5"],
    "sequential": ["#162428", "#1B373D", "#1D4A53", "#23626C", "#2A7B87",
                   "#3D95A0", "#59B0B9", "#7ACAD0", "#ABE0E3", "#D8F5F6"],
    "diverging": ["#F2B966", "#CB9145", "#9D6C31", "#694A28", "#342C23",
                  "#253033", "#2A545D", "#367D89", "#52A9B4", "#7DD5DC"],
}  # fmt: skip

MODES = {"light": LIGHT, "dark": DARK}
LIGHT["none"], DARK["none"] = LIGHT["unknown"], DARK["unknown"]


def css_variables() -> str:
    """Return both modes as one block: ``--cs-pass-mark: light-dark(#3F8F4C, #8BDA98)``."""
    lines: list[str] = []
    for name, light in LIGHT.items():
        if isinstance(light, str):
            lines.append(f"--cs-{name.replace('_', '-')}:light-dark({light},{DARK[name]});")
        elif isinstance(light, dict):
            lines += [
                f"--cs-{name}-{part}:light-dark({light[part]},{DARK[name][part]});"
                for part in light  # pyright: ignore[reportUnknownVariableType]
            ]
    return ":root{" + "".join(lines) + "}"


@cache
def stylesheet(mode: str) -> str:
    """Return the whole stylesheet of a mode, ``light`` or ``dark``.

    The colour scheme stands on the root, because dialogs stand outside Streamlit's own element.
    """
    sheet = (STATIC / "console.css").read_text(encoding="utf-8")
    right = "".join(
        f'[class*="cs-table-"][class*="-num{i}-"] :is(td,th):nth-child({i})'
        "{text-align:right!important}"
        for i in range(1, 13)
    )
    return f":root{{color-scheme:{mode}}}{css_variables()}{sheet}{right}"
