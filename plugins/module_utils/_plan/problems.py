# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The problems that an inventory can have, one kind per entry, and the class that collects them."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import PlanError, Problem, shortened

# Types of YAML that no variable has, each perhaps in a class of Ansible.
_OTHER_KINDS = {
    "bytes": "binary data",
    "date": "a date",
    "datetime": "a date and a time",
    "set": "a set",
    "time": "a time",
}
EMPTY = "(empty)"
HIDDEN = "(hidden)"
MISSING = "(missing)"
# Hosts with the same problem that a message quotes.
_SHOWN_HOSTS = 3


class Kind(t.NamedTuple):
    """Texts with named gaps, without a full stop, which ``Problem`` adds."""

    message: str
    remedy: str


KINDS: dict[str, Kind] = {
    # Groups and hosts.
    "no_hub": Kind(
        "the fleet has no hub", "Put exactly one host into the group nhtb_hubs; a slice of a job may lack the hub"
    ),
    "many_hubs": Kind("a fleet has one hub, not {count}", "Leave one host in the group nhtb_hubs"),
    "no_spoke": Kind("the fleet has no spoke", "Put the remote sites into the group nhtb_spokes"),
    "both_roles": Kind("the host is in nhtb_hubs and in nhtb_spokes", "Take it out of one of the two groups"),
    "unusable_host": Kind(
        "this inventory name cannot become the name of a file",
        "Rename the host: letters, digits, dot, underscore, hyphen, colon",
    ),
    "no_profile": Kind("there is no such profile", "{hint}"),
    "profile_and_platform": Kind(
        "nhtb_platform says screenos, which is a profile of its own", "Leave nhtb_platform out: it is the older word"
    ),
    "profile_lacks": Kind(
        "{profile} is not known to have {feature}",
        "Choose what both ends have, for this host; a profile states what the product can do in its profile.yml",
    ),
    "hub_platform": Kind(
        "the hub must be a Junos device", "Leave nhtb_platform and nhtb_profile out, or make another host the hub"
    ),
    # Shapes of variables.
    "unknown_variable": Kind("no such variable", "{hint}"),
    "unknown_key": Kind("no such key in {parent}", "{hint}"),
    "missing": Kind("nothing is set", "{hint}"),
    "not_mapping": Kind("a mapping is needed, not {actual}", "Give it the keys {keys}"),
    "not_list": Kind(
        "a list of mappings is needed, not {actual}", "Write one entry for each LAN, beginning with a hyphen"
    ),
    "no_lan": Kind("a site needs at least one LAN", "List the interface and the address of each LAN"),
    "unprintable": Kind(
        "the text has a character that cannot be printed", "Write it anew: such a character may be invisible"
    ),
    "text_too_long": Kind("the text has {length} characters; the limit is {limit}", "Shorten it"),
    "no_vpn_lan": Kind("a site needs at least one LAN in the VPN", "Set vpn: true for one, or take the site out"),
    "not_text": Kind("text is needed, not {actual}", "Put the value in quotes"),
    "not_integer": Kind("a whole number is needed", "Write digits only"),
    "not_number": Kind("a number is needed", "Write digits, with a decimal point if needed"),
    "not_flag": Kind("true or false is needed", "Write true or false"),
    "out_of_range": Kind("the range is {low} to {high}", "{hint}"),
    "not_a_choice": Kind("the choices are {choices}", "Choose one of them"),
    # Files of profiles.
    "bad_pattern": Kind("this is no regular expression: {why}", "Correct it; Python's re module reads it"),
    "no_unit": Kind("the unit has no place at its end", "End it with {{unit}}, as in tunnel{{unit}}"),
    "not_three_zones": Kind("three different names are needed", "List the zones of LAN, WAN and tunnel, in this order"),
    "not_words": Kind("a list of words is needed, not {actual}", "Write one word after each hyphen"),
    "no_template": Kind("the folder templates has no such file", "{hint}"),
    "bad_ending": Kind(
        "the ending of a file has letters, digits, dot, hyphen and underscore, is different for each file, and none of"
        " {taken}",
        "Choose another one, as in md",
    ),
    "not_word_lists": Kind("mappings of words are needed", "Write one for each kind of word, as for encryption"),
    # Names.
    "bad_name": Kind(
        "{what} has a letter or a digit first, then letters, digits, hyphen and underscore only",
        "Choose another name",
    ),
    "name_too_long": Kind(
        "the name {made} would have {length} characters; the limit is {limit}", "Shorten it by {excess}"
    ),
    "reserved_name": Kind("this name has a meaning of its own: {meaning}", "Choose another name"),
    "bad_host_name": Kind(
        "a host name has letters, digits, dot, hyphen and underscore only, 255 characters at most",
        "Correct it, or leave the variable out to keep the name that the device has",
    ),
    "duplicate_site": Kind("{other} has this site name too", "Give each site a name of its own"),
    # Interfaces and zones.
    "bad_interface": Kind("{platform} has no interface of this name", "Write it as in {example}"),
    "tunnel_interface": Kind(
        "tunnel interfaces are neither LAN nor WAN",
        "Name the interface that faces the network; nhtb_tunnel is for tunnels",
    ),
    "unit_needs_vlan": Kind(
        "an untagged interface has unit 0 only",
        "Set vlan_id, use unit 0, or configure the interface yourself and set {switch}: false",
    ),
    "unit_needs_tag": Kind(
        "an untagged interface has unit 0 only, and VLAN tagging is not written for ScreenOS",
        "Use unit 0, or configure the interface yourself and set {switch}: false",
    ),
    "vlan_not_port": Kind("{interface} has no VLAN tagging", "Leave it out: only ports, reth and ae interfaces have"),
    "vlan_missing": Kind(
        "{other} is on the same interface, and one of the two has no VLAN",
        "Give each unit of an interface its vlan_id, or none",
    ),
    "vlan_clash": Kind(
        "{other} has another unit for this VLAN, or another VLAN for this unit",
        "Give each unit of an interface a VLAN of its own",
    ),
    "not_loopback": Kind("IKE speaks from the WAN's interface or from a loopback interface", "Write it as in lo0.0"),
    "loopback_length": Kind("a loopback interface has a single address", "Write it as {address}/32"),
    "no_such_unit": Kind("units of Junos end at {last}", "Choose a unit that exists"),
    "interface_in_two_roles": Kind("{interface} is a LAN interface of this host too", "Use different interfaces"),
    "loopback_wan": Kind(
        "no gateway is on the network of a loopback interface",
        "Name the interface to the provider, and {interface} as nhtb_wan.ike_interface",
    ),
    "interface_in_two_zones": Kind(
        "{interface} is in zone {other} already; an interface has one zone", "Give both entries the same zone"
    ),
    "zone_in_two_roles": Kind(
        "the zone is {other} too, and no policy could tell the two apart",
        "Use different zones for LAN and WAN",
    ),
    "no_zones": Kind("{platform} has no zones", "Leave the zone out"),
    "tunnel_in_wan_zone": Kind(
        "the zone is the WAN's too, whose policies of {platform} translate every source address",
        "Use a zone of its own for the tunnel, or that of a LAN",
    ),
    "services_on_both": Kind(
        "{interface} would have services of its own and those of its zone, which {other} sets",
        "Give both entries the same services_on",
    ),
    "no_own_services": Kind(
        "an interface without services and protocols of its own has those of zone {zone}",
        "List its services, or leave services_on out",
    ),
    "junos_only": Kind("this collection writes no such thing for {platform}", "Leave it out for this host"),
    # Addresses.
    "not_an_address": Kind("this is not an IPv4 address{suffix}", "Write it as in {example}"),
    "no_prefix_length": Kind("the prefix length is missing", "Write it as in {example}"),
    "ipv6": Kind("this is an IPv6 address; this collection plans IPv4", "Use an IPv4 address"),
    "network_address": Kind("this is the address of the network {network} itself", "Use an address of a host on it"),
    "broadcast_address": Kind("this is the broadcast address of {network}", "Use an address of a host on it"),
    "special_address": Kind("no interface can have this address", "Use a unicast address"),
    "gateway_off_network": Kind(
        "the gateway is not on the WAN network {network}", "Use the provider's address on {network}"
    ),
    "gateway_is_self": Kind("the gateway is this host's own WAN address", "Use the provider's address on {network}"),
    "gateway_not_host": Kind(
        "the gateway is the network or broadcast address of {network}", "Use the provider's address on {network}"
    ),
    "tunnel_off_network": Kind(
        "the address is not on the hub's tunnel network {network}",
        "Use a free address of {network} with its prefix length",
    ),
    "hub_off_network": Kind(
        "the hub's tunnel address {address} is not on the network of this one, so that no next hop resolves",
        "Give it the prefix length of the hub's, or set nhtb_next_hop: interface on this host",
    ),
    "duplicate_tunnel": Kind("{other} has this tunnel address too", "Give each site a tunnel address of its own"),
    "private_wan": Kind(
        "this is a private or shared address, to which no route of the Internet leads",
        "Set nhtb_wan.reachable: true where all peers reach it as it is, as over MPLS; behind NAT set"
        " nhtb_wan.behind_nat: true, or nhtb_wan.public_address where the site has a fixed one",
    ),
    "given_by_provider": Kind(
        "with nhtb_wan.addressing {addressing} the provider gives this", "Leave it out, or set addressing: static"
    ),
    "no_local_address": Kind(
        "no gateway can name an address that the provider gives ({addressing})", "Leave nhtb_wan.local_address out"
    ),
    "not_pppoe": Kind("a PPPoE interface of Junos is a unit of pp0", "Write it as in pp0.0"),
    "no_ethernet": Kind("unit 0 of an Ethernet interface of Junos is needed", "Write it as in ge-0/0/0.0"),
    "underlying_without_pppoe": Kind(
        "only a PPPoE interface has one under it", "Set addressing: pppoe, or delete this key"
    ),
    "underlying_of_operator": Kind("the operator of a third-party device knows its PPPoE interface", "Delete this key"),
    "backup_of_dynamic": Kind(
        "without a first address, at which peers reach this host, no gateway names any",
        "Set nhtb_wan.public_address, or leave the backup addresses out",
    ),
    "backup_twice": Kind("the gateway of each peer has this address already", "Name each address once"),
    "too_many": Kind("the list has {count} entries; the limit is {most}", "Leave {most} of them"),
    # Identities.
    "bad_identity": Kind("this is not an identity of type {wanted}", "Write it as in {example}"),
    "duplicate_identity": Kind("{other} has this identity too", "Give each host an identity of its own"),
    "no_identity": Kind(
        "a spoke with {platform} is known by the address of its WAN", "Leave the variable out for this host"
    ),
    "no_fixed_address": Kind(
        "the hub knows a spoke with {platform} by the fixed address of its WAN", "Give the site a fixed public address"
    ),
    "name_of_certificate": Kind(
        "Junos takes its distinguished name from a certificate, and this VPN has pre-shared keys",
        "Choose hostname, user-at-hostname or key-id",
    ),
    "hub_without_address": Kind(
        "no spoke finds a hub whose address is not fixed", "Give the public address of the hub"
    ),
    "key_id_of_dynamic": Kind(
        "the hub cannot tell a spoke without a fixed address by a key-id: 'dynamic' has none",
        "Choose hostname or user-at-hostname",
    ),
    "dynamic_responder": Kind(
        "the hub cannot start the tunnel of a spoke without a fixed address, so that neither side would",
        "Leave the variable out for this host: its tunnel then starts immediately",
    ),
    "dynamic_main_mode": Kind(
        "in IKEv1 main mode the hub finds the pre-shared key by the address of its peer, which is not fixed here",
        "Use IKEv2, as nhtb_syntax: modern does; nhtb_ike.mode: aggressive needs nhtb_allow_weak: true",
    ),
    "silent_peer": Kind(
        "the probes go to the IKE address of {other} ({platform}), and only devices of Juniper answer there",
        "Give an address of that site that answers pings, as its LAN interface does",
    ),
    "duplicate_wan": Kind("{other} has this WAN address too", "Give each site the WAN address that it has"),
    "overlap": Kind(
        "the network {network} overlaps with {other_network}, {other_variable} of {other}",
        "Make the two networks distinct: a route can lead to one place only",
    ),
    # Policies and address books.
    "not_list_of": Kind("a list of mappings is needed, not {actual}", "Write one entry for each {what}"),
    "no_pairs": Kind(
        "true, false or a list of pairs of sites is needed", "Write pairs as in [[westford, sunnyvale], [oslo, lima]]"
    ),
    "no_pair": Kind("a pair has the names of two sites", "Write it as in [westford, sunnyvale]"),
    "unknown_site": Kind("the fleet has no such site", "{hint}"),
    "unknown_place": Kind("the fleet has no site and no network in the VPN of this name", "{hint}"),
    "not_a_spoke": Kind("this is the hub, not a spoke", "Name two spokes"),
    "rule_place": Kind(
        "a rule has either a direction or both from_zone and to_zone",
        "Set direction to to-hub, to-spokes or spoke-to-spoke, or name the two zones",
    ),
    "rule_twice": Kind(
        "another rule of this host has this name and may be between the same zones", "Give each a name of its own"
    ),
    "rule_name_taken": Kind(
        "the collection has a policy of this name from {from_zone} to {to_zone}", "Give the rule another name"
    ),
    "rule_zone": Kind("no LAN and no tunnel of this host is in the zone; its zones are {zones}", "Name one of them"),
    "rule_to_wan": Kind(
        "the policies to the Internet are unmanaged (nhtb_manage_internet_policy: false)",
        "Configure the policy yourself, or let the collection write them",
    ),
    "rule_side": Kind("{name} is {actual}; {direction} needs {needed} here", "Name {needed}, or change the direction"),
    "rule_outside_zone": Kind("{name} has no network in zone {zone}", "Name a network of the zone, or any"),
    "rule_covered": Kind(
        "the rule can never match: {other} before it has the same packets from {from_zone} to {to_zone}",
        "Put it before that one, or take it out",
    ),
    "rule_blocked": Kind(
        "no packet of the rule passes: {reason}", "State the rule for all devices on the way, or take it out"
    ),
    "no_names": Kind("a name or a list of names is needed", "Name sites or networks, or write any"),
    "bad_application": Kind(
        "this is neither any nor an application that Junos predefines (junos-...)", "Write it as in junos-https"
    ),
    "no_service": Kind(
        "no service of ScreenOS is known for this application; those with one are {known}",
        "Name another, or leave the rule out for this host",
    ),
    "no_book_names": Kind(
        "one name, or names by zone, are needed, not a list", "Write one name, or a mapping with one for each zone"
    ),
    "book_not_attached": Kind(
        "only address books that are attached to zones have names", "Set nhtb_address_book: attached"
    ),
    "book_zone": Kind("no LAN, WAN or tunnel of this host is in zone {zone}", "Name a zone of the host"),
    # Options of the VPN object.
    "small_window": Kind(
        "Junos has no anti-replay window below {low} packets", "Choose {low} to {high}, or 0 for no protection"
    ),
    "at_hub_on_hub": Kind(
        "at_hub is for spokes: the hub's end of every tunnel has the keys of its own nhtb_vpn",
        "Move its keys into nhtb_vpn",
    ),
    "not_mirrored": Kind(
        "it does not mirror that of {hub}, the hub ({other}), so phase 2 would fail",
        "Set {wanted}, or leave it out on one end, which then has the mirror of the other",
    ),
    "monitor_off_site": Kind(
        "{other}, at the other end, has no network with this address",
        "Choose an address of that site that answers pings, as its LAN interface does",
    ),
    "timer_differs": Kind(
        "{other} has {first} for another tunnel of {hub}; all monitors of a device have one value",
        "Set it once, in nhtb_vpn.monitor of the hub or with one value in at_hub.monitor",
    ),
    # Networks behind a router, and the names of networks.
    "not_network_list": Kind(
        "a list of mappings is needed, not {actual}", "Write one entry for each network, beginning with a hyphen"
    ),
    "not_a_network": Kind("this is not an IPv4 network with a prefix length", "Write it as in {example}"),
    "host_bits": Kind("this is an address in the network {network}", "Write {network}"),
    "bad_next_hop": Kind("the next hop is {actual}", "Use the router's address on {network}"),
    "duplicate_name": Kind("a network of {other} has this name too", "Give each network a name of its own"),
    # Routes.
    "not_a_summary": Kind(
        "true, false or a list of prefixes is needed", "Write true to have the prefixes computed, or list them"
    ),
    "not_a_prefix": Kind(
        "a network with a prefix length of {shortest} to 32 is needed, and no bit of a host may be set",
        "Write it in quotes, as in 10.0.0.0/8; for all traffic there is nhtb_internet_exit: hub",
    ),
    "summary_over_wan": Kind(
        "the prefix overlaps with {network}, the WAN of {other}{more}, so that packets to peers would enter the tunnel",
        "List prefixes without any WAN",
    ),
    "summary_within": Kind(
        "the prefix is within {network}, {other_variable} of {other}{more}, and would take packets away from it",
        "List a prefix that is shorter than that network, or apart from it",
    ),
    "summary_lacks": Kind(
        "no prefix has the network {network}, {other_variable} of {other}{more}",
        "Add a prefix that has it, or take the LAN out of the VPN with vpn: false",
    ),
    "hub_by_interface": Kind(
        "the routes of a hub need addresses: st0 alone does not say which of its tunnels is meant",
        "Leave the variable out on the hub",
    ),
    "always_by_interface": Kind("routes of {platform} name the tunnel interface", "Leave the variable out"),
    "hub_unnumbered": Kind("the tunnel unit of a hub needs an address, the next hop of its spokes", "Set it to false"),
    "always_numbered": Kind("the tunnel interface of {platform} gets its address", "Set it to false"),
    "unnumbered_by_address": Kind(
        "without an address on st0, the hub's address is on no network of this host", "Set nhtb_next_hop: interface"
    ),
    "unnumbered_not_bound": Kind(
        "a host without an address on st0 advertises none, so the hub needs the static binding of nhtb_tunnel.address",
        "Set nhtb_static_binding: true on this host",
    ),
    "nothing_closes": Kind(
        "neither the policies to the Internet nor the routes are written, so nothing can close the way in clear",
        "Set nhtb_fail_closed: false, or let one of the two be written",
    ),
    "hub_has_exit": Kind("the traffic of the hub itself leaves through its WAN", "Set the variable on spokes"),
    "no_exit_at_hub": Kind("no route of {platform} to the hub's WAN is written", "Leave the variable out on this host"),
    "exit_needs_gateway": Kind(
        "with all traffic in the tunnel, the tunnel itself needs a route to the hub's WAN by the provider",
        "Give the provider's address, or set nhtb_manage_routes: false and configure the two routes yourself",
    ),
    "exit_by_dhcp": Kind(
        "the provider tells the gateway by DHCP, and the route to the hub's WAN needs it",
        "Set nhtb_manage_routes: false and configure the two routes yourself, or leave the variable out",
    ),
    "exit_in_wan_zone": Kind(
        "it is the zone of the WAN too, and no policy or source NAT could tell the traffic of {other} to the Internet",
        "Give the tunnel a zone of its own",
    ),
    "exit_outside_vpn": Kind(
        "all traffic of this host goes to the hub, and a LAN outside the VPN is not known there",
        "Set internet: false for the LAN, or take it into the VPN",
    ),
    # Keys. The value is always hidden.
    "no_key": Kind(
        "the pre-shared key is missing", "Set it for the group, or for this host; Ansible Vault keeps it secret"
    ),
    "empty_key": Kind(
        "the pre-shared key is empty", "Set it for the group, or for this host; Ansible Vault keeps it secret"
    ),
    "key_not_text": Kind("the pre-shared key is not text but {actual}", "Put it in quotes"),
    "long_key": Kind("the pre-shared key has {length} characters; {platform} takes {limit}", "Use a shorter key"),
    "bad_key": Kind("the pre-shared key has characters that {platform} does not take", "Use {allowed}"),
    "encoded_key": Kind(
        "the pre-shared key looks like one that Junos has encoded already", "Give the key in plain text"
    ),
    "bad_hex_key": Kind(
        "by nhtb_key_format it has an even number of the digits 0-9 and a-f, {limit} at most",
        "Correct it, or set nhtb_key_format: ascii",
    ),
    "text_keys_only": Kind("{platform} takes a key as text only", "Set nhtb_key_format: ascii for this host"),
    # Proposals.
    "not_proposals": Kind(
        "a list of proposals is needed, not {actual}", "Write one entry for each proposal, the preferred one first"
    ),
    "set_and_proposals": Kind("Junos takes either a set or proposals, and this has both", "Leave one of the two out"),
    "duplicate_proposal": Kind("an earlier proposal has the same algorithms", "Leave one of the two out"),
    "authenticates_itself": Kind(
        "{encryption} authenticates by itself, and Junos refuses another authentication with it",
        "Leave the authentication out",
    ),
    "set_needs_certificate": Kind(
        "phase 1 of this set has certificates, and this collection has pre-shared keys",
        "Choose one of {sets}, or write proposals",
    ),
    "set_has_group": Kind("the set {chosen} has {group} of its own", "Leave pfs_group out, or write proposals"),
    "mode_needs_v1": Kind("IKEv2 has no modes", "Leave the mode out, or set version: v1"),
    "gcm_needs_v2": Kind(
        "phase 1 of IKEv1 has no {encryption}", "Choose another encryption for nhtb_ike.proposals{or_version}"
    ),
    "aggressive_groups": Kind(
        "aggressive mode cannot negotiate the group, and the proposals have several", "Use one dh_group"
    ),
    "weak_choice": Kind(
        "{weak} {verb} weak", "Choose a stronger one, or set nhtb_allow_weak: true where the peer has nothing better"
    ),
    "peer_lacks": Kind("{platform} does not have it", "Choose {choices}"),
    "no_common_proposal": Kind(
        "{platform} has none of these proposals: it lacks {lacking}", "Add a proposal that both ends have"
    ),
    # Features that platforms and releases do not have.
    "bad_release": Kind("this is not the name of a Junos release", "Write it as in '18.4R1' or '20.4R3-S2'"),
    "release_lacks": Kind(
        "Junos {release} is not known to have {feature}; it is from {first} on",
        "Change the option, or upgrade the device",
    ),
    "no_static_binding": Kind(
        "a spoke with {platform} cannot tell the hub its tunnel address, so the hub needs the static binding",
        "Leave the variable out for this host",
    ),
    "many_addresses": Kind(
        "policy {policy} would have {count} {side} addresses; the device takes {limit}",
        "Set nhtb_policy_addresses to the figure documented for the platform, or have prefixes in place of networks:"
        " nhtb_summary",
    ),
    "many_tunnels": Kind(
        "the device would have {count} tunnels", "Take another hub for some of the spokes, or a larger platform"
    ),
    "two_responders": Kind(
        "the hub only responds as well, so that neither side would start this tunnel",
        "Set nhtb_establish_tunnels: immediately on one of the two",
    ),
    "fleet_differs": Kind("{hub}, the hub, has {other}; the whole fleet has one value", "Set it once, for all hosts"),
}


