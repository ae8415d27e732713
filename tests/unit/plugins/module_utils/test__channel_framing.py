# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NETCONF's bytes, in whatever pieces they come, and those that no peer should send."""

from __future__ import annotations

import itertools
import time

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import netconf_framing as netconf
from hypothesis import given, settings
from hypothesis import strategies as st

MARKED = b"<!-- user admin -->\n<hello/>]]>]]>\n<a>]]</a>]]>]]><b/>]]>]]>"
CHUNKED = b"\n#4\n<rpc\n#13\n-reply>\n#1\n</\n#12\n</rpc-reply>\n##\n\n#4\n<b/>\n##\n"


def fed(data: bytes, cuts: list[int], *, chunked: bool) -> list[bytes]:
    decoder = netconf.Decoder()
    if chunked:
        decoder.use_chunks()
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [message for start, end in itertools.pairwise(edges) for message in decoder.feed(data[start:end])]


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), max_size=12))
def test_messages_do_not_depend_on_how_the_bytes_arrive(cuts: list[int]) -> None:
    assert fed(MARKED, cuts, chunked=False) == [b"<!-- user admin -->\n<hello/>", b"<a>]]</a>", b"<b/>"]
    assert fed(CHUNKED, cuts, chunked=True) == [b"<rpc-reply>\n#1\n</</rpc-reply>", b"<b/>"]


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1), st.booleans(), st.lists(st.integers(0, 1000), max_size=6))
def test_what_is_encoded_is_decoded(text: str, chunked: bool, cuts: list[int]) -> None:
    message = f"<a>{text.replace(']]>]]>', '')}</a>"
    found = fed(netconf.encode(message, chunked=chunked), cuts, chunked=chunked)
    assert [netconf.decode(one) for one in found] == [(message, True)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<rpc-reply/>", r"b'<rpc-reply/>' where a chunk begins"),
        (b"\n#0\n", r"where a chunk begins"),
        (b"\n#x\n", r"where a chunk begins"),
        (b"\n#4\nabcd#4\n", r"b'#4\\n' where a chunk begins"),
        (b"\n#99999999999999\n", r"where a chunk begins"),
        (b"\n#4294967295\n", r"a message of more than 64 bytes"),
        (b"\n#60\n" + b"a" * 60 + b"\n#60\n", r"a message of more than 64 bytes"),
    ],
)
def test_chunks_that_are_none(data: bytes, says: str) -> None:
    decoder = netconf.Decoder(largest=64)
    decoder.use_chunks()
    with pytest.raises(netconf.NetconfError, match=says):
        list(decoder.feed(data))


@settings(deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_garbage_raises_nothing_else(data: bytes, chunked: bool) -> None:
    decoder = netconf.Decoder(largest=100)
    if chunked:
        decoder.use_chunks()
    try:
        for message in decoder.feed(data):
            text, _is_utf_8 = netconf.decode(message)
            netconf.check_reply(text, 1)
    except netconf.NetconfError:
        return


def test_a_message_that_does_not_end_is_bounded() -> None:
    decoder = netconf.Decoder(largest=1000)
    for _turn in range(100):
        assert list(decoder.feed(b"x" * 10)) == []
    with pytest.raises(netconf.NetconfError, match="a message of more than 1000 bytes"):
        list(decoder.feed(b"x"))


def test_a_large_reply_is_read_once() -> None:
    decoder, piece, started = netconf.Decoder(), b"x" * 32768, time.process_time()
    for _turn in range(1280):
        assert list(decoder.feed(piece)) == []
    (message,) = decoder.feed(netconf.END)
    assert len(message) == 1280 * 32768
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ('<rpc-reply message-id="7"/>', ""),
        ("<!-- a --><nc:rpc-reply xmlns:nc='x' nc:a='b'\n message-id='7' ><ok/></nc:rpc-reply>", ""),
        ('<rpc-reply message-id="6"/>', "a reply to message '6' instead of '7'"),
        ('<rpc-reply message-id=""/>', "a reply to message '' instead of '7'"),
        ("<rpc-reply><ok/></rpc-reply>", "a reply without message-id"),
        ('<rpc-reply xmessage-id="7"/>', "a reply without message-id"),
        ("<hello/>", "hello instead of rpc-reply"),
        ("", "no element instead of rpc-reply"),
    ],
)
def test_a_reply_answers_its_request(reply: str, says: str) -> None:
    if not says:
        netconf.check_reply(reply, 7)
        return
    with pytest.raises(netconf.NetconfError) as told:
        netconf.check_reply(reply, 7)
    assert str(told.value) == says


def test_bytes_that_are_not_utf_8_are_kept() -> None:
    assert netconf.decode("Zürich ".encode() + b"Z\xfcrich \x80") == ("Zürich Zürich \x80", False)


def test_a_hello_says_what_its_sender_can() -> None:
    hello = (
        '<?xml version="1.0" encoding="us-ascii"?><!-- user --><nc:hello xmlns:nc="urn:x"><nc:capabilities>'
        "<nc:capability>\n urn:ietf:params:netconf:base:1.1 </nc:capability></nc:capabilities></nc:hello>"
    )
    assert netconf.capabilities(hello) == {netconf.BASE_1_1}
    for broken, says in (("<hello>", "a hello that is no XML"), ("<rpc-reply/>", "rpc-reply instead of hello")):
        with pytest.raises(netconf.NetconfError, match=says):
            netconf.capabilities(broken)


def test_a_request_is_in_the_base_namespace() -> None:
    assert netconf.rpc("<get-x/>", 3) == (
        '<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="3"><get-x/></rpc>'
    )
