# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ``clear`` commands of ``security ike`` and ``security ipsec``. Their replies are not recorded: empty here."""

from __future__ import annotations

from tests.lab.operational.reply import Reply, Request


def _nothing() -> Reply:
    return Reply(None, "", padded=False, wrapped=False)


def ike(request: Request) -> Reply:
    """Clear the associations of an index or a peer; without either, all, which takes every tunnel down."""
    index, peer = request.number("index"), request.text("peer-address")
    request.network.clear_ike(request.host, lambda row: index in (None, row.index) and peer in (None, row.remote))
    return _nothing()


def ipsec(request: Request) -> Reply:
    index, vpn = request.number("index"), request.text("vpn-name")
    request.network.clear_ipsec(request.host, lambda row: index in (None, row.index) and vpn in (None, row.vpn.name))
    return _nothing()


def statistics(request: Request) -> Reply:
    request.network.clear_statistics(request.host, request.number("index"))
    return _nothing()
