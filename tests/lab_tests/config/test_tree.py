# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Queries of a configuration, filters on it, its forms, and the time that a large one takes."""

from __future__ import annotations

import time

import pytest
from lxml import etree

from tests.lab.config import jsonform, setform, text, xmlform
from tests.lab.config.compare import compare
from tests.lab.config.constraints import check
from tests.lab.config.database import Database
from tests.lab.config.groups import inherited
from tests.lab.config.schema import schema_for
from tests.lab.config.tree import Node, new_root

SETTINGS = """
set groups base system services ssh
set apply-groups base
set system host-name hub
set system name-server 192.0.2.53
set interfaces ge-0/0/3 unit 0 family inet address 192.0.2.1/30
set interfaces ge-0/0/10 unit 0
set interfaces st0 unit 0 multipoint
set interfaces st0 unit 0 family inet next-hop-tunnel 10.0.0.2 ipsec-vpn one
set interfaces st0 unit 0 family inet next-hop-tunnel 10.0.0.3 ipsec-vpn two
set interfaces fxp0 unit 0
set routing-options static route 10.9.0.0/16 next-hop 10.0.0.2
set routing-options static route 10.8.0.0/16 discard
set security ike gateway one address [ 192.0.2.2 192.0.2.6 ]
set security ike gateway one local-identity inet 192.0.2.1
set security address-book global address net 10.9.0.0/16
set security policies from-zone trust to-zone vpn policy out match source-address [ any net ]
set security policies from-zone trust to-zone vpn policy out then permit
set security policies default-policy permit-all
set security zones security-zone trust host-inbound-traffic system-services ike
set security zones security-zone trust interfaces ge-0/0/3.0
set system syslog file messages any notice
"""


@pytest.fixture(name="tree", scope="module")
def tree_fixture() -> Node:
    tree, problems = setform.parse(SETTINGS)
    assert problems == []
    return tree


def words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("system host-name", True),
        ("system host-name hub", True),
        ("system host-name spoke", False),
        ("system name-server", True),
        ("system name-server 192.0.2.53", True),
        ("system services", False),
        ("groups base system services ssh", True),
        ("interfaces st0 unit 0 multipoint", True),
        ("interfaces ge-0/0/3 unit 0 multipoint", False),
        ("interfaces st0 unit 0 family inet next-hop-tunnel", True),
        ("interfaces ge-0/0/3 unit 0 family inet next-hop-tunnel", False),
        ("security policies from-zone trust to-zone vpn policy out then permit", True),
        ("security policies from-zone trust vpn policy out", True),
        ("security policies from-zone vpn to-zone trust", False),
        ("security policies default-policy permit-all", True),
        ("security zones security-zone trust host-inbound-traffic system-services ike", True),
        ("security zones security-zone trust host-inbound-traffic system-services ping", False),
        ("security ike gateway one address 192.0.2.6", True),
        ("security ike gateway one address 192.0.2.9", False),
        ("no such words", False),
    ],
)
def test_has(tree: Node, path: str, there: bool) -> None:
    assert tree.has(*words(path)) is there


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("system host-name", "hub"),
        ("system domain-name", None),
        ("security ike gateway one address", "192.0.2.2"),
        ("security ike gateway one local-identity inet", "192.0.2.1"),
        ("security policies default-policy", "permit-all"),
        ("security address-book global address net", "10.9.0.0/16"),
        ("interfaces st0 unit 0 family inet next-hop-tunnel 10.0.0.3 ipsec-vpn", "two"),
        ("interfaces st0 unit 0 multipoint", ""),
        ("nothing", None),
    ],
)
def test_value(tree: Node, path: str, value: str | None) -> None:
    assert tree.value(*words(path)) == value


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("interfaces", ["ge-0/0/3", "ge-0/0/10", "fxp0", "st0"]),
        ("interfaces st0 unit", ["0"]),
        ("interfaces st0 unit 0 family inet next-hop-tunnel", ["10.0.0.2", "10.0.0.3"]),
        ("routing-options static route", ["10.9.0.0/16", "10.8.0.0/16"]),
        ("security policies from-zone", ["trust to-zone vpn"]),
        ("security zones security-zone trust interfaces", ["ge-0/0/3.0"]),
        ("system syslog file messages", ["any"]),
        ("security ike proposal", []),
        ("security nat source rule-set", []),
    ],
)
def test_names(tree: Node, path: str, names: list[str]) -> None:
    assert tree.names(*words(path)) == names


def test_values_and_entries(tree: Node) -> None:
    ((zones, pair),) = tree.entries("security", "policies", "from-zone")
    assert zones == ("trust", "vpn")
    assert pair.values("policy", "out", "match", "source-address") == ["any", "net"]
    assert tree.values("security", "ike", "gateway", "one", "address") == ["192.0.2.2", "192.0.2.6"]
    assert tree.values("security", "ike", "gateway", "two", "address") == []
    assert tree.values("system", "host-name") == ["hub"]


