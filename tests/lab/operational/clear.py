# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The C(clear) commands of C(security ike) and C(security ipsec). What they answer is not recorded: nothing."""

from __future__ import annotations

from tests.lab.operational.reply import Asked, Reply


def _nothing() -> Reply:
    return Reply(None, "", padded=False, wrapped=False)


def ike(asked: Asked) -> Reply:
    """All associations, or those of an index or a peer: an unqualified one takes every tunnel down."""
    index, peer = asked.number("index"), asked.text("peer-address")
    asked.network.clear_ike(asked.host, lambda row: index in (None, row.index) and peer in (None, row.remote))
    return _nothing()


def ipsec(asked: Asked) -> Reply:
    index, vpn = asked.number("index"), asked.text("vpn-name")
    asked.network.clear_ipsec(asked.host, lambda row: index in (None, row.index) and vpn in (None, row.vpn.name))
    return _nothing()


def statistics(asked: Asked) -> Reply:
    asked.network.clear_statistics(asked.host, asked.number("index"))
    return _nothing()
