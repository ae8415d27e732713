# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files for people: for their owner alone, whatever was there before."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError
from ansible_collections.hubspoke.srx.plugins.plugin_utils._artifacts import write_files


def test_a_file_that_everybody_could_read_is_the_owners_alone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "hub.conf"
    path.write_text("before", encoding="utf-8")
    path.chmod(0o644)
    assert write_files(str(tmp_path), {"hub.conf": "after"}) == ["hub.conf"]
    assert path.read_text(encoding="utf-8") == "after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert write_files(str(tmp_path), {"hub.conf": "after"}) == []


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(HubspokeError, match=r"nhtb_artifacts_dir .*file: expected a folder to write to, actual"):
        write_files(str(tmp_path / "file"), {"hub.conf": "text"})
