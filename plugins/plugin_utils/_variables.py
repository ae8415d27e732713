# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Variables of every host as the task sees them: in Ansible's order of precedence, each evaluated or refused."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.parsing.vault import parse_vaulttext_envelope
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, shortened
from ansible_collections.hubspoke.srx.plugins.plugin_utils._plain import NotPlain, plain
from ansible_collections.hubspoke.srx.plugins.plugin_utils._vault import sealed_file, variable_folders

HUBS = "nhtb_hubs"
SPOKES = "nhtb_spokes"

# Variables whose value may hold a secret.
_SECRET = re.compile(r"pre_shared_key$|password|passphrase|_pass$|^nhtb_trace_copy_to$")
_OPENING = re.compile(r"\{\{|\{%.*%\}", re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
# A template may name variables that name others.
_DEEPEST = 8
# Characters of Ansible's words about a template in a message.
_WORDS = 200
# The same for all hosts; Ansible adds them to the variables of the task.
_COMMON = (
    "hostvars",
    "ansible_search_path",
    "ansible_play_hosts_all",
    "ansible_play_hosts",
    "ansible_play_batch",
    "play_hosts",
)
_LOOP = ("ansible_loop_var", "ansible_index_var")

Values = t.Mapping[str, t.Any]


class BadVariable(HubspokeError):
    """A variable without a value: a template that cannot be evaluated, or a secret that cannot be decrypted."""

    reason = "bad_inventory"

    def __init__(self, host: str, name: str, actual: str, remedy: str, shown: str = "") -> None:
        self.actual = actual
        self.remedy = remedy
        # How the plan tells of it: the value, and why it is none.
        self.shown = shown or "(template)"
        self.why = "no variable can have such a value" if shown else actual
        super().__init__(f"{host}: {name}: expected a value, actual {actual}. {remedy}.")


class UnreadVariables(HubspokeError):
    """A file with variables of a host that Ansible cannot read."""

    reason = "bad_inventory"

    def __init__(self, host: str, name: str, expected: str, actual: str, remedy: str) -> None:
        super().__init__(f"{host}: {name}: expected {expected}, actual {actual}. {remedy}.")


class HostVariables(t.Mapping[str, t.Any]):
    """The variables of one host as plain data, each evaluated when it is read. Raise BadVariable."""

    def __init__(self, host: str, raw: Values, templar: t.Any) -> None:
        self.raw = raw
        self._host = host
        self._templar = templar
        self._known: dict[str, t.Any] = {}

    def __getitem__(self, name: str) -> t.Any:
        if name not in self._known:
            self._known[name] = evaluate(self._host, name, self.raw, self._templar)
        return self._known[name]

    def evaluated(self, name: str, template: t.Any) -> t.Any:
        """Return the value that a template, which is no variable, has on this host."""
        return evaluate(self._host, name, {name: template, "omit": self.raw.get("omit")}, self._templar)

    def __contains__(self, name: object) -> bool:
        return name in self.raw

    def __iter__(self) -> t.Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


class PlayVariables(t.Mapping[str, HostVariables]):
    """The variables of every host of the inventory as this task sees them.

    Ansible's ``hostvars`` lack the variables of plays, roles, blocks and tasks.
    """

    def __init__(self, action: ActionBase, task_vars: Values) -> None:
        self._task = action._task
        self._loader = action._loader
        self._hostvars = task_vars["hostvars"]
        names = [*_COMMON, *_LOOP, *(str(task_vars[name]) for name in _LOOP if task_vars.get(name))]
        self._folders = variable_folders(task_vars)
        self._common = {name: task_vars[name] for name in names if name in task_vars}
        self._known: dict[str, HostVariables] = {}

    def __getitem__(self, host: str) -> HostVariables:
        if host not in self._known:
            found = self._hostvars._inventory.get_host(host)
            if found is None:
                raise KeyError(host)
            try:
                # Given these lists, Ansible does not make them anew for each host.
                raw = self._hostvars._variable_manager.get_vars(
                    play=self._task.get_play(), host=found, task=self._task, _hosts=[host], _hosts_all=[host]
                )
            except AnsibleError as error:
                raise self._unread(found, error) from None
            raw.update(self._common)
            self._known[host] = HostVariables(host, raw, Templar(loader=self._loader, variables=raw))
        return self._known[host]

    def hosts_of(self, pattern: t.Any) -> frozenset[str]:
        """Return the hosts of a pattern, whatever the run is limited to."""
        found = self._hostvars._inventory.get_hosts(pattern, ignore_limits=True, ignore_restrictions=True)
        return frozenset(host.name for host in found)

    def _unread(self, host: t.Any, error: AnsibleError) -> UnreadVariables:
        """Return the error about a host whose files of variables Ansible cannot read."""
        # First: the name of a file that cannot be read often has the word vault.
        if (unread := unread_file(host.name, error)) is not None:
            return unread
        sealed = None
        if _is_about_vault(error):
            sealed = sealed_file(self._loader, self._folders, host.name, [group.name for group in host.get_groups()])
        if sealed is None:
            return UnreadVariables(
                host.name, "variables", "files that Ansible can read", _words_of(error), "Correct them"
            )
        path, vault_id = sealed
        expected = "a file that a vault password of this run decrypts"
        return UnreadVariables(host.name, str(path), expected, f"none does (vault ID {vault_id})", _password(vault_id))

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._hostvars)

    def __len__(self) -> int:
        return len(self._hostvars)


