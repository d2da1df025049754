"""Alerts as code: what Prefect does when Parley says something. Change it to taste and run it again.

    python -m deployments.automations https://hooks.example.org/parley       a POST for each alert
    python -m deployments.automations                                        only what needs no address

Made anew each time under the same names. The first one needs no address: a run whose process was killed says nothing
more, and would stand as running for ever.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from prefect.automations import Automation, EventTrigger, ResourceSpecification
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState
from prefect.events.schemas.automations import Posture

__all__ = ["alerts", "crashed_runs", "install", "main"]

BLOCK = "parley-alerts"
SILENCE = timedelta(minutes=20)
"""Several heartbeats are missing by then; a run has one every three minutes (PREFECT_FLOWS_HEARTBEAT_FREQUENCY)."""
_BAD_ENDS = ("Failed", "Crashed")
_ENDS = (*_BAD_ENDS, "Completed", "Cancelled")

_BODY = """{
  "event": "{{ event.event }}",
  "at": "{{ event.occurred }}",
  "about": {{ event.resource.name | tojson }},
  "payload": {{ event.payload | tojson }}
}"""


def crashed_runs(silence: timedelta = SILENCE) -> Automation:
    """A run that is not heard of any more is marked as crashed.

    Args:
        silence: Without a heartbeat and without an end; several heartbeats long.
    """
    return Automation(
        name="parley: runs that fell silent are crashed",
        description="Their process was killed, or their machine is gone. What they stored stays.",
        trigger=EventTrigger(
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{state}" for state in _ENDS)},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=silence,
        ),
        actions=[
            ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message="Not heard of any more", force=False)
        ],
    )


def alerts(webhook: CallWebhook) -> list[Automation]:
    """One automation for each kind of news, and one for runs that end badly."""
    return [
        _when("a meeting was reported", {"parley.meeting.reported"}, "parley.meeting.*", webhook),
        _when("a source is silent", {"parley.source.silent"}, "parley.source.*", webhook),
        _when("a run rejected too much", {"parley.run.degraded"}, "parley.lake.*", webhook),
        _when(
            "a run ended badly",
            {f"prefect.flow-run.{end}" for end in ("Failed", "Crashed")},
            "prefect.flow-run.*",
            webhook,
        ),
    ]


def _when(what: str, events: set[str], resources: str, webhook: CallWebhook) -> Automation:
    return Automation(
        name=f"parley: {what}",
        trigger=EventTrigger(
            match=ResourceSpecification({"prefect.resource.id": resources}),
            expect=events,
            posture=Posture.Reactive,
            threshold=1,
        ),
        actions=[webhook],
    )


def install(url: str | None) -> list[str]:
    """Make the automations anew; without a URL, only the one that needs none.

    Args:
        url: Where alerts are posted as JSON.

    Returns:
        Their names.
    """
    wanted = [crashed_runs()]
    if url:
        block = Webhook(url=url).save(BLOCK, overwrite=True)  # type: ignore[arg-type]  # a plain text will do
        assert isinstance(block, UUID)  # its type says that it may be a coroutine, for callers that are one
        wanted += alerts(CallWebhook(block_document_id=block, payload=_BODY))
    with get_client(sync_client=True) as client:
        for old in client.read_automations():
            if old.name.startswith("parley: "):
                client.delete_automation(old.id)
    for automation in wanted:
        automation.create()
    return [automation.name for automation in wanted]


def main(arguments: Sequence[str]) -> None:
    """Make the automations, with the URL that the command line gives, and say which."""
    names = install(arguments[0] if arguments else None)
    sys.stdout.writelines(f"{name}\n" for name in names)


if __name__ == "__main__":
    main(sys.argv[1:])
