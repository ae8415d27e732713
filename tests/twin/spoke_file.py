# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load the rendered swanctl.conf of a strongSwan spoke into a real charon: ``python -m tests.twin.spoke_file``.

A second charon plays the hub. The spoke starts its tunnel by itself, as its file says.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ansible_collections.hubspoke.srx.plugins.module_utils._config.secrets import spell
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import operator_texts

from tests.golden.networks import plan
from tests.twin import sandbox
from tests.twin.namespace import Namespace
from tests.twin.network import Twin
from tests.twin.words import swanctl

NETWORK, SPOKE = "third_party", "namur"
_SECONDS = 30
# Each character that the file must escape within quotes, and those that open other parts of it.
_KEY = 'of # { } "us" \\ all = $9'
_ESCAPED = _KEY.replace("\\", "\\\\").replace('"', '\\"')


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
    hub.daemon.wait()
    spoke.daemon.wait()
    hub.daemon.load(swanctl(fleet.hub, dict.fromkeys(keys, _ESCAPED)))
    spoke.daemon.load(spell(operator_texts(device)["swanctl.conf"], keys, device.site.profile.key.quoting))
    end = time.monotonic() + _SECONDS
    while not all(_is_up(one.daemon.associations()) for one in (hub, spoke)):
        if time.monotonic() > end:
            print("\n".join(spoke.daemon.log()[-20:]))
            return 1
        time.sleep(0.1)
    print(spoke.daemon.associations())
    return 0


def _is_up(associations: str) -> bool:
    return "ESTABLISHED" in associations and "INSTALLED" in associations


if __name__ == "__main__":
    sys.exit(main())
