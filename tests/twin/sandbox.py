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
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.twin.packages import Missing, unpack

# The exit status where the machine lacks something.
CANNOT = 2
_TUN = Path("/dev/net/tun")
_PACKAGES = Path(__file__).resolve().parents[2] / ".cache" / "twin"
_INSIDE = "HUBSPOKE_TWIN"


def is_inside() -> bool:
    """Return whether this process is in the sandbox already."""
    return os.environ.get(_INSIDE) == "yes"


def check() -> None:
    """Raise Missing where the machine has no TUN device, or lets this user have no namespaces."""
    try:
        os.close(os.open(_TUN, os.O_RDWR))
    except OSError as error:
        why = "no such device" if error.errno == errno.ENOENT else os.strerror(error.errno or 0).lower()
        remedy = "Load the module tun." if error.errno in (errno.ENOENT, errno.ENODEV) else "Run it as root."
        raise Missing(f"{_TUN}: expected to be opened for real ESP, actual {why}. {remedy}") from None
    for program in ("unshare", "ip"):
        if shutil.which(program, path=_path()) is None:
            raise Missing(f"{program}: expected the program, actual none. Install util-linux and iproute2.")
    done = subprocess.run(
        [*_unshare(), "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["no more is known"]
        raise Missing(
            f"namespaces: expected unshare to make them, actual {words[-1]}. Run it as root, or allow user namespaces"
            " (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone)."
        )


def run(module: str, arguments: list[str]) -> int:
    """Run a module of Python in a new sandbox, with a new folder as ``--folder``; return its exit status.

    Print a sentence and return ``CANNOT`` where the machine lacks what that needs.
    """
    try:
        check()
        root = unpack(_PACKAGES)
    except Missing as error:
        print(error)
        return CANNOT
    with tempfile.TemporaryDirectory() as folder:
        return _enter(module, [*arguments, "--folder", folder], root)


def _enter(module: str, arguments: list[str], root: Path) -> int:
    """Run it with the unpacked packages over /usr."""
    usr = root / "usr"
    steps = (
        "mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/twin",
        f"mount -t overlay overlay -o lowerdir='{usr}':/usr /usr",
        "ip link set lo up",
        'exec "$@"',
    )
    command = [*_unshare(), "sh", "-c", " && ".join(steps), "sh", sys.executable, "-m", module, *arguments]
    environment = {**os.environ, _INSIDE: "yes", "PATH": _path()}
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def _unshare() -> list[str]:
    users = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *users, "--net", "--mount", "--pid", "--uts", "--fork", "--kill-child", "--mount-proc",
            "--propagation", "private"]  # fmt: skip


def _path() -> str:
    # Without root the folders of system programs may be missing.
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