@pytest.mark.parametrize("form", ["text", "set", "xml", "json"])
def test_all_forms_hold_the_same_configuration(tree: Node, form: str) -> None:
    if form == "text":
        back, problems = text.parse(text.render(tree))
    elif form == "set":
        back, problems = setform.parse(setform.render(tree))
    elif form == "xml":
        back, problems = xmlform.parse(xmlform.render(tree))
    else:
        back, problems = jsonform.parse(jsonform.render(tree))
    assert problems == []
    assert compare(tree, back) == ""
    assert back.same(tree)


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ("<configuration/>", None),
        ("<configuration><system><host-name/></system></configuration>", ["set system host-name hub"]),
        ("<configuration><apply-groups/></configuration>", ["set apply-groups base"]),
        (
            "<configuration><interfaces><interface><name>ge-0/0/3</name></interface></interfaces></configuration>",
            ["set interfaces ge-0/0/3 unit 0 family inet address 192.0.2.1/30"],
        ),
        (
            "<configuration><interfaces><interface><name/></interface></interfaces></configuration>",
            ["set interfaces ge-0/0/3", "set interfaces ge-0/0/10", "set interfaces fxp0", "set interfaces st0"],
        ),
        (
            "<configuration><security><ike/></security><routing-options><static><route><name>10.8.0.0/16</name></route>"
            "</static></routing-options></configuration>",
            [
                "set security ike gateway one address 192.0.2.2",
                "set security ike gateway one address 192.0.2.6",
                "set security ike gateway one local-identity inet 192.0.2.1",
                "set routing-options static route 10.8.0.0/16 discard",
            ],
        ),
        ("<configuration><snmp/></configuration>", []),
    ],
)
def test_filters(tree: Node, wanted: str, lines: list[str] | None) -> None:
    found = setform.render(xmlform.select(tree, etree.fromstring(wanted)))
    assert found == (setform.render(tree) if lines is None else "".join(f"{line}\n" for line in lines))


def test_inherited_statements_name_their_group(tree: Node) -> None:
    shown = xmlform.to_text(xmlform.render(inherited(tree, mark=True), groups=True))
    assert '<ssh group="base"/>' in shown
    assert "<groups>" not in shown
    assert "<host-name>hub</host-name>" in shown


def test_an_empty_configuration_is_empty_in_all_forms() -> None:
    tree = new_root(schema_for())
    assert (text.render(tree), setform.render(tree)) == ("", "")
    assert etree.tostring(xmlform.render(tree)) == b"<configuration/>"
    assert check(tree, tree) == []


def hub(spokes: int) -> str:
    lines = ["set security ipsec policy q proposal-set standard", "set interfaces ge-0/0/3 unit 0 family inet"]
    for n in range(spokes):
        net, host = divmod(n, 250)
        lines += [
            f"set security ike policy p{n} proposal-set standard",
            f"set security ike policy p{n} pre-shared-key ascii-text key-of-{n}",
            f"set security ike gateway g{n} ike-policy p{n}",
            f"set security ike gateway g{n} address 198.51.100.{host + 1}",
            f"set security ike gateway g{n} external-interface ge-0/0/3.0",
            f"set security ipsec vpn v{n} bind-interface st0.0",
            f"set security ipsec vpn v{n} ike gateway g{n}",
            f"set security ipsec vpn v{n} ike ipsec-policy q",
            f"set interfaces st0 unit 0 family inet next-hop-tunnel 10.200.{net}.{host + 1} ipsec-vpn v{n}",
            f"set routing-options static route 10.{net}.{host}.0/24 next-hop 10.200.{net}.{host + 1}",
            f"set security address-book global address n{n} 10.{net}.{host}.0/24",
        ]
    return "\n".join(lines)


class StoppedClock:
    """A clock that does not move."""

    def now(self) -> float:
        return 0.0


def test_a_hub_of_500_spokes_is_fast() -> None:
    tree, problems = setform.parse(hub(500))
    assert problems == []
    group = f"groups {{\nreplace: hub {{\n{text.render(tree)}}}\n}}\napply-groups hub;\n"
    start = "system { root-authentication { encrypted-password x; } }"
    database = Database("hub", StoppedClock(), configuration=start)
    began = time.process_time()
    assert database.load(1, group, "text", "replace").ok
    assert database.compare().count("gateway g") == 1000
    assert database.commit("admin", "netconf") == []
    assert len(database.effective().names("security", "ipsec", "vpn")) == 500
    assert time.process_time() - began < 4, "loading, comparing, checking and expanding are to stay linear"


def test_a_schema_is_read_once_per_release() -> None:
    assert schema_for("24.4R1") is schema_for("24.4R1")
    assert "responder-only" not in schema_for("22.4R1").at("security", "ipsec", "vpn", "establish-tunnels").type.members
