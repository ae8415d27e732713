# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the table of allowed counts as they are now: ``python -m tests.costs``. Its diff is what a change costs."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(ROOT / ".venv" / "dev"))

from tests.costs import table  # noqa: E402
from tests.costs.measure import costs_of  # noqa: E402


def main() -> None:
    costs = []
    for spokes in table.SIZES:
        with tempfile.TemporaryDirectory() as folder:
            costs.append(costs_of(Path(folder), spokes))
    table.write(*costs)


if __name__ == "__main__":
    main()
