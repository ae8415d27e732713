# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ncclient with its Junos handler, unmodified, against the lab."""

from __future__ import annotations

import typing as t

import pytest
from ncclient import manager
from ncclient.operations.rpc import RPCError
from ncclient.transport.errors import SSHUnknownHostError, TransportError

from tests.lab_tests.netconf.conftest import Site

CHANGE = "system { domain-name changed.example; }"
XML = (
    '<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><configuration xmlns="http://xml.juniper.net/xnm/1.1/xnm">'
    "<system><domain-name>changed.example</domain-name></system></configuration></config>"
)


def connect(site: Site, name: str = "hub", **arguments: t.Any) -> t.Any:
    settings = {
        "host": "127.0.0.1",
        "port": site.ports[name],
        "username": "admin",
        "key_filename": site.lab.client_key,
        "ssh_config": site.lab.ssh_config,
        "allow_agent": False,
        "look_for_keys": False,
        "device_params": {"name": "junos"},
        "hostkey_verify": True,
    }
    return manager.connect(**(settings | arguments))


def is_ok(reply: t.Any) -> bool:
    return len(reply.xpath("//ok")) == 1


@pytest.fixture(scope="module")
def session(site: Site) -> t.Iterator[t.Any]:
    with connect(site) as opened:
        yield opened


@pytest.fixture
def edited(site: Site, session: t.Any) -> t.Iterator[t.Any]:
    """Return a session whose changes the fixture reverts after the test."""
    with session.locked("candidate"):
        yield session
    site.lab.fault("hub", "commit", statement="set system domain-name example.net")


def test_capabilities_and_session(session: t.Any) -> None:
    assert ":candidate" in session.server_capabilities
    assert ":confirmed-commit" in session.server_capabilities
    assert "urn:ietf:params:netconf:base:1.1" not in session.server_capabilities
    assert session.session_id.isdigit()


def test_an_unknown_host_key_is_refused(site: Site) -> None:
    with pytest.raises(SSHUnknownHostError):
        connect(site, ssh_config=None)


def test_get_config_with_filter(session: t.Any) -> None:
    wanted = ("subtree", "<configuration><system><services/></system></configuration>")
    reply = session.get_config(source="running", filter=wanted)
    assert [element.tag for element in reply.xpath("data/configuration/system/services/netconf/*")] == ["ssh"]


@pytest.mark.parametrize("form", ["text", "set", "xml"])
def test_get_configuration(session: t.Any, form: str) -> None:
    assert "example.net" in str(session.get_configuration(format=form))


def test_edit_config_compare_validate_commit(edited: t.Any) -> None:
    edited.edit_config(target="candidate", config=XML)
    compared = edited.compare_configuration()
    assert "+  domain-name changed.example;" in str(
        compared.xpath("configuration-information/configuration-output")[0].text
    )
    assert is_ok(edited.validate("candidate"))
    assert is_ok(edited.commit(comment="by ncclient"))
    assert "changed.example" in str(edited.get_configuration(format="set"))


@pytest.mark.parametrize(
    ("action", "form", "config"),
    [("merge", "text", CHANGE), ("set", "text", ["set system domain-name changed.example"])],
)
def test_load_and_discard(edited: t.Any, action: str, form: str, config: t.Any) -> None:
    edited.load_configuration(action=action, format=form, config=config)
    assert "changed.example" in str(edited.compare_configuration())
    edited.discard_changes()
    assert "changed.example" not in str(edited.compare_configuration())


def test_commit_confirmed_counts_minutes(site: Site, edited: t.Any) -> None:
    edited.load_configuration(format="text", config=CHANGE)
    edited.commit(confirmed=True, timeout="120")
    listed = edited.rpc("<get-commit-information/>")
    assert listed.xpath("commit-information/commit-history/comment")[0].text == "commit confirmed, rollback in 2mins"
    site.lab.time(advance=151)
    assert "changed.example" not in str(edited.get_configuration(format="set"))


def test_rollback(edited: t.Any) -> None:
    edited.load_configuration(format="text", config=CHANGE)
    edited.commit()
    edited.rollback(1)
    assert "-  domain-name changed.example;" in str(edited.compare_configuration())
    edited.commit()


def test_command(session: t.Any) -> None:
    assert "24.4R1.9" in str(session.command("show version", format="text"))


def test_errors_raise_with_their_text(site: Site, edited: t.Any) -> None:
    with pytest.raises(RPCError, match="syntax error"):
        edited.rpc("<get-nothing/>")
    with connect(site) as other, pytest.raises(RPCError, match="configuration database locked by"):
        other.lock("candidate")


def test_kill_session_frees_the_lock(site: Site, session: t.Any) -> None:
    victim = connect(site)
    victim.lock("candidate")
    session.kill_session(victim.session_id)
    with session.locked("candidate"):
        pass
    with pytest.raises(TransportError):
        victim.unlock("candidate")


def test_rfc_compliant_device(site: Site) -> None:
    with connect(site, "compliant") as session, session.locked("candidate"):
        session.load_configuration(format="text", config=CHANGE)
        assert is_ok(session.validate("candidate"))
        session.discard_changes()
