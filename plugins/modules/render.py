#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/render.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: render
short_description: Write every device's configuration to files, for review without any device
version_added: 1.0.0
description:
  - Plans the inventory groups C(nhtb_hubs) and C(nhtb_spokes) and writes C(<host>.conf) and C(<host>.set) for every
    Junos device of the play, those of its profile for every third-party one, as C(<host>.screenos). Runs once for the
    play.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos, screenos
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with the files.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
  with_keys:
    description:
      - Whether the files have the pre-shared keys instead of a placeholder that names the host. Such files are secrets.
      - C(files-with-keys.txt) in the folder names them. The next run of this module, with or without keys, removes them
        from the folders of all earlier runs.
    type: bool
    default: false
notes:
  - The variable of O(with_keys) is C(nhtb_render_keys).
seealso:
  - module: hubspoke.srx.transaction
"""

EXAMPLES = r"""
- name: Configurations for the change ticket
  hubspoke.srx.render:
    artifacts_dir: review
"""

RETURN = r"""
folder:
  description: Folder of the files; in check mode the one that a run would write.
  returned: success
  type: str
  sample: artifacts/20260312T091502-4be07a
files:
  description: Names of all files.
  returned: success
  type: list
  elements: str
  sample: [corporate.conf, corporate.set, sunnyvale.screenos, westford.conf, westford.set]
written:
  description: Names of the files that were new or different.
  returned: success
  type: list
  elements: str
  sample: [corporate.conf, corporate.set, sunnyvale.screenos, westford.conf, westford.set]
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: failure
  type: str
  sample: bad_inventory
"""
