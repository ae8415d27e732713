# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""New keys: the hosts that get one, the place of each key while the devices change, and afterwards."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, replace

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import generate_key
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, PlanError, Problem, full_stop
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan
from ansible_collections.hubspoke.srx.plugins.module_utils._model.run import DeployOutcome
from ansible_collections.hubspoke.srx.plugins.plugin_utils._fleet import Fleet, read_fleet
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_store import GIVEN, WAYS, KeyStore
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY

KeyInForce = t.Literal["new", "old", "unknown"]
_HIDDEN = "(not shown)"
_OLD_AT_OPERATOR = "its operator must set the old key again, if the new one is set there already"
_UNKNOWN = (
    "it is not known which of them the devices have. Run hubspoke.srx.recover, then hubspoke.srx.drift: without a"
    " difference it is the old one"
)


@dataclass(frozen=True)
class KeyNote:
    """A sentence about the key of a host, without its full stop; ``failed`` where the key is not in its place."""

    words: str = ""
    failed: bool = False

    def on(self, outcome: DeployOutcome) -> DeployOutcome:
        """Return the outcome with this sentence in its message."""
        if not self.words:
            return outcome
        message = f"{outcome.message.rstrip('.')}; {self.words}."
        note = f"{outcome.note} {full_stop(self.words)}".strip()
        return replace(outcome, message=message, note=note, failed=outcome.failed or self.failed)


@dataclass(frozen=True)
class Rotation:
    """The ``fleet`` with its new keys, and the ``stores`` of these keys, by host."""

    fleet: Fleet
    stores: t.Mapping[str, KeyStore]

    def write(self) -> None:
        """Write every new key next to the old one, or none. Raise HubspokeError."""
        written: list[KeyStore] = []
        try:
            for host, store in self.stores.items():
                store.write(self.fleet.keys[host])
                written.append(store)
        except HubspokeError as error:
            kept = "".join(f" {failure}." for store in written if (failure := store.discard()))
            raise HubspokeError(f"{error} No device was contacted, and no new key is in force.{kept}") from None

    def settle(self, outcomes: t.Sequence[DeployOutcome]) -> tuple[DeployOutcome, ...]:
        """Put the key in force into each place; return the outcomes with the place of each key in their messages."""
        known = {outcome.host: outcome for outcome in outcomes}
        hub = self.fleet.plan.hub.host
        for host in [*sorted(self.fleet.rotated), *(self.stores.keys() & {hub})]:
            # A device that its operator configures has no outcome: the hub has verified its key.
            key = key_in_force([known[end] for end in dict.fromkeys((host, hub)) if end in known])
            note = self._settle_store(host, key)
            if host in known:
                known[host] = note.on(known[host])
                continue
            words = note.words or (_OLD_AT_OPERATOR if key == "old" else "")
            known[hub] = replace(note, words=f"{host}: {words}").on(known[hub])
        return tuple(known[outcome.host] for outcome in outcomes)

    def _settle_store(self, host: str, key: KeyInForce) -> KeyNote:
        store = self.stores.get(host)
        if key == "unknown":
            if store is None:
                return KeyNote(f"keep both keys: {_UNKNOWN}")
            return KeyNote(
                f"the new key is kept in {store.new_place}, the old one where it was: {_UNKNOWN}", failed=True
            )
        if store is None:
            words = f"set {KEY} to the new key before the next deployment, which would bring the old one back"
            return KeyNote(words if key == "new" else "")
        failure = store.install() if key == "new" else store.discard()
        if failure:
            return KeyNote(failure, failed=True)
        return KeyNote(f"the new key is in {store.place}" if key == "new" else "")


def key_in_force(ends: t.Sequence[DeployOutcome]) -> KeyInForce:
    """Return the key that both ends of a tunnel have; the first end is the spoke.

    A hub is confirmed too where the part of this spoke, excluded, stayed unchanged.
    """
    new = [_has_new(end) for end in ends]
    if any(end.state in ("pending", "unknown") for end in ends) or (new[0] and not all(new)):
        return "unknown"
    return "new" if new[0] else "old"


