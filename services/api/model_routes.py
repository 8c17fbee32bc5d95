"""Routes: models, their versions, and what is known about a version."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.api.paging import Cursor, Limit, listed, page

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter(prefix="/models")
    _inventory(routes, services, bearers)
    _facts(routes, services, bearers)
    _judgement(routes, services, bearers)
    return routes


def _inventory(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    @routes.get("", dependencies=[bearers.needs("models:read")])
    def models(cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """List the models of the registry by name."""
        with services.store.reading() as session:
            found, following = page(
                services.registry.models(session), cursor, limit, lambda each: each.name
            )
            governed = {each.name: each for each in services.governance.all(session)}
            as_of = services.registry.sync_state(session).at
        told = [serialise.model(each, governed.get(each.name), as_of) for each in found]
        return listed("models", told, following)

    @routes.get("/{name}", dependencies=[bearers.needs("models:read")])
    def model(name: str) -> dict[str, Any]:
        """Return one model."""
        with services.store.reading() as session:
            found = services.registry.model(session, name)
            governed = services.governance.of(session, name)
            return serialise.model(found, governed, services.registry.sync_state(session).at)

    @routes.get("/{name}/versions", dependencies=[bearers.needs("models:read")])
    def versions(name: str, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """List the versions of a model, oldest first."""
        with services.store.reading() as session:
            services.registry.model(session, name)
            known = services.registry.versions(session, name)
        found, following = page(known, cursor, limit, lambda each: f"{each.ref.version:012d}")
        return listed("versions", [serialise.version(each) for each in found], following)

    @routes.get("/{name}/versions/{version}", dependencies=[bearers.needs("models:read")])
    def one_version(name: str, version: int) -> dict[str, Any]:
        """Return one version."""
        with services.store.reading() as session:
            return serialise.version(services.registry.version(session, name, version))


def _facts(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    @routes.get(
        "/{name}/versions/{version}/evidence", dependencies=[bearers.needs("evidence:read")]
    )
    def evidence(name: str, version: int) -> dict[str, Any]:
        """List the evidence filed for a version, and the measurements that failed."""
        with services.store.reading() as session:
            ref = services.registry.ref(session, name, version)
            filed = services.evidence.all_of(session, ref)
            failed = services.evidence.failures(session, ref)
        told = [serialise.evidence(each) for each in filed]
        return {**listed("evidence", told, None), "failures": serialise.plain(failed)}

    @routes.get("/{name}/versions/{version}/card", dependencies=[bearers.needs("models:read")])
    def card(name: str, version: int) -> dict[str, Any]:
        """Return the model card as it stands."""
        with services.store.reading() as session:
            ref = services.registry.ref(session, name, version)
            return serialise.card(services.cards.current(session, ref))

    @routes.get("/{name}/versions/{version}/lineage", dependencies=[bearers.needs("models:read")])
    def lineage(name: str, version: int) -> dict[str, Any]:
        """Return from which data and which run a version came."""
        with services.store.reading() as session:
            ref = services.registry.ref(session, name, version)
            filed = services.evidence.latest(session, ref, "lineage")
            payload = services.evidence.payload(filed) if filed else None
        evidence_id = filed.evidence_id if filed else None
        return {"model": name, "version": version, "evidence_id": evidence_id, "lineage": payload}


def _judgement(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    @routes.get("/{name}/versions/{version}/gate", dependencies=[bearers.needs("gate:read")])
    def gate(
        name: str,
        version: int,
        alias: Annotated[str, Query(max_length=255)] = "champion",
        require_approval: Annotated[bool, Query()] = False,  # noqa: FBT002 - a flag in an address
    ) -> dict[str, Any]:
        """Hold the evidence against the policy for an alias, as a person would see it now.

        With `require_approval` the answer also says whether the signatures are complete.
        """
        with services.store.reading() as session:
            ref = services.registry.ref(session, name, version)
            standing = services.reviews.standing_of(session, ref, alias)
            approval = services.reviews.approved(session, ref, alias) if require_approval else None
            verdict = standing.verdict
            if verdict is None:  # the last review went back; the version is judged all the same
                filled = services.cards.filled(session, ref)
                verdict = services.gate.check(session, ref, alias, filled)
        return serialise.gate(verdict, standing.basis_digest, approval)
