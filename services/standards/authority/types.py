"""The things a person may be allowed to do."""

from enum import StrEnum


class Action(StrEnum):
    """Something a person asks the console to do or show."""

    MODEL_READ = "model:read"
    MODEL_GOVERN = "model:govern"
    CARD_EDIT = "card:edit"
    TIER_LOWER = "tier:lower"
    MEASURE = "measure"
    TASK_CANCEL = "task:cancel"
    CLAUSE_EXCUSE = "clause:excuse"
    REVIEW_REQUEST = "review:request"
    REVIEW_WITHDRAW = "review:withdraw"
    SIGN = "sign"
    ROLLBACK = "rollback"
    PROMOTION_RETRY = "promotion:retry"
    POLICY_PUBLISH = "policy:publish"
    PEOPLE_MANAGE = "people:manage"
    TOKEN_CREATE = "token:create"  # noqa: S105 - a word of the table
    TRAIL_READ = "trail:read"
    TRAIL_VERIFY = "trail:verify"
    EXPORT = "export"
    SENSITIVE_READ = "sensitive:read"
    HEALTH_READ = "health:read"
    ALERT_HANDLE = "alert:handle"
    INCIDENT_HANDLE = "incident:handle"
    SUSPEND = "suspend"
    CHANNEL_MANAGE = "channel:manage"
    CHANNEL_PRIVATE = "channel:private"
    MONITOR_ASK = "monitor:ask"
    ROWS_READ = "rows:read"
    PROTECTED_READ = "protected:read"
    PRICE_PUBLISH = "price:publish"
    RECIPE_PUBLISH = "recipe:publish"
