# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Ansible Vault with the secrets of this ansible-playbook run."""

from __future__ import annotations

import textwrap
import typing as t
from pathlib import Path

import yaml
from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, parse_vaulttext_envelope
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError

KEY = "nhtb_pre_shared_key"

_TOP = f"""\
---
# Written by hubspoke.srx.{{by}}: this file has {KEY} and nothing else.
"""


class Vault:
    """Encryption with one of the secrets of the run: the one that is named, or the only one."""

    def __init__(self, secrets: t.Sequence[tuple[str, t.Any]], vault_id: str) -> None:
        """Take Ansible's ``secrets``, by vault ID. Raise HubspokeError where it is not clear which encrypts."""
        wanted = vault_id or str(C.DEFAULT_VAULT_ENCRYPT_IDENTITY or "")
        loaded = list(dict.fromkeys(name for name, _secret in secrets))
        if not loaded:
            raise HubspokeError(
                "controller: vault secret for nhtb_key_file: expected one, actual none loaded in this run."
                " Add --vault-id or --vault-password-file, as for ansible-vault."
            )
        if wanted and wanted not in loaded:
            raise HubspokeError(
                f"controller: nhtb_vault_id: expected one of {', '.join(loaded)}, actual {wanted}."
                " Name a vault ID of this run, or load that one with --vault-id."
            )
        if not wanted and len(loaded) > 1:
            raise HubspokeError(
                f"controller: nhtb_vault_id: expected one of {', '.join(loaded)}, actual none."
                " Name the one that encrypts the new keys."
            )
        self._id = wanted or loaded[0]
        self._secret = next(secret for name, secret in secrets if name == self._id)
        self._library = VaultLib(list(secrets))

    def variables_file(self, key: str, by: str = "rotate_keys") -> str:
        """Return the content of a YAML file that gives a host this key, written by the playbook ``by``."""
        envelope = self._library.encrypt(key, self._secret, self._id).decode()
        return f"{_TOP.format(by=by)}{KEY}: !vault |\n{textwrap.indent(envelope, '  ')}"


def variable_folders(variables: t.Mapping[str, t.Any]) -> list[Path]:
    """Return the folders in which Ansible looks for ``host_vars``: those of the inventories and of the playbook."""
    sources = [Path(str(source)) for source in variables.get("ansible_inventory_sources") or ()]
    inventories = [source if source.is_dir() else source.parent for source in sources if source.exists()]
    return [folder.resolve() for folder in dict.fromkeys([*inventories, Path(str(variables.get("playbook_dir", ".")))])]


def sealed_file(
    loader: t.Any, folders: t.Iterable[Path], host: str, groups: t.Iterable[str]
) -> tuple[Path, str] | None:
    """Return the first file with variables of a host that no secret of the run decrypts, and its vault ID."""
    library = VaultLib(list(loader._vault.secrets or []))
    places = [("host_vars", host), *(("group_vars", group) for group in groups)]
    for folder in folders:
        for kind, name in places:
            for found in loader.find_vars_files(str(folder / kind), name):
                path = Path(str(found))
                content = path.read_bytes()
                if not library.is_encrypted(content):
                    continue
                try:
                    library.decrypt(content)
                except AnsibleError:
                    return path, str(parse_vaulttext_envelope(content)[3] or "default")
    return None


def variables_in(path: Path, secrets: t.Sequence[tuple[str, t.Any]]) -> dict[str, t.Any] | None:
    """Return the variables of a file, encrypted values unchanged: none without such a file.

    Return ``None`` where the file cannot be read as variables.
    """
    if path.exists() and not path.is_file():
        # Opening a FIFO would wait for its writer.
        return None
    try:
        content = path.read_bytes()
        if VaultLib.is_encrypted(content):
            content = VaultLib(list(secrets)).decrypt(content)
        found = yaml.load(content, _Loader)  # noqa: S506  a SafeLoader that reads tags as plain values
    except FileNotFoundError:
        return {}
    except (OSError, AnsibleError, yaml.YAMLError, UnicodeDecodeError):
        return None
    if found is None:
        return {}
    return {str(name): value for name, value in found.items()} if isinstance(found, dict) else None


class _Loader(yaml.SafeLoader):
    """YAML with Ansible's tags, whose values stay as they are."""


def _tagged(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> t.Any:
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_multi_constructor("!", _tagged)