def of_play(action: ActionBase, task_vars: Values) -> dict[str, t.Any]:
    """Return the variables of the task, in whose ``hostvars`` the variables of the play and the task count too."""
    return {**task_vars, "hostvars": PlayVariables(action, task_vars)}


def evaluate(host: str, name: str, raw: Values, templar: t.Any) -> t.Any:
    """Return a variable as plain data, without Ansible's wrappers; ``None`` where it is omitted. Raise BadVariable."""
    try:
        # Before any template: Ansible itself does not survive each of these values.
        plain(raw.get(name), decrypt=False)
        # As a member of a mapping: ansible-core from 2.19 on drops a member that is omitted, and refuses a lone value.
        value = templar.template({name: raw.get(name)}, fail_on_undefined=True).get(name)
        omit = raw.get("omit")
        if value is None or value == omit:
            return None
        # Up to ansible-core 2.18 an omitted member has a text of its own.
        value = plain(value, str(omit) if omit else None)
    except NotPlain as error:
        raise BadVariable(host, name, str(error), error.remedy, f"({error})") from None
    except Exception as error:  # a template may call anything
        raise _bad(host, name, raw, error) from None
    if is_open(value):
        # Up to ansible-core 2.18 a template with an undefined variable may stand as it is.
        shown = "(hidden)" if _SECRET.search(name) else shortened(repr(value))
        raise BadVariable(
            host, name, f"a template with an undefined variable: {shown}", "Define the variable that it names"
        )
    return value


def is_open(value: t.Any) -> bool:
    """Return whether a value still has the opening of a template."""
    if isinstance(value, dict):
        return any(is_open(one) for item in value.items() for one in item)
    if isinstance(value, list):
        return any(is_open(one) for one in value)
    return isinstance(value, str) and _OPENING.search(value) is not None


def _bad(host: str, name: str, raw: Values, error: Exception) -> BadVariable:
    vault_ids = sorted(_vault_ids(raw[name], raw, _DEEPEST))
    if vault_ids and _is_about_vault(error):
        ids = " or ".join(vault_ids)
        return BadVariable(
            host,
            name,
            f"a value that no vault password of this run decrypts (vault ID {ids})",
            _password(ids),
        )
    words = type(error).__name__ if _SECRET.search(name) else _words_of(error)
    return BadVariable(host, name, f"a template that cannot be evaluated: {words}", "Correct it or define what it uses")


def _words_of(error: Exception) -> str:
    """Return the words of an error of Ansible on one line. Up to ansible-core 2.18 it repeats those of its cause."""
    words = " ".join(str(getattr(error, "orig_exc", None) or error).split())
    return shortened(words, _WORDS).rstrip(".")


def unread_file(host: str, error: BaseException) -> UnreadVariables | None:
    """Return the error about a file that the system does not let Ansible read; ``None`` where it is another error."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if cause is None or not cause.filename:
        return None
    path = Path(os.fsdecode(cause.filename))
    # A long path would hide the reason in a message of few characters.
    name = shortened("/".join(path.parts[-2:]))
    remedy = f"Let this user read {path}" if isinstance(cause, PermissionError) else f"Correct {path}"
    return UnreadVariables(host, name, "a file that can be read", cause.strerror or type(cause).__name__, remedy)


def _password(vault_id: str) -> str:
    return f"Give its password with --vault-id {vault_id}@prompt or --vault-password-file"


def _is_about_vault(error: BaseException | None) -> bool:
    """Return whether the error, or one that caused it, is of Ansible Vault."""
    while error is not None:
        if "vault" in f"{type(error).__name__} {error}".lower():
            return True
        error = error.__cause__ or error.__context__
    return False


def _vault_ids(value: t.Any, raw: Values, depth: int) -> set[str]:
    """Return the vault IDs of the encrypted values in a variable, and in the variables that its templates name."""
    sealed = getattr(value, "_ciphertext", None)
    if sealed is not None:
        text = sealed if isinstance(sealed, bytes) else str(sealed).encode()
        return {str(parse_vaulttext_envelope(text)[3] or "default")}
    if depth == 0:
        return set()
    if isinstance(value, t.Mapping):
        parts: t.Iterable[t.Any] = value.values()
    elif isinstance(value, (list, tuple)):
        parts = value
    elif isinstance(value, str) and _OPENING.search(value):
        parts = [raw[word] for word in set(_IDENTIFIER.findall(value)) if word in raw and word not in _COMMON]
    else:
        parts = ()
    return {found for part in parts for found in _vault_ids(part, raw, depth - 1)}
