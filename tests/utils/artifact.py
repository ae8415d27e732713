# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection and compare the files of the artifact with tests/artifact-files.txt.

``python -m tests.utils.artifact FOLDER`` builds into the folder; ``--update`` writes the list.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

from tests.utils.tree import ROOT

LISTED = ROOT / "tests" / "artifact-files.txt"


def build(source: Path, folder: Path) -> Path:
    """Build the artifact of the collection in ``source`` into the folder, in place of an older one. Return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.tar.gz"):
        old.unlink()
    program = str(Path(sys.executable).parent / "ansible-galaxy")
    command = [program, "collection", "build", "--output-path", str(folder), str(source)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("*.tar.gz"))


def main(folder: Path, update: bool) -> int:
    """Return the exit status: 0 if the artifact has the files of the list and no others."""
    with tarfile.open(build(ROOT, folder)) as artifact:
        found = sorted(member.name for member in artifact.getmembers() if member.isfile())
    if update:
        LISTED.write_text("".join(f"{name}\n" for name in found), encoding="utf-8")
    listed = LISTED.read_text(encoding="utf-8").splitlines()
    for name in sorted(set(found) - set(listed)):
        print(f"{name}: expected in {LISTED.name}, actual absent. Add it to galaxy.yml's build_ignore, or --update.")
    for name in sorted(set(listed) - set(found)):
        print(f"{name}: expected in the artifact, actual absent. Correct galaxy.yml's build_ignore, or --update.")
    print(f"{len(found)} files in the artifact")
    return 0 if found == listed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--update" in sys.argv[2:]))
