# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-in for the script with which ansible-test brings pip into its virtual environments.

ansible-test downloads that script from a host of its own, unless it finds one in its cache. This one takes the pip
that Python itself carries, so that the sanity tests need a package index and nothing else.
"""

from __future__ import annotations

import subprocess
import sys


def main() -> int:
    """Install pip, then what the arguments name. Returns pip's exit status."""
    # Not in this process: ensurepip switches off pip's configuration for all that follows, the index included.
    subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    # The two options are the script's own, not pip's.
    arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
    return subprocess.run([sys.executable, "-m", "pip", "install", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
