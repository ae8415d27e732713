# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real charon and a real kernel take the rendered files of a spoke; its tunnel to a second charon carries packets."""

from __future__ import annotations

import pytest

from tests.twin.outside import start_or_skip

_ALGORITHMS = {"modern": "AES_GCM_16-256/PRF_HMAC_SHA2_256/ECP_256", "classic": "3DES_CBC/HMAC_SHA1_96"}


@pytest.mark.parametrize("syntax", _ALGORITHMS)
def test_the_rendered_files_bring_up_a_real_tunnel(syntax: str) -> None:
    done = start_or_skip("tests.twin.spoke_file", "--syntax", syntax)
    assert done.returncode == 0, done.stdout + done.stderr
    assert _ALGORITHMS[syntax] in done.stdout
    assert "local  0.0.0.0/0" in done.stdout
    pings = [line for line in done.stdout.splitlines() if line.startswith("ping ")]
    assert pings == ["ping ghent -> namur: answered", "ping namur -> ghent: answered"]
