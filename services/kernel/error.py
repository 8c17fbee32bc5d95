"""The errors of the house: seven, because there are seven things a person can do next.

::

    CountersignError
    ├── InvalidInput            correct the form
    ├── NotFound                go back
    ├── NotPermitted            ask someone
    │   └── SeparationOfDutiesViolated
    ├── Conflict                reload
    │   └── InvalidTransition
    ├── InsufficientEvidence    measure more
    ├── SourceUnavailable       try again
    └── IntegrityBroken         stop and call
        ├── TrailBroken
        └── UnrecordedChange
"""


class CountersignError(Exception):
    """An error a person can act on.

    Parameters
    ----------
    message
        One sentence, safe to show to anybody who may see the page.
    context
        Facts for the log; never shown.
    """

    def __init__(self, message: str, **context: object) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class InvalidInput(CountersignError):
    """What was given cannot be used: correct the form."""


class NotFound(CountersignError):
    """There is no such thing: go back."""


class NotPermitted(CountersignError):
    """This person may not do this: ask someone who may."""


class SeparationOfDutiesViolated(NotPermitted):
    """The same person may not do both."""


class Conflict(CountersignError):
    """Somebody was faster: reload and look again."""


class InvalidTransition(Conflict):
    """This step does not follow from the present state."""


class InsufficientEvidence(CountersignError):
    """It was not measured well enough to tell: measure more."""


class SourceUnavailable(CountersignError):
    """Another system does not answer: try again."""


class IntegrityBroken(CountersignError):
    """What was stored is not what was written: stop and call."""


class TrailBroken(IntegrityBroken):
    """The audit trail does not verify."""


class UnrecordedChange(IntegrityBroken):
    """A governed row would change without a trail event; nothing was stored."""
