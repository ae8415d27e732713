# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deploy to a hub of the lab whose tunnel to a strongSwan spoke is that of real daemons: ``python -m tests.mixed``.

The operator of the spoke first enters a wrong key, then the right one, into the files that the playbook ``render`` has
written; nothing else in them changes. ``--record`` keeps the states of the tunnel, ``--recorded`` takes those.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import typing as t
from pathlib import Path

from tests.golden.networks import plan
from tests.integration.conftest import Network
from tests.lab.client import Lab
from tests.mixed.bridge import Bridge
from tests.mixed.sources import RECORD, Daemons, Recorded, Source
from tests.twin import sandbox

INVENTORY = Path(__file__).resolve().parents[2] / "inventories" / "third_party"
HUB, SPOKE, VPN = "ghent", "namur", "namur-vpn"
_FILES = ("swanctl.conf", "network.sh")
KEYS = ("not-the-key", "a-key-for-the-lab")
# Seconds in which the daemons refuse a key and notice that, and in which a tunnel is up on a busy machine.
_TIMEOUTS = (15, 90)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mixed", description=__doc__)
    parser.add_argument("--recorded", action="store_true", help="without daemons")
    parser.add_argument("--record", action="store_true", help="keep the states")
    parser.add_argument("--out", help="write what happened as JSON to this file")
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.recorded:
        with tempfile.TemporaryDirectory() as folder:
            return _show(_run(lambda _folder: Recorded(), Path(folder)), options)
    if not sandbox.is_inside():
        more = ["--record"] if options.record else []
        more += ["--out", options.out] if options.out else []
        return sandbox.run("tests.mixed", more)
    return _show(_run(_daemons, Path(options.folder)), options)


def _daemons(folder: Path) -> Source:
    fleet = plan("third_party", "modern")
    spoke = next(device for device in fleet.devices if device.host == SPOKE)
    return Daemons(fleet, spoke, dict.fromkeys((device.host for device in fleet.devices), KEYS[-1]), folder / "daemons")


def _run(source_of: t.Callable[[Path], Source], folder: Path) -> list[dict[str, t.Any]]:
    """Return what each deployment showed."""
    state = folder / "lab"
    network = Network([INVENTORY], folder, Lab(state), {"nhtb_ssh_config": str(state / "ssh_config")})
    network.inventories.append(network.overlay("ready", {"all": {"hosts": {SPOKE: {"nhtb_operator_ready": True}}}}))
    rendered = network.playbook("render")
    if rendered.status:
        raise RuntimeError(rendered.output)
    files = {
        name: (network.artifacts / f"{SPOKE}.{name}").read_text("utf-8") for name in ("swanctl.conf", "network.sh")
    }
    arguments = ["--free-ports", "--screenos-dir", str(network.artifacts)]
    source = source_of(folder)
    found = []
    with Lab.start(*network.inventories, state_dir=state, arguments=arguments) as network.lab:
        network.inventories.append(Path(network.lab.inventory))
        for key, seconds in zip(KEYS, _TIMEOUTS, strict=True):
            source.enter(files, key)
            before, begun = network.lab.show(HUB), len(network.lab.log(HUB, "kmd").splitlines())
            with Bridge(network.lab, HUB, VPN, source) as bridge:
                deployed = network.playbook("deploy", nhtb_verify_timeout=seconds)
                shown = network.lab.show(HUB)
            log = network.lab.log(HUB, "kmd").splitlines()[begun:]
            told = [one for one in bridge.told if one.get("code") != "no-such-peer"]
            found.append(
                {
                    "status": deployed.status,
                    "told": told,
                    "unchanged": before == shown,
                    "state": network.outcome(HUB)["state"],
                    "words": network.told(HUB),
                    "log": [line for line in log if VPN in line or " SPI: " in line],
                    "files": files,
                }
            )
    return found


def _show(found: list[dict[str, t.Any]], options: argparse.Namespace) -> int:
    for key, one in zip(("a wrong key", "the right key"), found, strict=True):
        print(f"with {key}: {one['state']}: {one['words']}")
    if options.record:
        states = [one["told"][-1] for one in found]
        RECORD.write_text(json.dumps(states, indent=1) + "\n", encoding="utf-8")
    if options.out:
        Path(options.out).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
