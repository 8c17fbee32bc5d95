"""A ticket in lines: what it rests on, what it may cost, who must allow it, how it goes."""

from collections.abc import Mapping, Sequence
from typing import Any


def grounds(ticket: Mapping[str, Any]) -> list[str]:
    """Return what a decision about a ticket rests on, a line each."""
    found = [
        f"because: {ticket['cause']['words']}",
        *(f"recipe: {each}" for each in ticket["changes"]),
    ]
    found += _data(ticket["data"], ticket["data_report"] or {})
    found += _price(ticket["quote"])
    if ticket["quorum"]:
        wanted = ", ".join(f"{count} {role}" for role, count in ticket["quorum"].items())
        found.append(f"must approve: {wanted}, in the browser")
    return found + beside(ticket)


def beside(ticket: Mapping[str, Any]) -> list[str]:
    """Return a warning where other tickets of the model are open."""
    others: Sequence[str] = ticket.get("beside", ())
    return [f"also open for this model: {', '.join(others)}"] if others else []


def attempt(each: Mapping[str, Any]) -> str:
    """Return one attempt, and what it said last."""
    words = [f"attempt {each['number']} on {each['engine']}: {each['state']}"]
    live = each["live"] or {}
    if each["resumed_from"] or live.get("resumed_from"):
        words.append(f"resumed at {each['resumed_from'] or live['resumed_from']}")
    if live.get("step") is not None:
        words.append(f"step {live['step']}")
    told = sorted((live.get("metrics") or {}).items())
    words += [f"{name} {value:.6g}" for name, value in told if isinstance(value, int | float)]
    busy = (live.get("usage") or {}).get("gpu_busy_share")
    if busy is not None:
        words.append(f"GPU {100 * busy:.0f} % busy")
    if live.get("spent_micros") is not None:
        words.append(f"{live['spent_micros'] / 1_000_000:.4f} {live['currency']} so far")
    return ", ".join([*words, *filter(None, (each["reason"], live.get("warning")))])


def _data(held: Mapping[str, Any] | None, report: Mapping[str, Any]) -> list[str]:
    if held is None:
        return []
    before = report.get("before")
    since = f"; {before['rows']:,} in the last training" if before else ""
    found = [f"data: {held['rows']:,} rows, SHA-256 {held['sha256'][:12]}…{since}"]
    return found + [f"data: {each}" for each in (*held["refused"], *report.get("warnings", ()))]


def _price(quote: Mapping[str, Any] | None) -> list[str]:
    if quote is None:
        return []
    found: list[str] = []
    if quote["likely"] and quote["lo"] and quote["hi"]:
        likely, lo, hi = (quote[name]["amount"] for name in ("likely", "lo", "hi"))
        seconds = [quote[name] for name in ("seconds", "seconds_lo", "seconds_hi")]
        took = "{:.0f} s [{:.0f}, {:.0f}]".format(*seconds)
        found.append(f"likely: {likely} {quote['likely']['currency']} [{lo}, {hi}], {took}")
    else:
        found.append(f"likely: not known yet; {quote['method']}")
    energy = f"{quote['kwh']:.4g} kWh" if quote["kwh"] is not None else "energy unknown"
    found.append(f"at most: {quote['gpu_hours']:.4g} GPU-hours, {energy}")
    if quote["month"] is not None:
        left = quote["left"]["amount"] if quote["left"] else "unknown"
        found.append(
            f"budget left: {left} of {quote['month']['amount']} {quote['currency']} this month"
        )
    return found
