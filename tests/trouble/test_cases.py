# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagnoses beyond single failures: both ends changed, keys that cannot be decoded, pairs of sites, logs, links."""

from __future__ import annotations

import json

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._config.hierarchy import in_effect
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadPair
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.scope import by_hosts, by_pair
from ansible_collections.hubspoke.srx.plugins.module_utils._troubleshoot.report import table
from lxml import etree

from tests.golden import networks as golden
from tests.lab import operational
from tests.lab_tests.findings.support import KEYS, document
from tests.trouble.support import HUB, SUNNYVALE, WESTFORD, Trouble
from tests.trouble.table import SYNTAXES

MODERN_IKE = "security ike policy ike-policy-group19"
KEY = f"{MODERN_IKE} pre-shared-key"


def test_the_same_change_at_both_ends_is_no_failure() -> None:
    lines = [f"set {KEY} ascii-text a-new-key", "set security ike proposal ike-aes-256-gcm-group19 dh-group group20"]
    found = Trouble("modern", {HUB: lines, WESTFORD: lines}).tunnel()
    assert (found["state"], found["notes"]) == ("ok", [])


def test_different_changes_at_both_ends_are_both_named() -> None:
    changes = {host: [f"set {KEY} ascii-text {host}-has-another"] for host in (HUB, WESTFORD)}
    content = Trouble("modern", changes).report()
    [found] = content["tunnels"]
    assert [(one["host"], one["statement"]) for one in found["statements"]] == [(HUB, KEY), (WESTFORD, KEY)]
    told = json.dumps(content) + table(content)
    assert "has-another" not in told
    assert "a-key-of-this-test" not in told
    assert "$9$" not in told


def test_the_differing_statement_is_named_on_each_end() -> None:
    found = Trouble("classic", {WESTFORD: ["set security ike policy ike-policy1 mode aggressive"]}).tunnel()
    [fault] = found["statements"]
    assert (fault["host"], fault["expected"], fault["actual"]) == (WESTFORD, "main", "aggressive")
    assert fault["counterpart"] == "corporate: security ike policy ike-policy1 mode"
    assert "mismatch with corporate: security ike policy ike-policy1 mode" in found["sentence"]


def test_another_version_is_named_without_the_proposals_that_ikev1_lacks() -> None:
    found = Trouble("modern", {WESTFORD: ["set security ike gateway corp-gate version v1-only"]}).tunnel()
    [fault] = found["statements"]
    assert (fault["statement"], fault["actual"]) == ("security ike gateway corp-gate version", "v1-only")


def test_a_mismatch_without_effect_before_the_first_rekey_is_a_note_until_then() -> None:
    statement = "security ipsec policy vpn-policy-group19 perfect-forward-secrecy keys"
    network = Trouble("modern", {WESTFORD: [f"set {statement} group14"]})
    found = network.tunnel()
    assert found["state"] == "ok"
    assert found["notes"] == [
        f"westford: {statement}: expected group19, actual group14: no effect yet, the next negotiation may fail"
    ]
    network.clock.advance(3600)
    found = network.tunnel()
    assert (found["layer"], found["device"], found["statement"]) == ("phase2", WESTFORD, statement)


def test_a_key_that_only_the_device_can_decode_is_a_place_to_check() -> None:
    stored = "$8$aes256-gcm$hmac-sha2-256$100$u8pWmEg3jDM$x0eT2nqZrcS0mVzL1w7h4A"
    content = Trouble("modern", {WESTFORD: [f'set {KEY} ascii-text "{stored}"']}).report()
    [found] = content["tunnels"]
    assert (found["layer"], found["device"], found["statement"]) == ("phase1", WESTFORD, KEY)
    assert [one["certain"] for one in found["statements"]] == [False]
    assert "check westford" in found["sentence"]
    assert "$8$" not in json.dumps(content)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_responder_is_known_and_its_log_is_read_first(syntax: str) -> None:
    assert Trouble(syntax, {}).tunnel()["responder"] == HUB
    policy = "ike-policy1" if syntax == "classic" else "ike-policy-group19"
    change = f"set security ike policy {policy} pre-shared-key ascii-text another-key"
    found = Trouble(syntax, {WESTFORD: [change]}).tunnel()
    assert found["log"]["host"] == found["responder"] == HUB
    assert "3.3.3.2" in found["log"]["line"]


def test_a_pair_of_spokes_is_two_tunnels_and_the_way_between_them() -> None:
    rule = "security policies from-zone vpn to-zone vpn policy spoke-to-spoke"
    network = Trouble("modern", {HUB: [f"delete {rule}"]})
    content = network.report(pair=("westford", "sunnyvale"))
    assert [(one["spoke"], one["layer"], one["statement"]) for one in content["tunnels"]] == [
        (WESTFORD, "policies", rule),
        (SUNNYVALE, "policies", rule),
    ]
    # Traffic between hub and spoke does not need that policy.
    [found] = network.report(pair=("westford", "corporate"))["tunnels"]
    assert found["state"] == "ok"


