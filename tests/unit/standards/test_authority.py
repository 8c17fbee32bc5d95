"""Who may do what: the whole table, written out a second time and by hand."""

from datetime import UTC, datetime
from itertools import product

import pytest

from services.kernel.error import NotPermitted
from services.kernel.identity import Role
from services.people.account.types import Grant, Principal
from services.standards.authority.rules import CONSOLE_WIDE, Authority
from services.standards.authority.types import Action

ROLES = (
    "viewer", "contributor", "owner", "validator", "approver", "stakeholder", "operator", "auditor",
    "administrator",
)  # fmt: skip
# one column a role, in the order above
MATRIX = """
model:read       x x x x x x x x x
model:govern     . . x . . . . . x
tier:lower       . . . . x . . . .
card:edit        . x x . . . . . .
measure          . x x x . . x . .
task:cancel      . x x x . . x . .
clause:excuse    . . . x . . . . .
review:request   . x x . . . . . .
review:withdraw  . x x . . . . . .
sign             . x x x x x x . .
rollback         . . . . x . . . .
promotion:retry  . . x . x . x . .
policy:publish   . . . . x . . . .
people:manage    . . . . . . . . x
token:create     . . . . . . . . x
trail:read       . . x x x . . x x
trail:verify     . . x x x . . x x
export           . x x x x x x x x
sensitive:read   . . . x . . . x .
health:read      . . . . . . x x x
alert:handle     . x x x . . x . .
incident:handle  . x x x x . x . .
suspend          . . . . x . x . .
channel:manage   . . . . . . x . x
channel:private  . . . . . . . . x
engine:manage    . . . . . . x . x
engine:private   . . . . . . . . x
hook:manage       . . . . . . x . x
monitor:ask      . x x x x . x . .
rows:read        . . x x . . . x .
protected:read   . . . x . . . x .
price:publish    . . . . . . x . .
budget:set       . . . . . . x . .
saving:decide    . . x . . . x . .
storage:dispose  . . . . . . x . .
recipe:publish   . x x . . . . . .
ticket:open      . x x . . . x . .
ticket:cancel    . x x . . . x . .
"""
EXPECTED = {
    (row.split()[0], role): mark == "x"
    for row in MATRIX.strip().splitlines()
    for role, mark in zip(ROLES, row.split()[1:], strict=True)
}
SCOPES = {
    "everything": ("everything", ""),
    "its team": ("team", "credit"),
    "its model": ("model", "loan"),
    "another team": ("team", "wages"),
    "another model": ("model", "digits"),
    # a team and a model may bear the same name, and are not the same
    "a team of the model's name": ("team", "loan"),
    "a model of the team's name": ("model", "credit"),
}
REACHING = {"everything", "its team", "its model"}


def holding(*grants: Grant) -> Principal:
    signed_in = datetime(2026, 3, 14, tzinfo=UTC)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)


def somebody(role: str, scope: str) -> Principal:
    return holding(Grant("p", Role(role), *SCOPES[scope]))


def test_the_matrix_names_every_action_and_role() -> None:
    assert {action for action, _ in EXPECTED} == {action.value for action in Action}
    assert set(ROLES) == {role.value for role in Role}


@pytest.mark.parametrize("action", [action.value for action in Action])
def test_an_action_on_a_model(action: str) -> None:
    for role, scope in product(ROLES, SCOPES):
        reaches = scope in ({"everything"} if Action(action) in CONSOLE_WIDE else REACHING)
        allowed = EXPECTED[action, role] and reaches
        authority, person = Authority(), somebody(role, scope)
        found = authority.permits(person, Action(action), model="loan", team="credit")
        assert found is allowed, (role, scope)
        if allowed:
            authority.require(person, Action(action), model="loan", team="credit")
        else:
            with pytest.raises(NotPermitted):
                authority.require(person, Action(action), model="loan", team="credit")


@pytest.mark.parametrize("scope", [each for each in SCOPES if each != "everything"])
@pytest.mark.parametrize("action", ["policy:publish", "people:manage", "token:create"])
def test_no_grant_over_a_part_reaches_the_whole_console(action: str, scope: str) -> None:
    for role in ROLES:
        assert not Authority().permits(somebody(role, scope), Action(action))


def test_nobody_may_do_anything_without_a_grant() -> None:
    nobody = holding()
    for action in Action:
        assert not Authority().permits(nobody, action, model="loan", team="credit")
        assert not Authority().permits(nobody, action)
