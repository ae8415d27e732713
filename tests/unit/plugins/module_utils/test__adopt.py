# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of devices as inventory variables, and the statements that the group takes over."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import Adoption, adopt
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.takeover import TakeOver, deletions, take_over
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import DOCUMENTED
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import shipped
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render


class Codec:
    """A readable encoding."""

    def encode(self, plain: str) -> str:
        return f"$9${plain}"

    def decode(self, encoded: str) -> str:
        return encoded.removeprefix("$9$")


HUB = """
set interfaces ge-0/0/1 unit 0 family inet address 10.50.0.1/24
set interfaces ge-0/0/2 unit 0 family inet address 192.0.2.2/30
set interfaces st0 unit 7 multipoint
set interfaces st0 unit 7 family inet address 10.60.0.1/24
set routing-options static route 0.0.0.0/0 next-hop 192.0.2.1
set routing-options static route 10.51.0.0/24 next-hop 10.60.0.51
set security ike policy shared mode main
set security ike policy shared proposal-set standard
set security ike policy shared pre-shared-key ascii-text "$9$of-us-all"
set security ike gateway boston-gw ike-policy shared
set security ike gateway boston-gw address 198.51.100.2
set security ike gateway boston-gw external-interface ge-0/0/2
set security ipsec policy p2 perfect-forward-secrecy keys group2
set security ipsec policy p2 proposal-set standard
set security ipsec vpn vpn-boston bind-interface st0.7
set security ipsec vpn vpn-boston ike gateway boston-gw
set security ipsec vpn vpn-boston ike ipsec-policy p2
set security flow tcp-mss ipsec-vpn mss 1350
set security policies from-zone office to-zone vpn policy out match source-address lan
set security policies from-zone office to-zone vpn policy out match destination-address boston
set security policies from-zone office to-zone vpn policy out match application any
set security policies from-zone office to-zone vpn policy out then permit
set security policies from-zone vpn to-zone office policy in match source-address boston
set security policies from-zone vpn to-zone office policy in match destination-address lan
set security policies from-zone vpn to-zone office policy in match application any
set security policies from-zone vpn to-zone office policy in then permit
set security policies from-zone vpn to-zone vpn policy across match source-address any
set security policies from-zone vpn to-zone vpn policy across match destination-address any
set security policies from-zone vpn to-zone vpn policy across match application any
set security policies from-zone vpn to-zone vpn policy across then permit
set security zones security-zone office address-book address lan 10.50.0.0/24
set security zones security-zone office interfaces ge-0/0/1.0
set security zones security-zone untrust host-inbound-traffic system-services ike
set security zones security-zone untrust interfaces ge-0/0/2
set security zones security-zone vpn address-book address boston 10.51.0.0/24
set security zones security-zone vpn interfaces st0.7
""".strip().splitlines()

BOSTON = """
set interfaces ge-0/0/1 unit 0 family inet address 10.51.0.1/24
set interfaces ge-0/0/2 unit 0 family inet address 198.51.100.2/30
set interfaces st0 unit 0 family inet address 10.60.0.51/24
set routing-options static route 0.0.0.0/0 next-hop 198.51.100.1
set routing-options static route 10.50.0.0/24 next-hop 10.60.0.1
set security ike policy shared mode main
set security ike policy shared proposal-set standard
set security ike policy shared pre-shared-key ascii-text "$9$of-us-all"
set security ike gateway head-gw ike-policy shared
set security ike gateway head-gw address 192.0.2.2
set security ike gateway head-gw external-interface ge-0/0/2.0
set security ipsec policy p2 perfect-forward-secrecy keys group2
set security ipsec policy p2 proposal-set standard
set security ipsec vpn head-vpn bind-interface st0.0
set security ipsec vpn head-vpn ike gateway head-gw
set security ipsec vpn head-vpn ike ipsec-policy p2
set security flow tcp-mss ipsec-vpn mss 1350
set security policies from-zone trust to-zone vpn policy out match source-address lan
set security policies from-zone trust to-zone vpn policy out match destination-address head
set security policies from-zone trust to-zone vpn policy out match application any
set security policies from-zone trust to-zone vpn policy out then permit
set security policies from-zone vpn to-zone trust policy in match source-address head
set security policies from-zone vpn to-zone trust policy in match destination-address lan
set security policies from-zone vpn to-zone trust policy in match application any
set security policies from-zone vpn to-zone trust policy in then permit
set security zones security-zone trust address-book address lan 10.51.0.0/24
set security zones security-zone trust interfaces ge-0/0/1.0
set security zones security-zone untrust host-inbound-traffic system-services ike
set security zones security-zone untrust interfaces ge-0/0/2.0
set security zones security-zone vpn address-book address head 10.50.0.0/24
set security zones security-zone vpn interfaces st0.0
""".strip().splitlines()


