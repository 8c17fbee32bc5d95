"""``countersign up``: everything a console is, until Ctrl-C."""

import contextlib
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx

from services.bootstrap import embedded_mlflow, workspace
from services.cli import run_file
from services.cli.children import Child, end, reap_strangers
from services.cli.workspace import opened
from services.kernel.error import Conflict, CountersignError
from services.kernel.identity import SYSTEM
from services.people.token.types import SCOPES
from services.settings import Settings

if TYPE_CHECKING:
    from services.bootstrap.demonstration import Guest
    from services.bootstrap.services import Services

ROOT = Path(__file__).parents[2]
WEB_SECONDS, MLFLOW_SECONDS = 60.0, 120.0
READ = tuple(sorted(scope for scope in SCOPES if scope.endswith(":read")))
TOKEN_DAYS = 30
Say = Callable[[str], None]


class Up:
    """One console: web, worker, MLflow, and what it says while it starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = settings.home.absolute()
        self._run = run_file.first(settings)
        self._began = time.monotonic()
        self._stopping = False
        self._children: list[Child] = []

    def run(self) -> int:
        """Run until asked to stop; return the exit code."""
        workspace.prepare(self._settings)
        with _alone(self._home):
            self._ports_are_free()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._stop)
            run_file.write(self._settings, self._run)
            try:
                return self._serve()
            finally:
                self.say("Stopping")
                end(self._children, self._home / "jobs" / "tickets", self.say)
                with contextlib.suppress(OSError):
                    (self._home / run_file.NAME).unlink()

    def say(self, words: str) -> None:
        """Print a line with the seconds since the start."""
        print(f"{time.monotonic() - self._began:6.1f} s  {words}", flush=True)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    # starting

    def _serve(self) -> int:
        self.say(f"Workspace {self._home}")
        services, ours = opened(self._settings), _ours(self._settings)
        self._token(services)
        web = self._start("web", [sys.executable, "-m", "console.serve"], ours)
        mlflow = None
        if self._settings.mlflow_is_embedded:
            self.say("Starting MLflow (takes about half a minute the first time)")
            mlflow = self._start(
                "mlflow", embedded_mlflow.command(self._settings), embedded_mlflow.environment()
            )
        self._start("worker", [sys.executable, "-m", "services.bootstrap.worker"], ours)
        self.say("Starting the console")
        if not self._web_answers(web):
            return self._gave_up(web)
        self.say(f"The console answers at {self._settings.console_url}")
        self._welcome(services, mlflow)
        return self._watch()

    def _welcome(self, services: "Services", mlflow: Child | None) -> None:
        """Prepare the demonstration where it is wanted, and say who may come in."""
        guests: list[Guest] = []
        reached = self._mlflow_answers(mlflow)
        wanted = self._settings.demonstrates
        if wanted and reached and not self._stopping:
            if not self._settings.mlflow_is_embedded:
                self.say(f"The demonstration is written to {self._settings.mlflow}")
            from services.bootstrap.demonstration import prepare

            guests = prepare(self._settings, self.say)
        elif not wanted:
            services.policies.publish_shipped()
            services.prices.publish_sample()
            services.grids.publish_sample()
        self._run["state"] = "ready" if reached else "degraded"
        self._run["ready_at"] = services.clock.now().isoformat()
        self._run["demonstration"] = bool(guests)
        run_file.write(self._settings, self._run)
        self.say("Ready" if reached else "Ready, without MLflow: pages show what was last read")
        _introduce(self._settings, services, guests)

    def _token(self, services: "Services") -> None:
        """Keep a token that reads, for commands on this machine."""
        path = Path(self._run["token_file"])
        if path.exists() and services.tokens.resolve(path.read_text(encoding="utf-8").strip()):
            return
        expires = services.clock.now() + timedelta(days=TOKEN_DAYS)
        text = services.tokens.create(SYSTEM, "local commands", READ, expires)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        child = Child(name, command, environment, self._home / "logs" / f"{name}.log")
        child.start()
        self._children.append(child)
        self._pids()
        return child

    def _pids(self) -> None:
        self._run["pids"] |= {child.name: child.pid for child in self._children}
        run_file.write(self._settings, self._run)

    def _web_answers(self, web: Child) -> bool:
        deadline = time.monotonic() + WEB_SECONDS
        while time.monotonic() < deadline and not self._stopping and web.alive:
            if _status(f"http://127.0.0.1:{self._settings.port}/ready") == 200:
                return True
            time.sleep(0.2)
        return self._stopping

    def _mlflow_answers(self, mlflow: Child | None) -> bool:
        url = self._settings.mlflow
        seconds = MLFLOW_SECONDS if mlflow else 10.0
        waiting = lambda: not self._stopping and (mlflow is None or mlflow.alive)  # noqa: E731
        if embedded_mlflow.wait_until_answers(url, seconds, waiting):
            self.say(f"MLflow answers at {url}")
            return True
        if not self._stopping:
            self.say(f"MLflow at {url} does not answer; it is tried again every half minute")
        return False

    # running

    def _watch(self) -> int:
        while not self._stopping:
            for child in self._children:
                before = child.pid
                if child.look_after():
                    return self._gave_up(child)
                if child.pid != before:
                    self.say(f"{child.name} died and was started again")
                    self._pids()
            if os.getpid() == 1:
                reap_strangers(self._children)
            time.sleep(0.2)
        return 0

    def _gave_up(self, child: Child) -> int:
        if self._stopping:
            return 0
        self.say(f"{child.name} does not stay alive; read {child.log}")
        return 1

    def _ports_are_free(self) -> None:
        wanted = [(self._settings.port, "COUNTERSIGN_PORT")]
        if self._settings.mlflow_is_embedded:
            wanted.append((self._settings.mlflow_port, "COUNTERSIGN_MLFLOW_PORT"))
        for port, variable in wanted:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    raise Conflict(
                        f"Port {port} is in use by another program; set {variable} to a free one."
                    ) from error


def _ours(settings: Settings) -> dict[str, str]:
    """Return the environment of our own processes."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    home = {"COUNTERSIGN_HOME": str(settings.home.absolute())}
    return {**os.environ, **home, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=2).status_code
    except httpx.HTTPError:
        return 0


@contextmanager
def _alone(home: Path) -> Iterator[IO[Any]]:
    """Hold the workspace for this console alone.

    Raises
    ------
    Conflict
        When another one runs in it.
    """
    with (home / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                f"A console already runs in {home}; stop it, or set COUNTERSIGN_HOME to another folder."
            ) from error
        yield file


def _introduce(settings: Settings, services: "Services", guests: "list[Guest]") -> None:
    url = settings.console_url
    print(f"\n  Countersign  {url}\n", flush=True)
    links = [(guest.name, guest.role, guest.link_path) for guest in guests if guest.link_path]
    if links:
        print("  Sign in with one of these links; each works once, for 24 hours:\n")
        for name, role, path in links:
            print(f"    {name:<16} {role:<14} {url}{path}")
    elif guests:
        print(f"  Everybody has chosen a password: {', '.join(guest.email for guest in guests)}")
    else:
        token = services.accounts.first_administrator()
        if token:
            print("  The first administrator's link; it works once, for 24 hours:\n")
            print(f"    {url}/session/link/{token}")
    print("\n  Ctrl-C stops everything.\n", flush=True)


def main(settings: Settings) -> int:
    """Run a console; return the exit code."""
    try:
        return Up(settings).run()
    except CountersignError as error:
        print(error.message, file=sys.stderr)
        return 2
