# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Text for people: on standard output, unless a program reads the results there."""

from __future__ import annotations

import re

from ansible import constants as C
from ansible.utils.display import Display

display = Display()

# The callbacks whose output is for programs: json, jsonl, json_indent and the like.
_FOR_PROGRAMS = re.compile(r"json|^null$")


def show(text: str, color: str | None = None) -> None:
    """Show a text; where the callback of standard output is for programs, on standard error."""
    callback = str(C.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2]
    display.display(text, color=color, stderr=_FOR_PROGRAMS.search(callback) is not None)
