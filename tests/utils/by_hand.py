# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configure devices of the lab by hand: the rendered statements at the top level, outside any group.

``python -m tests.utils.by_hand ARTIFACTS HOST...`` commits them on the devices of the lab in ``.lab``.
"""

from __future__ import annotations

import re
import sys
import typing as t
from pathlib import Path

from jnpr.junos import Device
from jnpr.junos.utils.config import Config

from tests.lab.client import Lab

# The key of inventories/document, which the lab gives to the ScreenOS spoke.
KEY = "secretkey"
# The names of the plan, and those that the user at the device has chosen.
NAMES = {
    "westford-gate": "gw-3",
    "ike-policy1": "branches",
    "local-to-spokes": "out",
    "to-corp": "to-head-office",
    "local-net": "our-lan",
}


def by_hand(
    artifacts: Path, host: str, names: t.Mapping[str, str], keys: t.Mapping[str, str] | None = None
) -> list[str]:
    """Return the rendered statements of a host at the top level, with some names replaced.

    ``keys`` has a pre-shared key for each host that a placeholder names; without it every key is ``KEY``.
    """
    text = (artifacts / f"{host}.set").read_text(encoding="utf-8")
    text = re.sub(
        r'"<pre-shared-key of ([^>]+)>"', lambda found: KEY if keys is None else f'"{keys[found[1]]}"', text
    ).replace("set groups hubspoke ", "set ")
    for name, other in names.items():
        text = re.sub(rf"\b{re.escape(name)}\b(?!-)", other, text)
    return [line for line in text.splitlines() if line and "apply-groups" not in line]


def main(artifacts: str, *hosts: str) -> int:
    lab = Lab(".lab")
    for host in hosts:
        device = lab.status()["devices"][host]
        with (
            Device(
                host=device["address"], port=device["port"], user="hubspoke", ssh_config=lab.ssh_config,
                hostkey_verify=True, gather_facts=False,
            ) as connection,
            Config(connection, mode="exclusive") as config,
        ):  # fmt: skip
            config.load("\n".join(by_hand(Path(artifacts), host, NAMES)), format="set")
            config.commit()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
