# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real daemons of a device: charon of strongSwan with ESP in user space, and swanctl that speaks to it."""

from __future__ import annotations

import re
import subprocess
import time
import typing as t
from pathlib import Path

from tests.twin.namespace import Namespace

_CHARON, _SWANCTL = "/usr/lib/ipsec/charon", "/usr/sbin/swanctl"
# With fewer threads the one for ESP in user space waits for ever.
_THREADS = 16
_PLUGINS = (
    "nonce openssl random aes des sha1 sha2 md5 hmac kdf gcm pem x509 constraints"
    " kernel-libipsec kernel-netlink socket-default vici"
)
_SETTINGS = """\
charon {{
    load = {plugins}
    threads = {threads}
    install_routes = no
    routing_table_prio = 40000
    install_virtual_ip = no
    retransmit_tries = {tries}
    retransmit_timeout = 1.0
    retransmit_base = 1.2
    i_dont_care_about_security_and_use_aggressive_mode_psk = yes
    filelog {{
        main {{
            path = {folder}/charon.log
            default = 1
            flush_line = yes
        }}
    }}
    plugins {{
        vici {{
            socket = unix://{folder}/vici
        }}
        kernel-libipsec {{
            allow_peer_ts = yes
        }}
    }}
}}
swanctl {{
    load = random openssl pem x509
}}
"""


class Daemon:
    """One charon in the namespace of a device. ``tries`` are the retransmissions before it gives a peer up."""

    def __init__(self, namespace: Namespace, folder: Path, tries: int = 3) -> None:
        self.namespace = namespace
        self.folder = folder
        (folder / "run").mkdir(parents=True)
        settings = folder / "strongswan.conf"
        text = _SETTINGS.format(folder=folder, plugins=_PLUGINS, threads=_THREADS, tries=tries)
        settings.write_text(text, encoding="utf-8")
        # Below SWANCTL_DIR are the folders with certificates.
        self._environment = {"STRONGSWAN_CONF": str(settings), "SWANCTL_DIR": str(folder)}
        self._process = namespace.start(
            # Its process identifier is in a file of a fixed name below /run.
            "sh", "-c", f"mount --bind '{folder}/run' /run && exec {_CHARON}",
            environment=self._environment, log=str(folder / "start.log"),
        )  # fmt: skip

    def wait(self, seconds: float = 60) -> None:
        """Wait until it answers. Raise RuntimeError with its words where it ends before."""
        end = time.monotonic() + seconds
        while not (self.folder / "vici").exists() or self.swanctl("--stats").returncode:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.namespace.name}: charon: {self._words()}")
            time.sleep(0.02)

    def load(self, text: str) -> None:
        """Load connections and secrets. Raise RuntimeError with the words of swanctl where it does not take all."""
        file = self.folder / "swanctl.conf"
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        done = self.swanctl("--load-all", "--clear", "--file", str(file))
        if done.returncode or "failed" in done.stdout:
            raise RuntimeError(f"{self.namespace.name}: swanctl: {done.stdout}{done.stderr}")

    def initiate(self, child: str, seconds: int = 20) -> bool:
        """Start a tunnel, and return whether both its associations are there."""
        return not self.swanctl("--initiate", "--child", child, "--timeout", str(seconds)).returncode

    def associations(self) -> str:
        """Return the security associations, in the words of swanctl."""
        return self.swanctl("--list-sas").stdout

    def has(self, child: str, seconds: float) -> bool:
        """Return whether a tunnel has both its associations within some seconds."""
        end = time.monotonic() + seconds
        is_up = re.compile(rf"^  {re.escape(child)}: .*\bINSTALLED\b", re.MULTILINE)
        while not is_up.search(self.associations()):
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def log(self) -> list[str]:
        """Return the lines of the daemon's log."""
        return (self.folder / "charon.log").read_text(encoding="utf-8", errors="replace").splitlines()

    def swanctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run swanctl with this daemon."""
        command, *options = arguments
        return subprocess.run(
            [_SWANCTL, command, "--uri", f"unix://{self.folder}/vici", *options],
            env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def kill(self) -> None:
        """End it without a word to its peers, as a device without power does."""
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> None:
        """End it, and wait for its end."""
        self._process.terminate()
        self._process.wait(30)

    def _words(self) -> str:
        texts: t.Iterable[Path] = (self.folder / "charon.log", self.folder / "start.log")
        lines = [line for one in texts if one.exists() for line in one.read_text(errors="replace").splitlines()]
        return " / ".join(lines[-3:]) or "no answer"
