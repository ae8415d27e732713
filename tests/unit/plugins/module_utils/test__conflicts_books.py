# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Address books outside our group that override or contradict a planned one."""

from __future__ import annotations

from dataclasses import replace

from .sample_conflicts import PLAN, ZONED, found


def test_zone_address_books_allow_no_global_one() -> None:
    (finding,) = found("security address-book global address printer 10.1.1.9/32", plan=ZONED)
    assert finding.object == "security address-book global"
    assert found("security zones security-zone guests address-book address a 10.7.0.9/32", plan=ZONED) == ()


def test_a_book_attached_to_a_zone_wins_over_the_global_one() -> None:
    book = "security address-book ours address oslo-net 10.7.0.0/16"
    assert found(book, "security address-book ours attach zone dmz") == ()
    (finding,) = found(book, "security address-book ours attach zone vpn")
    assert (finding.expected, finding.actual) == (
        "10.1.2.0/24",
        "10.7.0.0/16 in address book ours at the top level",
    )


ATTACHED = replace(PLAN, address_book_kind="attached", book_names=(("trust", "book1"), ("vpn", "book2")))


def test_junos_attaches_one_book_to_a_zone() -> None:
    assert found("security address-book book2 attach zone vpn", plan=ATTACHED) == ()
    assert found("security address-book other attach zone dmz", plan=ATTACHED) == ()
    (finding,) = found("security address-book other attach zone vpn", plan=ATTACHED)
    assert finding.object == "security address-book book2 attach zone vpn"
    assert "nhtb_address_book_name for zone vpn to other" in finding.remedy
    (finding,) = found("security zones security-zone guests address-book address a 10.7.0.9/32", plan=ATTACHED)
    assert "address books attached to zones" in finding.expected
