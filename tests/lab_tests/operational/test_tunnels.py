# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies about tunnels: associations, bindings, reasons, counters."""

from __future__ import annotations

import re

from tests.lab import operational
from tests.lab_tests.network.support import (
    HUB,
    SUNNYVALE_HOST,
    WESTFORD,
    WESTFORD_HOST,
    Options,
    build,
)
from tests.lab_tests.operational.support import JUNOS, text_of, values_of, xml_of

# --- next-hop tunnels -------------------------------------------------------------------------------

TABLE = """\
Next-hop gateway  interface   IPsec VPN name                    Flag
10.11.11.11       st0.0       sunnyvale-vpn                     Static
10.11.11.12       st0.0       westford-vpn                      Auto
"""


def test_next_hop_tunnels_are_text_in_both_formats() -> None:
    """The XML elements are not published, so an emulator must not invent any."""
    lab = build("modern")
    assert text_of(lab, "get-ipsec-next-hop-tunnel-information") == TABLE
    element = xml_of(lab, "get-ipsec-next-hop-tunnel-information")
    assert element.tag == "output"
    assert element.text == f"\n{TABLE}"
    assert len(element) == 0


def test_a_spoke_with_a_point_to_point_unit_has_no_entries() -> None:
    assert text_of(build("modern"), "get-ipsec-next-hop-tunnel-information", WESTFORD) == ""


# --- associations -----------------------------------------------------------------------------------

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
    assert IKE_BRIEF.match(text_of(lab, "get-ike-security-associations-information"))
    assert IPSEC_BRIEF.match(text_of(lab, "get-security-associations-information"))
    iked = build("modern", options=Options(flavour="iked"))
    assert IPSEC_BRIEF_IKED.match(text_of(iked, "get-security-associations-information"))
    assert "ESP:aes-gcm-256/None" in text_of(lab, "get-security-associations-information")
    assert "ESP:3des/sha1" in text_of(lab, "get-security-associations-information")


def test_the_layout_of_the_first_releases_has_the_address_second() -> None:
    lab = build("modern", options=Options(release="9.6R2.11"))
    assert text_of(lab, "get-ike-security-associations-information").startswith(
        "Index   Remote Address  State  Initiator"
    )
    old = text_of(lab, "get-security-associations-information")
    assert "ID      Gateway        Port  Algorithm        SPI      Life:sec/kb Mon vsys" in old
    assert re.search(r"^<131073 3\.3\.3\.2 +500 ", old, re.MULTILINE)


def test_no_association_is_a_root_without_children() -> None:
    lab = build("classic")
    for rpc in ("get-ike-security-associations-information",):
        element = xml_of(lab, rpc)
        assert len(element) == 0
        assert element.get(f"{JUNOS}style") == "brief"
    ipsec = xml_of(lab, "get-security-associations-information")
    assert values_of(ipsec, "total-active-tunnels") == ["0"]
    assert values_of(ipsec, "sa-spi") == []


def test_detail_names_gateway_vpn_and_unit() -> None:
    lab = build("modern")
    ike = xml_of(lab, "get-ike-security-associations-information", detail=True)
    assert set(values_of(ike, "ike-gw-name")) == {"westford-gate", "sunnyvale-gate"}
    assert set(values_of(ike, "ike-sa-dhgroup")) == {"DH-group-20", "DH-group-2"}
    ipsec = xml_of(lab, "get-security-associations-information", detail=True)
    assert values_of(ipsec, "sa-vpn-name") == ["westford-vpn", "sunnyvale-vpn"]
    assert set(values_of(ipsec, "sa-bind-interface")) == {"st0.0"}
    assert values_of(ipsec, "sa-direction") == ["inbound", "outbound"] * 2
    assert all(re.fullmatch(r"Expires in \d+ seconds", value) for value in values_of(ipsec, "sa-hard-lifetime"))
    assert values_of(ipsec, "total-active-tunnels") == []


def test_detail_texts_have_the_lines_of_kmd_or_iked() -> None:
    kmd = text_of(build("modern"), "get-security-associations-information", detail=True)
    assert "  Local Identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)\n" in kmd
    assert "  DF-bit: clear, Copy-Outer-DSCP Disabled, Bind-interface: st0.0\n" in kmd
    assert "                              , VPN Monitoring: -\n" in kmd
    event = (
        r"    \w{3} \w{3} \d\d 20\d\d \d\d:\d\d:\d\d \+0000: IPSec SA negotiation successfully completed \(1 times\)"
    )
    assert re.search(event, kmd)
    iked = text_of(
        build("modern", options=Options(flavour="iked")), "get-security-associations-information", detail=True
    )
    assert "  Local Identity: ipv4(0.0.0.0-255.255.255.255)\n" in iked
    assert "Copy-Outer-DSCP: Disabled, Bind-interface: st0.0, Policy-name: vpn-modern\n" in iked
    assert "    tunnel-establishment: establish-tunnels-immediately\n" in iked


