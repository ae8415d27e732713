# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of one host in the artifacts folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import host_file, remove_files
from ansible_collections.hubspoke.srx.plugins.plugin_utils._files import write_files


def test_the_files_of_a_host_outside_the_vpn_are_removed(tmp_path: Path) -> None:
    kinds = ("conf", "set", "screenos", "diff")
    names = [host_file(host, kind) for host in ("old", "a/b", "hub") for kind in kinds]
    write_files(str(tmp_path), dict.fromkeys(names, "text"))
    remove_files(str(tmp_path), ["old", "a/b", "never-there"])
    assert set(os.listdir(tmp_path)) == {f"hub.{kind}" for kind in kinds}


def test_a_file_that_cannot_be_removed_is_named(tmp_path: Path) -> None:
    (tmp_path / "old.set").mkdir()
    with pytest.raises(HubspokeError, match=r"old\.set: expected to be removed, actual .*\. Remove it by hand\."):
        remove_files(str(tmp_path), ["old"])
