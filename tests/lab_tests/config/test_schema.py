# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statement data: Juniper's schema knows all that it accepts, and it accepts all that the collection renders."""

from __future__ import annotations

import importlib.util
import sys
import types
import typing as t
from pathlib import Path

import pytest

from tests.lab.config import setform, text, xmlform
from tests.lab.config.schema import Statement, schema_for
from tests.lab.config.tree import Node, new_root
from tests.lab.config.values import ValueType, read_type

SHARED = Path(__file__).resolve().parents[4] / "shared"
RELEASES = ("17.4R1", "18.4R1", "20.4R1", "24.4R1")

SAMPLES = {
    "text": ["sample"],
    "unit": ["ge-0/0/1.0", "st0.1"],
    "device": ["ge-0/0/1"],
    "hop": ["192.0.2.1", "st0.0"],
    "host": ["192.0.2.1"],
    "area": ["0.0.0.0", "1"],
    "ip": ["192.0.2.1", "2001:db8::1"],
    "ip4": ["192.0.2.1"],
    "ip6": ["2001:db8::1"],
    "prefix": ["192.0.2.0/24", "2001:db8::/32"],
    "prefix!": ["192.0.2.0/24", "2001:db8::/32"],
    "prefix4": ["192.0.2.1/24"],
    "prefix6": ["2001:db8::1/64"],
    "empty": [""],
}
# Statements whose text has a format of its own.
FORMED = {
    "hexadecimal": ["0a1b"],
    "next-table": ["blue.inet.0"],
    "ssh-rsa": ["ssh-rsa AAAA user@example"],
    "ssh-ecdsa": ["ecdsa-sha2-nistp256 AAAA user@example"],
    "ssh-ed25519": ["ssh-ed25519 AAAA user@example"],
    "rd-type": ["64500:1"],
    "reference-bandwidth": ["1g"],
    "log-prefix": ["lab"],
    "size": ["1m"],
    "files": ["3"],
    "vlan-id": ["10"],
    "time-zone": ["UTC"],
    "as-number": ["64500"],
    "peer-as": ["64500"],
    "bandwidth": ["10m"],
    "permissions": ["all", "view"],
    "next-hop": ["192.0.2.1", "st0.0"],
    "alg": ["ssh"],
    "interface-name": ["ge-0/0/1.0"],
}


def samples(kind: ValueType, name: str) -> list[str]:
    """Return values of a type: every member, both ends of a range, the shortest and the longest name."""
    if kind.family == "enum":
        return list(kind.members)
    if kind.family == "int":
        return [str(kind.low), str(kind.high)]
    if kind.family == "text" and name in FORMED:
        return FORMED[name]
    if kind.family == "text" and kind.high and not kind.problem("a" * kind.high):
        return ["a" * max(2, kind.low), "a" * min(kind.high, 400)]
    return SAMPLES[kind.family]


def trees(statement: Statement, parents: tuple[Node, ...]) -> t.Iterator[tuple[Node, ...]]:
    """Return a chain of nodes for each value of a statement and of all statements inside it."""
    if statement.kind == "leaf":
        for value in samples(statement.type, statement.name):
            yield (*parents, Node(statement, (), value))
        return
    if statement.kind == "leaf-list":
        for value in samples(statement.type, statement.name):
            yield (*parents, Node(statement, (value,)))
        return
    keys: list[tuple[str, ...]] = [()]
    if statement.is_list:
        every = [samples(kind, statement.name) for kind in statement.key_types]
        keys = [tuple(values[n % len(values)] for values in every) for n in range(max(map(len, every)))]
    for key in keys:
        yield (*parents, Node(statement, key))
    if statement.name == "groups":
        return
    for child in statement.children.values():
        yield from trees(child, (*parents, Node(statement, keys[0])))


def configuration(chain: tuple[Node, ...], root: Node) -> Node:
    """Return a configuration with one chain of nodes."""
    at = root
    for node in chain:
        at = at.put(Node(node.statement, node.keys, node.text))
    return root


