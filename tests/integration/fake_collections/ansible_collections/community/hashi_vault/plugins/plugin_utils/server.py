# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server of HashiCorp Vault with one key-value engine of version 2, in a file: the versions of each secret by path.

A file ``kill`` next to it has what ends the process: the number of a write, and ``before`` or ``after`` it.
"""

from __future__ import annotations

import json
import os
import signal
import typing as t
from pathlib import Path

from ansible.errors import AnsibleError

Fields = dict[str, t.Any]
TOKEN = "of-the-lookups"
ENGINE = "secret"


class Server:
    def __init__(self, url: str, token: str) -> None:
        if token != TOKEN:
            raise AnsibleError("Forbidden: Permission Denied.")
        self._file = Path(url.removeprefix("file://"))
        self._kill = self._file.with_name("kill")

    def read(self, mount: str, path: str) -> tuple[Fields, int]:
        versions = self._versions(mount, path)
        if not versions:
            raise AnsibleError(f"Invalid or missing path ['{path}'] with secret version 'latest'.")
        return versions[-1], len(versions)

    def write(self, path: str, body: Fields) -> Fields:
        mount, _data, name = path.partition("/data/")
        versions = self._versions(mount, name)
        if body["options"]["cas"] != len(versions):
            raise ValueError("check-and-set parameter did not match the current version")
        everything = self._everything()
        number = sum(map(len, everything.values())) + 1
        self._end("before", number)
        everything[name] = [*versions, body["data"]]
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(everything))
        new.replace(self._file)
        self._end("after", number)
        return {"version": len(versions) + 1}

    def _everything(self) -> dict[str, list[Fields]]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def _versions(self, mount: str, path: str) -> list[Fields]:
        if mount != ENGINE:
            raise AnsibleError(f"Invalid or missing path ['{mount}'].")
        return self._everything().get(path, [])

    def _end(self, when: str, number: int) -> None:
        if self._kill.exists() and self._kill.read_text() == f"{number} {when}":
            os.kill(os.getpid(), signal.SIGKILL)
