"""The home of Parley's own Prefect servers: their database, their log, and the secret that guards them.

Whoever reaches the API of a Prefect server can run commands as the person who serves flows, and any page of a browser
reaches loopback. Therefore our servers ask for a secret and answer no page of another origin.
"""

import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path

__all__ = ["database_problem", "own_home", "secret_file", "server_environment", "server_secret", "use_server"]

_SECRET_BYTES = 32
_NEWER_DATABASE = re.compile("Can't locate revision identified by")
"""Alembic says so where a database has been migrated by a version of Prefect that knows more revisions."""


def own_home() -> Path:
    """Return the folder of the database, the log and the secret of our servers.

    It lies in Prefect's home (PREFECT_HOME, by default ~/.prefect), but is not the home itself: the database there may
    belong to another project with another version of Prefect.
    """
    return Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser() / "parley"


def secret_file() -> Path:
    """Return where the secret is kept, readable by its owner only."""
    return own_home() / "password"


def server_secret() -> str:
    """Return the secret of our servers, ``user:password``; it is made on the first call.

    The variable PREFECT_SERVER_API_AUTH_STRING, where it is set, is the secret instead.
    """
    if given := os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
        return given
    own_home().mkdir(mode=0o700, parents=True, exist_ok=True)
    if not secret_file().exists():
        _make_secret()
    return secret_file().read_text(encoding="utf-8").strip()


def _make_secret() -> None:
    """Make the file of the secret, whole or not at all, so that nobody reads an empty one; the first maker wins."""
    descriptor, name = tempfile.mkstemp(dir=own_home(), prefix=".password-")  # readable by its owner only
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"parley:{secrets.token_urlsafe(_SECRET_BYTES)}\n")
    with contextlib.suppress(FileExistsError):
        os.link(name, secret_file())
    Path(name).unlink()


def server_environment(url: str) -> dict[str, str]:
    """Return the environment in which a server of ours is started.

    Args:
        url: Of its API, ``http://127.0.0.1:4200/api``.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"PREFECT_PROFILE", "PREFECT_API_URL"}}
    pages = url.removesuffix("/api")
    origins = {pages, pages.replace("127.0.0.1", "localhost")}
    own = {
        "PREFECT_API_URL": url,
        "PREFECT_HOME": str(own_home()),
        "PREFECT_SERVER_API_AUTH_STRING": server_secret(),
    }
    return {"PREFECT_SERVER_CORS_ALLOWED_ORIGINS": ",".join(sorted(origins))} | kept | own


def use_server(url: str) -> None:
    """Let this process, and those that it starts, report to a server of ours."""
    os.environ["PREFECT_API_URL"] = url
    os.environ["PREFECT_API_AUTH_STRING"] = server_secret()


def database_problem(log: str) -> str | None:
    """Return why a server did not start, in words, if its log says that its database is the reason.

    Args:
        log: What the server has written.
    """
    if not _NEWER_DATABASE.search(log):
        return None
    database = own_home() / "prefect.db"
    return (
        f"its database {database} was written by a newer Prefect; update Prefect, or move that file away "
        "(it holds the list of past runs; no article is in it)"
    )
