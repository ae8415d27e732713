# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the documentation of this checkout as HTML: ``python -m tests.utils.docs FOLDER``. A warning is an error.

antsibull-docs lays out the site as it recommends to collections, in the Ansible theme. The pages refer to a few labels
of Ansible's documentation. Sphinx looks them up there, and without a network in an inventory that is made here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

from tests.utils.tree import ROOT

NAME = "hubspoke.srx"
# The labels that the pages of antsibull-docs refer to, and their places below ANSIBLE.
ANSIBLE = "https://docs.ansible.com/projects/ansible/devel/"
LABELS = {
    "action_plugins": "plugins/action.html",
    "callback_plugins": "plugins/callback.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}


class ToolFailed(Exception):
    """A tool ended with an error; the text has its output."""


def inventory(labels: dict[str, str]) -> bytes:
    """Return a Sphinx inventory, version 2, with the place of each label."""
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: devel\n# The remainder is zlib-compressed.\n"
    rows = "".join(f"{label} std:label -1 {place}#{label} {label}\n" for label, place in labels.items())
    return head.encode() + zlib.compress(rows.encode())


def write_inventories(site: Path) -> None:
    """Write each inventory that the site's configuration names as the substitute for one on the network."""
    for name in re.findall(r"'\.\./(\w+\.inv)'", site.joinpath("conf.py").read_text(encoding="utf-8")):
        site.joinpath(name).write_bytes(inventory(LABELS if name == "ansible_devel.inv" else {}))


def copy_pictures(folder: Path) -> None:
    """Copy what the pages of docs/docsite/rst show: antsibull-docs takes only the pages."""
    for source in ROOT.joinpath("docs", "docsite", "rst").glob("*.svg"):
        shutil.copy2(source, folder)


def build(site: Path) -> Path:
    """Make the site in an empty folder and return its front page. Raise ToolFailed for a warning or an error."""
    shutil.rmtree(site, ignore_errors=True)
    pages = site / "rst"
    pages.mkdir(parents=True)
    collection = ["--use-current", "--squash-hierarchy", "--fail-on-error", NAME]
    run(site, "antsibull-docs", "sphinx-init", "--dest-dir=.", f"--project={NAME}", f"--title={NAME}",
        "--copyright=The hubspoke.srx authors", *collection)  # fmt: skip
    write_inventories(site)
    run(site, "antsibull-docs", "--config-file=antsibull-docs.cfg", "collection", "--dest-dir=rst", *collection)
    copy_pictures(pages / "docsite")
    run(site, "sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "--conf-dir=.", "rst", "html")
    return site / "html" / "index.html"


def run(folder: Path, *command: str) -> None:
    """Run a tool of this environment in the folder, with this checkout as the collection. Raise ToolFailed."""
    # antsibull-docs runs ansible-doc, which it looks up as well.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".venv" / "dev"), "PATH": path}
    process = subprocess.run(
        command, cwd=folder, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if process.returncode:
        raise ToolFailed(f"{process.stdout}{command[0]}: expected exit status 0, actual {process.returncode}")


def main(site: Path) -> int:
    """Build the site into the folder and print where it is. Return the exit status."""
    try:
        print(f"The documentation: {build(site)}")
    except ToolFailed as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
