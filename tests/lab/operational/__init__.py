# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operational RPCs: what a device answers, computed from the network."""

from __future__ import annotations

import typing as t

from tests.lab.network import Network
from tests.lab.operational.reply import Answer, Asked, OperationalError, syntax_error, wrap
from tests.lab.operational.table import NODE, RPCS

__all__ = ["RPCS", "Answer", "OperationalError", "answer"]


def answer(
    network: Network, host: str, rpc_name: str, arguments: t.Mapping[str, str | bool], output_format: str = "xml"
) -> Answer:
    """The reply to one RPC: its XML element, or its text with C(output_format) C(text).

    C(xml) is C(None) where the device answers nothing. Raises C(OperationalError) for what ends in an rpc-error,
    an RPC or an argument that no device knows among it.
    """
    found = RPCS.get(rpc_name)
    if found is None:
        raise syntax_error(rpc_name)
    handler, known = found
    for name in arguments:
        if name not in known and name not in NODE:
            raise syntax_error(name)
    asked = Asked(network, host, rpc_name, arguments)
    whole = wrap(asked, handler(asked))
    return Answer(text=whole.text) if output_format in ("text", "ascii") else Answer(xml=whole.xml)
