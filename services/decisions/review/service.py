"""Everything that is signed for: asking, signing, in one act where allowed, and what follows."""

from services.decisions.review.afterwards import Afterwards
from services.decisions.review.at_once import AtOnce
from services.decisions.review.by_itself import ByItself


class Reviews(AtOnce, ByItself, Afterwards):
    """Everything that is signed for."""
