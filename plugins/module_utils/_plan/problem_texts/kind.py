# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The texts of one kind of problem."""

from __future__ import annotations

import typing as t


class Kind(t.NamedTuple):
    """Texts with named gaps, without a full stop, which ``Problem`` adds."""

    message: str
    remedy: str
