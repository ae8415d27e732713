# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a fleet costs to plan, to render and to compare at its hub, in one process.

``python -m tests.performance.scale 5000``. No device is needed: the replies of the hub are made from its plan.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
import typing as t
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The checkout under the collection's name. pytest has it already.
sys.path.insert(0, str(ROOT / ".venv" / "dev"))

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.channel import Channel  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._device.observe import examine  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._device.session import Session, Target  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._model.planned import DevicePlan  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._plan.plan import plan_fleet  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.module_utils._verify.verify import findings  # noqa: E402
from ansible_collections.hubspoke.srx.plugins.plugin_utils._render import render  # noqa: E402

from tests.performance.hub_replies import replies  # noqa: E402
from tests.unit.plugins.module_utils.test__plan import OPTIONS, large_fleet  # noqa: E402

# The checks that compare the whole hub by one reply for each command.
CHECKS = (
    "ike", "ike_algorithms", "ipsec", "ipsec_algorithms", "proxy_identities", "lifetimes", "monitoring",
    "next_hop_tunnels", "routes", "statistics",
)  # fmt: skip


def measure(spokes: int) -> dict[str, t.Any]:
    """Return the cost of a fleet, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.performance.scale", str(spokes)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, t.Any] = json.loads(done.stdout)
    return found


def cost(spokes: int) -> dict[str, t.Any]:
    """Return seconds (wall and CPU) of each step, the largest memory of this process, and the size of the texts.

    ``process_mb`` is the memory before the hub is compared, ``compare_mb`` that after it.
    """
    hosts, names = large_fleet(spokes)
    started = _now()
    fleet = plan_fleet(hosts, names[:1], names[1:], OPTIONS)
    planned = _now()
    texts = {plan.host: render(plan) for plan in fleet.devices}
    rendered = _now()
    lines = [text.count("\n") for text in texts.values()]
    found = {
        "spokes": spokes,
        "plan": _seconds(started, planned),
        "render": _seconds(planned, rendered),
        "process_mb": _memory_mb(),
        "text_mb": round(sum(map(len, texts.values())) / 1e6, 1),
        "hub_lines": lines[0],
        "spoke_lines": max(lines[1:]),
    }
    return found | compare(fleet.hub)


def compare(plan: DevicePlan) -> dict[str, t.Any]:
    """Return the cost of reading the replies of a hub, one for each command, and of comparing them with its plan."""
    texts = replies(plan)
    session = Session(Target(plan.host, "127.0.0.1"))
    session._channel = _Replies(texts)
    session.open()
    started = _now()
    seen = examine(session, plan, CHECKS, (), 0, None)
    found = findings(plan, seen, CHECKS)
    compared = _now()
    wrong = [str(one) for one in found if one.state not in ("ok", "skipped")]
    if wrong:
        raise SystemExit(wrong[0])
    return {
        "compare": _seconds(started, compared),
        "compare_mb": _memory_mb(),
        "replies_mb": round(sum(map(len, texts.values())) / 1e6, 1),
        "findings": len(found),
    }


class _Replies(Channel):
    """A channel that answers each request with the same text each time."""

    def __init__(self, texts: t.Mapping[str, str]) -> None:
        super().__init__(Target("hub", "127.0.0.1"))
        self._texts = texts

    def open(self) -> None:
        """Do nothing: there is no device."""

    def _log_in(self, where: str, settings: t.Any) -> None:
        """Do nothing."""

    def _exchange(self, rpc: str, timeout: float) -> str:
        return self._texts[re.match(r"<([\w-]+)", rpc)[1]]  # type: ignore[index]

    def _say_goodbye(self) -> None:
        """Do nothing."""

    def _drop(self) -> None:
        """Do nothing."""


def _seconds(earlier: tuple[float, float], later: tuple[float, float]) -> list[float]:
    return [round(end - start, 2) for start, end in zip(earlier, later, strict=True)]


def _memory_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _now() -> tuple[float, float]:
    return time.monotonic(), time.process_time()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cost(int(sys.argv[1]))) + "\n")
