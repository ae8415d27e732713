# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Which hosts get which new key, where it is kept meanwhile, and where it is once the devices are settled."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field, replace

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import generate_key
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, PlanError, Problem
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_file import KeyFile
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY

GIVEN = "nhtb_new_pre_shared_key"

_Fate = t.Literal["new", "old", "unknown"]
_HIDDEN = "(not shown)"


@dataclass(frozen=True)
class Rotation:
    """``fleet`` is what it is to become; ``contents`` are what the files get, by host."""

    fleet: Fleet
    files: t.Mapping[str, KeyFile]
    contents: t.Mapping[str, str] = field(repr=False)

    def write(self) -> None:
        """Put all new keys beside the old ones; all or none. Raises HubspokeError."""
        written: list[KeyFile] = []
        try:
            for host, file in self.files.items():
                file.write(self.contents[host])
                written.append(file)
        except HubspokeError:
            for file in written:
                file.discard()
            raise

    def settle(self, outcomes: t.Sequence[DeployOutcome]) -> tuple[DeployOutcome, ...]:
        """Give each file the key that holds now, and tell each host where its key is."""
        known = {outcome.host: outcome for outcome in outcomes}
        hub = self.fleet.plan.hub.host
        for host in [*sorted(self.fleet.rotated), *(self.files.keys() & {hub})]:
            # A device that its operator configures has no outcome: what is known of it, the hub has verified.
            ends = [known[end] for end in dict.fromkeys((host, hub)) if end in known]
            fate = _fate(ends)
            words, went_wrong = self._kept(host, fate)
            if host in known:
                known[host] = _told(known[host], words, went_wrong=went_wrong)
                continue
            words = words or (_OPERATOR if fate == "old" else "")
            known[hub] = _told(known[hub], f"{host}: {words}", went_wrong=went_wrong)
        return tuple(known[outcome.host] for outcome in outcomes)

    def _kept(self, host: str, fate: _Fate) -> tuple[str, bool]:
        """Where the key of a host is now, and whether that is another place than it should be."""
        file = self.files.get(host)
        if file is None:
            if fate == "new":
                return f"set {KEY} to the new key before the next deployment, which would bring the old one back", False
            return (f"keep both keys: {_FIND_OUT}" if fate == "unknown" else ""), False
        if fate == "unknown":
            return f"the new key is kept in {file.new}, the old one where it was: {_FIND_OUT}", True
        failure = file.install() if fate == "new" else file.discard()
        return failure or (f"the new key is in {file.path}" if fate == "new" else ""), bool(failure)


_OPERATOR = "its operator has to put the old key back if he has set the new one"
_FIND_OUT = (
    "which of them the devices have is not known. Run hubspoke.srx.recover, then hubspoke.srx.drift: without a"
    " difference it is the old one"
)


def _fate(ends: t.Sequence[DeployOutcome]) -> _Fate:
    """Which key both ends of a tunnel have. A hub is confirmed too when the part of this spoke was left as it was."""
    new = [_has_new(end) for end in ends]
    if any(end.state in ("pending", "unknown") for end in ends) or (new[0] and not all(new)):
        return "unknown"
    return "new" if new[0] else "old"


def _has_new(outcome: DeployOutcome) -> bool:
    return outcome.state == "confirmed" or (outcome.state == "unchanged" and not outcome.failed)


def _told(outcome: DeployOutcome, words: str, *, went_wrong: bool) -> DeployOutcome:
    if not words:
        return outcome
    joint = " " if outcome.message.endswith(".") else "; "
    return replace(outcome, message=f"{outcome.message}{joint}{words}.", failed=outcome.failed or went_wrong)


