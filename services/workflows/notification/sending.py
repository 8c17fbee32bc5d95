"""Bringing a parcel to where a channel leads."""

from services.standards.channel.types import Destination, Kind
from services.workflows.notification import http, mail
from services.workflows.notification.payloads import letters
from services.workflows.notification.types import Answer, Outcome, Parcel


def send(destination: Destination, parcel: Parcel) -> Answer:
    """Send a parcel and return what became of it; of several requests the first that fails ends it."""
    if destination.kind is Kind.EMAIL:
        return mail.send(destination, parcel)
    answer = Answer(Outcome.REFUSED, "There was nothing to send.")
    for letter in letters(destination, parcel):
        answer = http.post(letter, allow_private=destination.allow_private)
        if answer.outcome is not Outcome.DELIVERED:
            return answer
    return answer
