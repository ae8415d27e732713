# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Third-party peers: the network reads the texts that the profile of each renders for its operator."""

from __future__ import annotations

import json
import typing as t

from tests.lab import screenos
from tests.lab.network.view import DeviceView
from tests.lab.peers import parameters, swanctl
from tests.lab.peers.errors import PeerTextError

__all__ = ["PeerTextError", "endings", "fill", "read"]

_ENDINGS = {"screenos": ("screenos",), "strongswan": ("swanctl.conf", "network.sh")}
# A profile that the lab does not know has the parameters as data.
_OTHERS = ("json",)


def endings(kind: str) -> tuple[str, ...]:
    """Return the ends of the files that the operator of a kind of device enters, one after the other."""
    return _ENDINGS.get(kind, _OTHERS)


def fill(kind: str, key: str) -> str:
    """Return a key as the text of a kind of device has it within quotes."""
    return key if kind == "screenos" else json.dumps(key)[1:-1]


def read(kind: str, host: str, text: str) -> DeviceView:
    """Return the view of a device from its text; an empty text has no tunnel. Raise ``PeerTextError``."""
    try:
        if kind == "screenos":
            return screenos.read(host, text)
    except screenos.ScreenosError as error:
        raise PeerTextError(error.number, str(error)) from error
    reader: t.Callable[[str, str, str], DeviceView] = swanctl.read if kind == "strongswan" else parameters.read
    return reader(kind, host, text)
