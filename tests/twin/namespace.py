# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network namespaces: one per device, one per host behind it, and one for the Internet between the sites."""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import typing as t
from multiprocessing import get_context
from multiprocessing.synchronize import Event

_T = t.TypeVar("_T")
_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_fork = get_context("fork")


def new_event() -> Event:
    """Return an event that processes of all namespaces see."""
    return _fork.Event()


def run(*command: str, text: str | None = None) -> str:
    """Run a program and return its output. Raise RuntimeError with its words where it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


class Namespace:
    """A network namespace by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")
        self.set("net.ipv4.ip_forward", 1)
        for place in ("all", "default"):
            self.set(f"net.ipv4.conf.{place}.rp_filter", 0)

    def ip(self, *arguments: str) -> str:
        """Run the program ip for the namespace."""
        return run("ip", "-n", self.name, *arguments)

    def run(self, *command: str, text: str | None = None) -> str:
        """Run a program in the namespace."""
        return run("ip", "netns", "exec", self.name, *command, text=text)

    def set(self, name: str, value: object) -> None:
        """Set a parameter of the kernel for this namespace."""
        path = f"/proc/sys/{name.replace('.', '/')}"
        self.inside(lambda: _write(path, str(value)))

    def start(self, *command: str, environment: t.Mapping[str, str], log: str) -> subprocess.Popen[bytes]:
        """Start a program that goes on, in the namespace and with a /run of its own."""
        with open(log, "ab") as output:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def inside(self, work: t.Callable[[], _T]) -> _T:
        """Return what a function returns in a process of the namespace."""
        return self.begin(work)()

    def begin(self, work: t.Callable[[], _T]) -> t.Callable[[], _T]:
        """Start a function in a process of the namespace; return a call that waits for its result."""
        here, there = _fork.Pipe(duplex=False)
        process = _fork.Process(target=_child, args=(self.name, work, there))
        process.start()
        there.close()

        def wait() -> _T:
            try:
                answer: tuple[bool, t.Any] = pickle.loads(here.recv_bytes())  # noqa: S301  of a child of our own
            finally:
                process.join()
            succeeded, result = answer
            if not succeeded:
                raise RuntimeError(f"{self.name}: {result}")
            return t.cast(_T, result)

        return wait


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _child(name: str, work: t.Callable[[], t.Any], there: t.Any) -> None:
    try:
        descriptor = os.open(f"/run/netns/{name}", os.O_RDONLY)
        if _libc.setns(descriptor, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        answer: tuple[bool, t.Any] = (True, work())
    except BaseException as error:
        answer = (False, f"{type(error).__name__}: {error}")
    there.send_bytes(pickle.dumps(answer))


End = tuple[Namespace, str, "str | None"]


def join(one: End, other: End) -> None:
    """Join two namespaces by a cable; each end has a name, and may have an address with its prefix length."""
    cable = (one[1], "type", "veth", "peer", "name", other[1], "netns", other[0].name)
    one[0].ip("link", "add", *cable)
    for namespace, interface, address in (one, other):
        if address:
            namespace.ip("address", "add", address, "dev", interface)
        namespace.ip("link", "set", interface, "up")
