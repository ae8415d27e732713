# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection and check it with galaxy-importer, as Galaxy and Automation Hub do at an upload.

``python -m tests.utils.importer FOLDER`` builds into the folder. The importer has an environment of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.utils.artifact import build
from tests.utils.tree import ROOT

TOOLS = ROOT / ".cache" / "importer" / "bin"
SETTINGS = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS = True
RUN_FLAKE8 = False
"""


def main(folder: Path) -> int:
    """Return the exit status: 0 if the importer accepts the artifact without a warning."""
    artifact = build(ROOT, folder)
    settings = folder / "galaxy-importer.cfg"
    settings.write_text(SETTINGS, encoding="utf-8")
    environment = dict(os.environ)
    environment["GALAXY_IMPORTER_CONFIG"] = str(settings)
    environment["PATH"] = f"{TOOLS}{os.pathsep}{environment['PATH']}"
    # The importer works in the current folder: the settings of this checkout do not apply there.
    environment.pop("ANSIBLE_CONFIG", None)
    run = subprocess.run(
        [str(TOOLS / "python"), "-m", "galaxy_importer.main", str(artifact)],
        cwd=folder, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    print(run.stdout)
    complaints = [line for line in run.stdout.splitlines() if line.startswith(("WARNING", "ERROR"))]
    return 1 if run.returncode or complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
