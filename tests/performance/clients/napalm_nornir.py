# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NAPALM's Junos driver in the threads of nornir.

NAPALM has no ``load replace`` of a part: its replacement is that of the whole configuration. The text says ``replace:``
at its group, and the rest is merged, so that a merge does the same here.
"""

from __future__ import annotations

import sys
import typing as t

from napalm import get_network_driver
from nornir.core import Nornir
from nornir.core.inventory import ConnectionOptions, Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import Result, Task
from nornir.plugins.runners import ThreadedRunner

from tests.performance.clients.job import ADDRESS, MINUTES, RPCS, Device, Job, read


def work(task: Task, job: Job, devices: t.Mapping[str, Device]) -> Result:
    device = devices[task.host.name]
    options = {
        "port": device.port, "key_file": job.key, "ssh_config_file": job.ssh_config, "config_lock": False,
        "lock_disable": False,
    }  # fmt: skip
    driver = get_network_driver("junos")(ADDRESS, job.user, "", timeout=300, optional_args=options)
    driver.open()
    try:
        driver.load_merge_candidate(config=device.text)
        driver.compare_config()
        driver.commit_config(revert_in=60 * MINUTES)
        for rpc in RPCS:
            getattr(driver.device.rpc, rpc.replace("-", "_"))()
        driver.confirm_commit()
    finally:
        driver.close()
    return Result(host=task.host)


def main() -> None:
    job = read()
    devices = {device.name: device for device in job.devices}
    hosts = Hosts({name: Host(name=name, connection_options={"napalm": ConnectionOptions()}) for name in devices})
    nornir = Nornir(
        inventory=Inventory(hosts=hosts, groups=Groups(), defaults=Defaults()),
        runner=ThreadedRunner(num_workers=job.at_once),
    )
    result = nornir.run(task=work, job=job, devices=devices)
    for name, failed in result.failed_hosts.items():
        sys.stderr.write(f"{name}: {failed[0].result}\n")
    sys.exit(1 if result.failed else 0)


if __name__ == "__main__":
    main()
