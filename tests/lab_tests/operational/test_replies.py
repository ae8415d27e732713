# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the replies say: layouts of the text, values of the XML, arguments, wrappers, errors."""

from __future__ import annotations

import re
import typing as t

import pytest
from lxml import etree

from tests.lab import operational
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
    Lab,
    Options,
    build,
)

JUNOS = "{http://xml.juniper.net/junos/24.4R1.9/junos}"


def _text(lab: Lab, rpc: str, at: str = HUB, /, **arguments: str | bool) -> str:
    given = {name.replace("_", "-"): value for name, value in arguments.items()}
    text = operational.answer(lab.network, at, rpc, given, "text").text
    assert text is not None
    return text


def _xml(lab: Lab, rpc: str, at: str = HUB, /, **arguments: str | bool) -> t.Any:
    given = {name.replace("_", "-"): value for name, value in arguments.items()}
    return operational.answer(lab.network, at, rpc, given, "xml").xml


def _values(element: t.Any, name: str) -> list[str]:
    return [(found.text or "").strip() for found in element.iter(f"{{*}}{name}")]


# --- next-hop tunnels ----------------------------------------------------------------------------

TABLE = """\
Next-hop gateway  interface   IPsec VPN name                    Flag
10.11.11.11       st0.0       sunnyvale-vpn                     Static
10.11.11.12       st0.0       westford-vpn                      Auto
"""


def test_next_hop_tunnels_are_text_in_both_formats() -> None:
    """junos-truth 4.1: the XML elements are unpublished, so an emulator must not make any up."""
    lab = build("modern")
    assert _text(lab, "get-ipsec-next-hop-tunnel-information") == TABLE
    element = _xml(lab, "get-ipsec-next-hop-tunnel-information")
    assert element.tag == "output"
    assert element.text == f"\n{TABLE}"
    assert len(element) == 0


def test_a_spoke_shows_nothing_as_its_unit_is_point_to_point() -> None:
    assert _text(build("modern"), "get-ipsec-next-hop-tunnel-information", WESTFORD) == ""


# --- associations --------------------------------------------------------------------------------

IKE_BRIEF = re.compile(
    r"Index   State  Initiator cookie  Responder cookie  Mode           Remote Address   \n"
    r"(\d{5,8} +UP +[0-9a-f]{16}  [0-9a-f]{16}  (Main|IKEv2) +\d+\.\d+\.\d+\.\d+ +\n)+\Z"
)
IPSEC_BRIEF = re.compile(
    r"  Total active tunnels: 2     Total Ipsec sas: 2\n"
    r"  ID    Algorithm       SPI      Life:sec/kb  Mon lsys Port  Gateway   \n"
    r"(  [<>]1310\d\d ESP:[a-z0-9-]+/\S+ [0-9a-f]{1,8} +\d+/ unlim - root 500 \d+\.\d+\.\d+\.\d+ +\n){4}\Z"
)
IPSEC_BRIEF_IKED = re.compile(
    r"  Total active tunnels: 2     Total IPsec sas: 2\n"
    r"  ID      Algorithm       SPI      Life:sec/kb  Mon lsys Port  Gateway   \n"
    r"(  [<>]50000\d ESP:\S+ 0x[0-9a-f]{8} \d+/ unlim - root 500 \d+\.\d+\.\d+\.\d+ +\n){4}\Z"
)


def test_brief_layouts() -> None:
    lab = build("modern")
    assert IKE_BRIEF.match(_text(lab, "get-ike-security-associations-information"))
    assert IPSEC_BRIEF.match(_text(lab, "get-security-associations-information"))
    iked = build("modern", options=Options(flavour="iked"))
    assert IPSEC_BRIEF_IKED.match(_text(iked, "get-security-associations-information"))
    assert "ESP:aes-gcm-256/None" in _text(lab, "get-security-associations-information")
    assert "ESP:3des/sha1" in _text(lab, "get-security-associations-information")


def test_the_layout_of_the_first_releases_has_the_address_second() -> None:
    lab = build("modern", options=Options(release="9.6R2.11"))
    assert _text(lab, "get-ike-security-associations-information").startswith(
        "Index   Remote Address  State  Initiator"
    )
    old = _text(lab, "get-security-associations-information")
    assert "ID      Gateway        Port  Algorithm        SPI      Life:sec/kb Mon vsys" in old
    assert re.search(r"^<131073 3\.3\.3\.2 +500 ", old, re.MULTILINE)


