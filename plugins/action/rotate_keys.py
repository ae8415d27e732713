# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change the keys at both ends of the tunnels, and nothing else."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.utils.vars import load_extra_vars
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome, Mode
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._hashi_vault import OPTIONS, HashiVault, KeySecret
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_file import KeyFile
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_store import KeyStore
from ansible_collections.hubspoke.srx.plugins.plugin_utils._rotation import Rotation, plan_rotation
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec
from ansible_collections.hubspoke.srx.plugins.plugin_utils._transaction_action import TransactionAction
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY, Vault, variable_folders

Stores = t.Callable[[str], KeyStore | None]


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
        chosen, fleet = self.play.present, read_fleet(variables)
        in_vault = arguments["key_store"] == "hashi_vault"
        store_of = self._secrets(fleet, variables) if in_vault else self._files(fleet, variables, arguments)
        self._rotation = plan_rotation(fleet, variables["groups"], chosen, store_of)
        return self._rotation.fleet

    def _files(self, fleet: Fleet, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> Stores:
        """Return the key files of hosts, which one secret of this run encrypts."""
        secrets = list(self._loader._vault.secrets or [])
        folders = variable_folders(variables)

        def store_of(host: str) -> KeyFile | None:
            path = fleet.variables[host].get("nhtb_key_file")
            if not path:
                return None
            found = [
                Path(one).resolve()
                for folder in folders
                for one in self._loader.find_vars_files(str(folder / "host_vars"), host)
            ]
            content = Vault(secrets, arguments["vault_id"] or "").variables_file
            file = KeyFile(host, str(path), content, found, secrets)
            if not file.is_read(folders):
                self.warnings.append(
                    f"{host}: nhtb_key_file {file.path}: expected a file in the host_vars of this host, actual"
                    " elsewhere. Make the inventory read the key from this file."
                )
            return file

        return store_of

    def _secrets(self, fleet: Fleet, variables: dict[str, t.Any]) -> Stores:
        """Return the secrets of hosts in HashiCorp Vault."""

        def store_of(host: str) -> KeySecret:
            own, named = variables["hostvars"][host], fleet.variables[host]
            options = {name: own[name] for name in own if str(name).startswith(OPTIONS)}
            vault = HashiVault(host, options, self._loader, self._templar)
            mount, path = named.get("nhtb_key_store_mount"), named.get("nhtb_key_store_path")
            return KeySecret(host, vault, str(mount or "secret"), str(path or f"nhtb/{host}"), fleet.keys.get(host, ""))

        return store_of

    def hosts(self, fleet: Fleet) -> set[str]:
        """Return the hosts with new keys and the hub, which changes too, whatever the play is limited to."""
        return {*fleet.rotated, fleet.plan.hub.host}

    def begin(self) -> None:
        if self.mode() == "apply":
            self._rotation.write()

    def decided(self, outcomes: tuple[DeployOutcome, ...]) -> tuple[DeployOutcome, ...]:
        return self._rotation.settle(outcomes) if self.mode() == "apply" else outcomes
