"""The files that describe deployments agree with each other; what they say is checked without running them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.automations import alerts, crashed_runs
from flows.cli.plan import PLANS, deployments
from flows.run.configuration import NAMES, Configuration
from flows.server.settings import RETENTION
from schemas.errors import StopFlow

HERE = Path(__file__).parents[3] / "deployments"


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((HERE / name).read_text("utf-8"))
    return loaded


def test_the_work_pool_gets_what_is_served() -> None:
    served = {one.name: one for one in deployments(Configuration(contact="x@outlet.test", lake="/data", workers=2))}
    written = {one["name"]: one for one in load("prefect.yaml")["deployments"]}
    assert set(written) == set(served)
    for name, one in served.items():
        file = written[name]
        assert (file["entrypoint"], file["description"], file["tags"]) == (one.entrypoint, one.description, one.tags)
        crons = [(made.schedule.cron, made.schedule.timezone) for made in one.schedules or ()]
        assert crons == [(schedule["cron"], schedule["timezone"]) for schedule in file.get("schedules", ())]
        assert file["concurrency_limit"] == {"limit": one.concurrency_limit, "collision_strategy": "CANCEL_NEW"}
        assert set(file["parameters"]) == set(one.parameters)


def test_every_setting_reaches_a_worker() -> None:
    """By the parameters of its runs or by their environment; compose.yaml has it where prefect.yaml is deployed."""
    environment = load("prefect.yaml")["definitions"]["pool"]["job_variables"]["env"]
    settings = {name: f"PARLEY_{name.upper()}" for name in NAMES if name != "lake"}
    assert {name: environment[name] for name in settings.values()} == {
        name: f"{{{{ ${name} }}}}" for name in settings.values()
    }
    assert {"PARLEY_LAKE", *settings.values()} <= set(load("compose.yaml")["services"]["deploy"]["environment"])


def test_parameters_are_those_of_the_flows() -> None:
    for plan, made in zip(PLANS, deployments(Configuration(contact="x@outlet.test")), strict=True):
        assert plan.flow.validate_parameters(made.parameters)


def test_nobody_to_turn_to_is_a_mistake() -> None:
    with pytest.raises(StopFlow, match="PARLEY_CONTACT"):
        deployments(Configuration())


def test_compose_keeps_as_much_history_as_a_server_of_ours() -> None:
    services = load("compose.yaml")["services"]
    assert RETENTION.items() <= services["server"]["environment"].items()
    assert services["server"]["ports"] == ["127.0.0.1:4200:4200"]
    assert set(services) == {"database", "server", "deploy", "worker"}
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)


def test_every_setting_is_documented() -> None:
    readme = (HERE / "README.md").read_text("utf-8")
    for name in NAMES:
        assert f"| `PARLEY_{name.upper()}` | `parley_{name}` |" in readme
    assert set(re.findall(r"`(parley\.\w+\.\w+)`", readme)) == {
        event for automation in alerts_of_ours() for event in automation if event.startswith("parley.")
    }


def alerts_of_ours() -> list[set[str]]:
    from prefect.events.actions import CallWebhook

    webhook = CallWebhook(block_document_id="00000000-0000-0000-0000-000000000001")
    return [set(automation.trigger.expect) for automation in (crashed_runs(), *alerts(webhook))]
