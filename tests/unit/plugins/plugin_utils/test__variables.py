# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of variables that Ansible cannot read: the reason stands in the short message."""

from __future__ import annotations

import errno
import os
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible.parsing import dataloader
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import MESSAGE_CHARACTERS, Parts
from ansible_collections.hubspoke.srx.plugins.plugin_utils._variables import unread_file


@pytest.mark.parametrize(
    ("number", "actual", "remedy"),
    [
        (errno.EACCES, "Permission denied", "Let this user read {path}."),
        (errno.EIO, "Input/output error", "Correct {path}."),
    ],
)
def test_the_reason_is_in_the_short_message(
    number: int, actual: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "-".join(["long"] * 40) / "host_vars"
    folder.mkdir(parents=True)
    path = folder / "vault.yml"
    path.write_text("a: 1", encoding="utf-8")

    def refuse(name: t.Any, *arguments: t.Any, **more: t.Any) -> t.Any:
        raise OSError(number, os.strerror(number), name)

    # The call of ansible-core before 2.19, and that of later ones.
    monkeypatch.setattr(dataloader, "open", refuse, raising=False)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(AnsibleError) as found:
        dataloader.DataLoader().load_from_file(str(path))
    parts = Parts.of(str(unread_file("oslo", found.value)))
    assert parts.message == f"oslo: host_vars/vault.yml: expected a file that can be read, actual {actual}."
    assert (len(parts.message) <= MESSAGE_CHARACTERS, parts.remedy) == (True, remedy.format(path=path))


def test_another_error_is_about_no_file() -> None:
    assert unread_file("oslo", AnsibleError("no vault secret found")) is None
