# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The action class of the modules for one device: connection variables, session, operation, result."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import mask
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.operations import CHANGES, OPERATIONS
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector, from_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, task_options

display = Display()

_SPECS = {name: argument_spec(name) for name in (*OPERATIONS, *CHANGES)}


class DeviceAction(ActionBase):  # type: ignore[misc]
    """Open a session with the task's host, carry out the operation of the task's module, return its result."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the result of the task, in the form that Ansible expects."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        name = self._task.action.rsplit(".", 1)[-1]
        host = str(variables["inventory_hostname"])
        quiet = QuietThreads()
        try:
            arguments = task_options(self, _SPECS[name])
            with quiet:
                result.update(self._ask(name, host, variables, arguments))
        except HubspokeError as error:
            result.update(failed=True, msg=str(error), reason=error.reason)
            if error.reason == "unreachable":
                result["unreachable"] = True
        finally:
            for line in quiet.lines:
                display.vvvv(mask(line))
        return result

    def _ask(self, name: str, host: str, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        connect = Connector([host], {host: _Templated(self._templar, variables)}, from_play(self._play_context))
        session = connect(host)
        try:
            session.open()
            if name in CHANGES:
                return CHANGES[name](session, arguments, check_mode=self._task.check_mode)
            return OPERATIONS[name](session, arguments)
        finally:
            session.close()


class _Templated(dict[str, t.Any]):
    """Task variables, each evaluated when it is read."""

    def __init__(self, templar: t.Any, variables: t.Mapping[str, t.Any]) -> None:
        super().__init__(variables)
        self._templar = templar

    def get(self, key: str, default: t.Any = None) -> t.Any:
        """Return the evaluated variable, or the default."""
        return self._templar.template(self[key]) if key in self else default

    def __getitem__(self, key: str) -> t.Any:
        return self._templar.template(super().__getitem__(key))
