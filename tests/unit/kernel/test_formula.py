"""What may be asked of the log, and what is refused with its place."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.error import InvalidInput
from services.kernel.formula import Call, Comparison, Formula, parse


def test_a_formula_is_read_as_it_is_written() -> None:
    found = parse('share(outcome = 1 where decision != "reject" and f_age >= -2.5) * 100')
    call = Call(
        "share",
        counted=(Comparison("outcome", "=", 1.0),),
        where=(Comparison("decision", "!=", "reject"), Comparison("f_age", ">=", -2.5)),
    )
    assert found == Formula((("+", (("*", call), ("*", 100.0))),))
    assert found.calls == (call,)


def test_a_sum_of_products_keeps_its_signs() -> None:
    found = parse("1 - sum(f_loss) / count() + mean(`f_net income` where overridden = true)")
    assert [sign for sign, _ in found.products] == ["+", "-", "+"]
    assert [step for step, _ in found.products[1][1]] == ["*", "/"]
    last = found.calls[-1]
    assert (last.column, last.where) == ("f_net income", (Comparison("overridden", "=", 1.0),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a figure is missing"),
        ("3 * 4", "asks the log for something"),
        ("median(score", "At character 13"),
        ("mean(caller_hash)", "'caller_hash' cannot be asked"),
        ("mean(subject_hash)", "'subject_hash' cannot be asked"),
        ("mean(f_)", "'f_' cannot be asked"),
        ("share()", "a column is missing"),
        ("share(outcome)", "a comparison is missing"),
        ("share(outcome = yes)", "Write the text 'yes' as \"yes\""),
        ('share(decision < "b")', "< is for numbers"),
        ("share(outcome = 1) share(outcome = 0)", "At character 20"),
        ("(count())", "a figure is missing"),
        ("count() // 2", "a figure is missing"),
        ("exec(score)", "'exec' is no figure"),
        ("mean(score); drop table kpi", "nothing fits"),
        ("count() ^ 2", "At character 9"),
        ("count()" + " + 1" * 200, "500 characters"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words.replace("(", r"\(")) as refused:
        parse(text)
    assert refused.value.message.endswith(".")


@given(st.text(alphabet="count(share)mea=1<>! \"'`+-*/.,f_xwhrand", max_size=60))
def test_whatever_is_written_is_a_formula_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert parse(text).calls
