# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of this checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tree_files(*folders: str) -> list[str]:
    """Return the files below the folders that git tracks or would add, relative to the checkout; of all without one."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    # A file that was deleted and not yet committed is still listed.
    return sorted(name for name in set(listing.stdout.split("\0")) if name and ROOT.joinpath(name).is_file())
