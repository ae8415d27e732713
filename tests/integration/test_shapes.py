# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each inventory under inventories/: deployed, broken at each end, rolled back, adopted; see tests/shapes."""

from __future__ import annotations

import json
import re
import typing as t
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.checks import CHECKS
from jnpr.junos import Device
from jnpr.junos.utils.config import Config

from tests import shapes
from tests.golden.networks import Inventory
from tests.integration.conftest import Network
from tests.lab.client import Lab
from tests.shapes import Break, Cause, Deployment, Shape
from tests.utils.by_hand import by_hand

ALL = {name: shapes.load(name) for name in shapes.names()}
QUICK = {"nhtb_sample_interval": 0.1, "nhtb_verify_interval": 0.2, "nhtb_verify_timeout": 2}
# A change of the group is a finding of this check, whatever it breaks.
OTHER_CHECKS = tuple(check for check in CHECKS if check != "configuration")


class ShapeNetwork(t.NamedTuple):
    """The lab of a shape, and its inventory as Ansible reads it."""

    shape: Shape
    network: Network
    inventory: Inventory

    @property
    def group(self) -> str:
        return str(next(iter(self.inventory.hosts.values())).get("nhtb_group", "hubspoke"))

    def commit(self, host: str, *statements: str) -> None:
        """Commit ``set`` and ``delete`` statements as another user: in the group, or outside with ``top`` in front."""
        with self._configuration(host) as config:
            config.load("\n".join(self._placed(one) for one in statements), format="set")
            config.commit()

    def restore(self, configurations: t.Mapping[str, str]) -> None:
        """Commit whole configurations, and let the tunnels be negotiated anew."""
        for host, text in configurations.items():
            with self._configuration(host) as config:
                config.load(text, format="text", overwrite=True)
                config.commit()
            self.renew(host)

    @contextmanager
    def _configuration(self, host: str) -> t.Iterator[Config]:
        device = self.network.lab.status()["devices"][host]
        with (
            Device(
                host=device["address"], port=device["port"], user="hubspoke", ssh_config=self.network.lab.ssh_config,
                hostkey_verify=True, gather_facts=False,
            ) as connection,
            Config(connection, mode="exclusive") as config,
        ):  # fmt: skip
            yield config

    def _placed(self, statement: str) -> str:
        verb, _space, words = statement.removeprefix("top ").partition(" ")
        return f"{verb} {words}" if statement.startswith("top ") else f"{verb} groups {self.group} {words}"

    def renew(self, host: str) -> None:
        """Let every tunnel of a device be negotiated anew."""
        effective = self.network.lab.show(host, "set", effective=True)
        for vpn in dict.fromkeys(re.findall(r"^set security ipsec vpn (\S+)", effective, re.MULTILINE)):
            self.network.lab.fault(host, "flap", vpn=vpn)

    def causes(self) -> list[dict[str, t.Any]]:
        return t.cast("list[dict[str, t.Any]]", self.network.report()["causes"])


@contextmanager
def laboratory(shape: Shape, folder: Path) -> t.Iterator[ShapeNetwork]:
    """Start the devices of a shape, on free ports; its operators have entered the text of a third-party spoke."""
    state = folder / "lab"
    network = Network([shape.inventory], folder, Lab(state), QUICK | {"nhtb_ssh_config": str(state / "ssh_config")})
    rendered = network.playbook("render")
    assert rendered.status == 0, rendered.output
    arguments = ["--free-ports", "--screenos-dir", str(network.artifacts)]
    with Lab.start(shape.inventory, state_dir=state, arguments=arguments) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        started = ShapeNetwork(shape, network, shape.variables())
        for host, statements in shape.before.items():
            started.commit(host, *(f"top {one}" for one in statements))
        yield started


@contextmanager
def deployed_network(shape: Shape, folder: Path) -> t.Iterator[ShapeNetwork]:
    """Start the network of a shape, and deploy and verify it."""
    with laboratory(shape, folder) as started:
        run = started.network.playbook("deploy")
        assert run.status == 0, run.output
        yield started


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[t.Callable[[str], ShapeNetwork]]:
    """Provide the deployed network of a shape by its name, one at a time.

    A parameter of the fixture would not do: pytest ends the fixture after each test whose other parameters change.
    """
    running: dict[str, ShapeNetwork] = {}
    with ExitStack() as stack:

        def network(name: str) -> ShapeNetwork:
            if name not in running:
                running.clear()
                stack.close()
                running[name] = stack.enter_context(deployed_network(ALL[name], tmp_path_factory.mktemp(name)))
            return running[name]

        yield network