def test_no_association_is_a_root_without_children() -> None:
    lab = build("classic")
    for rpc in ("get-ike-security-associations-information",):
        element = _xml(lab, rpc)
        assert len(element) == 0
        assert element.get(f"{JUNOS}style") == "brief"
    ipsec = _xml(lab, "get-security-associations-information")
    assert _values(ipsec, "total-active-tunnels") == ["0"]
    assert _values(ipsec, "sa-spi") == []


def test_detail_names_gateway_vpn_and_unit() -> None:
    lab = build("modern")
    ike = _xml(lab, "get-ike-security-associations-information", detail=True)
    assert set(_values(ike, "ike-gw-name")) == {"westford-gate", "sunnyvale-gate"}
    assert set(_values(ike, "ike-sa-dhgroup")) == {"DH-group-20", "DH-group-2"}
    ipsec = _xml(lab, "get-security-associations-information", detail=True)
    assert _values(ipsec, "sa-vpn-name") == ["westford-vpn", "sunnyvale-vpn"]
    assert set(_values(ipsec, "sa-bind-interface")) == {"st0.0"}
    assert _values(ipsec, "sa-direction") == ["inbound", "outbound"] * 2
    assert all(re.fullmatch(r"Expires in \d+ seconds", value) for value in _values(ipsec, "sa-hard-lifetime"))
    assert _values(ipsec, "total-active-tunnels") == []


def test_detail_texts_have_the_lines_that_tell_kmd_from_iked() -> None:
    kmd = _text(build("modern"), "get-security-associations-information", detail=True)
    assert "  Local Identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)\n" in kmd
    assert "  DF-bit: clear, Copy-Outer-DSCP Disabled, Bind-interface: st0.0\n" in kmd
    assert "                              , VPN Monitoring: -\n" in kmd
    event = (
        r"    \w{3} \w{3} \d\d 20\d\d \d\d:\d\d:\d\d \+0000: IPSec SA negotiation successfully completed \(1 times\)"
    )
    assert re.search(event, kmd)
    iked = _text(build("modern", options=Options(flavour="iked")), "get-security-associations-information", detail=True)
    assert "  Local Identity: ipv4(0.0.0.0-255.255.255.255)\n" in iked
    assert "Copy-Outer-DSCP: Disabled, Bind-interface: st0.0, Policy-name: vpn-modern\n" in iked
    assert "    tunnel-establishment: establish-tunnels-immediately\n" in iked


def test_index_and_name_choose() -> None:
    lab = build("modern")
    rpc = "get-security-associations-information"
    index = _values(_xml(lab, rpc), "sa-tunnel-index")[0]
    assert len(set(_values(_xml(lab, rpc, show_index_ipsec_security_association=index), "sa-vpn-name"))) == 1
    named = _xml(lab, rpc, detail=True, show_vpnname_ipsec_security_association="sunnyvale-vpn")
    assert _values(named, "sa-vpn-name") == ["sunnyvale-vpn"]
    ike = _xml(lab, "get-ike-security-associations-information", peer_address="2.2.2.2")
    assert set(_values(ike, "ike-sa-remote-address")) == {"2.2.2.2"}


