# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The action class of the modules for one device: connection variables, session, operation, result."""

from __future__ import annotations

import typing as t

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hider
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import BadArgument, HubspokeError, SessionError
from ansible_collections.hubspoke.srx.plugins.module_utils._module_backends.operations import CHANGES, OPERATIONS
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector, from_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import third_party
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import failed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, check_limits, task_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HostVariables

_SPECS = {name: argument_spec(name) for name in (*OPERATIONS, *CHANGES)}


class DeviceAction(ActionBase):  # type: ignore[misc]
    """Open a session with the task's host, carry out the operation of the task's module, return its result."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return the result of the task, in the form that Ansible expects."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        name = self._task.action.rsplit(".", 1)[-1]
        host = self._host(variables)
        quiet = QuietThreads(hider(_keys(variables)))
        try:
            arguments = task_options(self, _SPECS[name])
            check_limits(self, arguments)
            with quiet:
                result.update(self._ask(name, host, variables, arguments))
        except HubspokeError as error:
            # Ansible counts a result that is both as failed.
            state = "unreachable" if isinstance(error, SessionError) and error.is_away else "failed"
            result.update({**failed(error), "failed": False, state: True})
        finally:
            quiet.show()
        return result

    def _host(self, variables: dict[str, t.Any]) -> str:
        """Return the host that the session goes to: the one the task is delegated to, else its own.

        Delegated to the controller, where it runs in any case, the task still means its own host.
        """
        delegate = str(self._task.delegate_to or "")
        return delegate if delegate and delegate not in C.LOCALHOST else str(variables["inventory_hostname"])

    def _host_variables(self, host: str, variables: dict[str, t.Any]) -> HostVariables:
        delegated = variables.get("ansible_delegated_vars", {}).get(host)
        if host == variables["inventory_hostname"] or delegated is None:
            return HostVariables(host, variables, self._templar)
        # Ansible's own has the name of the task's host.
        raw = {**delegated, "inventory_hostname": host}
        return HostVariables(host, raw, Templar(loader=self._loader, variables=raw))

    def _ask(self, name: str, host: str, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        own = self._host_variables(host, variables)
        if title := third_party(own):
            raise BadArgument(
                f"{host}: {name}: expected a device with Junos, actual {title}. Choose other hosts: the"
                " collection opens no session to a third-party spoke."
            )
        connect = Connector([host], {host: own}, from_play(self, variables))
        session = connect(host)
        try:
            session.open()
            if name in CHANGES:
                return CHANGES[name](session, arguments, check_mode=self._task.check_mode)
            return OPERATIONS[name](session, arguments)
        finally:
            session.close()


def _keys(variables: dict[str, t.Any]) -> t.Iterator[str]:
    """Return the pre-shared keys among the variables as they are written: these modules need no key."""
    return (value for name, value in variables.items() if name.endswith("pre_shared_key") and isinstance(value, str))
