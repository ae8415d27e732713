# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operational RPCs: the replies of a device, computed from the network."""

from __future__ import annotations

import typing as t

from tests.lab.network import Network
from tests.lab.operational.reply import Answer, OperationalError, Request, syntax_error, wrap
from tests.lab.operational.table import NODE, RPCS

__all__ = ["RPCS", "Answer", "OperationalError", "answer"]


def answer(
    network: Network, host: str, rpc_name: str, arguments: t.Mapping[str, str | bool], output_format: str = "xml"
) -> Answer:
    """Return the reply to one RPC: its XML element, or its text with ``output_format`` ``text``.

    ``xml`` is ``None`` for an empty reply. Raise ``OperationalError`` for an rpc-error, such as that for an unknown RPC
    or argument.
    """
    found = RPCS.get(rpc_name)
    if found is None:
        raise syntax_error(rpc_name)
    handler, known = found
    for name in arguments:
        if name not in known and name not in NODE:
            raise syntax_error(name)
    request = Request(network, host, rpc_name, arguments)
    whole = wrap(request, handler(request))
    return Answer(text=whole.text) if output_format in ("text", "ascii") else Answer(xml=whole.xml)
