# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``show version``, ``show system`` uptime, storage and information, ``show chassis cluster status``."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from tests.lab.clock import stamp
from tests.lab.netconf.facts import serial_number
from tests.lab.operational.reply import Maker, Reply, Request, joined, moment, xnm_error


@dataclass(frozen=True)
class Filesystem:
    """One line of ``show system storage``; ``size`` and ``used`` are blocks of 512 bytes."""

    name: str
    size: int
    used: int
    mounted_on: str

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.used / self.size)) if self.size else 0

    @property
    def available(self) -> int:
        return max(0, self.size - self.used)


# The file systems of a virtual SRX; a fault fills the writable ones.
FILESYSTEMS = (
    Filesystem("/dev/gpt/junos", 27172408, 4482780, "/.mount"),
    Filesystem("tmpfs", 1488712, 48, "/.mount/tmp"),
    Filesystem("tmpfs", 1377440, 2288, "/.mount/mfs"),
    Filesystem("/dev/gpt/var", 29360128, 1205862, "/var"),
)
WRITABLE = ("/.mount", "/var")
UNITS = ("K", "M", "G", "T")


def storage(request: Request) -> Reply:
    filled = int(request.own("storage_percent") or 0)
    rows = [_filled(row, filled) for row in FILESYSTEMS]
    make = Maker(request)
    entries = [
        make(
            "filesystem",
            make("filesystem-name", row.name),
            make("total-blocks", row.size, format=_size(row.size)),
            make("used-blocks", row.used, format=_size(row.used)),
            make("available-blocks", row.available, format=_size(row.available)),
            make("used-percent", f"{row.percent:>3}"),
            make("mounted-on", row.mounted_on),
        )
        for row in rows
    ]
    lines = ["Filesystem              Size       Used      Avail  Capacity   Mounted on"]
    lines += [
        f"{row.name:<21}{_size(row.size):>7}{_size(row.used):>11}{_size(row.available):>11}{row.percent:>9}%  "
        f"{row.mounted_on}"
        for row in rows
    ]
    text = joined(lines)
    return Reply(make("system-storage-information", entries, style="brief"), text, nodes=("node0", "node1"))


def _filled(row: Filesystem, percent: int) -> Filesystem:
    if row.mounted_on not in WRITABLE or percent <= row.percent:
        return row
    return Filesystem(row.name, row.size, row.size * percent // 100, row.mounted_on)


def _size(blocks: int) -> str:
    """Return blocks of 512 bytes in the human form: ``13G``, ``2.1G``, ``24K``."""
    value, unit = blocks / 2, 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f}{UNITS[unit]}" if 0 < value < 9.95 else f"{value:.0f}{UNITS[unit]}"


def booted(request: Request) -> float:
    """Return the start time of the device, from the network, or else from the device itself."""
    return request.network.booted.get(request.host) or float(request.own("booted_at") or 0.0)


def uptime(request: Request) -> Reply:
    now, start = request.now, booted(request)
    # Newest first; a device without a configuration database was last configured at its start.
    history = getattr(request.own("database"), "history", None)
    configured, user = (history[0].seconds, history[0].user) if history else (start, "root")
    make = Maker(request)
    times = (("system-booted-time", start), ("protocols-started-time", start + 45))
    loads = (("load-average-1", "0.32"), ("load-average-5", "0.27"), ("load-average-15", "0.25"))
    xml = make(
        "system-uptime-information",
        make("current-time", _moment(make, now)),
        make("time-source", "LOCAL CLOCK"),
        [make(name, _moment(make, at), _span(make, now - at)) for name, at in times],
        make("last-configured-time", _moment(make, configured), _span(make, now - configured), make("user", user)),
        make(
            "uptime-information",
            make("date-time", f"{moment(now):%H:%M:%S}", seconds=int(now)),
            make("up-time", _length(now - start), seconds=int(now - start)),
            make("active-user-count", "1", format="1 users"),
            make.rows(loads),
        ),
    )  # fmt: skip
    lines = [f"Current time: {stamp(now)}", "Time Source:  LOCAL CLOCK ",
             f"System booted: {stamp(start)} ({_length(now - start)} ago)",
             f"Protocols started: {stamp(start + 45)} ({_length(now - start - 45)} ago)",
             f"Last configured: {stamp(configured)} ({_length(now - configured)} ago) by {user}",
             f"{moment(now):%l:%M%p}  up {_length(now - start)}, 1 users, load averages: 0.32, 0.27, 0.25"]  # fmt: skip
    return Reply(xml, joined(lines), nodes=("node0", "node1"), padded=False)


