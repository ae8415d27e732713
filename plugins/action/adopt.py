# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was configured by hand, as an inventory; the devices are only read."""

from __future__ import annotations

import json
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import Adoption, adopt
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9, Session
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, PlanError, Problem
from ansible_collections.hubspoke.srx.plugins.plugin_utils._adopted import inventory_files, moves
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import write_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import HUBS, SPOKES, host_variables
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import argument_spec, check_limits, fleet_options
from ansible_collections.hubspoke.srx.plugins.plugin_utils._target import target
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import Vault

display = Display()


class ActionModule(ActionBase):  # type: ignore[misc]
    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _SPEC = argument_spec("adopt")

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            arguments = fleet_options(self, self._SPEC, variables)
            check_limits(self, arguments)
            result.update(self._adopt(variables, arguments))
        except HubspokeError as error:
            result.update(failed=True, msg=str(error), reason=error.reason)
        return result

    def _adopt(self, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        folder = Path(arguments["inventory_dir"]).expanduser()
        if folder.exists() and any(folder.iterdir()):
            raise HubspokeError(
                f"controller: nhtb_adopt_dir {folder}: expected a new or empty folder, actual one with files."
                " Name another one: nothing that is there is written over."
            )
        hub, spokes = _groups(variables)
        given, problems = {}, list[Problem]()
        for host in (hub, *spokes):
            given[host] = host_variables(host, variables["hostvars"][host], problems)
        if problems:
            raise PlanError(problems)
        hosts = [host for host in (hub, *spokes) if given[host].get("nhtb_platform", "junos") == "junos"]
        commands = self._read(hosts, variables["hostvars"], arguments["sessions"])
        adoption = adopt(hub, spokes, commands, given, arguments["parts"], KeyCodec9())
        found, incomplete = moves(adoption, KeyCodec9())
        secrets = list(self._loader._vault.secrets or [])
        remarks = [str(remark) for remark in adoption.remarks]
        if not secrets and adoption.keys:
            remarks.append(
                "controller: nhtb_pre_shared_key: the keys were read and not written, as this run has no vault secret."
                " Run again with --vault-id or --vault-password-file, or set them in a vault file."
            )
        told = {"devices": found, "remarks": remarks, "incomplete": incomplete}
        vault = Vault(secrets, arguments["vault_id"] or "") if secrets else None
        files = inventory_files(adoption, {host: variables["hostvars"][host] for host in given}, vault)
        written = [] if self._play_context.check_mode else write_files(str(folder), files)
        write_files(arguments["artifacts_dir"], {"adopt.json": json.dumps(told, indent=2) + "\n"})
        message = _told(adoption, told, folder)
        display.display(message)
        return {"changed": bool(written), "written": sorted(written), "msg": message.splitlines()[-1], **told}

    def _read(self, hosts: t.Sequence[str], hostvars: t.Any, sessions: int) -> dict[str, list[str]]:
        """The set commands of each device. Raises HubspokeError with every device that cannot be read."""
        play = self._play_context
        said = {"user": play.remote_user, "password": play.password, "key_file": play.private_key_file}
        targets = [target(host, hostvars[host], said) for host in hosts]

        def read(session: Session) -> list[str] | HubspokeError:
            try:
                session.open()
                return session.statements()
            except HubspokeError as error:
                return error
            finally:
                session.close()

        with ThreadPoolExecutor(max_workers=max(1, sessions)) as pool:
            answers = dict(zip(hosts, pool.map(read, map(Session, targets)), strict=True))
        failed = [str(answer) for answer in answers.values() if isinstance(answer, HubspokeError)]
        if failed:
            raise HubspokeError(f"{' '.join(failed)} Nothing was written: all devices are read, or none.")
        return {host: answer for host, answer in answers.items() if not isinstance(answer, HubspokeError)}


def _groups(variables: t.Mapping[str, t.Any]) -> tuple[str, list[str]]:
    groups = variables["groups"]
    hubs, spokes = list(groups.get(HUBS, [])), list(groups.get(SPOKES, []))
    if len(hubs) != 1:
        raise HubspokeError(
            f"inventory: {HUBS}: expected one host, actual {', '.join(hubs) or 'none'}."
            f" Put the hub into {HUBS} and the spokes into {SPOKES}, each with its ansible_host."
        )
    return hubs[0], [host for host in spokes if host not in hubs]


def _told(adoption: Adoption, told: t.Mapping[str, t.Any], folder: Path) -> str:
    lines = []
    for host, found in told["devices"].items():
        changes, stays = len(found["changes"]), len(found["stays"])
        lines.append(f"{host}: {found['moved']} statements move, {changes} change, {stays} stay outside of the group")
        lines += [f"  {change}" for change in found["changes"]]
        lines += [f"  stays: {words}" for words in found["stays"]]
    lines += told["remarks"]
    lines += told["incomplete"]
    end = "complete" if not told["incomplete"] else "to be completed before it can be deployed"
    return "\n".join([*lines, f"Inventory of 1 hub and {len(adoption.spokes)} spokes in {folder}: {end}."])