def adopted(
    hub: t.Sequence[str] = HUB, spoke: t.Sequence[str] | None = BOSTON, given: t.Mapping[str, t.Any] | None = None
) -> Adoption:
    commands = {"h1": hub} | ({"s1": spoke} if spoke is not None else {})
    return adopt("h1", ["s1"], commands, given or {}, (), Codec())


def planned(found: Adoption) -> dict[str, DevicePlan]:
    """Return the plan of each adopted device, by host."""
    variables = {host: {**own, "nhtb_pre_shared_key": "of-us-all"} for host, own in found.variables.items()}
    return {plan.host: plan for plan in plan_fleet(variables, ["h1"], found.spokes, DOCUMENTED, shipped()).devices}


def taken_over(hub: t.Sequence[str] = HUB) -> dict[str, TakeOver]:
    """Return the take-over of each device, by host."""
    found = adopted(hub)
    keys = dict.fromkeys(found.variables, "of-us-all")
    return {
        host: take_over(plan, render(plan), found.configs[host], keys, Codec()) for host, plan in planned(found).items()
    }


def hub_deletions(hub: t.Sequence[str] = HUB) -> list[str]:
    plan = planned(adopted(hub))["h1"]
    return deletions(plan, render(plan), hub)


def test_sites_are_named_after_the_vpns_at_the_other_end() -> None:
    found = adopted()
    assert {host: own["nhtb_site"] for host, own in found.variables.items()} == {"h1": "head", "s1": "boston"}
    assert found.remarks == ()


def test_the_variables_of_a_hub() -> None:
    hub = adopted().variables["h1"]
    assert hub["nhtb_tunnel"] == {"unit": 7, "address": "10.60.0.1/24"}
    assert hub["nhtb_wan"] == {"interface": "ge-0/0/2.0", "address": "192.0.2.2/30", "gateway": "192.0.2.1"}
    assert hub["nhtb_lans"] == [{"interface": "ge-0/0/1.0", "address": "10.50.0.1/24", "zone": "office"}]
    assert hub["nhtb_syntax"] == "classic"
    assert hub["nhtb_manage_zones"] is False


def test_keys_are_decoded_and_in_no_representation() -> None:
    found = adopted()
    assert found.keys == {"s1": "of-us-all"}
    assert "of-us-all" not in repr(found)


def test_statements_that_differ_in_names_only_move_without_a_change() -> None:
    for device in taken_over().values():
        assert device.changes == ()
        assert device.stays == ()
    assert "delete security ipsec vpn vpn-boston" in hub_deletions()
    assert "delete security zones security-zone vpn" in hub_deletions()
    assert not [line for line in hub_deletions() if "untrust" in line or "ge-0/0" in line]


def test_objects_that_others_use_stay() -> None:
    dial_in = [
        "set security ike gateway dial-in ike-policy shared",
        "set security ike gateway dial-in address 203.0.113.9",
        "set security ipsec vpn dial-in bind-interface st0.9",
        "set security ipsec vpn dial-in ike gateway dial-in",
        "set security ipsec vpn dial-in ike ipsec-policy p2",
        "set security policies from-zone vpn to-zone dmz policy mail match destination-address boston",
    ]
    found = hub_deletions([*HUB, *dial_in])
    assert not [line for line in found if "shared" in line or "dial-in" in line or " p2" in line]
    assert "delete security zones security-zone vpn address-book address boston 10.51.0.0/24" not in found
    assert "delete security ipsec vpn vpn-boston" in found


def test_a_policy_with_more_traffic_stays() -> None:
    wider = [line.replace("source-address boston", "source-address any") for line in HUB]
    hub = taken_over(wider)["h1"]
    assert "security policies from-zone vpn to-zone office policy in match source-address any" in hub.stays


def test_a_statement_that_the_plan_lacks_is_a_change() -> None:
    delayed = [*HUB, "set security ipsec vpn vpn-boston ike install-interval 5"]
    assert taken_over(delayed)["h1"].changes == ("- security ipsec vpn boston-vpn ike install-interval 5",)


OPTIONS = (
    "df-bit clear",
    "copy-outer-dscp",
    "vpn-monitor optimized",
    "vpn-monitor source-interface ge-0/0/1",
    "vpn-monitor destination-ip {monitored}",
    "vpn-monitor verify-path packet-size 1300",
    "ike idle-time 600",
    "ike proxy-identity local {local}",
    "ike proxy-identity remote {remote}",
)