def assert_causes(found: t.Sequence[t.Mapping[str, t.Any]], expected: t.Sequence[Cause], output: str) -> None:
    """Hold that a report has exactly the expected causes."""
    places = {(one["host"], one["check"], one["object"]): " ".join(
        [one["expected"], one["actual"], *one["remedy"]]) for one in found}  # fmt: skip
    assert set(places) == {(one.host, one.check, one.object) for one in expected}, f"{places}\n{output}"
    for one in expected:
        for words in one.words:
            assert words in places[one.host, one.check, one.object]


def test_every_inventory_has_a_shape() -> None:
    assert shapes.names() == sorted(path.name for path in shapes.INVENTORIES.iterdir() if path.is_dir())


def is_verified(deployed: ShapeNetwork) -> None:
    """Hold that all checks pass: after the deployment, and again once all breaks are restored."""
    run = deployed.network.playbook("verify")
    assert run.status == 0, run.output


def carries_traffic(deployed: ShapeNetwork) -> None:
    """Hold that addresses reach each other, and that another deployment changes nothing."""
    for source, destination in deployed.shape.reaches:
        answer = deployed.network.lab.reachable(source, destination)
        assert answer["ok"], answer
    again = deployed.network.playbook("deploy")
    assert again.status == 0, again.output
    assert "changed=0" in again.output


def leaks_nothing(deployed: ShapeNetwork) -> None:
    """Hold that no packet for the VPN leaves in clear while all tunnels are down, from no end of any tunnel."""
    lab, hub = deployed.network.lab, deployed.inventory.hubs[0]
    effective = lab.show(hub, "set", effective=True)
    ends = {one for pair in deployed.shape.reaches for one in (pair, pair[::-1]) if lab.reachable(*one)["ok"]}
    assert ends >= set(deployed.shape.reaches)
    ends -= set(deployed.shape.outside)
    for vpn in dict.fromkeys(re.findall(r"^set security ipsec vpn (\S+)", effective, re.MULTILINE)):
        lab.fault(hub, "flap", vpn=vpn, seconds=100000)
    try:
        for source, destination in ends:
            answer = lab.reachable(source, destination)
            assert not answer["ok"], answer
            assert "in clear" not in str(answer), answer
    finally:
        lab.fault(hub, "clear")
    for source, destination in ends:
        assert lab.reachable(source, destination)["ok"]


def names_a_break(item: Break, deployed: ShapeNetwork) -> None:
    """Hold that ``verify`` and ``troubleshoot`` name what another user has changed, and nothing else."""
    network = deployed.network
    before = network.configurations()
    deployed.commit(item.host, *item.statements)
    try:
        if item.renew:
            deployed.renew(item.host)
        run = network.playbook("verify", nhtb_verify_checks=list(item.checks or OTHER_CHECKS))
        assert run.status == 2, run.output
        assert_causes(deployed.causes(), item.causes, run.output)
        if item.troubleshoot:
            assert_diagnosis(network, item)
    finally:
        deployed.restore({item.host: before[item.host]})
    assert network.configurations() == before


def assert_diagnosis(network: Network, item: Break) -> None:
    """Hold that ``troubleshoot`` names what is expected of it."""
    wanted = item.troubleshoot
    assert wanted is not None
    run = network.playbook("troubleshoot", nhtb_trouble_wait=0, nhtb_trouble_fails=False)
    assert run.status == 0, run.output
    tunnels = json.loads((network.artifacts / "troubleshoot.json").read_text(encoding="utf-8"))["tunnels"]
    if wanted.note:
        notes = [note for tunnel in tunnels for note in tunnel["notes"]]
        assert any(wanted.note in note for note in notes), (notes, run.output)
    if wanted.layer:
        failed = {(one["layer"], one["device"], one["statement"]) for one in tunnels if one["state"] == "failed"}
        assert (wanted.layer, wanted.device, wanted.statement) in failed, (failed, run.output)