def _moment(make: Maker, at: float) -> etree._Element:
    return make("date-time", stamp(at), seconds=int(at))


def _span(make: Maker, seconds: float) -> etree._Element:
    return make("time-length", _length(seconds), seconds=int(seconds))


def _length(seconds: float) -> str:
    """Return a time span as ``show system uptime`` prints it: ``3w1d 04:05``, ``1d 02:03``, ``04:05:06``."""
    rest = int(max(0.0, seconds))
    days, rest = divmod(rest, 86400)
    if not days:
        return f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    weeks, days = divmod(days, 7)
    return f"{f'{weeks}w' if weeks else ''}{days}d {rest // 3600:02d}:{rest // 60 % 60:02d}"


def model(request: Request) -> str:
    return str(getattr(request.options, "model", "vSRX"))


def software(request: Request) -> Reply:
    release, name = request.options.release, request.view.host_name
    make = Maker(request)
    comment = f"JUNOS Software Release [{release}]"
    package = make("package-information", make("name", "junos"), make("comment", comment))
    product = model(request).lower()
    head = make.rows((("host-name", name), ("product-model", product), ("product-name", product),
                      ("junos-version", release)))  # fmt: skip
    text = f"Hostname: {name}\nModel: {model(request)}\nJunos: {release}\nJUNOS Software Release [{release}]\n"
    return Reply(make("software-information", head, package), text, nodes=("node0", "node1"), padded=False)


def system_information(request: Request) -> Reply:
    make = Maker(request)
    rows = (("hardware-model", model(request).lower()), ("os-name", "junos"), ("os-version", request.options.release),
            ("serial-number", serial_number(request.device)), ("host-name", request.view.host_name))  # fmt: skip
    labels = ("Model", "Family", "Junos", "Serial number", "Hostname")
    text = "".join(f"{label}: {value}\n" for label, (_name, value) in zip(labels, rows, strict=True))
    return Reply(make("system-information", make.rows(rows)), text, padded=False, wrapped=False)


def cluster_status(request: Request) -> Reply:
    """Show the cluster, never wrapped; a single device sends its daemon's error inside a successful reply."""
    if not request.cluster:
        message = "error: Chassis cluster is not enabled"
        return Reply(xnm_error("jsrpd", message), f"{message}\n", padded=False, wrapped=False)
    make = Maker(request)
    nodes = (("node0", 200, "primary"), ("node1", 100, "secondary"))
    groups = []
    lines = ["Cluster ID: 1", "Node   Priority Status               Preempt Manual   Monitor-failures"]
    for group in (0, 1):
        leaves: list[tuple[str, str | int]] = []
        for name, priority, status in nodes:
            leaves += [("device-name", name), ("device-priority", priority), ("redundancy-group-status", status),
                       ("preempt", "no"), ("failover-mode", "no"), ("monitor-failures", "None")]  # fmt: skip
        head = make.rows((("cluster-id", 1), ("redundancy-group-id", group), ("redundancy-group-failover-count", 1)))
        groups.append(make("redundancy-group", head, make("device-stats", make.rows(leaves))))
        lines += ["", f"Redundancy group: {group} , Failover count: 1"]
        lines += [f"{name:<7}{priority:<9}{status:<21}no      no       None" for name, priority, status in nodes]
    text = joined(lines)
    return Reply(make("chassis-cluster-status", make("cluster-id", 1), groups), text, padded=False, wrapped=False)