def with_options(lines: t.Sequence[str], vpn: str, options: t.Iterable[str] = OPTIONS, **words: str) -> list[str]:
    return [*lines, *(f"set security ipsec vpn {vpn} {one.format_map(words)}" for one in options)]


def test_the_options_of_both_ends_are_variables_of_the_spoke() -> None:
    """The hub has two VPNs, so what one of them has is for its spoke."""
    timers = "set security ipsec vpn-monitor-options interval 5"
    words = {"monitored": "10.51.0.1", "local": "10.0.0.0/8", "remote": "10.51.0.0/24"}
    hub = [*with_options(HUB, "vpn-boston", **words), timers, "set interfaces st0 unit 7 family inet mtu 1400"]
    other = [
        line.replace("boston", "denver").replace("198.51.100.2", "203.0.113.2") for line in HUB if "boston" in line
    ]
    spoke = with_options(
        BOSTON,
        "head-vpn",
        ("ike no-anti-replay", "vpn-monitor", *OPTIONS[-2:]),
        local="10.51.0.0/24",
        remote="10.0.0.0/8",
    )
    found = adopted(hub=[*hub, *other], spoke=spoke).variables
    assert found["h1"]["nhtb_tunnel"]["mtu"] == 1400
    assert "nhtb_vpn" not in found["h1"]
    assert found["s1"]["nhtb_vpn"] == {
        "monitor": {},
        "anti_replay_window": 0,
        "proxy_identity": {"local": "10.51.0.0/24", "remote": "10.0.0.0/8"},
        "at_hub": {
            "monitor": {
                "destination": "10.51.0.1",
                "source_interface": "ge-0/0/1.0",
                "optimized": True,
                "verify_path": {"packet_size": 1300},
                "interval": 5,
            },
            "df_bit": "clear",
            "copy_outer_dscp": True,
            "idle_time": 600,
        },
    }


def test_options_of_all_vpns_of_the_hub_are_its_own_and_move_without_a_change() -> None:
    hub = with_options(HUB, "vpn-boston", OPTIONS[:7], monitored="10.51.0.1")
    spoke = with_options(BOSTON, "head-vpn", OPTIONS[:2])
    found = adopted(hub=hub, spoke=spoke).variables
    assert set(found["h1"]["nhtb_vpn"]) == {"monitor", "df_bit", "copy_outer_dscp", "idle_time"}
    assert found["s1"]["nhtb_vpn"] == {"df_bit": "clear", "copy_outer_dscp": True}
    for device in taken_over(hub).values():
        assert (device.changes, device.stays) == ((), ())


def test_a_deactivated_statement_is_not_deleted() -> None:
    sleeping = [
        *HUB,
        "set security ipsec vpn vpn-boston vpn-monitor optimized",
        "deactivate security ipsec vpn vpn-boston vpn-monitor",
    ]
    found = hub_deletions(sleeping)
    assert "delete security ipsec vpn vpn-boston bind-interface st0.7" in found
    assert "delete security ipsec vpn vpn-boston" not in found


def test_ends_with_different_keys_get_a_remark() -> None:
    other = [line.replace("$9$of-us-all", "$9$another") for line in BOSTON]
    found = adopted(spoke=other)
    assert [remark.object for remark in found.remarks] == ["nhtb_pre_shared_key"]
    assert "another key" in str(found.remarks[0])
    assert "$9$" not in str(found.remarks[0])


def test_a_key_that_only_the_device_can_decode_has_to_be_given() -> None:
    locked = [line.replace("$9$of-us-all", "$8$aes256-gcm$locked") for line in HUB]
    found = adopted(hub=locked)
    assert found.keys == {}
    assert [(remark.host, remark.need) for remark in found.remarks] == [("s1", "missing")]


def test_a_spoke_that_is_not_read_is_planned_from_the_hub() -> None:
    bound = [*HUB, "set interfaces st0 unit 7 family inet next-hop-tunnel 10.60.0.51 ipsec-vpn vpn-boston"]
    found = adopted(hub=bound, spoke=None, given={"s1": {"nhtb_site": "boston", "nhtb_platform": "screenos"}})
    assert found.variables["s1"] == {
        "nhtb_site": "boston",
        "nhtb_platform": "screenos",
        "nhtb_tunnel": {"address": "10.60.0.51/24"},
    }
    missing = [str(remark) for remark in found.remarks if remark.need == "missing"]
    assert [text for text in missing if "10.51.0.0/24" in text]
    assert [text for text in missing if "198.51.100.2" in text]


