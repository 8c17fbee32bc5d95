"""The permission table, and the questions asked of it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from services.kernel.error import NotPermitted
from services.kernel.identity import Role
from services.people.account.types import Grant, Principal
from services.standards.authority.types import Action

R = Role
EVERYBODY = frozenset(Role)
TABLE: Mapping[Action, frozenset[Role]] = MappingProxyType(
    {
        Action.MODEL_READ: EVERYBODY,
        Action.MODEL_GOVERN: frozenset({R.OWNER, R.ADMINISTRATOR}),
        Action.TIER_LOWER: frozenset({R.APPROVER}),
        Action.CARD_EDIT: frozenset({R.CONTRIBUTOR, R.OWNER}),
        Action.MEASURE: frozenset({R.CONTRIBUTOR, R.OWNER, R.VALIDATOR, R.OPERATOR}),
        Action.TASK_CANCEL: frozenset({R.CONTRIBUTOR, R.OWNER, R.VALIDATOR, R.OPERATOR}),
        Action.CLAUSE_EXCUSE: frozenset({R.VALIDATOR}),
        Action.REVIEW_REQUEST: frozenset({R.CONTRIBUTOR, R.OWNER}),
        Action.REVIEW_WITHDRAW: frozenset({R.CONTRIBUTOR, R.OWNER}),
        Action.SIGN: frozenset(
            {R.CONTRIBUTOR, R.OWNER, R.VALIDATOR, R.APPROVER, R.STAKEHOLDER, R.OPERATOR}
        ),
        Action.ROLLBACK: frozenset({R.APPROVER}),
        Action.PROMOTION_RETRY: frozenset({R.OWNER, R.APPROVER, R.OPERATOR}),
        Action.POLICY_PUBLISH: frozenset({R.APPROVER}),
        Action.PEOPLE_MANAGE: frozenset({R.ADMINISTRATOR}),
        Action.TOKEN_CREATE: frozenset({R.ADMINISTRATOR}),
        Action.TRAIL_READ: frozenset(
            {R.AUDITOR, R.ADMINISTRATOR, R.OWNER, R.VALIDATOR, R.APPROVER}
        ),
        Action.TRAIL_VERIFY: frozenset(
            {R.AUDITOR, R.ADMINISTRATOR, R.OWNER, R.VALIDATOR, R.APPROVER}
        ),
        Action.EXPORT: EVERYBODY - {R.VIEWER},
        Action.SENSITIVE_READ: frozenset({R.AUDITOR, R.VALIDATOR}),
        Action.HEALTH_READ: frozenset({R.ADMINISTRATOR, R.OPERATOR, R.AUDITOR}),
        Action.ALERT_HANDLE: frozenset({R.CONTRIBUTOR, R.OWNER, R.VALIDATOR, R.OPERATOR}),
        Action.INCIDENT_HANDLE: frozenset(
            {R.CONTRIBUTOR, R.OWNER, R.VALIDATOR, R.APPROVER, R.OPERATOR}
        ),
        Action.SUSPEND: frozenset({R.APPROVER, R.OPERATOR}),
        Action.CHANNEL_MANAGE: frozenset({R.ADMINISTRATOR, R.OPERATOR}),
        Action.CHANNEL_PRIVATE: frozenset({R.ADMINISTRATOR}),
        Action.ENGINE_MANAGE: frozenset({R.ADMINISTRATOR, R.OPERATOR}),
        Action.ENGINE_PRIVATE: frozenset({R.ADMINISTRATOR}),
        Action.HOOK_MANAGE: frozenset({R.ADMINISTRATOR, R.OPERATOR}),
        Action.MONITOR_ASK: frozenset(
            {R.CONTRIBUTOR, R.OWNER, R.VALIDATOR, R.APPROVER, R.OPERATOR}
        ),
        Action.TICKET_OPEN: frozenset({R.CONTRIBUTOR, R.OWNER, R.OPERATOR}),
        Action.TICKET_CANCEL: frozenset({R.CONTRIBUTOR, R.OWNER, R.OPERATOR}),
        Action.ROWS_READ: frozenset({R.OWNER, R.VALIDATOR, R.AUDITOR}),
        Action.PROTECTED_READ: frozenset({R.VALIDATOR, R.AUDITOR}),
        Action.PRICE_PUBLISH: frozenset({R.OPERATOR}),
        Action.BUDGET_SET: frozenset({R.OPERATOR}),
        Action.SAVING_DECIDE: frozenset({R.OWNER, R.OPERATOR}),
        Action.STORAGE_DISPOSE: frozenset({R.OPERATOR}),
        Action.RECIPE_PUBLISH: frozenset({R.CONTRIBUTOR, R.OWNER}),
    }
)
CHANGING = frozenset(Action) - {
    Action.MODEL_READ,
    Action.TRAIL_READ,
    Action.TRAIL_VERIFY,
    Action.EXPORT,
    Action.SENSITIVE_READ,
    Action.HEALTH_READ,
    Action.MONITOR_ASK,
    Action.ROWS_READ,
    Action.PROTECTED_READ,
}


CONSOLE_WIDE = frozenset(
    {
        Action.POLICY_PUBLISH,
        Action.PEOPLE_MANAGE,
        Action.TOKEN_CREATE,
        Action.CHANNEL_MANAGE,
        Action.CHANNEL_PRIVATE,
        Action.PRICE_PUBLISH,
        Action.ENGINE_MANAGE,
        Action.ENGINE_PRIVATE,
        Action.HOOK_MANAGE,
    }
)
"""What reaches beyond any one model or team: a grant over everything is needed."""


def covers(grant: Grant, model: str | None, team: str | None) -> bool:
    """Tell whether a grant reaches a model of a team.

    Parameters
    ----------
    model, team
        None when the question is about no model in particular; then any scope counts for a
        question that shows a page, and what stands on the page is asked about again.
    """
    if grant.scope_kind == "everything" or (model is None and team is None):
        return True
    return grant.scope_id == (team if grant.scope_kind == "team" else model)


def roles(
    grants: Iterable[Grant], model: str | None = None, team: str | None = None
) -> frozenset[Role]:
    """Return the roles that grants give over a model of a team."""
    return frozenset(grant.role for grant in grants if covers(grant, model, team))


class Authority:
    """Answers who may do what."""

    def roles_for(
        self, principal: Principal, model: str | None = None, team: str | None = None
    ) -> frozenset[Role]:
        """Return the roles a person has over a model of a team."""
        return roles(principal.grants, model, team)

    def permits(
        self,
        principal: Principal,
        action: Action,
        *,
        model: str | None = None,
        team: str | None = None,
    ) -> bool:
        """Tell whether a person may do something."""
        reaching = principal.grants
        if action in CONSOLE_WIDE:
            reaching = tuple(each for each in reaching if each.scope_kind == "everything")
        return bool(TABLE[action] & roles(reaching, model, team))

    def require(
        self,
        principal: Principal,
        action: Action,
        *,
        model: str | None = None,
        team: str | None = None,
    ) -> None:
        """Refuse what a person may not do.

        Raises
        ------
        NotPermitted
            When none of the person's roles allows it; the sentence names the roles that do.
        """
        if not self.permits(principal, action, model=model, team=team):
            names = ", ".join(sorted(role.value for role in TABLE[action]))
            where = f" for {model}" if model else ""
            raise NotPermitted(
                f"Your roles do not allow this{where}; ask somebody who is: {names}.",
                action=action.value,
                person=principal.person_id,
            )
