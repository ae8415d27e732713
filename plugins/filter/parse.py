# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parsers of the info modules as a filter, for saved replies."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible.errors import AnsibleFilterError
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._parse.parse import parse


def _parse(reply: t.Any, command: t.Any) -> dict[str, t.Any]:
    """Return a saved reply, XML or text, as data. Raise AnsibleFilterError."""
    if not isinstance(reply, (str, bytes)) or not isinstance(command, str):
        raise AnsibleFilterError(
            f"hubspoke.srx.parse: expected a reply and a command as strings,"
            f" actual {type(reply).__name__} and {type(command).__name__}"
        )
    try:
        parsed = parse(command, reply)
    except HubspokeError as error:
        raise AnsibleFilterError(f"hubspoke.srx.parse: {error}") from None
    return {
        "items": [asdict(item) for item in parsed.items],
        "source": parsed.source,
        "notes": parsed.remarks,
        "doubts": list(parsed.doubts),
    }


class FilterModule:
    """Provide the filter ``parse``."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"parse": _parse}
