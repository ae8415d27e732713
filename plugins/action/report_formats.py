# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the other formats of a report again from its file, and compare it with another one."""

from __future__ import annotations

import typing as t
from functools import partial
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, shortened
from ansible_collections.hubspoke.srx.plugins.module_utils._report.compare import (
    compare,
    comparison_markdown,
    comparison_text,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._report.markdown_text import one_line
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show
from ansible_collections.hubspoke.srx.plugins.plugin_utils._reports import formats_of, read_report_file, write_formats
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, fleet_options

_COMPARISON = "compare.md"
_SUBJECT = "controller: nhtb_report"
# Characters of a sentence in a result.
_SHOWN = 120


class ActionModule(ActionBase):  # type: ignore[misc]
    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _SPEC = argument_spec("report_formats")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        try:
            # No host of the inventory has a say, nor is its key decrypted.
            arguments = fleet_options(self, self._SPEC, {**(task_vars or {}), "groups": {}})
            content = read_report_file(arguments["report"])
            before = arguments["compare_with"]
            found = compare(read_report_file(before), content) if before else None
            folder = str(Path(arguments["report"]).expanduser().resolve().parent)
            write = partial(write_files, folder, subject=_SUBJECT)
            written: list[str] = []
            if not self._play_context.check_mode:
                written += write({_COMPARISON: comparison_markdown(found)}) if found else []
                written += write_formats(write, content, formats_of(arguments))
        except HubspokeError as error:
            return {**result, "failed": True, "msg": str(error), "reason": error.reason}
        if found is not None:
            show(comparison_text(found))
        if written:
            show(f"Written into {folder}: {', '.join(written)}")
        result.update(
            changed=bool(written),
            msg=found.summary if found else shortened(one_line(content["decision"]), _SHOWN),
            folder=folder,
            written=written,
            verdict=content["verdict"],
            changes=found.counts if found else {},
        )
        return result
