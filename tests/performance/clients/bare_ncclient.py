# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ncclient with its Junos handler, a thread for each device."""

from __future__ import annotations

from ncclient import manager

from tests.performance.clients.job import ADDRESS, MINUTES, RPCS, Device, Job, in_threads


def work(job: Job, device: Device) -> None:
    settings = {
        "host": ADDRESS, "port": device.port, "username": job.user, "key_filename": job.key, "timeout": 300,
        "ssh_config": job.ssh_config, "hostkey_verify": True, "allow_agent": False, "look_for_keys": False,
        "device_params": {"name": "junos"},
    }  # fmt: skip
    with manager.connect(**settings) as session, session.locked("candidate"):
        session.load_configuration(action="replace", format="text", config=device.text)
        session.compare_configuration()
        session.commit(confirmed=True, timeout=str(60 * MINUTES))
        for rpc in RPCS:
            session.rpc(f"<{rpc}/>")
        session.commit()


if __name__ == "__main__":
    in_threads(work)
