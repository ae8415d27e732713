# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet costs to plan and to render, in one process: ``python -m tests.performance.scale 5000``."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import typing as t
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(ROOT / ".venv" / "dev"))

from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render  # noqa: E402

from tests.unit.plugins.module_utils.test__plan import OPTIONS, large_fleet  # noqa: E402


def measure(spokes: int) -> dict[str, t.Any]:
    """Return the cost of a fleet, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.performance.scale", str(spokes)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, t.Any] = json.loads(done.stdout)
    return found


def cost(spokes: int) -> dict[str, t.Any]:
    """Return seconds (wall and CPU) of both steps, the largest memory of this process, and the size of the texts."""
    hosts, names = large_fleet(spokes)
    started = _now()
    fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS)
    planned = _now()
    texts = {plan.host: render(plan) for plan in fleet.devices}
    rendered = _now()
    lines = [text.count("\n") for text in texts.values()]
    return {
        "spokes": spokes,
        "plan": [round(later - earlier, 2) for earlier, later in zip(started, planned, strict=True)],
        "render": [round(later - earlier, 2) for earlier, later in zip(planned, rendered, strict=True)],
        "process_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "text_mb": round(sum(map(len, texts.values())) / 1e6, 1),
        "hub_lines": lines[0],
        "spoke_lines": max(lines[1:]),
    }


def _now() -> tuple[float, float]:
    return time.monotonic(), time.process_time()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cost(int(sys.argv[1]))) + "\n")
