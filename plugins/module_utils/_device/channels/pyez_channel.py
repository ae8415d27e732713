# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""The other channel: PyEZ over ncclient and paramiko, two threads a device."""

from __future__ import annotations

import codecs
import threading
import time
import typing as t
import warnings

from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels import library_loggers
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.channel import Channel, ChannelLost, NotXml
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.login_errors import login_error
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.netconf_framing import (
    LARGEST_MESSAGE,
    LATIN_1,
    NOT_UTF_8,
)
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.pyez_errors import MISSING
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.pyez_login import Login, within
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.ssh_config import SshSettings
from ansible_collections.hubspoke.srx.plugins.module_utils._device.channels.target import Target

if MISSING is None:
    from jnpr.junos import exception as ez
    from lxml import etree
    from ncclient.operations import RaiseMode

library_loggers.quiet()
warnings.filterwarnings("ignore", module=r"(jnpr|ncclient|paramiko)\b")
_GOODBYE_SECONDS = 3
_ALIVE_SECONDS = 30


class PyezChannel(Channel):
    """NETCONF with one device over PyEZ."""

    def __init__(self, target: Target) -> None:
        if MISSING:
            raise login_error(target.host, "library", library="junos-eznc", expected="installed, with the libraries"
                              " that it needs", words=MISSING)  # fmt: skip
        super().__init__(target)
        self._login: Login | None = None
        self._received = 0

    def _log_in(self, where: str, settings: SshSettings) -> None:
        self._login = login = Login(where, settings, self._target)
        self.until = time.monotonic() + login.seconds
        login.run()
        self.tries = login.tries
        device = login.device
        device.timeout = self._target.timeout
        # What a device refuses is for the session to tell, from the reply.
        device._conn.raise_mode = RaiseMode.NONE
        device._conn._session.transport.set_keepalive(int(settings.alive_interval) or _ALIVE_SECONDS)
        self._read_any_bytes(device._conn._session)

    def _read_any_bytes(self, session: t.Any) -> None:
        """Let the library see UTF-8 only: one other byte in an interface's description would end its thread."""
        decoder = codecs.getincrementaldecoder("utf-8")(LATIN_1)
        read = session._transport_read

        def read_utf_8() -> bytes:
            while data := read():
                self._received += len(data)
                if self._received > LARGEST_MESSAGE:
                    raise ChannelLost(f"a message of more than {LARGEST_MESSAGE} bytes")
                text = decoder.decode(data)
                clean = text.encode()
                if not data.isascii() and clean not in data and data not in clean and NOT_UTF_8 not in self.notes:
                    self.notes.append(NOT_UTF_8)
                if clean:
                    return clean
            return b""

        session._transport_read = read_utf_8

    def _exchange(self, rpc: str, timeout: float) -> str:
        device = self._login.device if self._login is not None else None
        if device is None:
            raise ChannelLost("the session is closed")
        self._received = 0
        try:
            reply = device.execute(etree.fromstring(rpc), ignore_warning=True, dev_timeout=timeout)
        except etree.XMLSyntaxError as error:
            raise NotXml(str(error.msg)) from None
        except ez.RpcTimeoutError:
            raise TimeoutError from None
        except ez.ConnectClosedError:
            raise ChannelLost("the device ended the session") from None
        if not etree.iselement(reply):
            return "<rpc-reply/>"
        return str(etree.tostring(reply.getroottree().getroot(), encoding="unicode", with_tail=False))

    def _say_goodbye(self) -> None:
        login = self._login
        if login is not None and login.device is not None and login.carrier is not None:
            login.device.timeout = _GOODBYE_SECONDS
            within(2 * _GOODBYE_SECONDS, login.device.close, login.carrier.hang_up)

    def _drop(self) -> None:
        login, self._login = self._login, None
        if login is not None:
            login.drop()


def _keep_silent(previous: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], None]:
    def told(arguments: t.Any) -> None:
        thread = type(arguments.thread).__module__ if arguments.thread else ""
        if thread.partition(".")[0] not in ("ncclient", "paramiko"):
            previous(arguments)

    return told


# A thread that ends with an exception prints it. What it means for the session, the session finds out by itself.
threading.excepthook = _keep_silent(threading.excepthook)
