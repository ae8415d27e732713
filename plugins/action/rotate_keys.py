# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change the keys at both ends of the tunnels, and nothing else."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.utils.vars import load_extra_vars
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, Problem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Mode
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_file import KeyFile
from ansible_collections.hubspoke.srx.plugins.plugin_utils._rotation import Rotation, plan_rotation
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._transaction_action import TransactionAction
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY, Vault, variable_folders


class ActionModule(TransactionAction):
    spec = argument_spec("rotate_keys")
    _rotation: Rotation

    def mode(self) -> Mode:
        return "check" if self._play_context.check_mode else "apply"

    def fleet(self, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> Fleet:
        if KEY in load_extra_vars(self._loader):
            raise HubspokeError(
                f"controller: {KEY}: expected from the inventory, actual from the command line, which overrides the"
                " file of a new key. Give the new one as nhtb_new_pre_shared_key."
            )
        secrets = list(self._loader._vault.secrets or [])
        folders = variable_folders(variables)

        def problems_of(file: KeyFile) -> t.Iterator[Problem]:
            if not file.is_read(folders):
                self.warnings.append(
                    f"{file.host}: nhtb_key_file {file.path}: expected a file in the host_vars of this host, actual"
                    " elsewhere. Make the inventory read the key from this file."
                )
            found = [
                path
                for folder in folders
                for path in self._loader.find_vars_files(str(folder / "host_vars"), file.host)
            ]
            return file.problems([Path(path).resolve() for path in found], secrets)

        def variables_file(key: str) -> str:
            return Vault(secrets, arguments["vault_id"] or "").variables_file(key)

        chosen = set(variables["ansible_play_hosts"])
        self._rotation = plan_rotation(read_fleet(variables), variables["groups"], chosen, problems_of, variables_file)
        return self._rotation.fleet

    def hosts(self, variables: dict[str, t.Any], fleet: Fleet) -> set[str]:
        """Return the hosts with new keys and the hub, which changes too, whatever the play is limited to."""
        return {*fleet.rotated, fleet.plan.hub.host}

    def begin(self) -> None:
        if self.mode() == "apply":
            self._rotation.write()

    def decided(self, outcomes: tuple[DeployOutcome, ...]) -> tuple[DeployOutcome, ...]:
        return self._rotation.settle(outcomes) if self.mode() == "apply" else outcomes
