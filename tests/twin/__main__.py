# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The document's network as real IKE daemons: ``python -m tests.twin``, which ``make twin`` calls.

One strongSwan per device, each in a network namespace, configured from the plan that renders the SRX configurations.
It shows the tunnels, the pings, what is on the wire between the sites, the MSS, what a next-hop tunnel entry does, and
a wrong key. It needs Linux with /dev/net/tun, and root or user namespaces; nothing stays running or installed.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path

from tests.demo.record import PAGE, with_step
from tests.golden.networks import plan
from tests.twin import sandbox
from tests.twin.story import Story


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.twin", description=__doc__)
    parser.add_argument("--syntax", choices=("modern", "classic"), default="modern", help="default: modern")
    parser.add_argument("--record", action="store_true", help="write the output into the documentation too")
    parser.add_argument("--clear", action="store_true", help="send packets in clear, and see that this is a failure")
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if sandbox.is_inside():
        return _show(options)
    flags = [name for name in ("record", "clear") if getattr(options, name)]
    return sandbox.run("tests.twin", ["--syntax", options.syntax, *(f"--{name}" for name in flags)])


def _show(options: argparse.Namespace) -> int:
    began = time.monotonic()
    fleet = plan("document", options.syntax)
    keys = {device.host: secrets.token_hex(16) for device in fleet.devices}
    story = Story(fleet, keys, Path(options.folder))
    try:
        (story.tell_in_clear if options.clear else story.tell)()
    except RuntimeError as error:
        print(error)
        return 1
    print(story.table())
    if options.record:
        PAGE.write_text(
            with_step(PAGE.read_text(encoding="utf-8"), "twin", story.table().splitlines()), encoding="utf-8"
        )
    print(f"{story.verdict} ({time.monotonic() - began:.0f} s)")
    return 0 if story.succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
