# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Golden files: the rendered configurations of each network, ``<network>/<syntax>/<host>.conf|.set|.screenos``.

A network is an inventory, ``<network>/hosts.yml`` in this folder or ``inventories/document``. To add a case, write an
inventory, then regenerate all files with ``python -m tests.golden`` and read the difference before it is committed.
"""