def plan_rotation(
    fleet: Fleet,
    groups: t.Mapping[str, t.Any],
    chosen: t.Collection[str],
    problems_of: t.Callable[[KeyFile], t.Iterable[Problem]],
    variables_file: t.Callable[[str], str],
) -> Rotation:
    """New keys for the chosen hosts, given or generated. ``variables_file`` makes a file's content of a key.

    The hub itself gets another key where one is given to it, which all who share it have to take part in. Raises
    PlanError with every problem found, and HubspokeError where there is no host to work on.
    """
    hub = fleet.plan.hub
    spokes = [device for device in fleet.devices if device.host in chosen and device is not hub]
    if not spokes:
        raise HubspokeError(
            "controller: hosts whose keys are to be changed: expected spokes of the VPN, actual none in this play."
            " Choose them with -l."
        )
    changing = spokes + [device for device in (hub,) if hub.host in chosen and fleet.variables[hub.host].get(GIVEN)]
    files = {
        device.host: KeyFile(device.host, str(fleet.variables[device.host]["nhtb_key_file"]))
        for device in changing
        if fleet.variables[device.host].get("nhtb_key_file")
    }
    problems = [problem for device in changing for problem in _problems(fleet, device, has_file=device.host in files)]
    problems += _not_taking_part(fleet, {device.host for device in changing})
    problems += [problem for file in files.values() for problem in problems_of(file)]
    problems += _same_file(files)
    if problems:
        raise PlanError(problems)
    keys = {device.host: fleet.variables[device.host].get(GIVEN) or generate_key() for device in changing}
    return Rotation(
        _with_keys(fleet, groups, keys, frozenset(device.host for device in spokes)),
        files,
        {host: variables_file(str(keys[host])) for host in files},
    )


def _problems(fleet: Fleet, device: DevicePlan, *, has_file: bool) -> t.Iterator[Problem]:
    host, variables = device.host, fleet.variables[device.host]
    given = variables.get(GIVEN)
    by_operator = boolean(variables.get("nhtb_operator_sets_key") or False)
    if device.site.platform == "screenos" and not (given and by_operator):
        yield Problem(
            host,
            "nhtb_operator_sets_key",
            str(by_operator).lower(),
            f"the key of a ScreenOS device is set there by its operator, who has to know it before the run as {GIVEN}",
            "Give it, and set nhtb_operator_sets_key to true once the operator is about to set it within the confirm"
            f" window; or leave the host out with -l '!{host}'",
        )
    elif not given and not has_file:
        yield Problem(
            host,
            "nhtb_key_file",
            "(none)",
            "a generated key needs a file to go to",
            f"Set it, for example to host_vars/{host}/key.yml of the inventory, or give the key as {GIVEN}",
        )
    if given and str(given) == fleet.keys.get(host):
        yield Problem(host, GIVEN, _HIDDEN, f"is the key that {KEY} says already", "Give another one, or none")


def _not_taking_part(fleet: Fleet, changing: t.Collection[str]) -> t.Iterator[Problem]:
    """Who shares the hub's key and would be left with the old one."""
    hub = fleet.plan.hub.host
    if hub not in changing:
        return
    for device in fleet.devices:
        if device.host not in changing and fleet.keys.get(device.host) == fleet.keys.get(hub):
            message = f"{device.host} shares the hub's key and is not in this play"
            yield Problem(hub, GIVEN, _HIDDEN, message, "Change all that share it, or leave the hub out with -l")


def _same_file(files: t.Mapping[str, KeyFile]) -> t.Iterator[Problem]:
    times = Counter(file.path for file in files.values())
    for host, file in files.items():
        if times[file.path] > 1:
            message = f"{times[file.path]} hosts have this file"
            yield Problem(host, "nhtb_key_file", str(file.path), message, "Give every host a file of its own")


def _with_keys(
    fleet: Fleet, groups: t.Mapping[str, t.Any], keys: t.Mapping[str, t.Any], rotated: frozenset[str]
) -> Fleet:
    hostvars = {
        host: {**variables, KEY: keys[host]} if host in keys else variables
        for host, variables in fleet.variables.items()
    }
    return replace(read_fleet({"groups": groups, "hostvars": hostvars}), rotated=rotated)
