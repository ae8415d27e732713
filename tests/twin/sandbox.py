# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox of the twin: namespaces of its own for processes, mounts, network and, without root, users.

Whatever is started in it ends with it: the kernel kills all processes of its process namespace.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.twin.packages import Missing, unpack

# The exit status where the machine lacks something, and after a signal.
CANNOT, INTERRUPTED = 2, 130
_TUN = Path("/dev/net/tun")
_PACKAGES = Path(__file__).resolve().parents[2] / ".cache" / "twin"
_INSIDE = "HUBSPOKE_TWIN"


def is_inside() -> bool:
    """Return whether this process is in the sandbox already."""
    return os.environ.get(_INSIDE) == "yes"


def check() -> None:
    """Raise Missing with a sentence for each of the two that the machine lacks: the TUN device, and namespaces."""
    missing = [sentence for sentence in (_about_tun(), _about_namespaces()) if sentence]
    if missing:
        raise Missing("\n".join(missing))


def _about_tun() -> str:
    """Return what hinders this user from opening the TUN device, empty where nothing does."""
    try:
        os.close(os.open(_TUN, os.O_RDWR))
    except OSError as error:
        is_absent = error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO)
        why = "no such device" if is_absent else os.strerror(error.errno or 0).lower()
        remedy = "Allow the device to this container."
        if is_absent:
            remedy = "Load the module tun, or give the device to the container."
        elif not _is_root():
            remedy = "Run it as root, or let this user read and write the device."
        return f"{_TUN}: expected to be opened for real ESP, actual {why}. {remedy}"
    return ""


def _about_namespaces() -> str:
    """Return what hinders this user from making namespaces, empty where nothing does."""
    for program in ("unshare", "setpriv", "ip"):
        if shutil.which(program, path=_path()) is None:
            return f"{program}: expected the program, actual none. Install util-linux and iproute2."
    done = subprocess.run(
        [*_unshare(), "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )
    if not done.returncode:
        return ""
    words = done.stderr.strip().splitlines() or ["no more is known"]
    remedy = "Give this container the capability SYS_ADMIN."
    if not _is_root():
        remedy = (
            "Run it as root, or allow user namespaces (sysctl user.max_user_namespaces,"
            " kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)."
        )
    return f"namespaces: expected unshare to make them, actual {words[-1].rpartition('unshare: ')[2]}. {remedy}"


def run(module: str, arguments: list[str]) -> int:
    """Run a module of Python in a new sandbox, with a new folder as ``--folder``; return its exit status.

    Print a sentence and return ``CANNOT`` where the machine lacks what that needs, and ``INTERRUPTED`` after a signal.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        check()
        root = unpack(_PACKAGES)
        with tempfile.TemporaryDirectory() as folder:
            return _enter(module, [*arguments, "--folder", folder], folder, root)
    except Missing as error:
        print(error)
        return CANNOT
    except KeyboardInterrupt:
        print("Interrupted. Nothing stays running.")
        return INTERRUPTED


def _enter(module: str, arguments: list[str], folder: str, root: Path) -> int:
    """Run it with the unpacked packages over /usr. Its folder is in memory, and goes with the sandbox."""
    usr = root / "usr"
    steps = (
        "mount -t tmpfs tmpfs /run && mkdir /run/netns",
        f"mount -t tmpfs -o mode=700 tmpfs '{folder}'",
        f"mount -t overlay overlay -o lowerdir='{usr}':/usr /usr",
        "ip link set lo up",
        'exec "$@"',
    )
    # The sandbox ends with this process, whatever ends that. A signal of the terminal is for this process alone.
    command = ["setpriv", "--pdeathsig", "KILL", *_unshare(), "sh", "-c", " && ".join(steps), "sh"]
    return subprocess.run(
        [*command, sys.executable, "-m", module, *arguments],
        env={**os.environ, _INSIDE: "yes", "PATH": _path()},
        stdin=subprocess.DEVNULL,
        check=False,
        start_new_session=True,
    ).returncode


def _is_root() -> bool:
    return os.geteuid() == 0


def _unshare() -> list[str]:
    users = [] if _is_root() else ["--user", "--map-root-user"]
    return ["unshare", *users, "--net", "--mount", "--pid", "--uts", "--fork", "--kill-child", "--mount-proc",
            "--propagation", "private"]  # fmt: skip


def _path() -> str:
    # Without root the folders of system programs may be missing.
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
