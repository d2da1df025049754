"""The settings of :mod:`flows.run.configuration` that are kept in Prefect, where its users expect them."""

from prefect.client.orchestration import get_client

from flows.run.configuration import NAMES

__all__ = ["variables"]

_PREFIX = "parley_"


def variables() -> dict[str, str]:
    """Return texts by the names of settings: the variables ``parley_lake``, ``parley_contact`` … that there are."""
    with get_client(sync_client=True) as client:
        found = {variable.name: variable.value for variable in client.read_variables()}
    return {name: str(found[_PREFIX + name]) for name in NAMES if found.get(_PREFIX + name)}
