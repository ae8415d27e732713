# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give a real charon the rendered files of a strongSwan spoke: ``python -m tests.twin.spoke_file``.

A second charon plays the hub. The spoke starts its tunnel by itself, as its file says. The files have the names, the
networks and the key of the inventory, and are used byte for byte.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from tests.golden.networks import plan
from tests.twin import packets, sandbox
from tests.twin.namespace import Namespace
from tests.twin.network import Twin

NETWORK, SPOKE = "third_party", "namur"
_SECONDS = 30
# Each character that the file must escape within quotes, and those that open other parts of it.
_KEY = 'of # { } "us" \\ all = $9'


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.twin.spoke_file", description=__doc__)
    parser.add_argument("--syntax", choices=("modern", "classic"), default="modern", help="default: modern")
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if sandbox.is_inside():
        return _negotiate(options.syntax, Path(options.folder))
    return sandbox.run("tests.twin.spoke_file", ["--syntax", options.syntax])


def _negotiate(syntax: str, folder: Path) -> int:
    fleet = plan(NETWORK, syntax)
    device = next(one for one in fleet.devices if one.host == SPOKE)
    keys = {one.host: _KEY for one in fleet.devices}
    internet = Namespace("internet")
    hub, spoke = (Twin(one, internet, keys, folder) for one in (fleet.hub, device))
    for twin in (hub, spoke):
        twin.begin({tunnel.vpn for tunnel in fleet.hub.tunnels})
    here, there = device.tunnels[0].vpn, next(one.vpn for one in fleet.hub.tunnels if one.peer_host == SPOKE)
    if not (spoke.daemon.has(here, _SECONDS) and hub.daemon.has(there, _SECONDS)):
        print("\n".join(spoke.daemon.log()[-20:]))
        return 1
    for one, other in ((hub, spoke), (spoke, hub)):
        answered = one.host.inside(partial(packets.ping, other.address, _SECONDS))
        print(f"ping {one.plan.host} -> {other.plan.host}: {'answered' if answered else 'no answer'}")
    print(spoke.daemon.associations())
    return 0


if __name__ == "__main__":
    sys.exit(main())
