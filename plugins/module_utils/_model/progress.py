# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The stages of a run as they begin, wait and end: moments for people, times for the report."""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding

# Seconds between two moments of a wait. With the longest pause between two looks at the clock it stays below 10.
EVERY = 8.0
# Seconds between two looks at the clock in a pause.
_STEP = 1.0
_WALL = "%Y-%m-%dT%H:%M:%SZ"


class Size(t.NamedTuple):
    """How many lines the comparison of a device adds and removes."""

    host: str
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A stage at one moment: begun, waiting or ended; ``done`` of ``total`` devices, or of another ``unit``.

    While it waits: ``busy`` are the devices that are not done, ``missing`` the findings that are not ok yet,
    ``remaining`` the seconds until the wait ends, ``names`` the checks that are made. At its end: ``failed`` are the
    devices that are not done, ``refused`` those of them that have answered, ``sizes`` what each device would change, or
    changes, ``rolls_back_at`` the time (seconds since 1970) of the first automatic rollback, ``names`` the hosts or
    words that the stage is about. A ``quiet`` stage has nothing to say at its end.
    """

    stage: str
    state: t.Literal["begun", "waiting", "ended"]
    done: int = 0
    total: int = 0
    unit: str = ""
    quiet: bool = False
    busy: tuple[str, ...] = ()
    missing: tuple[Finding, ...] = ()
    remaining: float | None = None
    failed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = ()
    rolls_back_at: float | None = None
    names: tuple[str, ...] = ()


@dataclass
class Stage:
    """One stage for the report. ``by_host`` are the seconds of each device."""

    name: str
    round: int
    started: str
    devices: int
    done: int = 0
    seconds: float = 0.0
    by_host: dict[str, float] = field(default_factory=dict)

    def as_data(self) -> dict[str, t.Any]:
        """Return the stage as plain data, in the order of the report."""
        return {
            "name": self.name,
            "round": self.round,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "done": self.done,
            "devices": self.devices,
            "by_host": {host: round(seconds, 3) for host, seconds in self.by_host.items()},
        }


def _unknown() -> None:
    """Return no end of a wait."""


def silent(_moment: Moment) -> None:
    """Show nothing."""


class Progress:
    """The stages of one run, one at a time, in the calling thread.

    ``show`` receives each moment: at least one every ``every`` seconds of ``clock`` while the run waits, where each
    wait calls ``tick`` or is a ``pause``. A moment counts as shown when it is a wait or an end that is not quiet.
    """

    def __init__(
        self,
        show: t.Callable[[Moment], object] = silent,
        *,
        every: float = EVERY,
        clock: t.Callable[[], float] | None = None,
    ) -> None:
        self.stages: list[Stage] = []
        # Of a deployment in rounds, from 1.
        self.round = 0
        self._show = show
        self._every = every
        self._clock = clock or _monotonic
        self._shown = self._clock()
        self._open: Stage | None = None
        self._opened = self._shown
        self._quiet = False
        self._expected: dict[str, t.Any] = {}
        self._until: float | None = None

    # --- a stage ---

    def begin(self, name: str, devices: int = 0, *, quiet: bool = False) -> None:
        """Begin a stage with so many devices. One that an exception kept open ends as it is."""
        self._close()
        self._open = Stage(name, self.round, _written(time.time()), devices)
        self._opened, self._quiet = self._clock(), quiet
        self._show(Moment(stage=name, state="begun", total=devices, quiet=quiet))

    def expect(
        self,
        done: int,
        total: int,
        unit: str,
        missing: t.Sequence[Finding],
        remaining: float | None,
        *,
        names: t.Sequence[str] = (),
    ) -> None:
        """Say what the open stage waits for from now on: ``missing`` findings, for so many seconds at most.

        ``names`` are the checks that it makes instead, once.
        """
        self._expected = {
            "done": done, "total": total, "unit": unit, "missing": tuple(missing), "names": tuple(names),
        }  # fmt: skip
        self._until = None if remaining is None else self._clock() + remaining

    def tick(
        self,
        done: int | None = None,
        busy: t.Callable[[], t.Sequence[str]] = tuple,
        until: t.Callable[[], float | None] = _unknown,
    ) -> None:
        """Show the wait of the open stage if it is due: so many devices are done, ``busy`` are not.

        The wait for these ends at ``until`` (of the clock) where the stage itself has no end.
        """
        if self._open is None or self._clock() - self._shown < self._every:
            return
        # A reply may take longer than the time that was given to it.
        end = until() if self._until is None else self._until
        seconds = 0.0 if end is None else end - self._clock()
        remaining = seconds if seconds > 0 else None
        values = {"done": done or 0, "total": self._open.devices, "busy": tuple(busy()), **self._expected}
        self._shown = self._clock()
        self._show(Moment(stage=self._open.name, state="waiting", quiet=self._quiet, remaining=remaining, **values))

    def pause(self, seconds: float, wait: t.Callable[[float], bool]) -> bool:
        """Sleep so many seconds in the open stage; return early and true once ``wait`` of a few of them does."""
        remaining = seconds
        until, self._until = self._until, self._clock() + seconds if self._until is None else self._until
        try:
            while True:
                self.tick()
                if wait(min(remaining, _STEP)):
                    return True
                remaining -= _STEP
                if remaining <= 0:
                    return False
        finally:
            self._until = until

    def took(self, host: str, seconds: float) -> None:
        """Add the seconds of a device in the open stage."""
        if self._open is not None:
            self._open.by_host[host] = self._open.by_host.get(host, 0.0) + seconds

    def end(self, number: int, /, **facts: t.Any) -> None:
        """End the open stage: so many devices are done; ``facts`` are further fields of the moment."""
        stage, quiet = self._open, self._quiet
        if stage is None:
            return
        stage.done = number
        self._close()
        if not quiet:
            self._shown = self._clock()
        self._show(
            Moment(
                **{
                    "stage": stage.name,
                    "state": "ended",
                    "done": number,
                    "total": stage.devices,
                    "quiet": quiet,
                    **facts,
                }
            )
        )

    def say(self, name: str, done: int = 0, total: int = 0, *, names: t.Sequence[str] = ()) -> None:
        """Show a fact between two stages."""
        self._close()
        self._shown = self._clock()
        self._show(Moment(stage=name, state="ended", done=done, total=total, names=tuple(names)))

    def _close(self) -> None:
        if self._open is not None:
            self._open.seconds = self._clock() - self._opened
            self.stages.append(self._open)
        self._open, self._expected, self._until = None, {}, None


def _monotonic() -> float:
    return time.monotonic()


def _written(seconds: float) -> str:
    return time.strftime(_WALL, time.gmtime(seconds))
