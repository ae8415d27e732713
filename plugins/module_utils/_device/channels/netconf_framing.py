# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""NETCONF's bytes: framing 1.0 and 1.1 (RFC 6242), hello, and which reply answers which request."""

from __future__ import annotations

import codecs
import re
import typing as t
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
BASE_1_0 = "urn:ietf:params:netconf:base:1.0"
BASE_1_1 = "urn:ietf:params:netconf:base:1.1"
END = b"]]>]]>"
# Bytes that are not UTF-8 are read as Latin-1, the other encoding that devices store.
LATIN_1 = "hubspoke-latin-1"
NOT_UTF_8 = "replies hold bytes that are not UTF-8; they are read as Latin-1"
HELLO = (
    f'<hello xmlns="{BASE}"><capabilities><capability>{BASE_1_0}</capability><capability>{BASE_1_1}</capability>'
    "</capabilities></hello>"
)
# No table of an SRX comes near it: what does is a peer that does not stop.
LARGEST_MESSAGE = 512 * 1024 * 1024
# Of devices with hundreds of data models, a hello has some hundred kilobytes.
LARGEST_HELLO = 8 * 1024 * 1024
_CHUNK_HEADER = re.compile(rb"\n#(?:([1-9][0-9]{0,9})|#)\n")
_LONGEST_HEADER = len(b"\n#4294967295\n")
_CHUNK_ENDS = frozenset((b"", b"\n", b"\n#", b"\n##"))
_MESSAGE_ID = re.compile(r"<(?:[\w.-]+:)?rpc-reply\b[^>]*?\smessage-id\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ROOT = re.compile(r"<([\w.:-]+)")


class NetconfError(Exception):
    """The peer sent what NETCONF does not allow: nothing that follows on the channel can be trusted."""


class Decoder:
    """Cuts a stream of bytes into messages of at most ``largest`` bytes, in whatever pieces the bytes arrive."""

    def __init__(self, largest: int = LARGEST_MESSAGE) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._message = bytearray()
        self._missing = 0
        self.largest = largest
        self._chunked = False

    def use_chunks(self) -> None:
        """Read framing 1.1 from here on, as both ends agreed in their hellos."""
        self._chunked = True

    def feed(self, data: bytes) -> t.Iterator[bytes]:
        """Yield each message that ``data`` completes. Raise NetconfError."""
        self._buffer += data
        while (message := self._next_chunked() if self._chunked else self._next_marked()) is not None:
            if message:
                yield message
        if len(self._buffer) + len(self._message) > self.largest:
            raise NetconfError(f"a message of more than {self.largest} bytes")

    def _next_marked(self) -> bytes | None:
        end = self._buffer.find(END, self._searched)
        if end < 0:
            # The next search begins just before the end of this one: a reply in a thousand packets is read once.
            self._searched = max(0, len(self._buffer) - len(END) + 1)
            return None
        message = bytes(self._buffer[:end]).strip()
        del self._buffer[: end + len(END)]
        self._searched = 0
        return message

    def _next_chunked(self) -> bytes | None:
        while True:
            if self._missing:
                part = self._buffer[: self._missing]
                del self._buffer[: len(part)]
                self._message += part
                self._missing -= len(part)
                if self._missing:
                    return None
            header = _CHUNK_HEADER.match(self._buffer)
            if header is None:
                self._check_header()
                return None
            # A match reads from the buffer whenever it is asked.
            size, end = header[1], header.end()
            del self._buffer[:end]
            if size is None:
                message, self._message = bytes(self._message), bytearray()
                return message
            self._missing = int(size)
            if self._missing + len(self._message) > self.largest:
                raise NetconfError(f"a message of more than {self.largest} bytes")

    def _check_header(self) -> None:
        """Raise NetconfError unless more bytes can still make a chunk header of what is there."""
        start = bytes(self._buffer[:_LONGEST_HEADER])
        number = start[2:] if start.startswith(b"\n#") else b""
        if start not in _CHUNK_ENDS and not (number.isdigit() and number[:1] != b"0" and len(start) < _LONGEST_HEADER):
            raise NetconfError(f"{start!r} where a chunk begins")


def encode(message: str, *, chunked: bool) -> bytes:
    """Return the bytes of one message."""
    data = message.encode("utf-8", "surrogatepass")
    return b"\n#%d\n%s\n##\n" % (len(data), data) if chunked else data + b"\n" + END + b"\n"


def rpc(request: str, number: int) -> str:
    """Return an ``rpc`` of one request. The request is in the base namespace, as Junos 24.4 wants it."""
    return f"<rpc xmlns={quoteattr(BASE)} message-id={quoteattr(str(number))}>{request}</rpc>"


def capabilities(hello: str) -> frozenset[str]:
    """Return what a hello says of its sender. Raise NetconfError where it is none."""
    try:
        root = ET.fromstring(hello)
    except ET.ParseError as error:
        raise NetconfError(f"a hello that is no XML ({error})") from None
    if _local(root.tag) != "hello":
        raise NetconfError(f"{_local(root.tag)} instead of hello")
    return frozenset((one.text or "").strip() for one in root.iter() if _local(one.tag) == "capability")


def check_reply(text: str, number: int) -> None:
    """Raise NetconfError unless the text is the reply to the request of that number."""
    found = _MESSAGE_ID.search(text)
    if found is None:
        root = _ROOT.search(text)
        what = root[1] if root else "no element"
        is_reply = what.endswith("rpc-reply")
        raise NetconfError("a reply without message-id" if is_reply else f"{what} instead of rpc-reply")
    answered = found[1] if found[1] is not None else found[2]
    if answered != str(number):
        raise NetconfError(f"a reply to message {answered!r} instead of {str(number)!r}")


def decode(message: bytes) -> tuple[str, bool]:
    """Return the text of a message, and whether all of it was UTF-8. Bytes that are not are read as Latin-1."""
    try:
        return message.decode("utf-8"), True
    except UnicodeDecodeError:
        return message.decode("utf-8", LATIN_1), False


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(LATIN_1, _as_latin_1)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
