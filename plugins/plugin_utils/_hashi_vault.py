# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A host's key in HashiCorp Vault (KV version 2), by lookups of ``community.hashi_vault`` where it is installed.

A module of that collection would be a process of its own: Ansible writes the arguments of a module, here the key, into
a temporary file and into its debug output.
"""

from __future__ import annotations

import json
import typing as t
from contextlib import suppress
from dataclasses import dataclass, field

from ansible.plugins.loader import lookup_loader
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, Problem, shortened
from ansible_collections.hubspoke.srx.plugins.plugin_utils._key_store import GIVEN
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import KEY

COLLECTION = "community.hashi_vault"
# Its lookups take their options from these variables, from the environment and from ansible.cfg.
OPTIONS = "ansible_hashi_vault_"

_READ = f"{COLLECTION}.vault_kv2_get"
_WRITE = f"{COLLECTION}.vault_write"


@dataclass(frozen=True)
class Secret:
    """The fields of a secret and its version, which is 0 where there is none."""

    fields: t.Mapping[str, t.Any] = field(repr=False)
    version: int = 0


class HashiVault:
    """The secrets of one server, with the options of one host. Raise HubspokeError."""

    def __init__(self, host: str, options: t.Mapping[str, t.Any], loader: t.Any, templar: t.Any) -> None:
        """``options`` are the variables of the host that begin with ``OPTIONS``."""
        self._host = host
        self._options = dict(options)
        self._lookups = {name: lookup_loader.get(name, loader=loader, templar=templar) for name in (_READ, _WRITE)}
        if None in self._lookups.values():
            raise HubspokeError(
                f"controller: nhtb_key_store: expected the collection {COLLECTION} for hashi_vault, actual not"
                " installed. Install it with hvac, set nhtb_key_file instead, or give the key as"
                f" {GIVEN}."
            )

    def read(self, mount: str, path: str) -> Secret:
        """Return the newest version of a secret."""
        try:
            found = self._lookups[_READ].run([path], variables=self._options, engine_mount_point=mount)[0]
            return Secret(json.loads(json.dumps(dict(found["secret"]))), int(found["metadata"]["version"]))
        except Exception as error:
            # Those of hvac and requests too, which may not be installed.
            if _is_missing(error):
                return Secret({})
            raise self._error(f"{mount}/{path}", "to be read", error) from None

    def write(self, mount: str, path: str, fields: t.Mapping[str, t.Any], version: int) -> None:
        """Write a new version of a secret, where ``version`` is the newest one."""
        body = {"data": dict(fields), "options": {"cas": version}}
        try:
            self._lookups[_WRITE].run([f"{mount}/data/{path}"], variables=self._options, data=body)
        except Exception as error:
            raise self._error(f"{mount}/{path}", f"to be written after version {version}", error) from None

    def _error(self, place: str, expected: str, error: Exception) -> HubspokeError:
        words = shortened(" ".join(str(error).split()) or type(error).__name__).rstrip(".")
        return HubspokeError(
            f"{self._host}: HashiCorp Vault {place}: expected {expected}, actual {type(error).__name__}: {words}."
            f" Check the variables {OPTIONS}url, _auth_method and so on, and the policy of the token."
        )


class KeySecret:
    """The secret of one host: ``nhtb_pre_shared_key`` in force, ``nhtb_new_pre_shared_key`` its successor meanwhile.

    Other fields of the secret stay.
    """

    variable = "nhtb_key_store_path"

    def __init__(self, host: str, vault: HashiVault, mount: str, path: str, old: str) -> None:
        """``old`` is the key in force, as the inventory has it."""
        self._host = host
        self._vault = vault
        self._mount = mount.strip("/")
        self._path = path.strip("/")
        self._old = old
        self._new = ""

    @property
    def place(self) -> str:
        """Where the key in force is."""
        return f"{self._mount}/{self._path} of HashiCorp Vault"

    @property
    def new_place(self) -> str:
        """Where the new key is meanwhile."""
        return f"{GIVEN} in {self.place}"

    def problems(self) -> t.Iterator[Problem]:
        """Yield what prevents keeping a key here. Raise HubspokeError where the secret cannot be read."""
        found = self._read().fields
        if GIVEN in found:
            yield self._problem(
                f"{GIVEN} remains there from a run whose end is not known",
                f"Run hubspoke.srx.recover, then hubspoke.srx.drift: where {self._host} has no difference its old key"
                f" is in force, so remove {GIVEN}; otherwise make it {KEY}",
            )
        if KEY in found and str(found[KEY]) != self._old:
            yield self._problem(
                f"has another {KEY} than the inventory", f"Make the inventory read {KEY} from there by a lookup"
            )

    def write(self, key: str) -> None:
        """Keep the new key next to the old one, and read both. Raise HubspokeError."""
        before = self._read()
        if GIVEN in before.fields:
            raise HubspokeError(f"{self._host}: {self.place}: expected no {GIVEN}, actual there, of another run.")
        self._new = key
        try:
            self._replace({**before.fields, KEY: self._old, GIVEN: key}, before.version)
        except HubspokeError:
            # It may have been written: the reply alone may be lost.
            with suppress(HubspokeError):
                if self._read().fields.get(GIVEN) == key:
                    self.discard()
            raise

    def install(self) -> str:
        """Make the new key the one in force. Return the failure with its remedy, empty if none."""
        return self._settle(self._new, f"The new key is in force: make it {KEY} in {self.place}, where {GIVEN} is it")

    def discard(self) -> str:
        """Remove the new key: the old one stays in force. Return the failure with its remedy, empty if none."""
        return self._settle(self._old, f"The old key is in force, {KEY} in {self.place}: remove {GIVEN} there")

    def _settle(self, key: str, remedy: str) -> str:
        try:
            found = self._read()
            others = {name: value for name, value in found.fields.items() if name != GIVEN}
            self._replace({**others, KEY: key}, found.version)
        except HubspokeError as error:
            return f"{error} {remedy}"
        return ""

    def _replace(self, fields: t.Mapping[str, t.Any], version: int) -> None:
        self._vault.write(self._mount, self._path, fields, version)
        if self._read().fields != fields:
            raise HubspokeError(
                f"{self._host}: {self.place}: expected what was just written, actual something else. Another user"
                " writes there too."
            )

    def _read(self) -> Secret:
        return self._vault.read(self._mount, self._path)

    def _problem(self, message: str, remedy: str) -> Problem:
        return Problem(self._host, self.variable, f"{self._mount}/{self._path}", message, remedy)


def _is_missing(error: BaseException | None) -> bool:
    """Return whether the lookup, or hvac below it, found no secret."""
    while error is not None:
        if type(error).__name__ == "InvalidPath" or "Invalid or missing path" in str(error):
            return True
        error = error.__cause__
    return False
