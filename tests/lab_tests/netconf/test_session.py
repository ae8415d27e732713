# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocol around RPCs: hello, framing, attributes, namespaces, the end of a session."""

from __future__ import annotations

import re
import typing as t

import pytest
from lxml import etree

from tests.lab.inventory import DeviceOptions
from tests.lab.netconf.framing import Deframer
from tests.lab_tests.netconf.bench import Bench

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
RFC = """
system {
    host-name hub;
    root-authentication { encrypted-password "$6$x$y"; }
    services { netconf { ssh; rfc-compliant; } }
}
security { flow { tcp-mss { ipsec-vpn { mss 1350; } } } }
"""


@pytest.fixture
def bench() -> t.Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def rfc() -> t.Iterator[Bench]:
    bench = Bench(initial=RFC)
    yield bench
    bench.close()


def capabilities(greeting: str) -> list[str]:
    hello = etree.fromstring(
        greeting.partition("]]>]]>")[0].partition("-->\n<!-- user")[2].partition("-->\n")[2].encode()
    )
    return [element.text or "" for element in hello.iter(f"{{{BASE}}}capability")]


def test_hello_comes_after_two_comments(bench: Bench) -> None:
    greeting = bench.session("netconf").greeting
    assert greeting.startswith(
        "<!-- No zombies were killed during the creation of this user interface -->\n<!-- user netconf, class "
    )
    assert greeting.endswith("</hello>\n]]>]]>\n")


@pytest.mark.parametrize(
    "name", ["candidate:1.0", "confirmed-commit:1.0", "validate:1.0", "url:1.0?scheme=http,ftp,file"]
)
def test_hello_offers_each_capability_twice(bench: Bench, name: str) -> None:
    offered = capabilities(bench.session().greeting)
    assert f"urn:ietf:params:netconf:capability:{name}" in offered
    assert f"urn:ietf:params:xml:ns:netconf:capability:{name}" in offered


@pytest.mark.parametrize("name", ["base:1.1", "confirmed-commit:1.1", "startup", "writable-running"])
def test_hello_does_not_offer(bench: Bench, name: str) -> None:
    assert not [one for one in capabilities(bench.session().greeting) if name in one]


def test_session_id_is_a_process_id_and_unique(bench: Bench) -> None:
    ids = [re.findall(r"<session-id>(\d+)</session-id>", bench.session().greeting) for _turn in range(3)]
    assert len({one[0] for one in ids}) == 3


def test_hello_is_prefixed_when_rfc_compliant(rfc: Bench) -> None:
    assert f'<nc:hello xmlns:nc="{BASE}">' in rfc.session().greeting


def test_reply_is_in_the_base_namespace_and_echoes_attributes(bench: Bench) -> None:
    reply = bench.session().rpc(
        "<validate><source><candidate/></source></validate>", ' user-word="x" xmlns:mine="urn:mine"'
    )
    root = etree.fromstring(reply.encode())
    assert root.tag == f"{{{BASE}}}rpc-reply"
    assert root.get("message-id") == "1"
    assert root.get("user-word") == "x"
    assert root.nsmap["mine"] == "urn:mine"
    assert root.nsmap["junos"] == "http://xml.juniper.net/junos/24.4R1.9/junos"
    assert root[0].tag == f"{{{BASE}}}ok"


def test_reply_is_prefixed_when_rfc_compliant(rfc: Bench) -> None:
    client = rfc.session()
    assert "<nc:ok/>" in client.rpc("<lock-configuration/>")
    refused = etree.fromstring(client.rpc("<get-nothing/>").encode())
    assert refused[0].tag == f"{{{BASE}}}rpc-error"
    assert "<nc:bad-element>get-nothing</nc:bad-element>" in client.rpc("<get-nothing/>")
    commit = etree.fromstring(client.rpc("<commit-configuration/>").encode())
    assert commit[0].tag == "commit-results"


def test_configuration_is_in_the_xnm_namespace(bench: Bench) -> None:
    root = etree.fromstring(bench.session().rpc("<get-configuration/>").encode())
    assert root[0].tag == "{http://xml.juniper.net/xnm/1.1/xnm}configuration"


def test_configuration_has_a_namespace_per_module_when_rfc_compliant(rfc: Bench) -> None:
    root = etree.fromstring(rfc.session().rpc("<get-configuration/>").encode())
    assert [child.tag for child in root[0]] == [
        "{http://yang.juniper.net/junos-es/conf/system}system",
        "{http://yang.juniper.net/junos-es/conf/security}security",
    ]


def test_close_session_answers_ok_then_comments(bench: Bench) -> None:
    client = bench.session()
    said = client.send(f'<rpc xmlns="{BASE}" message-id="9"><close-session/></rpc>')
    assert "<ok/>" in said.partition("]]>]]>")[0]
    assert said.endswith("]]>]]>\n<!-- session end at 2026-01-31 10:00:00 UTC -->\n")
    assert client.closed == [False]


def test_an_invalid_message_ends_the_session(bench: Bench) -> None:
    client = bench.session()
    assert "rpc-error" in client.send("\n#12\n<rpc/>\n##\n")
    assert client.closed == [False]


def test_rpcs_of_a_session_are_answered_in_order(bench: Bench) -> None:
    client = bench.session()
    messages = [f'<rpc xmlns="{BASE}" message-id="{number}"><lock-configuration/></rpc>' for number in (1, 2)]

    async def both() -> None:
        for message in messages:
            client.session.received(message.encode())
        await client.session.idle()

    bench.loop.run_until_complete(both())
    assert "<ok/>" in client.sent[0]
    assert "already open" in client.sent[1]


@pytest.mark.parametrize("size", [1, 2, 5, 7, 1000])
def test_the_deframer_accepts_pieces_of_any_size(size: int) -> None:
    stream = b"<hello/>]]>]]>\n<rpc>a ]]> b</rpc>\n]]>]]>\n]]>]]><last/>]]>]]>rest"
    deframer = Deframer()
    found = [message for at in range(0, len(stream), size) for message in deframer.feed(stream[at : at + size])]
    assert found == [b"<hello/>", b"<rpc>a ]]> b</rpc>", b"<last/>"]


@pytest.mark.parametrize(("release", "refused"), [("24.4R1.9", True), ("22.4R3.8", False)])
def test_recent_releases_refuse_an_element_without_namespace(release: str, refused: bool) -> None:
    bench = Bench(DeviceOptions(release=release))
    request = '<get-configuration><configuration xmlns=""><system/></configuration></get-configuration>'
    assert ("<bad-element>configuration</bad-element>" in bench.session().rpc(request)) is refused
    bench.close()


def test_warnings_are_not_sent_when_rfc_compliant(bench: Bench, rfc: Bench) -> None:
    inner = "<configuration-set>delete system domain-name</configuration-set>"
    request = f'<load-configuration action="set" format="text">{inner}</load-configuration>'
    plain, compliant = bench.session().rpc(request), rfc.session().rpc(request)
    assert "warning" in plain
    assert "<ok/>" in plain
    assert "warning" not in compliant
    assert "<nc:ok/>" in compliant
