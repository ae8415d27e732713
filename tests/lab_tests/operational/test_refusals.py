# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals, clear commands, and well-formed replies."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.lab import operational
from tests.lab_tests.network.support import (
    CORPORATE_HOST,
    HUB,
    WESTFORD,
    Options,
    build,
)
from tests.lab_tests.operational.support import values_of, xml_of

# A vSRX 24.4R1.9 knows none of them.
REFUSED = (
    "get-ipsec-security-associations-information",
    "get-ike-active-peer",
    "get-ike-peers-information",
    "get-system-storage-information",
)


@pytest.mark.parametrize("rpc", REFUSED)
def test_rpcs_that_a_recorded_device_refused_are_refused(rpc: str) -> None:
    with pytest.raises(operational.OperationalError) as caught:
        operational.answer(build("classic").network, HUB, rpc, {})
    problem = caught.value.problem
    assert (problem.message, problem.bad_element, problem.error_type, problem.error_tag) == (
        "syntax error", rpc, "protocol", "operation-failed")  # fmt: skip


def test_a_level_is_an_empty_element() -> None:
    """The level is ``<detail/>``, not ``<level>detail</level>``."""
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
    ("ping", {"host": CORPORATE_HOST, "count": "100000000000"}, "not within range"),
    ("ping", {"host": CORPORATE_HOST, "count": "2000000000"}, "at most"),
    ("ping", {"host": CORPORATE_HOST, "count": "0"}, "not within range"),
    ("ping", {"host": CORPORATE_HOST, "count": "9" * 5000}, "Invalid numeric value"),
    ("ping", {"host": CORPORATE_HOST, "count": "٣"}, "Invalid numeric value"),
    ("ping", {"host": CORPORATE_HOST, "size": "65469"}, "not within range"),
    ("file-list", {"path": "/nowhere"}, "No such file or directory"),
)


@pytest.mark.parametrize(("rpc", "arguments", "message"), ERRORS, ids=lambda one: str(one)[:50])
def test_an_unknown_object_is_an_error_not_an_empty_reply(
    rpc: str, arguments: dict[str, str | bool], message: str
) -> None:
    with pytest.raises(operational.OperationalError) as caught:
        operational.answer(build("modern").network, HUB, rpc, arguments)
    assert message in caught.value.problem.message


def test_a_cleared_tunnel_comes_up_with_other_spis() -> None:
    lab = build("modern")
    before = values_of(xml_of(lab, "get-security-associations-information"), "sa-spi")
    assert xml_of(lab, "clear-ipsec-security-association") is None
    after = values_of(xml_of(lab, "get-security-associations-information"), "sa-spi")
    assert len(after) == len(before)
    assert not set(after) & set(before)


@pytest.mark.parametrize("rpc", sorted(operational.RPCS))
def test_every_reply_is_well_formed_on_every_kind_of_device(rpc: str) -> None:
    arguments: dict[str, str | bool] = {
        "ping": {"host": CORPORATE_HOST, "count": "1"}, "file-show": {"filename": "/var/log/messages"},
        "file-copy": {"source": "/var/log/messages", "destination": "/var/tmp/x"},
        "file-delete": {"path": "/var/log/messages"}, "clear-log": {"filename": "messages"},
        "match-firewall-policies": {
            "from-zone": "trust", "to-zone": "untrust", "source-ip": "192.168.178.1", "destination-ip": "10.10.10.1",
            "source-port": "49152", "destination-port": "443", "protocol": "tcp",
        },
    }.get(rpc, {})  # type: ignore[assignment]  # fmt: skip
    for options in (Options(), Options(flavour="iked", cluster=True), Options(release="12.1X46-D40", padded=False)):
        lab = build("modern", options=options)
        found = operational.answer(lab.network, WESTFORD, rpc, arguments, "xml")
        if found.xml is not None:
            assert etree.fromstring(etree.tostring(found.xml)) is not None
        assert operational.answer(lab.network, WESTFORD, rpc, arguments, "text").text is not None