def format_value(value: object) -> str:
    """Return a value for a message: one line of at most 60 characters, containers by their type only."""
    if value is None:
        return MISSING
    if isinstance(value, (t.Mapping, list, tuple)):
        return f"({kind_of(value)})" if value else EMPTY
    text = "".join(char if char.isprintable() else "?" for char in str(value)).strip() or EMPTY
    return shortened(text)


def kind_of(value: object) -> str:
    """Return the type of a value in the words of an inventory's author."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, t.Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return _OTHER_KINDS.get(type(value).__name__.removeprefix("_AnsibleTagged").lower(), "a value that is no text")


class Problems:
    """Collect problems. A wrong group variable is one problem that names its hosts."""

    def __init__(self) -> None:
        self._hosts: dict[Problem, list[str]] = {}
        self.count = 0

    def add(self, kind: str, host: str, variable: str, value: object, **facts: object) -> None:
        """Note one problem. ``facts`` fill the gaps of the kind's texts."""
        self.count += 1
        message, remedy = (text.format(**facts) for text in KINDS[kind])
        variable = format_value(variable)
        self._hosts.setdefault(Problem("", variable, format_value(value), message, remedy), []).append(host)

    def raise_if_any(self) -> None:
        """Raise PlanError with all problems in the order of discovery; return where there is none."""
        if self._hosts:
            raise PlanError([replace(problem, host=_format_hosts(hosts)) for problem, hosts in self._hosts.items()])


def join_hosts(problems: t.Iterable[Problem]) -> list[Problem]:
    """Return one problem for all hosts that have the same one, in the order of discovery."""
    hosts: dict[Problem, list[str]] = {}
    for problem in problems:
        hosts.setdefault(replace(problem, host=""), []).append(problem.host)
    return [replace(problem, host=_format_hosts(names)) for problem, names in hosts.items()]


def _format_hosts(hosts: list[str]) -> str:
    names = [shortened(format_value(host)) for host in dict.fromkeys(hosts)]
    shown, more = ", ".join(names[:_SHOWN_HOSTS]), len(names) - _SHOWN_HOSTS
    return f"{shown} and {more} more" if more > 0 else shown
