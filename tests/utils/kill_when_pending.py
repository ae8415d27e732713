# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a command, and kill it with all its descendants once every device of the lab has a pending commit.

``python -m tests.utils.kill_when_pending ansible-playbook ...``: exit status 0 if it is killed, 1 if it ends before.
"""

from __future__ import annotations

import subprocess
import sys
import time
import typing as t

from tests.lab.client import Lab
from tests.utils.kill import kill_tree

_WAIT = 300.0


def main(command: t.Sequence[str]) -> int:
    lab, until = Lab(".lab"), time.monotonic() + _WAIT
    process = subprocess.Popen(command)
    try:
        while process.poll() is None and time.monotonic() < until:
            if all(device["pending"] for device in lab.status()["devices"].values()):
                return 0
            time.sleep(0.05)
        sys.stderr.write("the command ended, or took too long, before every device had a pending commit\n")
        return 1
    finally:
        if process.poll() is None:
            kill_tree(process.pid)
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