def test_a_spoke_without_a_vpn_to_the_hub_is_missing() -> None:
    astray = [line.replace("192.0.2.2", "192.0.2.6") for line in BOSTON]
    found = adopted(spoke=astray)
    assert list(found.variables) == ["h1"]
    assert "expected a VPN on st0 to 192.0.2.2 of h1, actual none" in str(found.remarks[0])


def test_a_hub_without_a_multipoint_unit_is_refused() -> None:
    with pytest.raises(HubspokeError, match="h1: interfaces st0: expected a multipoint unit"):
        adopted(hub=[line for line in HUB if "multipoint" not in line])


def test_a_vpn_in_the_group_already_is_refused() -> None:
    with pytest.raises(HubspokeError, match="s1: group hubspoke: expected none, actual there"):
        adopted(spoke=[*BOSTON, "set groups hubspoke security flow tcp-mss ipsec-vpn mss 1350"])


def test_a_vpn_to_no_host_of_the_inventory_is_a_host_of_its_own() -> None:
    more = [line.replace("boston", "denver").replace("198.51.100.2", "203.0.113.2") for line in HUB if "boston" in line]
    found = adopted(hub=[*HUB, *[line for line in more if " ike " in line or " ipsec " in line]])
    assert "nhtb_platform" not in found.variables["denver"]
    assert "Add it to nhtb_spokes, with its ansible_host where it runs Junos" in str(found.remarks[0])


def test_address_sets_are_followed() -> None:
    config = Config(
        [
            "set security address-book global address one 10.1.0.0/24",
            "set security address-book global address two 10.2.0.0/24",
            "set security address-book global address-set inner address two",
            "set security address-book global address-set outer address one",
            "set security address-book global address-set outer address-set inner",
        ],
        "hubspoke",
    )
    assert config.prefixes("trust", ["outer"]) == ["10.1.0.0/24", "10.2.0.0/24"]
    assert config.book_kind == "global"


def test_services_internet_and_guests_are_read_where_their_parts_are_planned() -> None:
    hub = [
        *HUB,
        "set interfaces ge-0/0/5 unit 0 family inet address 172.16.0.1/24",
        "set security zones security-zone office interfaces ge-0/0/5.0",
        "set security zones security-zone office host-inbound-traffic system-services ssh",
        "set security zones security-zone office host-inbound-traffic system-services dhcp",
        "set security zones security-zone office address-book address visitors 172.16.0.0/24",
        "set security policies from-zone office to-zone untrust policy web match source-address visitors",
        "set security policies from-zone office to-zone untrust policy web match destination-address any",
        "set security policies from-zone office to-zone untrust policy web match application any",
        "set security policies from-zone office to-zone untrust policy web then permit",
    ]
    commands = {"h1": hub, "s1": BOSTON}
    lan: dict[str, t.Any] = {"interface": "ge-0/0/1.0", "address": "10.50.0.1/24", "zone": "office"}
    guests: dict[str, t.Any] = {"interface": "ge-0/0/5.0", "address": "172.16.0.1/24", "zone": "office", "vpn": False}
    services = {"services": ["ssh", "dhcp"]}
    for parts, expected in (
        ((), [lan]),
        (("default_route",), [lan]),
        (("lan_interfaces",), [lan, guests]),
        (("zones",), [lan | services, guests | services]),
        (("zones", "internet_policy"), [lan | services | {"internet": False}, guests | services]),
    ):
        found = adopt("h1", ["s1"], commands, {}, parts, Codec())
        assert found.variables["h1"]["nhtb_lans"] == expected, parts
    assert found.variables["s1"]["nhtb_lans"] == [
        {"interface": "ge-0/0/1.0", "address": "10.51.0.1/24", "services": [], "internet": False}
    ]
    device = planned(found)["h1"]
    assert [policy.sources for policy in device.policies if policy.purpose == "internet"] == [("local-net-2",)]
    change = take_over(device, render(device), found.configs["h1"], {"h1": "of-us-all"}, Codec())
    assert [line for line in change.changes if "-zone office" in line] == []


def test_a_private_wan_address_is_written_as_reachable() -> None:
    private = [line.replace("192.0.2.", "172.31.2.") for line in HUB]
    found = adopted(hub=private, spoke=[line.replace("192.0.2.2", "172.31.2.2") for line in BOSTON])
    assert found.variables["h1"]["nhtb_wan"]["reachable"] is True
    assert "reachable" not in found.variables["s1"]["nhtb_wan"]
    assert planned(found)["s1"].tunnels[0].peer_address == "172.31.2.2"