def test_a_failure_of_the_other_tunnel_is_no_failure_of_this_one() -> None:
    network = Trouble("modern", {HUB: ["delete interfaces st0 unit 0 family inet next-hop-tunnel 10.11.11.11"]})
    first, second = network.report(pair=(WESTFORD, SUNNYVALE))["tunnels"]
    assert (first["spoke"], first["state"], first["layer"]) == (WESTFORD, "unknown", "flow")
    assert "the tunnel of sunnyvale fails at nhtb" in first["evidence"]
    assert (second["spoke"], second["state"], second["layer"]) == (SUNNYVALE, "failed", "nhtb")


def test_steps_that_need_a_screenos_device_are_unknown() -> None:
    found = Trouble("classic", {}).tunnel(SUNNYVALE)
    states = {step["check"]: step["state"] for step in found["steps"]}
    assert found["state"] == "unknown"
    assert {name for name, state in states.items() if state == "unknown"} == {
        "interfaces", "route", "reachability", "tunnel_routes", "policies", "statistics"}  # fmt: skip
    assert "failed" not in states.values()
    assert "sunnyvale cannot be read (it runs ScreenOS)" in found["sentence"]
    assert "check its interfaces there" in found["remedy"]


@pytest.mark.parametrize(
    ("source", "destination", "leaving", "words"),
    [
        ("westfort", "corporate", (), "expected a host or site of the VPN, actual 'westfort'. Known are: corporate"),
        ("corporate", "", (), "nhtb_trouble_destination: expected a host or a site, actual none"),
        ("", "corporate", (), "nhtb_trouble_source: expected a host or a site, actual none"),
        ("westford", "westford", (), "There is no tunnel from a site to itself"),
        ("corporate", "westford", ("westford",), "westford, which is to be removed (nhtb_state: absent)"),
        ("corporate", "gone", ("gone",), "gone, which is to be removed (nhtb_state: absent)"),
    ],
)
def test_a_pair_without_a_tunnel_is_refused(
    source: str, destination: str, leaving: tuple[str, ...], words: str
) -> None:
    names = ("nhtb_trouble_source", "nhtb_trouble_destination")
    with pytest.raises(BadPair) as caught:
        by_pair(document("modern"), source, destination, leaving, names)
    assert words in str(caught.value)
    assert str(caught.value).startswith("controller: nhtb_trouble_")


def test_the_hosts_of_the_play_decide_which_tunnels_are_diagnosed() -> None:
    plan = document("modern")
    chosen = {
        hosts: [one.host for one in by_hosts(plan, hosts).spokes]
        for hosts in ((HUB,), (WESTFORD,), (HUB, SUNNYVALE), ("another",))
    }
    assert chosen == {
        (HUB,): [WESTFORD, SUNNYVALE], (WESTFORD,): [WESTFORD], (HUB, SUNNYVALE): [SUNNYVALE], ("another",): [],
    }  # fmt: skip
    assert Trouble("modern", {}).report("another")["decision"].startswith("Nothing was diagnosed")


def test_an_override_that_disturbs_no_tunnel_is_named_after_the_tunnels() -> None:
    found = Trouble("modern", {WESTFORD: ["top set security ipsec vpn corp-vpn df-bit copy"]}).report(HUB)
    assert {one["state"] for one in found["tunnels"]} == {"ok", "unknown"}
    [override] = found["overrides"]
    assert override.startswith("westford: configuration outside group hubspoke: expected security ipsec vpn corp-vpn: ")
    assert "actual df-bit copy at the top level." in override
    assert f"\n\n{override}\n\n{found['decision']}" in table(found)


def test_an_override_that_fails_a_tunnel_is_told_once() -> None:
    found = Trouble("modern", {WESTFORD: ["top set security ike gateway corp-gate version v1-only"]}).report(WESTFORD)
    assert (found["tunnels"][0]["state"], found["overrides"]) == ("failed", [])


# With unmanaged parts the rendered group alone is not a complete device.
PARTIAL = ("own_routes", "parts_unmanaged")
NETWORKS = [(name, syntax) for name in golden.NETWORKS if name not in PARTIAL for syntax in golden.syntaxes(name)]


