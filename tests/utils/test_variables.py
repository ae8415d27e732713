# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page on the variables says what the role's argument specification says."""

from __future__ import annotations

from tests.utils.variables import PAGE, SPECIFICATION, render, to_rst


def test_the_page_is_current() -> None:
    made = render(SPECIFICATION.read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == made, "run python -m tests.utils.variables"


def test_markup() -> None:
    assert to_rst("C(st0) or V(0); see O(nhtb_wan). B(Not) I(so) IKE (v2).") == (
        "``st0`` or ``0``; see ``nhtb_wan``. **Not** *so* IKE (v2)."
    )