# --- traffic that leaves in clear -----------------------------------------------------------------

OPEN = [
    f"set security policies from-zone office to-zone untrust policy surf {words}"
    for words in ("match source-address any", "match destination-address any", "match application any", "then permit")
]
PASSIVE = "set routing-options static route 10.51.0.0/24 passive"


def closed(found: Adoption) -> dict[str, object]:
    return {host: variables.get("nhtb_fail_closed") for host, variables in found.variables.items()}


def leak_remarks(found: Adoption) -> list[str]:
    return [str(remark) for remark in found.remarks if "in clear" in str(remark)]


def test_a_device_is_planned_as_open_as_it_is() -> None:
    found = adopted()
    assert closed(found) == {"h1": False, "s1": False}
    assert leak_remarks(found) == []


def test_a_policy_that_lets_packets_out_in_clear_gets_a_remark() -> None:
    [remark] = leak_remarks(adopted(hub=[*HUB, *OPEN]))
    assert remark.startswith("h1: zone untrust: expected packets for 10.51.0.0/24 never to leave in clear, actual")
    assert "policy surf allows them" in remark
    assert "nhtb_fail_closed: false" in remark
    assert leak_remarks(adopted(hub=[*HUB, *OPEN, PASSIVE])) == []
    assert leak_remarks(adopted(hub=[*HUB, *OPEN, PASSIVE.replace("passive", "discard")])) == []


def test_passive_routes_are_closed_and_stay_so() -> None:
    found = adopted(hub=[*HUB, PASSIVE])
    assert closed(found) == {"h1": None, "s1": False}
    assert leak_remarks(found) == []
    assert taken_over([*HUB, PASSIVE])["h1"].changes == ()


# --- routes ---------------------------------------------------------------------------------------


def adopted_routes(spoke: t.Sequence[str], *bindings: str) -> dict[str, t.Any]:
    """Return the variables about routes of the spoke, with further statements of the hub."""
    found = adopt("h1", ["s1"], {"h1": [*HUB, *bindings], "s1": spoke}, {}, (), Codec()).variables["s1"]
    names = ("nhtb_summary", "nhtb_next_hop", "nhtb_internet_exit", "nhtb_tunnel")
    return {name: found[name] for name in names if name in found}


def changed_line(old: str, new: str) -> list[str]:
    assert any(old in line for line in BOSTON)
    return [line.replace(old, new) for line in BOSTON]


def test_routes_to_each_network_need_no_variable() -> None:
    assert adopted_routes(BOSTON) == {"nhtb_tunnel": {"unit": 0, "address": "10.60.0.51/24"}}


def test_a_route_around_the_far_networks_is_a_summary() -> None:
    spoke = changed_line("route 10.50.0.0/24", "route 10.48.0.0/12")
    assert adopted_routes(spoke)["nhtb_summary"] == ["10.48.0.0/12"]
    # One that has not all of them is none: the plan has a route to each.
    assert "nhtb_summary" not in adopted_routes(changed_line("route 10.50.0.0/24", "route 10.50.0.0/25"))


def test_a_unit_without_an_address_has_that_of_the_binding() -> None:
    spoke = [line for line in changed_line("next-hop 10.60.0.1", "next-hop st0.0") if "10.60.0.51" not in line]
    found = adopted_routes(
        spoke, "set interfaces st0 unit 7 family inet next-hop-tunnel 10.60.0.51 ipsec-vpn vpn-boston"
    )
    assert found == {
        "nhtb_next_hop": "interface",
        "nhtb_tunnel": {"unit": 0, "address": "10.60.0.51/32", "unnumbered": True},
    }


def test_a_default_route_into_the_tunnel_leaves_at_the_hub() -> None:
    spoke = changed_line("route 0.0.0.0/0 next-hop 198.51.100.1", "route 0.0.0.0/0 next-hop 10.60.0.1")
    spoke.append("set routing-options static route 192.0.2.2/32 next-hop 198.51.100.1")
    adoption = adopt("h1", ["s1"], {"h1": HUB, "s1": spoke}, {}, (), Codec())
    assert adoption.unsayable == ()
    assert adoption.variables["s1"]["nhtb_internet_exit"] == "hub"
    assert adoption.variables["s1"]["nhtb_wan"]["gateway"] == "198.51.100.1"
    # No policy lets the LAN into the Internet through the tunnel.
    assert adoption.variables["s1"]["nhtb_lans"][0]["internet"] is False
