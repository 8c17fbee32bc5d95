"""The drawing of the error tree is the tree."""

import inspect

from services.kernel import error


def test_the_drawing_names_every_error_in_the_order_of_the_tree() -> None:
    drawn = [line for line in (error.__doc__ or "").splitlines() if "──" in line]
    names = [line.split("── ")[1].split()[0] for line in drawn]
    classes = {
        name
        for name, value in vars(error).items()
        if inspect.isclass(value) and value is not error.CountersignError
    }
    assert set(names) == classes
    for line, name in zip(drawn, names, strict=True):
        parent = getattr(error, name).__mro__[1]
        assert (parent is error.CountersignError) == (
            not line.strip().startswith("│") and not line.startswith("        ")
        )