@pytest.mark.parametrize(("network", "syntax"), NETWORKS)
def test_nothing_fails_in_other_networks_as_rendered(
    network: str, syntax: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = golden.plan(network, syntax)
    for device in plan.devices:
        # Text and hexadecimal digits alike.
        monkeypatch.setitem(KEYS, device.host, "c0ffee00")
    found = Trouble(syntax, {}, plan).report(plan.hub.host)["tunnels"]
    assert [(one["spoke"], one["evidence"]) for one in found if one["state"] == "failed"] == []
    junos = {device.host for device in plan.devices if device.site.platform == "junos"}
    assert [step for one in found if one["spoke"] in junos for step in one["steps"][:-1] if step["state"] != "ok"] == []
    assert not any(one["notes"] for one in found)


def test_inactive_statements_and_groups_are_not_in_effect() -> None:
    config = in_effect([
        "set groups hubspoke system host-name A", "set apply-groups hubspoke", "set interfaces st0 unit 0 multipoint",
        "set security ike policy p mode main", "deactivate interfaces st0 unit 0",
    ])  # fmt: skip
    assert config.names() == ["security"]
    assert config.value("security", "ike", "policy", "p", "mode") == "main"


def test_a_link_that_is_down_is_named_with_its_interface() -> None:
    network = Trouble("modern", {})
    network.spoilt = {"get-interface-information": (r"up(\s*</oper-status>)", r"down\1")}
    found = network.tunnel()
    assert (found["layer"], found["device"], found["statement"]) == ("interfaces", HUB, "interfaces ge-0/0/0")
    assert "cable" in found["remedy"]


@pytest.mark.parametrize(
    ("rpc", "layer"),
    [
        ("get-interface-information", "interfaces"),
        ("get-ike-security-associations-information", "phase1"),
        ("get-security-associations-information", "phase2"),
        ("get-ipsec-next-hop-tunnel-information", "nhtb"),
        ("get-ipsec-statistics-information", "statistics"),
    ],
)
def test_a_reply_that_is_not_understood_is_unknown_and_no_failure(rpc: str, layer: str) -> None:
    network = Trouble("modern", {})
    network.spoilt = {rpc: ("<", "<not-known/><")}
    found = network.tunnel()
    assert (found["state"], found["layer"]) == ("unknown", layer)
    assert found["evidence"]


def test_a_session_that_breaks_on_the_log_only_loses_the_log() -> None:
    network = Trouble("classic", {WESTFORD: ("set security ike policy ike-policy1 pre-shared-key ascii-text another",)})
    network.breaking = {"get-log"}
    found = network.tunnel()
    assert (found["layer"], found["device"], found["log"]) == ("phase1", WESTFORD, {})


def test_a_device_out_of_reach_is_an_end_that_cannot_be_read() -> None:
    network = Trouble("modern", {HUB: [f"set {KEY} ascii-text another-key"]})
    network.lost = {WESTFORD}
    found = network.tunnel()
    # The hub deviates from its plan, so westford need not be read.
    assert (found["state"], found["device"], found["statement"]) == ("failed", HUB, KEY)
    network = Trouble("modern", {})
    network.lost = {HUB, WESTFORD}
    found = network.tunnel()
    assert {step["state"] for step in found["steps"]} == {"unknown"}
    assert "Neither end can be read" in found["remedy"]


@pytest.mark.parametrize("form", ["xml", "text"])
def test_interfaces_are_read_as_the_lab_shows_them(form: str) -> None:
    network = Trouble("modern", {WESTFORD: ["set interfaces ge-0/0/3 disable"]}).network
    answer = operational.answer(network, WESTFORD, "get-interface-information", {"terse": True}, form)
    reply = answer.text if answer.xml is None else etree.tostring(answer.xml, encoding="unicode")
    rows = {row.name: row for row in parse("show interfaces terse", str(reply)).items}
    assert rows["ge-0/0/0.0"].addresses == ("3.3.3.2/30",)
    assert (rows["ge-0/0/0.0"].link, rows["ge-0/0/3.0"].admin) == ("up", "down")


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(("host", "network"), [(HUB, "192.168.178.0/24"), (WESTFORD, "10.10.10.0/24")])
def test_a_way_out_in_clear_is_noted_while_the_tunnel_is_up(syntax: str, host: str, network: str) -> None:
    change = "delete security policies from-zone trust to-zone untrust policy never-in-clear"
    found = Trouble(syntax, {host: [change]}).tunnel()
    assert found["state"] == "ok"
    assert found["notes"] == [
        f"{host}: zone trust: expected packets for {network} dropped while the tunnel is down, actual policy any-permit"
        " lets them out to untrust in clear"
    ]


def test_no_way_out_is_noted_where_the_inventory_leaves_it_open() -> None:
    fleet = golden.plan("document", "modern", nhtb_fail_closed=False)
    assert Trouble("modern", {}, fleet).tunnel()["notes"] == []
