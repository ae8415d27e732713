# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages of a device: hello, replies and rpc-errors, in the plain and the rfc-compliant form.

Replies are assembled as text, not as trees: an element's prefix and default namespace differ between the two forms,
and clients see exactly those bytes.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tests.lab.config.problems import SYNTAX_ERROR, Problem

BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"

_STANDARD = ("base:1.0", "candidate:1.0", "confirmed-commit:1.0", "validate:1.0", "url:1.0?scheme=http,ftp,file")

# Junos offers each standard capability twice, in the registered and in an older form; it never offers base:1.1,
# persist, startup and writable-running.
CAPABILITIES = (
    "urn:ietf:params:netconf:base:1.0",
    *(f"urn:ietf:params:netconf:capability:{name}" for name in _STANDARD[1:]),
    "urn:ietf:params:xml:ns:netconf:base:1.0?module=ietf-netconf&revision=2011-06-01",
    *(f"urn:ietf:params:xml:ns:netconf:capability:{name}" for name in _STANDARD[1:]),
    "urn:ietf:params:xml:ns:yang:ietf-inet-types?module=ietf-inet-types&revision=2013-07-15",
    "urn:ietf:params:xml:ns:yang:ietf-yang-metadata?module=ietf-yang-metadata&revision=2016-08-05",
    "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring",
    "http://xml.juniper.net/netconf/junos/1.0",
    "http://xml.juniper.net/dmi/system/1.0",
)


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


class RpcFailed(Exception):
    """The device refuses an RPC; ``problems`` become its rpc-errors, inside ``wrapper`` if there is one."""

    def __init__(self, *problems: Problem, wrapper: str | None = None) -> None:
        self.problems = problems
        self.wrapper = wrapper
        super().__init__("; ".join(problem.message for problem in problems))


def syntax_error(element: str) -> RpcFailed:
    """Return the refusal of an RPC or argument that the device does not have."""
    return RpcFailed(Problem(SYNTAX_ERROR, bad_element=element))


@dataclass(frozen=True)
class Dialect:
    """The form of one session's messages: the release in namespaces, and whether ``rfc-compliant`` is configured."""

    release: str
    rfc: bool = False

    @property
    def nc(self) -> str:
        """Return the prefix of NETCONF's own elements."""
        return "nc:" if self.rfc else ""

    @property
    def junos(self) -> str:
        """Return the namespace of the ``junos:`` attributes."""
        return f"http://xml.juniper.net/junos/{self.release}/junos"

    @property
    def ok(self) -> str:
        """Return the ``ok`` element."""
        return f"<{self.nc}ok/>"

    def hello(self, session_id: int) -> str:
        """Return the first message of the device."""
        nc = self.nc
        declaration = f'xmlns:nc="{BASE}"' if self.rfc else f'xmlns="{BASE}"'
        lines = [f"    <{nc}capability>{escape(name)}</{nc}capability>" for name in CAPABILITIES]
        return "\n".join(
            [
                f"<{nc}hello {declaration}>",
                f"  <{nc}capabilities>",
                *lines,
                f"  </{nc}capabilities>",
                f"  <{nc}session-id>{session_id}</{nc}session-id>",
                f"</{nc}hello>",
            ]
        )

    def reply(self, body: str, attributes: t.Mapping[str, str]) -> str:
        """Return the rpc-reply around ``body``, with the attributes of the request."""
        declared = {"xmlns:nc" if self.rfc else "xmlns": BASE, "xmlns:junos": self.junos}
        declared |= {name: value for name, value in attributes.items() if name not in declared and name != "xmlns"}
        head = " ".join(f"{name}={quoteattr(value)}" for name, value in declared.items())
        return f"<{self.nc}rpc-reply {head}>\n{body}\n</{self.nc}rpc-reply>"

    def problem(self, problem: Problem) -> str:
        """Return one rpc-error as text."""
        nc = self.nc

        def leaf(name: str, value: str) -> str:
            return f"<{nc}{name}>{escape(value)}</{nc}{name}>\n" if value else ""

        info = f"<{nc}error-info>\n{leaf('bad-element', problem.bad_element)}</{nc}error-info>\n"
        # Messages other than "syntax error" have a line of their own.
        text = problem.message if problem.message == SYNTAX_ERROR else f"\n{problem.message}\n"
        return (
            f"<{nc}rpc-error>\n"
            + leaf("error-type", problem.error_type)
            + leaf("error-tag", problem.error_tag)
            + leaf("error-severity", problem.severity)
            + (f"<source-daemon>{escape(problem.source_daemon)}</source-daemon>\n" if problem.source_daemon else "")
            + leaf("error-path", problem.edit_path)
            + leaf("error-message", text)
            + (info if problem.bad_element else "")
            + f"</{nc}rpc-error>"
        )

    def problems(self, problems: t.Iterable[Problem]) -> str:
        """Return several rpc-errors, each followed by a line end."""
        return "".join(f"{self.problem(problem)}\n" for problem in problems)

    def well(self, warnings: t.Iterable[Problem] = ()) -> str:
        """Return the ``ok`` element after the warnings. In the compliant form Junos sends no warnings."""
        return ("" if self.rfc else self.problems(warnings)) + self.ok

    def failure(self, error: RpcFailed) -> str:
        """Return the body of a refusal."""
        inner = self.problems(error.problems)
        return f"<{error.wrapper}>\n{inner}</{error.wrapper}>" if error.wrapper else inner.rstrip("\n")