def validator() -> types.ModuleType:
    """Return the validator made from Juniper's YANG; skip the test where it is absent."""
    path = SHARED / "junos-schema" / "validate_junos_config.py"
    if not path.exists():
        pytest.skip("../shared/junos-schema is absent: statements are not compared with Juniper's YANG")
    if "validate_junos_config" not in sys.modules:
        spec = importlib.util.spec_from_file_location("validate_junos_config", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["validate_junos_config"] = module
        spec.loader.exec_module(module)
    return sys.modules["validate_junos_config"]


@pytest.mark.parametrize("release", RELEASES)
def test_juniper_knows_every_accepted_statement(release: str) -> None:
    validate = validator()
    juniper = validate.Schema.for_release(release)
    schema = schema_for(release)
    refused = []
    for statement in schema.root.children.values():
        for chain in trees(statement, ()):
            root = configuration(chain, new_root(schema))
            document = xmlform.to_text(xmlform.render(root))
            findings = validate.validate(document.encode(), schema=juniper, form="xml", commit_check=False)
            refused += [f"{setform.render(root).strip()}: {f.message}" for f in findings if f.level == "error"]
    assert refused == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_statement_survives_all_forms(release: str) -> None:
    schema = schema_for(release)
    for statement in schema.root.children.values():
        for chain in trees(statement, ()):
            if any(node.statement.secret for node in chain):
                continue
            root = configuration(chain, new_root(schema))
            if not _has_meaning(chain):
                continue
            for parse, shown in (
                (text.parse, text.render(root)),
                (setform.parse, setform.render(root)),
                (xmlform.parse, xmlform.to_text(xmlform.render(root))),
            ):
                back, problems = parse(shown, schema)
                assert problems == [], shown
                assert back.same(root) or _equal_as_set(back, root), shown


def _has_meaning(chain: tuple[Node, ...]) -> bool:
    last = chain[-1].statement
    return last.kind != "container" or last.presence


def _equal_as_set(one: Node, other: Node) -> bool:
    return setform.render(one) == setform.render(other)


@pytest.mark.parametrize(
    ("definition", "release", "good", "bad"),
    [
        ("enum(group1 group21@23.2)", "24.4R1", ["group1", "group21"], ["group3", ""]),
        ("enum(group1 group21@23.2)", "22.4R1", ["group1"], ["group21"]),
        ("enum(v2 v1@-21.2)", "21.2R1", ["v1"], ["v3"]),
        ("int(10..60@-17.4 2..60@18.1)", "17.4R1", ["10", "60"], ["9", "61", "x", "-1"]),
        ("int(10..60@-17.4 2..60@18.1)", "24.4R1", ["2"], ["1"]),
        ("text(1..3 /^[a-z]+$/)", "24.4R1", ["a", "abc"], ["", "abcd", "A1"]),
        ("ip4", "24.4R1", ["192.0.2.1"], ["192.0.2.256", "192.0.2.1/24", "2001:db8::1", "host"]),
        ("prefix!", "24.4R1", ["192.0.2.0/24", "2001:db8::/32"], ["192.0.2.1", "192.0.2.0/33"]),
        ("unit", "24.4R1", ["st0.0", "ge-0/0/3.0", "lo0"], ["0", "ge-0/0.0", "a b"]),
        ("host", "24.4R1", ["192.0.2.1", "gw.example.net"], ["a b", "x/1"]),
    ],
)
def test_values(definition: str, release: str, good: list[str], bad: list[str]) -> None:
    kind = read_type(definition, tuple(map(int, release.split("R")[0].split("."))), {})  # type: ignore[arg-type]
    assert [value for value in good if kind.problem(value)] == []
    assert [value for value in bad if not kind.problem(value)] == []


@pytest.mark.parametrize(
    ("release", "line", "known"),
    [
        ("24.4R1", "set security ipsec vpn v establish-tunnels responder-only", True),
        ("22.4R1", "set security ipsec vpn v establish-tunnels responder-only", False),
        ("24.4R1", "set security ike proposal p encryption-algorithm chacha20-poly1305", True),
        ("23.2R1", "set security ike proposal p encryption-algorithm chacha20-poly1305", False),
        ("24.4R1", "set security ike proposal p encryption-algorithm aes-192-gcm", False),
        ("18.1R1", "set security ike proposal p dh-group group15", False),
        ("18.3R1", "set security ike proposal p dh-group group15", True),
        ("24.4R1", "set security policies from-zone a to-zone b policy p then permit source-nat interface", False),
        ("20.4R1", "set system services web-management http interface ge-0/0/0.0", True),
        ("24.4R1", "set system services web-management http interface ge-0/0/0.0", False),
        ("17.4R1", "set security ike gateway g dead-peer-detection interval 5", False),
        ("24.4R1", "set security ike gateway g dead-peer-detection interval 5", True),
        ("20.4R1", "set security ipsec proposal p lifetime-kilobytes 100", True),
        ("24.4R1", "set security ipsec proposal p lifetime-kilobytes 100", False),
    ],
)
def test_releases_differ(release: str, line: str, known: bool) -> None:
    _tree, problems = setform.parse(line, schema_for(release))
    assert (problems == []) == known, problems
