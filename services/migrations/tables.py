"""Every table of the house, in one place: whoever imports this has them all in the metadata."""
# ruff: noqa: F401 - importing is the point

import services.decisions.incident.records
import services.decisions.modelcard.records
import services.decisions.promotion.records
import services.decisions.recipe.records
import services.decisions.retraining.records
import services.decisions.review.records
import services.facts.challenger.records
import services.facts.cost.records
import services.facts.evidence.records
import services.facts.kpi.records
import services.facts.prediction.records
import services.facts.registry.records
import services.facts.window.records
import services.judgement.alert.records
import services.judgement.waiver.records
import services.people.account.records
import services.people.bookmark.records
import services.people.session.records
import services.people.team.records
import services.people.token.records
import services.record.signature.records
import services.record.task.records
import services.record.trail.records
import services.standards.channel.records
import services.standards.engine.records
import services.standards.governance.records
import services.standards.policy.records
import services.standards.price.records
import services.standards.target.records
import services.workflows.feed.records
import services.workflows.heartbeat.records
import services.workflows.lease.records
import services.workflows.notification.records
import services.workflows.retraining.records
import services.workflows.step.records
