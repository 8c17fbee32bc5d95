"""Every table of the house, in one place: whoever imports this has them all in the metadata."""

# One line for each room that has tables.
import services.decisions.modelcard.records
import services.decisions.promotion.records
import services.facts.evidence.records
import services.facts.registry.records
import services.judgement.waiver.records
import services.people.account.records
import services.people.session.records
import services.people.team.records
import services.people.token.records
import services.record.signature.records
import services.standards.governance.records
import services.standards.policy.records
import services.record.task.records
import services.record.trail.records  # noqa: F401
