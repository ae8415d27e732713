# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of adopted devices, and the statements that their group takes over."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.config import Config
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import adopt
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.takeover import take_over
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render

from .adopted_fleet import BOSTON, HUB, adopted, hub_deletions, planned, taken_over
from .readable_codec import Codec


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
