# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PyEZ, a thread for each device."""

from __future__ import annotations

from jnpr.junos import Device as Junos
from jnpr.junos.utils.config import Config

from tests.performance.clients.job import ADDRESS, MINUTES, RPCS, Device, Job, in_threads


def work(job: Job, device: Device) -> None:
    with Junos(
        host=ADDRESS, port=device.port, user=job.user, ssh_private_key_file=job.key, ssh_config=job.ssh_config,
        hostkey_verify=True, gather_facts=False, normalize=False,
    ) as junos:  # fmt: skip
        junos.timeout = 300
        with Config(junos, mode="exclusive") as config:
            # Without merge PyEZ sends ``replace``.
            config.load(device.text, format="text", merge=False)
            config.diff()
            config.commit(confirm=MINUTES)
            for rpc in RPCS:
                getattr(junos.rpc, rpc.replace("-", "_"))()
            config.commit()


if __name__ == "__main__":
    in_threads(work)
