# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reader of ScreenOS text: the statements that it reads, and its refusal of any other line."""

from __future__ import annotations

import pytest

from tests.lab.network.view import IkeProposal, IpsecProposal
from tests.lab.screenos import ScreenosError, read
from tests.lab_tests.network.support import HUB, SUNNYVALE, base, build

TEXT = base("classic", SUNNYVALE)


def test_the_documents_text_gives_the_view() -> None:
    view = read("sunnyvale", TEXT)
    gateway, vpn = view.gateways["corp-ike"], view.vpns["corp-vpn"]
    assert (gateway.addresses, gateway.external_interface, gateway.mode, gateway.version) == (
        ("1.1.1.2",), "ethernet0/0", "main", 1)  # fmt: skip
    assert gateway.key == b"a-key-of-this-test"
    # sec-level standard: the command reference's pre-g2-3des-sha and pre-g2-aes128-sha, and the same with g2-esp.
    assert [(one.dh_group, one.encryption, one.authentication) for one in gateway.proposals] == [
        ("group2", "3des-cbc", "sha1"), ("group2", "aes-128-cbc", "sha1")]  # fmt: skip
    assert [(one.encryption, one.authentication, one.pfs) for one in vpn.proposals] == [
        ("3des-cbc", "hmac-sha1-96", "group2"), ("aes-128-cbc", "hmac-sha1-96", "group2")]  # fmt: skip
    assert (vpn.bind_interface, vpn.establish) == ("tunnel.1", "on-traffic")
    assert [str(route.prefix) for route in view.routes] == ["10.10.10.0/24", "192.168.178.0/24", "0.0.0.0/0"]
    [inward] = view.policies[("VPN", "Trust")]
    assert (inward.sources, inward.destinations) == (("corp-net", "westford-net"), ("sunnyvale-net",))


def test_no_representation_contains_the_key() -> None:
    assert "a-key-of-this-test" not in repr(read("sunnyvale", TEXT))


PROPOSALS = """\
set interface ethernet0/0 zone Untrust
set interface ethernet0/0 ip 192.0.2.2/30
set ike p1-proposal p1 preshare group14 esp aes256 sha2-256 second 28800
set ike p2-proposal p2 group14 esp aes256 sha2-256 hour 1
set ike gateway g address 198.51.100.1 id hub.example.net Aggressive local-id spoke.example.net \
outgoing-interface ethernet0/0 preshare "k k" proposal p1
set vpn v gateway g no-replay tunnel proposal p2
set vpn v proxy-id local-ip 10.0.0.0/24 remote-ip 10.1.0.0/24 ANY
set vpn v monitor optimized rekey
set interface tunnel.1 zone Untrust
set interface tunnel.1 ip unnumbered interface ethernet0/0
set interface tunnel.1 nhtb 10.200.0.1 vpn v
set interface ethernet0/1 ip 10.0.0.1/24
set interface ethernet0/1 ip 10.0.1.1/24 secondary
"""


def test_proposals_identities_and_bindings() -> None:
    view = read("spoke", PROPOSALS)
    gateway, vpn = view.gateways["g"], view.vpns["v"]
    assert gateway.proposals == (IkeProposal("pre-shared-keys", "group14", "aes-256-cbc", "sha-256", 28800),)
    assert vpn.proposals == (IpsecProposal("esp", "aes-256-cbc", "hmac-sha-256-128", "group14", 3600),)
    assert (gateway.mode, gateway.local_identity, gateway.remote_identity) == (
        "aggressive", ("hostname", "spoke.example.net"), ("hostname", "hub.example.net"))  # fmt: skip
    assert gateway.key == b"k k"
    assert (vpn.monitored, vpn.establish) == (True, "immediately")
    assert str(vpn.selectors[0].local) == "10.0.0.0/24"
    assert view.interfaces["tunnel.1"].bindings == (("10.200.0.1", "v"),)
    assert [str(address) for address in view.interfaces["ethernet0/1"].addresses] == ["10.0.0.1/24", "10.0.1.1/24"]


REFUSED = (
    ("set flux tcp-mss 1350", "unknown keyword flux"),
    ("set interface ethernet0/0 zone Nowhere", "no such zone Nowhere"),
    ("set interface ethernet0/0 ip 192.0.2.300/30", "192.0.2.300"),
    ("set interface ethernet0/0 colour red", "unknown keyword colour"),
    ('set vpn "v" gateway "unknown" tunnel sec-level standard', "no such object unknown"),
    ('set vpn "v" bind interface tunnel.1', "no such object v"),
    ('set ike gateway "g" address 192.0.2.1 Main preshare "k" sec-level secret', "unknown keyword secret"),
    ("set policy id 7", "no such object 7"),
    ('set policy id 1 from "Trust" to "Untrust" "ANY" "ANY" "ANY" maybe', "unknown keyword maybe"),
    ("set route 10.0.0.0/24 interface tunnel.1 tomorrow", "unknown keyword tomorrow"),
    ("exit", "exit outside of a policy"),
    ("get interface", "unknown keyword get"),
    ('set hostname "open', "No closing quotation"),
)


@pytest.mark.parametrize(("line", "reason"), REFUSED)
def test_an_unknown_line_is_an_error_with_its_number(line: str, reason: str) -> None:
    with pytest.raises(ScreenosError) as caught:
        read("spoke", f"set hostname spoke\n\n{line}\n")
    assert caught.value.number == 3
    assert str(caught.value).startswith("line 3: ")
    assert reason in str(caught.value)


def test_the_first_common_proposal_of_the_initiator_is_negotiated() -> None:
    """The hub has AES-128 only, and the peer's standard level has 3DES first."""
    lab = build("modern", {HUB: (
        "delete security ike policy ike-policy1 proposal-set",
        "set security ike proposal aes dh-group group2",
        "set security ike proposal aes encryption-algorithm aes-128-cbc",
        "set security ike proposal aes authentication-algorithm sha1",
        "set security ike policy ike-policy1 proposals aes",
    )})  # fmt: skip
    assert lab.is_up(HUB, "sunnyvale-vpn")
    row = next(row for row in lab.network.ike_sas(HUB) if row.gateway == "sunnyvale-gate")
    assert row.proposal is not None
    assert row.proposal.encryption == "aes-128-cbc"