def rolls_back(item: Deployment, deployed: ShapeNetwork) -> None:
    """Hold that a deployment that is not verified leaves every device as it was."""
    network = deployed.network
    whole = network.configurations()
    for host, statements in item.statements.items():
        deployed.commit(host, *statements)
        deployed.renew(host)
    before = network.configurations()
    variables = {"all": {"hosts": {host: dict(own) for host, own in item.variables.items()}}}
    overlay = network.overlay("one-end", variables)
    network.inventories.append(overlay)
    try:
        run = network.playbook("deploy")
        assert run.status == 2, run.output
        assert_causes(deployed.causes(), item.causes, run.output)
        assert network.configurations() == before
        assert "rolled_back" in {network.outcome(host)["state"] for host in before}
    finally:
        network.inventories.remove(overlay)
        deployed.restore({host: whole[host] for host in item.statements})
    assert network.configurations() == whole


def cases() -> t.Iterator[t.Any]:
    """Yield the tests of the deployed shapes, one shape after the other: its tests share a lab."""
    for name, shape in ALL.items():
        yield pytest.param(name, is_verified, id=f"{name}-verified")
        yield pytest.param(name, carries_traffic, id=f"{name}-carries_traffic")
        yield pytest.param(name, leaks_nothing, id=f"{name}-leaks_nothing")
        for one in shape.breaks:
            yield pytest.param(name, partial(names_a_break, one), id=f"{name}-break-{one.name.replace(' ', '_')}")
        for run in shape.deployments:
            yield pytest.param(name, partial(rolls_back, run), id=f"{name}-deploy-{run.name.replace(' ', '_')}")
        yield pytest.param(name, is_verified, id=f"{name}-verified_again")


@pytest.mark.parametrize(("name", "act"), list(cases()))
def test_a_deployed_shape(
    deployed: t.Callable[[str], ShapeNetwork], name: str, act: t.Callable[[ShapeNetwork], None]
) -> None:
    act(deployed(name))


@pytest.mark.parametrize("name", [name for name, shape in ALL.items() if shape.adopt])
def test_a_hand_made_vpn_of_the_shape_is_adopted(tmp_path: Path, name: str) -> None:
    shape = ALL[name]
    assert shape.adopt is not None
    with laboratory(shape, tmp_path) as started:
        network = by_hand_network(started)
        folder, password = tmp_path / "adopted", tmp_path / "vault-password"
        password.write_text("of-the-vault", encoding="utf-8")
        vault = f"--vault-password-file={password}"
        run = network.playbook("adopt", vault, nhtb_adopt_dir=str(folder), nhtb_adopt_accept=list(shape.adopt.accept))
        assert run.status == 0, run.output
        told = json.loads((network.artifacts / "adopt.json").read_text(encoding="utf-8"))
        assert told["incomplete"] == []
        assert {host: found["changes"] for host, found in told["devices"].items() if found["changes"]} == {}
        adopted = replace(network, inventories=[folder])
        for playbook, settings in (("deploy", {"nhtb_take_over": True}), ("verify", {}), ("drift", {})):
            run = adopted.playbook(playbook, vault, **settings)
            assert run.status == 0, run.output
        for source, destination in shape.reaches:
            answer = network.lab.reachable(source, destination)
            assert answer["ok"], answer


def by_hand_network(started: ShapeNetwork) -> Network:
    """Configure the rendered VPN outside any group. Return the network with an inventory of its connections."""
    adopt, network, inventory = started.shape.adopt, started.network, started.inventory
    assert adopt is not None
    if adopt.render:
        rendered = network.playbook("render", **adopt.render)
        assert rendered.status == 0, rendered.output
    # Plain data: Ansible's own kinds of text are none for YAML.
    hosts: dict[str, dict[str, t.Any]] = json.loads(json.dumps(inventory.hosts, default=str))
    known = {host: {name: own[name] for name in own if name.startswith("nhtb_")} for host, own in hosts.items()}
    # A key of a lookup is a template here: the device gets another one, which is text and hexadecimal digits alike.
    given = {host: str(own.get("nhtb_pre_shared_key")) for host, own in hosts.items()}
    keys = {host: host.encode().hex() if "{{" in key else key for host, key in given.items()}
    for host, device in network.lab.status()["devices"].items():
        lines = by_hand(network.artifacts, host, adopt.names, keys)
        started.commit(host, *(f"top {line}" for line in lines))
        known[host] = {"ansible_host": device["address"], "ansible_port": device["port"], "ansible_user": "hubspoke"}
    for host, own in adopt.known.items():
        known[host] |= own
    groups = {
        "nhtb_hubs": {"hosts": {host: known[host] for host in inventory.hubs}},
        "nhtb_spokes": {"hosts": {host: known[host] for host in inventory.spokes}},
    }
    return replace(network, inventories=[network.overlay("known", {"nhtb": {"children": groups}})])
