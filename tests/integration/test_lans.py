# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LANs with services of their own, without Internet, and outside the VPN."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tests.integration.conftest import Network

GUESTS: dict[str, t.Any] = {"address": "172.16.0.1/24", "zone": "guests", "services": ["dhcp", "dns"], "vpn": False}
LANS: dict[str, list[dict[str, t.Any]]] = {
    "corporate": [
        {"interface": "ge-0/0/0.0", "address": "10.10.10.1/24", "services": ["ping", "ssh"]},
        {"interface": "ge-0/0/7.0", **GUESTS},
    ],
    "westford": [
        {"interface": "ge-0/0/3.0", "address": "192.168.178.1/24", "services": ["ssh"], "internet": False},
        {"interface": "ge-0/0/7.0", **GUESTS},
    ],
}


@pytest.mark.parametrize("syntax", ["modern", "classic"])
def test_guests_are_outside_the_vpn_and_each_lan_has_its_services(document: Network, syntax: str) -> None:
    # As files of host_vars: other variables of an inventory yield to the document's host_vars.
    overlay = document.folder / "lans"
    (overlay / "host_vars").mkdir(parents=True)
    (overlay / "hosts.yml").write_text("all: {}", encoding="utf-8")
    for host, lans in LANS.items():
        (overlay / "host_vars" / f"{host}.yml").write_text(yaml.safe_dump({"nhtb_lans": lans}), encoding="utf-8")
    document.inventories.append(overlay)
    document.extra["nhtb_syntax"] = syntax
    assert document.playbook("render").status == 0
    document.lab.screenos("sunnyvale", (document.artifacts / "sunnyvale.screenos").read_text(encoding="utf-8"))
    run = document.playbook("deploy", nhtb_deploy_checks=["ike", "ipsec", "routes", "pings"])
    assert run.status == 0, run.output
    inbound = "set groups hubspoke security zones security-zone {} host-inbound-traffic system-services {}"
    for host, allowed in (("corporate", ["ping", "ssh"]), ("westford", ["ssh"])):
        shown = document.lab.show(host, form="set").splitlines()
        services = {zone: [line for line in shown if inbound.format(zone, "") in line] for zone in ("trust", "guests")}
        assert services["trust"] == [inbound.format("trust", name) for name in allowed]
        assert services["guests"] == [inbound.format("guests", name) for name in GUESTS["services"]]
        assert not [line for line in shown if "172.16.0" in line and "interfaces" not in line]
    # The address of Westford answers no ping: the check is skipped for it alone.
    found = [one for host in document.report()["hosts"] for one in host["findings"]]
    skipped = [(one["host"], one["object"]) for one in found if one["state"] == "skipped"]
    assert skipped == [("corporate", "192.168.178.0/24")]
    reached = document.lab.reachable("10.10.10.5", "192.168.178.5")
    assert reached["ok"], reached
    closed = document.lab.reachable("192.168.178.5", "9.9.9.9")
    assert not closed["ok"], closed
    westford = document.lab.show("westford", form="set")
    assert "from-zone guests to-zone untrust policy any-permit" in westford
    assert "from-zone trust to-zone untrust policy any-permit" not in westford
