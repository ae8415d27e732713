# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write all configurations of the inventory as files for review. No device is contacted."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._report.plan_table import plan_table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import RunFolder, name_of_run, rendered_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import show
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import check_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import failed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, fleet_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import of_play


class ActionModule(ActionBase):  # type: ignore[misc]
    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _SPEC = argument_spec("render")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = of_play(self, task_vars or {})
        try:
            check_play(self, variables)
            arguments = fleet_options(self, self._SPEC, variables)
            fleet = read_fleet(variables)
            files = rendered_files(fleet, with_keys=arguments["with_keys"], hosts=variables["ansible_play_hosts"])
            folder = RunFolder(arguments["artifacts_dir"], name_of_run())
            written = [] if self._play_context.check_mode else _write(folder, files, arguments)
        except HubspokeError as error:
            return {**result, **failed(error)}
        show(plan_table(fleet.plan))
        result.update(changed=bool(written), folder=str(folder.path), files=sorted(files), written=sorted(written))
        return result


def _write(folder: RunFolder, files: dict[str, str], arguments: t.Mapping[str, t.Any]) -> list[str]:
    """Write all files; return the names of those that differ from the newest earlier ones. Raise HubspokeError.

    No folder of an earlier run keeps files with keys.
    """
    earlier = folder.earlier(files)
    changed = [name for name, text in files.items() if earlier.get(name) != text.encode()]
    if arguments["with_keys"]:
        folder.write_with_keys(files)
    else:
        folder.write(files)
    folder.remove_earlier_keys()
    folder.prune(arguments["artifacts_keep"])
    return changed
