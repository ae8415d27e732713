# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replacement for the script with which ansible-test installs pip in its virtual environments.

ansible-test downloads that script from a host of its own, unless its cache has one. This one installs the pip of
Python itself, so that the sanity tests need a package index and nothing else.
"""

from __future__ import annotations

import subprocess
import sys


def main() -> int:
    """Install pip, then the packages of the arguments. Return pip's exit status."""
    # In a process of its own: ensurepip switches off pip's configuration for the rest of its process, index included.
    subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    # These two are options of the script, not of pip.
    arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
    return subprocess.run([sys.executable, "-m", "pip", "install", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
