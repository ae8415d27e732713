# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show configurations: ``get-configuration``, ``get-config``, earlier commits, and differences."""

from __future__ import annotations

import time
import typing as t
from xml.sax.saxutils import escape

from lxml import etree

from tests.lab.clock import stamp
from tests.lab.config import jsonform, setform, text, xmlform
from tests.lab.config.compare import compare
from tests.lab.config.groups import inherited
from tests.lab.config.problems import Problem
from tests.lab.config.tree import Node
from tests.lab.netconf.locking import database_errors, datastore
from tests.lab.netconf.reply import RpcFailed, local, syntax_error

if t.TYPE_CHECKING:
    from tests.lab.config.database import Source
    from tests.lab.netconf.session import Session

XNM = "http://xml.juniper.net/xnm/1.1/xnm"
YANG = "http://yang.juniper.net/junos-es/conf"

_FORMS = ("xml", "text", "set", "json")


def _get_configuration(session: Session, request: etree._Element) -> str:
    form = request.get("format", "xml")
    source = _source(request.get("database", "candidate"))
    if request.get("compare") is not None:
        return _compared(session, request, form)
    with database_errors():
        node = session.device.database.tree(source, session.id)
    groups = request.get("groups") is not None
    if request.get("inherit") is not None:
        node = inherited(node, mark=groups)
    wanted = request.find("{*}configuration")
    if wanted is not None:
        node = xmlform.select(node, wanted)
    return _rendered(session, node, form, source, groups)


def _source(name: str) -> Source:
    if name == "candidate":
        return "candidate"
    if name == "committed":
        return "committed"
    raise syntax_error(name)


def _compared(session: Session, request: etree._Element, form: str) -> str:
    number = request.get("rollback", "0")
    if request.get("compare") != "rollback" or not number.isdigit():
        raise syntax_error(str(request.get("compare")) if number.isdigit() else number)
    if form != "text":
        raise RpcFailed(Problem('the lab compares with format="text" only', bad_element=form))
    source = _source(request.get("database", "candidate"))
    with database_errors():
        return output(session.device.database.compare(int(number), session.id, source))


def output(said: str) -> str:
    """Return text about a configuration in the elements in which a device sends it."""
    # Without a difference the content is a newline, not empty.
    return (
        "<configuration-information>\n"
        f"<configuration-output>\n{escape(said)}</configuration-output>\n"
        "</configuration-information>"
    )


def _rendered(session: Session, node: Node, form: str, source: Source, groups: bool = False) -> str:
    if form not in _FORMS:
        raise syntax_error(form)
    if form == "json":
        return escape(jsonform.render(node))
    attributes = f"xmlns={_quoted(_namespace(session))} {_when(session, source)}"
    if form == "set":
        return f"<configuration-set {attributes}>\n{escape(setform.render(node))}</configuration-set>"
    if form == "text":
        said = escape(_header(session, source) + text.render(node))
        return f"<configuration-text {attributes}>\n{said}</configuration-text>"
    return f"<configuration {attributes}>\n{_children(session, node, groups)}</configuration>"


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'


def _namespace(session: Session) -> str:
    return f"{YANG}/root" if session.dialect.rfc else XNM


def _when(session: Session, source: Source) -> str:
    database = session.device.database
    if source == "candidate":
        seconds = database.changed_at
        return f'junos:changed-seconds="{int(seconds)}" junos:changed-localtime="{stamp(seconds)}"'
    entry = database.history[0]
    return (
        f'junos:commit-seconds="{int(entry.seconds)}" junos:commit-localtime="{stamp(entry.seconds)}" '
        f"junos:commit-user={_quoted(entry.user)}"
    )


def _header(session: Session, source: Source) -> str:
    database = session.device.database
    if source == "candidate":
        return f"## Last changed: {stamp(database.changed_at)}\n"
    return f"## Last commit: {stamp(database.history[0].seconds)} by {database.history[0].user}\n"


def _children(session: Session, node: Node, groups: bool) -> str:
    """Return the statements below the top as text; with ``rfc-compliant`` each has the namespace of its module."""
    root = etree.Element("configuration", nsmap={"junos": session.dialect.junos})
    root.extend(list(xmlform.render(node, groups=groups)))
    if groups:
        _qualify(root, session.dialect.junos)
    etree.indent(root, space="    ")
    parts = []
    for child in root:
        part = etree.tostring(child, encoding="unicode", with_tail=False)
        part = part.replace(f' xmlns:junos="{session.dialect.junos}"', "")
        name = local(child)
        if session.dialect.rfc and name in _MODULES:
            part = part.replace(f"<{name}", f'<{name} xmlns="{YANG}/{name}"', 1)
        parts.append(f"    {part}\n")
    return "".join(parts)


# Hierarchies with a YANG module of their own; version, groups and apply-groups belong to the root module.
_MODULES = frozenset(
    {"system", "interfaces", "routing-options", "protocols", "security", "applications", "snmp", "access"}
)


