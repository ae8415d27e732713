# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reply has the element names and the nesting of recorded replies, and no others."""

from __future__ import annotations

import re
import typing as t
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from tests.lab import operational
from tests.lab_tests.network.support import CORPORATE_HOST, HUB, WESTFORD, WESTFORD_HOST, Lab, Options, build
from tests.lab_tests.operational.shapes import SHAPES, paths_in, paths_of

DETAIL: dict[str, str | bool] = {"detail": True}
Arguments = dict[str, "str | bool"]

ASKED: tuple[tuple[str, str, Arguments], ...] = (
    ("ike brief", "get-ike-security-associations-information", {}),
    ("ike detail", "get-ike-security-associations-information", DETAIL),
    ("ipsec brief", "get-security-associations-information", {}),
    ("ipsec detail", "get-security-associations-information", DETAIL),
    ("inactive", "get-inactive-tunnels", {}),
    ("inactive", "get-inactive-tunnels", DETAIL),
    ("statistics", "get-ipsec-statistics-information", {}),
    ("route", "get-route-information", {}),
    ("route", "get-route-information", {"destination": "192.168.178.10"}),
    ("storage", "get-system-storage", {}),
    ("ping", "ping", {"host": WESTFORD_HOST, "interface": "ge-0/0/0.0", "count": "2"}),
    ("ping", "ping", {"host": "192.168.99.1", "interface": "ge-0/0/0.0", "count": "2"}),
    ("uptime", "get-system-uptime-information", {}),
    ("interfaces", "get-interface-information", {}),
    ("interfaces", "get-interface-information", {"terse": True}),
    ("interfaces", "get-interface-information", {"terse": True, "interface-name": "st0.0"}),
    ("policies", "get-firewall-policies", {}),
    ("zones", "get-zones-information", {}),
    ("flow", "get-flow-session-information", {}),
    ("version", "get-software-information", {}),
    ("files", "file-list", {"path": "/var/log", "detail": True}),
    ("file", "get-log", {"filename": "messages"}),
    ("text", "get-ipsec-next-hop-tunnel-information", {}),
    ("text", "get-ike-active-peers-information", {}),
)
KINDS = {
    "kmd": Options(),
    "iked": Options(flavour="iked"),
    "plain": Options(padded=False, release="18.4R3.3"),
    "cluster": Options(cluster=True),
}


@cache
def _lab(kind: str) -> Lab:
    """Return a network with one spoke up and one down for its key, so that both kinds of reply have content."""
    lab = build(
        "modern", {HUB: ("set security ike policy ike-policy1 pre-shared-key ascii-text another",)}, KINDS[kind]
    )
    lab.network.ping(WESTFORD, CORPORATE_HOST, interface="ge-0/0/3.0", count=2)
    return lab


def _xml(lab: Lab, rpc: str, arguments: Arguments, host: str = HUB) -> t.Any:
    element = operational.answer(lab.network, host, rpc, arguments, "xml").xml
    assert element is not None
    # As a client gets it: serialised and parsed again.
    return etree.fromstring(etree.tostring(element))


def _replies(element: t.Any) -> list[t.Any]:
    if element.tag == "multi-routing-engine-results":
        return [item[1] for item in element]
    return [element]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "rpc", "arguments"), ASKED, ids=lambda one: str(one)[:50])
def test_replies_have_only_elements_that_devices_send(shape: str, rpc: str, arguments: Arguments, kind: str) -> None:
    for reply in _replies(_xml(_lab(kind), rpc, arguments)):
        if rpc == "get-interface-information" and "interface-name" not in arguments:
            assert not paths_in(reply) - paths_of(SHAPES[shape])
        found = paths_in(reply)
        assert found
        assert not found - paths_of(SHAPES[shape])


# The elements that a reply must have: those that programs read.
REQUIRED = {
    "ike brief": "ike-security-associations/ike-sa-state",
    "ike detail": "ike-security-associations-block/ike-gw-name",
    "ipsec brief": "ipsec-security-associations-block/ipsec-security-associations/sa-spi",
    "ipsec detail": "ipsec-security-associations-block/sa-df-bit-policy-name/sa-bind-interface",
    "inactive": "ipsec-security-associations-block/ipsec-security-associations/sa-tunnel-event",
    "statistics": "error-statistics/bad-trailers",
    "route": "route-table/rt/rt-entry/nh/via",
    "flow": "flow-session/flow-information/pkt-cnt",
    "policies": "security-context/policies/policy-information/policy-action/action-type",
    "zones": "zones-security/zones-security-interfaces/zones-security-interface-name",
}


@pytest.mark.parametrize(("shape", "rpc", "arguments"), [row for row in ASKED if row[0] in REQUIRED], ids=str)
def test_replies_have_the_elements_that_programs_read(shape: str, rpc: str, arguments: Arguments) -> None:
    element = _xml(_lab("kmd"), rpc, arguments)
    root = etree.QName(element).localname
    assert f"{root}/{REQUIRED[shape]}" in paths_in(element)


# --- against recordings --------------------------------------------------------------------------

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "fixtures" / "real"
# A recording, its request, and the relation of its names to the lab's: the same, or fewer if its device sent fewer.
RECORDINGS: tuple[tuple[str, str, Arguments, str], ...] = (
    ("ike-sa/brief-vsrx-24.4R1.xml", "get-ike-security-associations-information", {}, "same"),
    ("ike-sa/detail-vsrx-24.4R1.xml", "get-ike-security-associations-information", DETAIL, "fewer"),
    ("ipsec-sa/brief-vsrx-24.4R1.xml", "get-security-associations-information", {}, "same"),
    ("ipsec-sa/brief-cluster-rekey-18.4R3.xml", "get-security-associations-information", {}, "same"),
    ("ipsec-statistics/vsrx-24.4R1.xml", "get-ipsec-statistics-information", {}, "same"),
    ("system-storage/vsrx-24.4R1.xml", "get-system-storage", {}, "same"),
    ("ping/normal.xml", "ping", {"host": WESTFORD_HOST, "interface": "ge-0/0/0.0"}, "same"),
)


@pytest.mark.skipif(
    not RECORDED.is_dir(), reason="../shared/fixtures/real is absent: replies are not compared with recordings"
)
@pytest.mark.parametrize(("file", "rpc", "arguments", "relation"), RECORDINGS, ids=lambda one: str(one)[:40])
def test_recordings_have_the_same_names(file: str, rpc: str, arguments: Arguments, relation: str) -> None:
    # Some recordings do not declare the prefix of their attributes.
    text = re.sub(r"\bjunos:", "", (RECORDED / file).read_text(encoding="utf-8"))
    root = etree.fromstring(text.encode())
    reply: t.Any = root[0]
    while etree.QName(reply).localname.startswith("multi-routing-engine"):
        reply = reply[-1]
    if etree.QName(reply).localname == "re-name":
        reply = reply.getnext()
    ours = paths_in(_xml(_lab("kmd"), rpc, arguments))
    theirs = paths_in(reply)
    assert theirs == ours if relation == "same" else theirs <= ours