def _has_new(outcome: DeployOutcome) -> bool:
    return outcome.state == "confirmed" or (outcome.state == "unchanged" and not outcome.failed)


def plan_rotation(
    fleet: Fleet,
    groups: t.Mapping[str, t.Any],
    chosen: t.Collection[str],
    store_of: t.Callable[[str], KeyStore | None],
) -> Rotation:
    """Return new keys for the chosen hosts, given or generated. ``store_of`` returns the place of a host's key.

    The hub itself gets another key where its variables give one; all spokes that share it must then take part. Raise
    PlanError with every problem found, and HubspokeError where no spoke is chosen.
    """
    hub = fleet.plan.hub
    spokes = [device for device in fleet.devices if device.host in chosen and device is not hub]
    if not spokes:
        raise HubspokeError(
            "controller: hosts whose keys are to be changed: expected spokes of the VPN, actual none in this play."
            " Choose them with -l."
        )
    changing = spokes + [device for device in (hub,) if hub.host in chosen and fleet.variables[hub.host].get(GIVEN)]
    stores = {device.host: store for device in changing if (store := store_of(device.host)) is not None}
    problems = [problem for device in changing for problem in _problems(fleet, device, has_place=device.host in stores)]
    problems += _not_taking_part(fleet, {device.host for device in changing})
    problems += [problem for store in stores.values() for problem in store.problems()]
    problems += _same_place(stores)
    if problems:
        raise PlanError(problems)
    own = {device.host: fleet.variables[device.host] for device in changing}
    keys = {
        host: variables.get(GIVEN) or generate_key(variables.get("nhtb_key_format") or "ascii")
        for host, variables in own.items()
    }
    return Rotation(_with_keys(fleet, groups, keys, frozenset(device.host for device in spokes)), stores)


def _problems(fleet: Fleet, device: DevicePlan, *, has_place: bool) -> t.Iterator[Problem]:
    host, variables = device.host, fleet.variables[device.host]
    given = variables.get(GIVEN)
    by_operator = boolean(variables.get("nhtb_operator_sets_key") or False)
    if device.site.profile.by_operator and not (given and by_operator):
        yield Problem(
            host,
            "nhtb_operator_sets_key",
            str(by_operator).lower(),
            f"its operator sets the key there, on {device.site.profile.title}, and must know it before the run from"
            f" {GIVEN}",
            "Give it, and set nhtb_operator_sets_key to true once the operator is about to set it within the confirm"
            f" window; or exclude the host with -l '!{host}'",
        )
    elif not given and not has_place:
        yield Problem(
            host,
            "nhtb_key_file",
            "(none)",
            "a generated key needs a place that outlives the run",
            WAYS.format(host=host),
        )
    if given and str(given) == fleet.keys.get(host):
        yield Problem(host, GIVEN, _HIDDEN, f"is the key that {KEY} has already", "Give another one, or none")


def _not_taking_part(fleet: Fleet, changing: t.Collection[str]) -> t.Iterator[Problem]:
    """Yield a problem for each host that shares the hub's key and would keep the old one."""
    hub = fleet.plan.hub.host
    if hub not in changing:
        return
    for device in fleet.devices:
        if device.host not in changing and fleet.keys.get(device.host) == fleet.keys.get(hub):
            message = f"{device.host} shares the hub's key and is not in this play"
            yield Problem(hub, GIVEN, _HIDDEN, message, "Change all that share it, or exclude the hub with -l")


def _same_place(stores: t.Mapping[str, KeyStore]) -> t.Iterator[Problem]:
    times = Counter(store.place for store in stores.values())
    for host, store in stores.items():
        if times[store.place] > 1:
            message = f"{times[store.place]} hosts have this place"
            yield Problem(host, store.variable, store.place, message, "Give every host a place of its own")


def _with_keys(
    fleet: Fleet, groups: t.Mapping[str, t.Any], keys: t.Mapping[str, t.Any], rotated: frozenset[str]
) -> Fleet:
    hostvars = {
        host: {**variables, KEY: keys[host]} if host in keys else variables
        for host, variables in fleet.variables.items()
    }
    return replace(read_fleet({"groups": groups, "hostvars": hostvars}, profiles=fleet.profiles), rotated=rotated)
