# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The loggers of the libraries that carry sessions: their messages never reach the root logger or stderr."""

from __future__ import annotations

import logging

# With those below them. concurrent.futures logs an exception in a callback with its traceback.
NAMES = ("asyncio", "asyncssh", "concurrent.futures", "jnpr", "ncclient", "paramiko")


def quiet() -> None:
    """Discard what the libraries log, until another handler is added: requests hold keys.

    A logger without a handler writes to stderr, where a thread waits for ever on ansible-core before 2.19.
    """
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