def test_index_and_name_choose() -> None:
    lab = build("modern")
    rpc = "get-security-associations-information"
    index = values_of(xml_of(lab, rpc), "sa-tunnel-index")[0]
    assert len(set(values_of(xml_of(lab, rpc, show_index_ipsec_security_association=index), "sa-vpn-name"))) == 1
    named = xml_of(lab, rpc, detail=True, show_vpnname_ipsec_security_association="sunnyvale-vpn")
    assert values_of(named, "sa-vpn-name") == ["sunnyvale-vpn"]
    ike = xml_of(lab, "get-ike-security-associations-information", peer_address="2.2.2.2")
    assert set(values_of(ike, "ike-sa-remote-address")) == {"2.2.2.2"}


def test_a_rekey_shows_four_associations_and_counts_two_pairs() -> None:
    lab = build("modern")
    row = next(row for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    lab.clock.advance(min(row.pairs[0].soft, lab.network.tunnel_rows(WESTFORD)[0].pairs[0].soft) + 1)
    element = xml_of(lab, "get-security-associations-information")
    assert values_of(element, "total-active-tunnels") == ["2"]
    blocks = [values_of(block, "sa-spi") for block in element.iter("ipsec-security-associations-block")]
    assert len(blocks[0]) == 4
    assert values_of(element, "total-ipsec-sas") == [str(sum(map(len, blocks)) // 2)]


def test_values_of_old_releases_include_punctuation() -> None:
    element = xml_of(build("modern", options=Options(release="15.1X49-D170", padded=False)),
                     "get-security-associations-information")  # fmt: skip
    assert set(values_of(element, "sa-protocol")) == {"ESP:"}
    assert all(value.endswith("/") for value in values_of(element, "sa-hard-lifetime"))


def test_values_have_lines_of_their_own_only_as_on_the_device() -> None:
    padded = xml_of(build("modern"), "get-ike-security-associations-information")
    plain = xml_of(build("modern", options=Options(padded=False)), "get-ike-security-associations-information")
    assert next(padded.iter("ike-sa-state")).text == "\nUP\n"
    assert next(plain.iter("ike-sa-state")).text == "UP"


# --- inactive tunnels and statistics ----------------------------------------------------------------


def test_inactive_tunnels_have_the_reason_with_its_count() -> None:
    lab = build("modern", {WESTFORD: ("delete routing-options static route 0.0.0.0/0",)})
    text = text_of(lab, "get-inactive-tunnels", WESTFORD)
    assert text.startswith("  Total inactive tunnels: 1\n  Total inactive tunnels with establish immediately: 1\n")
    assert "  ID           Port   Gateway          Pending SAs   Tunnel Down Reason\n" in text
    assert re.search(r"^  131073       500    1\.1\.1\.2          1             "
                     r"No response from peer\. Negotiation failed \(1 times\)$", text, re.MULTILINE)  # fmt: skip
    element = xml_of(lab, "get-inactive-tunnels", WESTFORD)
    assert values_of(element, "sa-tunnel-event") == ["No response from peer. Negotiation failed"]
    assert values_of(element, "sa-tunnel-event-num-times") == ["1"]


def test_statistics_count_pings_and_can_be_cleared() -> None:
    lab = build("modern")
    index = next(row.index for row in lab.network.tunnel_rows(HUB) if row.vpn.name == "westford-vpn")
    operational.answer(lab.network, HUB, "ping", {"host": WESTFORD_HOST, "interface": "ge-0/0/0.0", "count": "4"})
    operational.answer(lab.network, HUB, "ping", {"host": SUNNYVALE_HOST, "interface": "ge-0/0/0.0", "count": "3"})
    rpc = "get-ipsec-statistics-information"
    assert values_of(xml_of(lab, rpc), "esp-encrypted-packets") == ["7"]
    assert values_of(xml_of(lab, rpc, show_index_ipsec_statistics=str(index)), "esp-encrypted-packets") == ["4"]
    assert "  AH authentication failures: 0, Replay errors: 0\n" in text_of(lab, rpc)
    operational.answer(lab.network, HUB, "clear-ipsec-statistics", {})
    assert values_of(xml_of(lab, rpc), "esp-encrypted-packets") == ["0"]
    assert values_of(xml_of(lab, rpc), "replay-errors") == ["0"]
