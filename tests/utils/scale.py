# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print what a fleet costs to plan and to render: ``python -m tests.utils.scale 5000``, one size per process."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(ROOT / ".venv" / "dev"))

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render  # noqa: E402

from tests.unit.plugins.module_utils.test__plan import OPTIONS, large_fleet  # noqa: E402


def main(count: int) -> None:
    """Print seconds (wall and CPU), the largest memory of the process, and lines of text."""
    hosts, names = large_fleet(count)
    marks = [_now()]
    fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS)
    marks.append(_now())
    texts = {plan.host: render(plan) for plan in fleet.devices}
    marks.append(_now())
    for index, name in enumerate(("plan", "render")):
        wall, cpu = (later - earlier for earlier, later in zip(marks[index], marks[index + 1], strict=True))
        print(f"{name}: {wall:.1f} s, CPU {cpu:.1f} s")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    lines = [text.count("\n") for text in texts.values()]
    size = sum(map(len, texts.values()))
    print(f"lines: hub {lines[0]}, spokes {min(lines[1:])} to {max(lines[1:])}, text {size} bytes")


def _now() -> tuple[float, float]:
    return time.monotonic(), time.process_time()


if __name__ == "__main__":
    main(int(sys.argv[1]))
