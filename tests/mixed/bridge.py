# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow the committed configuration of the lab's hub, and tell the lab the state of its tunnel."""

from __future__ import annotations

import threading
import typing as t

from tests.lab.client import Lab
from tests.mixed.sources import SILENT, Source, State

_INTERVAL = 0.2


class Bridge:
    """While the hub's configuration has the VPN, the source negotiates, and the lab is told the result.

    ``told`` are the states in their order. Use it as a context manager.
    """

    def __init__(self, lab: Lab, host: str, vpn: str, source: Source) -> None:
        self.told: list[State] = []
        self._lab, self._host, self._vpn, self._source = lab, host, vpn, source
        self._is_begun = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._problem: Exception | None = None

    def __enter__(self) -> Bridge:
        self._tell(SILENT)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def _run(self) -> None:
        try:
            while not self._ended.wait(_INTERVAL):
                self._step()
        except Exception as error:
            self._problem = error

    def _step(self) -> None:
        is_configured = f" ipsec vpn {self._vpn} " in self._lab.show(self._host, "set", effective=True)
        if is_configured and not self._is_begun:
            self._source.begin()
        elif self._is_begun and not is_configured:
            self._source.end()
        self._is_begun = is_configured
        self._tell(self._source.state() if is_configured else SILENT)

    def _tell(self, state: State) -> None:
        if not self.told or self.told[-1] != state:
            details: dict[str, t.Any] = {name: value for name, value in state.items() if name != "suite"}
            self._lab.tunnel(self._host, self._vpn, **details)
            self.told.append(state)
