"""What lets files go that nothing needs, put together over other rooms."""

from services.decisions.disposal import needs
from services.decisions.disposal.service import Disposals
from services.decisions.incident.service import Incidents
from services.decisions.promotion.history import PromotionHistory
from services.decisions.review.reading import ReviewReader
from services.decisions.review.standing import Rooms as ReviewRooms
from services.facts.storage.service import Storage
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority


def disposals(
    store: Store, authority: Authority, rooms: ReviewRooms, incidents: Incidents
) -> Disposals:
    """Return the orders to take files away, over those who may need them."""
    asked = needs.Rooms(
        rooms.registry, ReviewReader(rooms), PromotionHistory(), rooms.cards, incidents
    )
    return Disposals(store, authority, Storage(store), asked)
