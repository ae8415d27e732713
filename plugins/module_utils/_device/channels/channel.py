# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The channel that a session speaks through: open, send a request and return its reply, close.

A subclass for each library logs in and exchanges messages (asyncssh_channel.py, pyez_channel.py). What an operator has
configured comes from ssh_config.py and the files of keys, for both alike.
"""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import (
    login_error,
    lower_first,
    unforeseen,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.regular_files import FileError
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings, settings_of
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config_client import SshConfigError
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target


class ChannelLost(Exception):
    """No reply came, and none will: the request may have been carried out. The channel is closed on this side."""


class NotXml(Exception):
    """A reply came that no parser takes. The channel goes on."""


class Channel(ABC):
    """NETCONF with one device. ``notes`` holds what the operator should know of the replies.

    ``tries`` is the number of connections that the login took, where the device cuts some short. ``until`` (monotonic
    seconds) is when the wait for a login or a reply ends, ``None`` where nothing is waited for.
    """

    def __init__(self, target: Target) -> None:
        self.notes: list[str] = []
        self.tries = 1
        self.until: float | None = None
        self._target = target

    def open(self) -> None:
        """Log in and exchange capabilities. Raise SessionError, in which each way of not getting in has a sentence."""
        target = self._target
        where = f"{target.host} ({target.address}{f' port {target.port}' if target.port else ''})"
        try:
            settings = settings_of(target)
            where = f"{target.host} ({target.address} port {settings.port})"
            self._log_in(where, settings)
        except SshConfigError as error:
            raise login_error(where, "ssh_config", words=error) from None
        except FileError as error:
            raise login_error(where, "file", **error.facts) from None
        except Exception as error:
            # Whatever a library raises about one device is about that device.
            self._drop()
            raise unforeseen(where, error) from None
        except BaseException:
            self._drop()
            raise
        finally:
            self.until = None

    def execute(self, rpc: str, timeout: float) -> str:
        """Send one request and return the text of its ``rpc-reply``.

        Raise ChannelLost, after ``timeout`` seconds at the latest, and NotXml.
        """
        self.until = time.monotonic() + timeout
        try:
            return self._exchange(rpc, timeout)
        except NotXml:
            raise
        except TimeoutError:
            self._drop()
            raise ChannelLost(f"none within {timeout:g} s") from None
        except Exception as error:
            self._drop()
            raise ChannelLost(lower_first(str(error) or type(error).__name__)) from None
        except BaseException:
            # The reply to what was interrupted would be taken for that of the next request.
            self._drop()
            raise
        finally:
            self.until = None

    def close(self) -> None:
        """End the session within seconds, whatever the device does. Raise nothing."""
        try:
            # Over a dead link nothing can be said, and whichever library notices first fails.
            with contextlib.suppress(Exception):
                self._say_goodbye()
        finally:
            self._drop()

    def abandon(self) -> None:
        """End the session at once, from another thread, under a request that does not end. Raise nothing."""
        self._drop()

    @abstractmethod
    def _log_in(self, where: str, settings: SshSettings) -> None:
        """Log in and exchange hellos within the time of a login. Raise SessionError, or anything else."""

    @abstractmethod
    def _exchange(self, rpc: str, timeout: float) -> str:
        """Send one request and return its reply. Raise TimeoutError, NotXml, or anything else for a lost session."""

    @abstractmethod
    def _say_goodbye(self) -> None:
        """Send ``close-session`` where there is a session, and wait some seconds for the end."""

    @abstractmethod
    def _drop(self) -> None:
        """End the session on this side at once, whatever the device does: so ends what it had locked."""