def test_a_rekey_shows_four_associations_and_counts_two_pairs() -> None:
    lab = build("modern")
    row = next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    lab.clock.advance(min(row.pairs[0].soft, lab.network.tunnel_rows(WESTFORD)[0].pairs[0].soft) + 1)
    element = _xml(lab, "get-security-associations-information")
    assert _values(element, "total-active-tunnels") == ["2"]
    blocks = [_values(block, "sa-spi") for block in element.iter("ipsec-security-associations-block")]
    assert len(blocks[0]) == 4
    assert _values(element, "total-ipsec-sas") == [str(sum(map(len, blocks)) // 2)]


def test_old_values_carry_the_punctuation_of_the_text() -> None:
    element = _xml(build("modern", options=Options(release="15.1X49-D170", padded=False)),
                   "get-security-associations-information")  # fmt: skip
    assert set(_values(element, "sa-protocol")) == {"ESP:"}
    assert all(value.endswith("/") for value in _values(element, "sa-hard-lifetime"))


def test_values_stand_on_lines_of_their_own_only_where_the_device_does_so() -> None:
    padded = _xml(build("modern"), "get-ike-security-associations-information")
    plain = _xml(build("modern", options=Options(padded=False)), "get-ike-security-associations-information")
    assert next(padded.iter("ike-sa-state")).text == "\nUP\n"
    assert next(plain.iter("ike-sa-state")).text == "UP"


# --- inactive tunnels and statistics -------------------------------------------------------------


def test_inactive_tunnels_name_the_reason_with_its_count() -> None:
    lab = build("modern", {WESTFORD: ("delete routing-options static route 0.0.0.0/0",)})
    text = _text(lab, "get-inactive-tunnels", WESTFORD)
    assert text.startswith("  Total inactive tunnels: 1\n  Total inactive tunnels with establish immediately: 1\n")
    assert "  ID           Port   Gateway          Pending SAs   Tunnel Down Reason\n" in text
    assert re.search(r"^  131073       500    1\.1\.1\.2          1             "
                     r"No response from peer\. Negotiation failed \(1 times\)$", text, re.MULTILINE)  # fmt: skip
    element = _xml(lab, "get-inactive-tunnels", WESTFORD)
    assert _values(element, "sa-tunnel-event") == ["No response from peer. Negotiation failed"]
    assert _values(element, "sa-tunnel-event-num-times") == ["1"]


def test_statistics_count_what_was_pinged_and_can_be_cleared() -> None:
    lab = build("modern")
    index = next(row.index for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    operational.answer(lab.network, HUB, "ping", {"host": WESTFORD_HOST, "interface": "ge-0/0/0.0", "count": "4"})
    operational.answer(lab.network, HUB, "ping", {"host": SUNNYVALE_HOST, "interface": "ge-0/0/0.0", "count": "3"})
    rpc = "get-ipsec-statistics-information"
    assert _values(_xml(lab, rpc), "esp-encrypted-packets") == ["7"]
    assert _values(_xml(lab, rpc, show_index_ipsec_statistics=str(index)), "esp-encrypted-packets") == ["4"]
    lab.network.add_errors(HUB, "replay-errors", 2)
    assert "  AH authentication failures: 0, Replay errors: 2\n" in _text(lab, rpc)
    operational.answer(lab.network, HUB, "clear-ipsec-statistics", {})
    assert _values(_xml(lab, rpc), "esp-encrypted-packets") == ["0"]
    assert _values(_xml(lab, rpc), "replay-errors") == ["0"]


# --- routes --------------------------------------------------------------------------------------


def test_route_text_is_the_documents_but_for_the_second_blank() -> None:
    lab = build("modern")
    lab.clock.advance(513)
    assert _text(lab, "get-route-information", destination="192.168.168.10") == (
        "\ninet.0: 9 destinations, 9 routes (9 active, 0 holddown, 0 hidden)\n"
        "+ = Active Route, - = Last Active, * = Both\n\n"
        "192.168.168.0/24   *[Static/5] 00:08:33\n"
        "                    >  to 10.11.11.11 via st0.0\n"
    )


def test_route_arguments_choose() -> None:
    lab = build("modern")
    rpc = "get-route-information"
    assert _values(_xml(lab, rpc, destination="192.168.178.0/24", exact=True), "rt-destination") == ["192.168.178.0/24"]
    assert _values(_xml(lab, rpc, destination="192.168.178.0/25", exact=True), "rt-destination") == []
    assert _values(_xml(lab, rpc, destination="192.168.0.0/16"), "rt-destination") == [
        "192.168.168.0/24",
        "192.168.178.0/24",
    ]
    assert set(_values(_xml(lab, rpc, protocol="static"), "protocol-name")) == {"Static"}
    assert len(_xml(lab, rpc, table="inet6.0").findall("{*}route-table")) == 0
    # A default route matches any address that nothing else does.
    assert _values(_xml(lab, rpc, destination="203.0.113.9"), "rt-destination") == ["0.0.0.0/0"]


def test_a_route_that_waits_for_its_entry_is_hidden() -> None:
    lab = build("classic")
    rpc = "get-route-information"
    assert _values(_xml(lab, rpc, destination="192.168.178.10"), "rt-destination") == ["0.0.0.0/0"]
    assert _values(_xml(lab, rpc), "hidden-route-count") == ["1"]
    lab.talk()
    assert _values(_xml(lab, rpc, destination="192.168.178.10"), "rt-destination") == ["192.168.178.0/24"]
    assert _values(_xml(lab, rpc), "hidden-route-count") == ["0"]


# --- interfaces, policies, zones, flows ----------------------------------------------------------


def test_interfaces_terse_and_full() -> None:
    lab = build("modern")
    assert "st0.0                   up    up   inet     10.11.11.10/24" in _text(
        lab, "get-interface-information", terse=True
    )
    unit = _xml(lab, "get-interface-information", WESTFORD, interface_name="st0.0")
    assert len(list(unit.iter("{*}iff-point-to-point"))) == 1
    hub = _xml(lab, "get-interface-information", interface_name="st0.0")
    assert list(hub.iter("{*}iff-point-to-point")) == []
    assert _values(hub, "logical-interface-zone-name") == ["vpn"]


def test_a_monitored_tunnel_takes_its_unit_down_with_it() -> None:
    change = ("set security ipsec vpn corp-vpn vpn-monitor",)
    assert _terse_state(build("modern", {WESTFORD: change})) == "up"
    wrong = "set security ike policy ike-modern pre-shared-key ascii-text another"
    assert _terse_state(build("modern", {WESTFORD: (*change, wrong)})) == "down"
    assert _terse_state(build("modern", {WESTFORD: (wrong,)})) == "up"


def _terse_state(lab: Lab) -> str:
    return _values(_xml(lab, "get-interface-information", WESTFORD, interface_name="st0.0", terse=True), "oper-status")[
        0
    ]


def test_policies_and_zones_are_the_configurations() -> None:
    lab = build("modern")
    both = _xml(lab, "get-firewall-policies", from_zone="trust", to_zone="vpn")
    assert _values(both, "policy-name") == ["local-to-spokes"]
    assert _values(both, "address-name") == ["local-net", "sunnyvale-net", "westford-net"]
    assert "Default policy: deny-all\n" in _text(lab, "get-firewall-policies")
    zones = _xml(lab, "get-zones-information", terse=True)
    assert set(_values(zones, "zones-security-zonename")) == {"trust", "untrust", "vpn", "junos-host"}


def test_sessions_of_a_ping_and_of_the_tunnels() -> None:
    lab = build("modern")
    lab.network.ping(HUB, WESTFORD_HOST, interface="ge-0/0/0.0", count=2)
    rpc = "get-flow-session-information"
    icmp = _xml(lab, rpc, protocol="icmp")
    assert _values(icmp, "policy") == ["local-to-spokes/4"]
    assert _values(icmp, "interface-name") == ["ge-0/0/0.0", "st0.0"]
    assert set(_values(_xml(lab, rpc, tunnel=True), "protocol")) == {"esp"}
    assert _xml(lab, rpc, summary=True).tag.endswith("security-flow-information")
    lab.clock.advance(120)
    assert _values(_xml(lab, rpc, protocol="icmp"), "policy") == []


# --- ping, files, logs ---------------------------------------------------------------------------


def test_ping_text_and_xml() -> None:
    lab = build("modern")
    text = _text(lab, "ping", host=SUNNYVALE_HOST, interface="ge-0/0/0", count="5")
    assert text.startswith(
        "PING 192.168.168.10 (192.168.168.10): 56 data bytes\n64 bytes from 192.168.168.10: icmp_seq=0 ttl="
    )
    assert (
        "\n--- 192.168.168.10 ping statistics ---\n5 packets transmitted, 5 packets received, 0% packet loss\n" in text
    )
    assert re.search(r"round-trip min/avg/max/stddev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms\n\Z", text)
    element = _xml(lab, "ping", host=SUNNYVALE_HOST, interface="ge-0/0/0.0", count="3")
    assert _values(element, "probes-sent") == _values(element, "responses-received") == ["3"]
    low, mean, high = (int(_values(element, f"rtt-{name}")[0]) for name in ("minimum", "average", "maximum"))
    assert 1000 < low <= mean <= high < 100000


def test_a_ping_without_answer_says_so() -> None:
    lab = build("modern", {HUB: ("delete security policies from-zone trust to-zone vpn",)})
    element = _xml(lab, "ping", host=WESTFORD_HOST, interface="ge-0/0/0.0", count="2")
    assert _values(element, "packet-loss") == ["100"]
    assert _values(element, "ping-failure") == ["no response"]
    assert _values(element, "rtt-average") == []
    assert "100% packet loss" in _text(lab, "ping", host=WESTFORD_HOST, interface="ge-0/0/0.0", count="2")


def test_logs_and_files() -> None:
    lab = build("modern")
    assert "KMD_VPN_UP_ALARM_USER" in _text(lab, "get-log", filename="kmd")
    shown = _xml(lab, "file-show", filename="/var/log/messages")
    assert "KMD_VPN_UP_ALARM_USER" in shown.text
    assert shown.get("filename") == "/var/log/messages"
    assert {name.rpartition("/")[2] for name in _values(_xml(lab, "file-list", path="/var/log/"), "file-name")} == {
        "kmd",
        "messages",
    }
    operational.answer(lab.network, HUB, "file-copy", {"source": "/var/log/kmd", "destination": "/var/tmp/kmd.log"})
    assert _values(_xml(lab, "file-list", path="/var/tmp"), "file-name") == ["/var/tmp/kmd.log"]
    operational.answer(lab.network, HUB, "file-delete", {"path": "/var/tmp/kmd.log"})
    assert _values(_xml(lab, "file-list", path="/var/tmp"), "file-name") == []
    url = "ftp://10.10.10.10/kmd.log"
    assert "100% of" in _text(lab, "file-copy", source="/var/log/kmd", destination=url)
    assert "KMD_VPN_UP_ALARM_USER" in lab.network.log(HUB).sent[url]


# --- system --------------------------------------------------------------------------------------


def test_storage_percentages_have_their_leading_blank_and_sizes_for_people() -> None:
    lab = build("modern")
    element = _xml(lab, "get-system-storage")
    percents = [found.text or "" for found in element.iter("used-percent")]
    assert all(re.fullmatch(r"\n {1,2}\d{1,3}\n", text) for text in percents)
    assert element.find("filesystem/total-blocks").get(f"{JUNOS}format") == "13G"
    lab.devices[HUB].storage_percent = 100  # type: ignore[attr-defined]
    full = _xml(lab, "get-system-storage")
    assert _values(full, "used-percent").count("100") == 2
    assert "100%  /var\n" in _text(lab, "get-system-storage")


def test_version_and_uptime() -> None:
    lab = build("modern")
    assert _values(_xml(lab, "get-software-information"), "junos-version") == ["24.4R1.9"]
    assert _values(_xml(lab, "get-software-information"), "host-name") == ["CORPORATE"]
    lab.network.reboot(HUB)
    lab.clock.advance(90061)
    booted = _xml(lab, "get-system-uptime-information").find("system-booted-time/time-length")
    assert booted.text == "1d 01:01"
    assert booted.get(f"{JUNOS}seconds") == "90061"


# --- clusters ------------------------------------------------------------------------------------


def test_a_cluster_wraps_replies_and_names_its_nodes() -> None:
    lab = build("modern", options=Options(cluster=True))
    element = _xml(lab, "get-security-associations-information")
    assert element.tag == "multi-routing-engine-results"
    assert [item.findtext("re-name") for item in element] == ["node0"]
    assert len(_values(element, "sa-spi")) == 4
    both = _xml(lab, "get-system-storage")
    assert [item.findtext("re-name") for item in both] == ["node0", "node1"]
    text = _text(lab, "get-security-associations-information")
    assert text.startswith(f"node0:\n{'-' * 74}\n  Total active tunnels: 2")


def test_the_second_node_has_no_associations_and_no_routing() -> None:
    lab = build("modern", options=Options(cluster=True))
    other = _xml(lab, "get-security-associations-information", node="1")
    assert [item.findtext("re-name") for item in other] == ["node1"]
    assert _values(other, "sa-spi") == []
    with pytest.raises(operational.OperationalError) as caught:
        _xml(lab, "get-route-information", node="1")
    assert "the routing subsystem is not running" in caught.value.problem.message


def test_cluster_status_is_never_wrapped_and_an_error_where_there_is_no_cluster() -> None:
    status = _xml(build("modern", options=Options(cluster=True)), "get-chassis-cluster-status")
    assert status.tag == "chassis-cluster-status"
    assert _values(status, "redundancy-group-status") == ["primary", "secondary"] * 2
    alone = _xml(build("modern"), "get-chassis-cluster-status")
    assert alone.tag == "{http://xml.juniper.net/xnm/1.1/xnm}error"
    assert _values(alone, "message") == ["error: Chassis cluster is not enabled"]
    assert _values(alone, "source-daemon") == ["jsrpd"]


# --- refusals ------------------------------------------------------------------------------------

# Asked of a vSRX 24.4R1.9, which knows none of them (junos-truth 4).
REFUSED = (
    "get-ipsec-security-associations-information",
    "get-ike-active-peer",
    "get-ike-peers-information",
    "get-system-storage-information",
)


@pytest.mark.parametrize("rpc", REFUSED)
def test_names_that_a_device_refused_are_refused(rpc: str) -> None:
    with pytest.raises(operational.OperationalError) as caught:
        operational.answer(build("classic").network, HUB, rpc, {})
    problem = caught.value.problem
    assert (problem.message, problem.bad_element, problem.error_type, problem.error_tag) == (
        "syntax error", rpc, "protocol", "operation-failed")  # fmt: skip


def test_a_level_is_an_empty_element_of_its_own() -> None:
    """junos-truth 4: C(<detail/>), not C(<level>detail</level>)."""
    with pytest.raises(operational.OperationalError) as caught:
        operational.answer(build("classic").network, HUB, "get-security-associations-information", {"level": "detail"})
    assert caught.value.problem.bad_element == "level"


ERRORS: tuple[tuple[str, dict[str, str | bool], str], ...] = (
    ("get-interface-information", {"interface-name": "ge-9/9/9"}, "device ge-9/9/9 not found"),
    ("get-log", {"filename": "nothing"}, "could not resolve file"),
    ("get-security-associations-information", {"show-index-ipsec-security-association": "x"}, "Invalid numeric value"),
    ("get-security-associations-information", {"show-vpnname-ipsec-security-association": "other"}, "other"),
    ("get-ipsec-statistics-information", {"show-index-ipsec-statistics": "1"}, "No IPsec tunnel"),
    ("get-route-information", {"destination": "nowhere"}, "invalid value"),
    ("file-list", {"path": "/nowhere"}, "No such file or directory"),
)


@pytest.mark.parametrize(("rpc", "arguments", "message"), ERRORS, ids=lambda one: str(one)[:50])
def test_what_does_not_exist_is_an_error_not_an_empty_reply(
    rpc: str, arguments: dict[str, str | bool], message: str
) -> None:
    with pytest.raises(operational.OperationalError) as caught:
        operational.answer(build("modern").network, HUB, rpc, arguments)
    assert message in caught.value.problem.message


def test_clear_brings_a_tunnel_back_with_other_spis() -> None:
    lab = build("modern")
    before = _values(_xml(lab, "get-security-associations-information"), "sa-spi")
    assert _xml(lab, "clear-ipsec-security-association") is None
    after = _values(_xml(lab, "get-security-associations-information"), "sa-spi")
    assert len(after) == len(before)
    assert not set(after) & set(before)


@pytest.mark.parametrize("rpc", sorted(operational.RPCS))
def test_every_reply_is_well_formed_on_every_kind_of_device(rpc: str) -> None:
    arguments: dict[str, str | bool] = {
        "ping": {"host": CORPORATE_HOST, "count": "1"}, "file-show": {"filename": "/var/log/messages"},
        "file-copy": {"source": "/var/log/messages", "destination": "/var/tmp/x"},
        "file-delete": {"path": "/var/log/messages"}, "clear-log": {"filename": "messages"},
    }.get(rpc, {})  # type: ignore[assignment]  # fmt: skip
    for options in (Options(), Options(flavour="iked", cluster=True), Options(release="12.1X46-D40", padded=False)):
        lab = build("modern", options=options)
        found = operational.answer(lab.network, WESTFORD, rpc, arguments, "xml")
        if found.xml is not None:
            assert etree.fromstring(etree.tostring(found.xml)) is not None
        assert operational.answer(lab.network, WESTFORD, rpc, arguments, "text").text is not None
