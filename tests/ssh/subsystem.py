# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The netconf subsystem behind OpenSSH: every request is answered with ``ok``. Standard library, as it starts often."""

import os
import re

END = b"]]>]]>"
BASE = b"urn:ietf:params:xml:ns:netconf:base:1.0"
HELLO = (
    b'<hello xmlns="%s"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>'
)

os.write(1, HELLO % BASE + END)
buffer = b""
while data := os.read(0, 65536):
    buffer += data
    while END in buffer:
        message, _end, buffer = buffer.partition(END)
        found = re.search(rb'message-id="([^"]*)"', message)
        if found:
            os.write(1, b'<rpc-reply xmlns="%s" message-id="%s"><ok/></rpc-reply>' % (BASE, found[1]) + END)
        if b"close-session" in message:
            raise SystemExit
