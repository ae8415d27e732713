# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replies about the device: pings, files, logs, storage, clusters."""

from __future__ import annotations

import re

import pytest

from tests.lab import operational
from tests.lab_tests.network.support import (
    HUB,
    SUNNYVALE_HOST,
    WESTFORD_HOST,
    Options,
    build,
)
from tests.lab_tests.operational.support import JUNOS, text_of, values_of, xml_of

# --- ping, files, logs ------------------------------------------------------------------------------


def test_ping_text_and_xml() -> None:
    lab = build("modern")
    text = text_of(lab, "ping", host=SUNNYVALE_HOST, interface="ge-0/0/0", count="5")
    assert text.startswith(
        "PING 192.168.168.10 (192.168.168.10): 56 data bytes\n64 bytes from 192.168.168.10: icmp_seq=0 ttl="
    )
    assert (
        "\n--- 192.168.168.10 ping statistics ---\n5 packets transmitted, 5 packets received, 0% packet loss\n" in text
    )
    assert re.search(r"round-trip min/avg/max/stddev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms\n\Z", text)
    element = xml_of(lab, "ping", host=SUNNYVALE_HOST, interface="ge-0/0/0.0", count="3")
    assert values_of(element, "probes-sent") == values_of(element, "responses-received") == ["3"]
    low, mean, high = (int(values_of(element, f"rtt-{name}")[0]) for name in ("minimum", "average", "maximum"))
    assert 1000 < low <= mean <= high < 100000


def test_a_ping_without_answer_reports_full_loss() -> None:
    lab = build("modern", {HUB: ("delete security policies from-zone trust to-zone vpn",)})
    element = xml_of(lab, "ping", host=WESTFORD_HOST, interface="ge-0/0/0.0", count="2")
    assert values_of(element, "packet-loss") == ["100"]
    assert values_of(element, "ping-failure") == ["no response"]
    assert values_of(element, "rtt-average") == []
    assert "100% packet loss" in text_of(lab, "ping", host=WESTFORD_HOST, interface="ge-0/0/0.0", count="2")


def test_logs_and_files() -> None:
    lab = build("modern")
    assert "KMD_VPN_UP_ALARM_USER" in text_of(lab, "get-log", filename="kmd")
    shown = xml_of(lab, "file-show", filename="/var/log/messages")
    assert "KMD_VPN_UP_ALARM_USER" in shown.text
    assert shown.get("filename") == "/var/log/messages"
    assert {name.rpartition("/")[2] for name in values_of(xml_of(lab, "file-list", path="/var/log/"), "file-name")} == {
        "kmd",
        "messages",
    }
    operational.answer(lab.network, HUB, "file-copy", {"source": "/var/log/kmd", "destination": "/var/tmp/kmd.log"})
    assert values_of(xml_of(lab, "file-list", path="/var/tmp"), "file-name") == ["/var/tmp/kmd.log"]
    operational.answer(lab.network, HUB, "file-delete", {"path": "/var/tmp/kmd.log"})
    assert values_of(xml_of(lab, "file-list", path="/var/tmp"), "file-name") == []
    url = "ftp://10.10.10.10/kmd.log"
    assert "100% of" in text_of(lab, "file-copy", source="/var/log/kmd", destination=url)
    assert "KMD_VPN_UP_ALARM_USER" in lab.network.log(HUB).sent[url]


# --- system -----------------------------------------------------------------------------------------


def test_storage_percentages_have_a_leading_blank_and_sizes_are_human() -> None:
    lab = build("modern")
    element = xml_of(lab, "get-system-storage")
    percents = [found.text or "" for found in element.iter("used-percent")]
    assert all(re.fullmatch(r"\n {1,2}\d{1,3}\n", text) for text in percents)
    assert element.find("filesystem/total-blocks").get(f"{JUNOS}format") == "13G"
    lab.devices[HUB].storage_percent = 100  # type: ignore[attr-defined]
    full = xml_of(lab, "get-system-storage")
    assert values_of(full, "used-percent").count("100") == 2
    assert "100%  /var\n" in text_of(lab, "get-system-storage")


def test_version_and_uptime() -> None:
    lab = build("modern")
    assert values_of(xml_of(lab, "get-software-information"), "junos-version") == ["24.4R1.9"]
    assert values_of(xml_of(lab, "get-software-information"), "host-name") == ["CORPORATE"]
    lab.network.reboot(HUB)
    lab.clock.advance(90061)
    booted = xml_of(lab, "get-system-uptime-information").find("system-booted-time/time-length")
    assert booted.text == "1d 01:01"
    assert booted.get(f"{JUNOS}seconds") == "90061"


# --- clusters ---------------------------------------------------------------------------------------


def test_a_cluster_wraps_replies_and_names_its_nodes() -> None:
    lab = build("modern", options=Options(cluster=True))
    element = xml_of(lab, "get-security-associations-information")
    assert element.tag == "multi-routing-engine-results"
    assert [item.findtext("re-name") for item in element] == ["node0"]
    assert len(values_of(element, "sa-spi")) == 4
    both = xml_of(lab, "get-system-storage")
    assert [item.findtext("re-name") for item in both] == ["node0", "node1"]
    text = text_of(lab, "get-security-associations-information")
    assert text.startswith(f"node0:\n{'-' * 74}\n  Total active tunnels: 2")


def test_the_second_node_has_no_associations_and_no_routing() -> None:
    lab = build("modern", options=Options(cluster=True))
    other = xml_of(lab, "get-security-associations-information", node="1")
    assert [item.findtext("re-name") for item in other] == ["node1"]
    assert values_of(other, "sa-spi") == []
    with pytest.raises(operational.OperationalError) as caught:
        xml_of(lab, "get-route-information", node="1")
    assert "the routing subsystem is not running" in caught.value.problem.message


def test_cluster_status_is_never_wrapped_and_an_error_on_a_single_device() -> None:
    status = xml_of(build("modern", options=Options(cluster=True)), "get-chassis-cluster-status")
    assert status.tag == "chassis-cluster-status"
    assert values_of(status, "redundancy-group-status") == ["primary", "secondary"] * 2
    alone = xml_of(build("modern"), "get-chassis-cluster-status")
    assert alone.tag == "{http://xml.juniper.net/xnm/1.1/xnm}error"
    assert values_of(alone, "message") == ["error: Chassis cluster is not enabled"]
    assert values_of(alone, "source-daemon") == ["jsrpd"]
