# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write an inventory for a VPN that was configured by hand. The devices are only read."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible_collections.hubspoke.srx.plugins.module_utils._adopt.fleet import Adoption, adopt
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import hider, mask
from ansible_collections.hubspoke.srx.plugins.module_utils._device.fan_out import FanOut
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import KeyCodec9
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, PlanError, Problem
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.host import check_host_name
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.problems import Problems, join_hosts
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.read import Table
from ansible_collections.hubspoke.srx.plugins.plugin_utils._adopted import Move, inventory_files, move_of
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import RunFolder, name_of_run
from ansible_collections.hubspoke.srx.plugins.plugin_utils._connect import Connector, from_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import write_new_folder
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import host_variables
from ansible_collections.hubspoke.srx.plugins.plugin_utils._interrupts import Interrupted, RaisingInterrupts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._output import StageOutput, show, tell
from ansible_collections.hubspoke.srx.plugins.plugin_utils._play import PlayHosts, check_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._profiles import profiles_of, third_party
from ansible_collections.hubspoke.srx.plugins.plugin_utils._quiet_threads import QuietThreads
from ansible_collections.hubspoke.srx.plugins.plugin_utils._results import failed
from ansible_collections.hubspoke.srx.plugins.plugin_utils._run_results import discard_results
from ansible_collections.hubspoke.srx.plugins.plugin_utils._specs import (
    argument_spec,
    check_limits,
    fleet_options,
    run_variables,
)
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import HUBS, SPOKES, of_play
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import Vault

_INVENTORY = "controller: nhtb_adopt_dir"
_REPORT = "adopt.json"


