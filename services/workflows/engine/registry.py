"""Engines by name: this machine's, and what operators set."""

from collections.abc import Callable

from services.kernel.error import InvalidInput, NotFound
from services.record.trail.unit_of_work import Store
from services.standards.engine.service import EngineSettings
from services.standards.engine.types import LOCAL, Connection, EngineKind
from services.workflows.engine.attended import AttendedEngine
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.kubernetes_adapter import KubernetesScheduler
from services.workflows.engine.ray_adapter import RayScheduler
from services.workflows.engine.slurm_adapter import SlurmScheduler
from services.workflows.engine.types import (
    AttemptSpec,
    Capabilities,
    Engine,
    Handle,
    Status,
)
from services.workflows.engine.webhook.webhook_adapter import Fetch, WebhookEngine

SCHEDULERS = {
    EngineKind.RAY: RayScheduler,
    EngineKind.SLURM: SlurmScheduler,
    EngineKind.KUBERNETES: KubernetesScheduler,
}


class Engines:
    """Returns the port of an engine by its name.

    Parameters
    ----------
    local
        Makes the engine of this machine, the first time it is asked for.
    console_url
        The public address of the console, for those who report back.
    fetch
        Brings a folder of a run of MLflow here, for those who share no folder.
    """

    def __init__(
        self,
        store: Store,
        settings: EngineSettings,
        local: Callable[[], Engine],
        console_url: str,
        fetch: Fetch,
    ) -> None:
        self._store, self._settings = store, settings
        self._make_local, self._local = local, None
        self._url, self._fetch = console_url, fetch

    def __call__(self, name: str) -> Engine:
        """Return an engine; one that was switched off or removed begins nothing more.

        Raises
        ------
        NotFound
            When there never was such an engine.
        """
        if name == LOCAL:
            self._local = self._local or self._make_local()
            return self._local
        with self._store.reading() as session:
            try:
                return self.over(self._settings.connection(session, name))
            except NotFound as error:
                old = self._settings.connection_of_old(session, name)
                return Retired(self.over(old), error.message)

    def over(self, connection: Connection) -> "AttendedEngine | WebhookEngine":
        """Return the port of an engine that is reached so."""
        if connection.kind is EngineKind.WEBHOOK:
            return WebhookEngine(connection, self._store, self._url, self._fetch)
        scheduler = SCHEDULERS[connection.kind](connection)
        return AttendedEngine(connection, scheduler, self._store.clock)


class Retired:
    """An engine on which nothing begins any more; what runs there is watched to its end."""

    def __init__(self, engine: Engine, reason: str) -> None:
        self._engine, self._reason = engine, reason

    @property
    def name(self) -> str:
        """Return what it was called."""
        return self._engine.name

    @property
    def capabilities(self) -> Capabilities:
        """Return what it had and could do."""
        return self._engine.capabilities

    def submit(self, spec: AttemptSpec) -> Handle:
        """Refuse it.

        Raises
        ------
        InvalidInput
            Always, with the reason.
        """
        del spec
        raise InvalidInput(f"{self._reason} Choose another engine.")

    def find(self, key: AttemptKey) -> Handle | None:
        """Return the handle of an attempt that may have been submitted; None when it never was."""
        return self._engine.find(key)

    def poll(self, handle: Handle) -> Status:
        """Return where an attempt stands."""
        return self._engine.poll(handle)

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        """Return what was printed from a byte on, and where to go on."""
        return self._engine.logs(handle, offset, limit)

    def cancel(self, handle: Handle, reason: str) -> None:
        """Ask an attempt to stop."""
        self._engine.cancel(handle, reason)