def _qualify(root: etree._Element, namespace: str) -> None:
    for element in root.iter(etree.Element):
        group = element.get("group")
        if group is not None:
            del element.attrib["group"]
            element.set(f"{{{namespace}}}group", group)


def _get_config(session: Session, request: etree._Element) -> str:
    source: Source = "committed" if datastore(request, "source") == "running" else "candidate"
    node = session.device.database.tree(source, session.id)
    found = request.find("{*}filter")
    nc = session.dialect.nc
    if found is not None:
        if found.get("type", "subtree") != "subtree":
            raise RpcFailed(
                Problem("only subtree filters are supported", error_tag="bad-attribute", bad_element="filter")
            )
        wanted = found.find("{*}configuration")
        if wanted is None and len(found):
            return f"<{nc}data>\n</{nc}data>"
        node = xmlform.select(node, wanted) if wanted is not None else node
    rendered = _rendered(session, node, "xml", source)
    return f"<{nc}data>\n{rendered}\n{_database_status(session)}</{nc}data>"


def _database_status(session: Session) -> str:
    """Return the holder of the lock, whom a device names behind the configuration."""
    desk = session.device.database.desk
    holder = desk.sessions.get(desk.holder) if desk.holder is not None else None
    status = ""
    if holder is not None:
        since, idle = int(holder.since), int(session.device.clock.now() - holder.last)
        clock = time.strftime("%H:%M:%S", time.gmtime(idle))
        status = (
            f"<database-status>\n<user>{escape(holder.user)}</user>\n<terminal>{holder.terminal}</terminal>\n"
            f'<pid>{holder.id}</pid>\n<start-time junos:seconds="{since}">{stamp(holder.since)}</start-time>\n'
            f'<idle-time junos:seconds="{idle}">{clock}</idle-time>\n<exclusive/>\n'
            "<edit-path>[edit]</edit-path>\n</database-status>\n"
        )
    return f"<database-status-information>\n{status}</database-status-information>\n"


def _rollback_information(session: Session, request: etree._Element) -> str:
    number, other = (request.findtext(f"{{*}}{name}", "").strip() for name in ("rollback", "compare"))
    form = request.findtext("{*}format", "text").strip()
    if not (number or "0").isdigit() or not (other or "0").isdigit() or form not in ("text", "set", "xml"):
        raise syntax_error("rollback")
    database = session.device.database
    with database_errors():
        if other:
            said = compare(database.tree(rollback=int(number or 0)), database.tree(rollback=int(other)))
        else:
            node = database.tree(rollback=int(number or 0))
            said = _FORMERS[form](node)
    return f"<rollback-information>\n{output(said)}\n</rollback-information>"


_FORMERS: dict[str, t.Callable[[Node], str]] = {
    "text": text.render,
    "set": setform.render,
    "xml": lambda node: xmlform.to_text(xmlform.render(node)),
}


def show(session: Session, path: list[str], pipes: list[str], form: str) -> str:
    """Execute ``show configuration PATH | …``: compare, display set, xml, json and inheritance; drop other pipes."""
    database = session.device.database
    node = database.committed
    for words in (pipe.split() for pipe in pipes):
        if words[:1] == ["compare"]:
            number = words[2] if words[1:2] == ["rollback"] and len(words) > 2 else "0"
            if not number.isdigit():
                raise syntax_error(number)
            with database_errors():
                return output(database.compare(int(number), session.id))
        if words[:2] == ["display", "inheritance"]:
            node = inherited(node)
        elif words[:1] == ["display"] and words[1:2]:
            form = {"set": "show-set", "xml": "xml", "json": "json"}.get(words[1], form)
    part = _part(node, path)
    if form == "json":
        return escape(jsonform.render(part))
    if form == "xml":
        return _rendered(session, part, "xml", "committed")
    return output(setform.render(part) if form == "show-set" else _text_of(node, part, path))


def _part(node: Node, path: list[str]) -> Node:
    """Return the part of the configuration at ``path``; an empty configuration if there is none."""
    if not path:
        return node
    result = Node(node.statement)
    found = node.at(*path)
    if found is None:
        return result
    here, target = node, result
    for length in range(1, len(path) + 1):
        step = node.at(*path[:length])
        if step is None or step is here:
            continue
        if step is found:
            target.put(found)
            break
        target = target.put(Node(step.statement, step.keys, step.text))
        here = step
    return result


def _text_of(node: Node, part: Node, path: list[str]) -> str:
    """Return the output of ``show configuration PATH``: the content of the path, or everything with the header line."""
    found = node.at(*path) if path else part
    return text.render(found) if found is not None else ""


HANDLERS: dict[str, t.Callable[[Session, etree._Element], str]] = {
    "get-configuration": _get_configuration,
    "get-config": _get_config,
    "get-rollback-information": _rollback_information,
}
