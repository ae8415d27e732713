# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One wrong statement on one device: the collection names the device, the hierarchy, the layer and the tunnel.

The tests of the network compare the lab's symptoms of each with the document and with recorded replies.
"""

from __future__ import annotations

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding

from tests.lab_tests.findings.support import Fleet
from tests.lab_tests.findings.table import FAILURES, LATENT, LATENT_HOST, REFUSED, Failure, Latent
from tests.lab_tests.network.support import HUB, WESTFORD

# The failures that the tables must contain, with each syntax.
NAMES = (
    "phase 1 proposal mismatch", "unrecognised peer address", "wrong peer ID", "wrong mode", "wrong external interface",
    "key mismatch", "phase 2 proposal mismatch", "PFS mismatch", "proxy ID mismatch", "missing bind-interface",
    "missing host-inbound ike", "no route to the peer", "no entry", "entry bound to the wrong VPN", "missing route",
    "missing policy out", "missing policy in", "missing intrazone policy", "missing address-book entry",
)  # fmt: skip


def _line(finding: Finding) -> str:
    return f"{finding.host} {finding.check} {finding.object}"


def _above(found: list[Finding]) -> list[Finding]:
    """Return the failed findings except those of the configuration, from the lowest layer up."""
    return [one for one in found if one.state == "failed" and one.check != "configuration"]


def _difference(found: list[Finding], host: str) -> str:
    """Return the difference of the configuration of one host, which must be the only one."""
    [finding] = [one for one in found if one.check == "configuration" and one.state != "ok"]
    assert (finding.host, finding.state) == (host, "failed")
    return finding.actual


@pytest.mark.parametrize("syntax", ["classic", "modern"])
def test_the_unchanged_network_is_verified(syntax: str) -> None:
    found = Fleet(syntax, {}).verify()
    assert [str(one) for one in found if one.state != "ok"] == []
    assert {one.check for one in found} >= {"configuration", "ike", "ipsec", "next_hop_tunnels", "routes", "pings"}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: f"{one.syntax} {one.name}")
def test_one_statement_is_found(failure: Failure) -> None:
    fleet = Fleet(failure.syntax, {failure.host: failure.change})
    found = fleet.verify()
    log = fleet.log(HUB)
    assert [line for line in failure.log if line not in log] == []

    assert f"[edit groups hubspoke {failure.changed}]" in _difference(found, failure.host)
    above = _above(found)
    assert {_line(one) for one in above} == failure.fails
    first = above[0]
    assert _line(first) == next(iter(failure.actual))
    assert failure.remedy in first.remedy
    by_line = {_line(one): one for one in above}
    for line, words in failure.actual.items():
        assert words in by_line[line].actual
        assert by_line[line].expected
        # A leak is of a zone, and a policy of two.
        assert by_line[line].tunnel or by_line[line].check in ("leak", "policies")


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: f"{one.syntax} {one.name}")
def test_unaffected_tunnels_are_ok(failure: Failure) -> None:
    found = Fleet(failure.syntax, {failure.host: failure.change}).verify()
    assert [str(one) for one in found if one.state == "unknown"] == []
    failed = {(one.host, one.tunnel) for one in _above(found)}
    others = [one for one in found if (one.host, one.tunnel) not in failed and one.check != "configuration"]
    assert [str(one) for one in others if one.state != "ok"] == []
    # Error counters rise for packets that cannot be decrypted, which none of these changes causes.
    assert not [one for one in found if one.check == "statistics" and one.state == "failed"]


@pytest.mark.parametrize("latent", LATENT, ids=lambda one: one.name)
def test_a_difference_without_effect_is_found_in_the_configuration_only(latent: Latent) -> None:
    found = Fleet("modern", {LATENT_HOST: latent.change}).verify()
    assert f"[edit groups hubspoke {latent.changed}]" in _difference(found, LATENT_HOST), latent.reason
    assert _above(found) == []


def test_a_pfs_mismatch_with_ikev2_is_found_after_the_first_rekey() -> None:
    fleet = Fleet("modern", {WESTFORD: LATENT[0].change})
    assert _above(fleet.verify()) == []
    fleet.clock.advance(3600)
    first = _above(fleet.verify())[0]
    assert _line(first) == "corporate ipsec westford-vpn"
    assert "perfect forward secrecy" in first.remedy


@pytest.mark.parametrize("name", REFUSED)
def test_a_difference_that_junos_refuses_is_never_committed(name: str) -> None:
    with pytest.raises(AssertionError, match="IKEv2 requires bind-interface"):
        Fleet("modern", {HUB: REFUSED[name]})


@pytest.mark.parametrize("syntax", ["classic", "modern"])
def test_every_failure_is_in_a_table(syntax: str) -> None:
    known = {one.name for one in FAILURES if one.syntax == syntax}
    if syntax == "modern":
        known |= {one.name for one in LATENT} | set(REFUSED)
    assert set(NAMES) - known == set()


def test_a_hub_that_cannot_start_names_the_spoke_that_must() -> None:
    """Without an entry the route to a Junos spoke is not active, so only the spoke starts its on-traffic tunnel."""
    fleet = Fleet("classic", {})
    found = fleet.verify(hosts=[HUB])
    first = _above(found)[0]
    assert _line(first) == "corporate ike westford-vpn"
    assert "Waiting for trigger event or peer to trigger negotiation" in first.actual
    assert first.remedy.endswith("and westford must send it: until then no route to it is active here.")
    assert {one.tunnel for one in _above(found)} == {"westford-vpn"}
    assert _above(fleet.verify()) == []
