"""The words an event may bear: a list closed for this release; work that needs a word adds it."""

ACTIONS = frozenset(
    """
    workspace:opened
    model:governed model:reassigned tier:set team:created
    model:mirrored alias:moved alias:bypassed version:vanished sync:failed
    evidence:filed evidence:failed evidence:stale clause:excused
    card:revised policy:published
    review:requested review:returned review:withdrawn review:rejected review:expired
    signature:given signature:revoked
    promotion:authorised promotion:applied promotion:failed promotion:rolled_back
    person:created person:linked person:disabled role:granted role:revoked
    session:opened session:revoked session:refused token:created token:revoked
    task:cancelled export:made sensitive:read backup:made
    """.split()
)