class ActionModule(ActionBase):  # type: ignore[misc]
    BYPASS_HOST_LOOP = True
    TRANSFERS_FILES = False
    _SPEC = argument_spec("adopt")
    # Masks a text, with every key of the inventory once that is read.
    hide: t.Callable[[str], str] = staticmethod(mask)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        variables = of_play(self, task_vars or {})
        # The secrets are known once the inventory is read.
        quiet = QuietThreads(self._hide_now)
        try:
            with RaisingInterrupts():
                check_play(self, variables)
                arguments = fleet_options(self, self._SPEC, variables)
                check_limits(self, arguments)
                with quiet:
                    result.update(self._adopt(variables, arguments))
        except HubspokeError as error:
            result.update(failed(error, self.hide))
        except Interrupted:
            tell("Interrupted. No device was changed, and no inventory is written.")
            discard_results("")
            raise
        quiet.show()
        return result

    def _hide_now(self, text: str) -> str:
        """Mask a text by the keys that are known by now."""
        return self.hide(text)

    def _adopt(self, variables: dict[str, t.Any], arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        folder = Path(arguments["inventory_dir"]).expanduser()
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            actual = "one with files" if folder.is_dir() else "a file"
            raise HubspokeError(
                f"{_INVENTORY} {folder}: expected a new or empty folder, actual {actual}."
                " Name another one: existing files are never overwritten."
            )
        reports = RunFolder(arguments["artifacts_dir"], name_of_run())
        reports.check(_REPORT)
        hub, spokes = _groups(variables)
        play = PlayHosts.of(self, variables)
        if without := [host for host in (hub, *spokes) if host not in play.present]:
            raise HubspokeError(
                f"{without[0]}: play: expected all devices of the VPN, actual this one {play.why_not(without[0])}."
                " Adopt the VPN as a whole, without --limit: from the inventory of a part, a deployment would remove"
                " the rest."
            )
        _check_names((hub, *spokes))
        given, problems = {}, list[Problem]()
        for host in (hub, *spokes):
            given[host] = host_variables(host, variables["hostvars"][host], problems)
        self.hide = hider(
            str(value)
            for variables in given.values()
            for name, value in variables.items()
            if value and name.endswith("pre_shared_key")
        )
        if problems:
            raise PlanError(join_hosts(problems))
        _check_texts(given)
        hosts = [host for host in (hub, *spokes) if not third_party(given[host])]
        commands = self._read(hosts, variables, arguments["sessions"])
        # Options of this run are no part of the inventory that it writes.
        own = {
            host: {name: value for name, value in values.items() if name not in run_variables()}
            for host, values in given.items()
        }
        adoption = adopt(hub, spokes, commands, own, arguments["parts"], KeyCodec9())
        move = move_of(adoption, KeyCodec9(), profiles_of(adoption.variables, variables))
        _check_consent(adoption, move, arguments["accept"])
        secrets = list(self._loader._vault.secrets or [])
        remarks = [str(remark) for remark in adoption.remarks]
        if not secrets and adoption.keys:
            remarks.append(
                "controller: nhtb_pre_shared_key: expected a vault secret to encrypt the keys, actual none: no key is"
                " written. Run again with --vault-id or --vault-password-file, or set the keys in a vault file."
            )
        remarks += [str(one) for one in move.differences]
        report = {"devices": move.devices, "remarks": remarks, "incomplete": move.incomplete}
        vault = Vault(secrets, arguments["vault_id"] or "") if secrets else None
        files = inventory_files(adoption, {host: variables["hostvars"][host] for host in given}, vault)
        # Before the inventory: this report alone is nothing that a later run would take for an inventory.
        reports.write({_REPORT: json.dumps(report, indent=2) + "\n"})
        reports.prune(arguments["artifacts_keep"])
        written = [] if self._play_context.check_mode else write_new_folder(str(folder), files, _INVENTORY)
        message = _message(adoption, report, folder)
        show(message)
        return {"changed": bool(written), "written": sorted(written), "msg": message.splitlines()[-1], **report}

    def _read(self, hosts: t.Sequence[str], variables: dict[str, t.Any], sessions: int) -> dict[str, list[str]]:
        """Return the set commands of each device. Raise HubspokeError with every device that cannot be read."""
        connect = Connector(hosts, variables["hostvars"], from_play(self, variables))

        def read(host: str) -> list[str]:
            session = connect(host)
            try:
                session.open()
                return session.statements()
            finally:
                session.close()

        with FanOut(sessions, StageOutput(self.hide).progress()) as fan_out:
            answers = dict(zip(hosts, fan_out.answers("read", hosts, fan_out.log_in(read)), strict=True))
        failed = [str(answer) for answer in answers.values() if isinstance(answer, HubspokeError)]
        if failed:
            raise HubspokeError("\n".join((*failed, "Nothing was written: the inventory needs all devices.")))
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


def _check_names(hosts: t.Iterable[str]) -> None:
    """Raise PlanError for hosts whose names cannot become the names of files."""
    problems = Problems()
    for host in hosts:
        check_host_name(host, problems)
    problems.raise_if_any()


def _check_texts(given: t.Mapping[str, t.Mapping[str, t.Any]]) -> None:
    """Raise PlanError for variables that steer the adoption and are no text; the plan checks the others."""
    problems = Problems()
    for host, variables in given.items():
        table = Table(host, variables, problems)
        for name in ("nhtb_platform", "nhtb_profile", "nhtb_site", "nhtb_group", "nhtb_syntax"):
            table.text(name)
    problems.raise_if_any()


def _check_consent(adoption: Adoption, move: Move, accepted: t.Collection[str]) -> None:
    """Raise HubspokeError with all that cannot be said, and all that is weaker or lost without consent."""
    unsayable = [
        f"{one.host}: cannot be said: {one.object}. No variable of the inventory expresses it."
        for one in adoption.unsayable
    ]
    unaccepted = [one for one in move.differences if one.consent and one.consent not in accepted]
    lost = [f"{one} Consent: {one.consent}." for one in unaccepted]
    if unsayable or lost:
        names = ", ".join(sorted({one.consent for one in unaccepted}))
        consent = f" Where the planned side is wanted, set nhtb_adopt_accept: [{names}]." if lost else ""
        remedy = " Change the devices, or keep this VPN as it is." if unsayable else ""
        raise HubspokeError("\n".join((*unsayable, *lost, f"Nothing was written.{remedy}{consent}")))


def _message(adoption: Adoption, report: t.Mapping[str, t.Any], folder: Path) -> str:
    lines = []
    for host, found in report["devices"].items():
        changes, stays = len(found["changes"]), len(found["stays"])
        lines.append(f"{host}: {found['moved']} statements move, {changes} change, {stays} stay outside the group")
        lines += [f"  {change}" for change in found["changes"]]
        lines += [f"  stays: {words}" for words in found["stays"]]
    lines += report["remarks"]
    lines += report["incomplete"]
    end = "complete" if not report["incomplete"] else "to be completed before it can be deployed"
    return "\n".join([*lines, f"Inventory of 1 hub and {len(adoption.spokes)} spokes in {folder}: {end}."])
