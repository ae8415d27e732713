# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented interface of the lookup of that name in community.hashi_vault, as far as tests need it."""

from __future__ import annotations

import typing as t

from ansible.plugins.lookup import LookupBase
from ansible_collections.community.hashi_vault.plugins.plugin_utils.server import (  # type: ignore[import-not-found]
    Server,
)

DOCUMENTATION = """
name: vault_kv2_get
short_description: Read a secret of the key-value engine, version 2
description: Reads secrets.
options:
  engine_mount_point:
    description: The mount point.
    type: str
    default: secret
  url:
    description: The server.
    type: str
    vars:
      - name: ansible_hashi_vault_url
  token:
    description: The token.
    type: str
    vars:
      - name: ansible_hashi_vault_token
"""


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(
        self, terms: t.Sequence[str], variables: dict[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[dict[str, t.Any]]:
        self.set_options(direct=kwargs, var_options=variables)
        server = Server(self.get_option("url"), self.get_option("token"))
        found = []
        for path in terms:
            fields, version = server.read(self.get_option("engine_mount_point"), path)
            data = {"data": fields, "metadata": {"version": version}}
            found.append({"raw": {"data": data}, "data": data, "secret": fields, "metadata": data["metadata"]})
        return found
