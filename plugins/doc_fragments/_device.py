# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The options with which modules reach a device."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
requirements:
  - asyncssh
  - junos-eznc, where C(nhtb_transport) is C(pyez)
  - jxmlease
  - netutils
notes:
  - Runs on the controller and speaks NETCONF over SSH with the device. It uses the host's C(ansible_host),
    C(ansible_port) (default 830), C(ansible_user), C(ansible_password) and C(ansible_ssh_private_key_file), after
    them the options of the command line, and last E(ANSIBLE_NET_USERNAME), E(ANSIBLE_NET_PASSWORD) and
    E(ANSIBLE_NET_SSH_KEYFILE), which AWX sets from a Network credential.
  - SSH host keys are checked against the known hosts unless C(ansible_host_key_checking) is false.
    C(nhtb_ssh_config) names an SSH configuration file, for a jump host or another known hosts file. Without it, those
    of ssh hold, as do C(ansible_ssh_common_args) and the other options of Ansible's ssh connection.
  - C(nhtb_transport) chooses the library, C(asyncssh) or C(pyez). The page on connections compares them.
  - With C(delegate_to) the session goes to the host that the task is delegated to. Delegated to V(localhost), the task
    still goes to its own host, since the module runs on the controller in any case.
"""
