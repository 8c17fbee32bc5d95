"""What steps of workflows share."""


class StepFailed(Exception):
    """A step that will not succeed by itself: its kind and one sentence, the same live and on replay.

    Attributes
    ----------
    kind
        The name of an error of the house.
    words
        One sentence, safe to show.
    """

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(kind, words)
        self.kind = kind
        self.words = words


class Stopped(StepFailed):
    """Somebody asked the task to stop."""

    def __init__(self) -> None:
        super().__init__("Cancelled", "It was stopped on request.")
