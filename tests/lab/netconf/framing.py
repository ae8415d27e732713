# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NETCONF 1.0 framing: messages end with ``]]>]]>``. Junos has no other."""

from __future__ import annotations

END = b"]]>]]>"


class Deframer:
    """Splits a byte stream into messages, in whatever pieces it arrives."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that ``data`` completes, without the end mark and surrounding blanks."""
        self._buffer += data
        messages = []
        # Each search starts just before the old end: a large message in many packets takes linear time.
        while (end := self._buffer.find(END, self._searched)) >= 0:
            messages.append(bytes(self._buffer[:end]).strip())
            del self._buffer[: end + len(END)]
            self._searched = 0
        self._searched = max(0, len(self._buffer) - len(END) + 1)
        return [message for message in messages if message]
