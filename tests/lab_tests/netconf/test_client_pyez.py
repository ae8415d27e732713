# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PyEZ, unmodified, against the lab: facts and every way to change a configuration."""

from __future__ import annotations

import typing as t

import pytest
from jnpr.junos import Device
from jnpr.junos.exception import CommitError, ConfigLoadError, ConnectAuthError, LockError, RpcError, UnlockError
from jnpr.junos.utils.config import Config
from lxml import etree

from tests.lab_tests.netconf.conftest import PASSWORD, Site

NAME = "set system domain-name changed.example"


def device(site: Site, name: str = "hub", **arguments: t.Any) -> Device:
    settings: dict[str, t.Any] = {
        "user": "admin",
        "ssh_config": site.lab.ssh_config,
        "ssh_private_key_file": site.lab.client_key,
        "hostkey_verify": True,
        "gather_facts": False,
    }
    return Device(host="127.0.0.1", port=site.ports[name], **(settings | arguments))


@pytest.fixture(scope="module")
def opened(site: Site) -> t.Iterator[Device]:
    with device(site) as one:
        yield one


@pytest.fixture
def config(site: Site, opened: Device) -> t.Iterator[Config]:
    """Return the configuration of the hub, which the fixture restores after the test."""
    yield Config(opened)
    site.lab.fault("hub", "commit", statement="set system domain-name example.net")


def test_password(site: Site) -> None:
    with device(site, ssh_private_key_file=None, password=PASSWORD) as one:
        assert one.connected


@pytest.mark.parametrize("arguments", [{"password": "wrong"}, {"user": "another"}])
def test_wrong_password_or_user(site: Site, arguments: dict[str, str]) -> None:
    settings: dict[str, t.Any] = {
        "ssh_private_key_file": None,
        "password": PASSWORD,
        "ssh_config": "/nonexistent",
        "hostkey_verify": False,
    }
    with pytest.raises(ConnectAuthError):
        device(site, **(settings | arguments)).open()


@pytest.mark.parametrize("name", ["compliant", "old", "pair"])
def test_facts(site: Site, name: str) -> None:
    with device(site, name) as one:
        facts = one.facts
        assert facts["hostname"] == ("hub" if name == "compliant" else name)
        assert facts["version"] == ("19.4R3.11" if name == "old" else "24.4R1.9")
        assert facts["model"] == "VSRX"
        assert facts["serialnumber"].startswith("LAB")
        assert facts["srx_cluster"] is (name == "pair")
        assert facts["vc_capable"] is False
        assert facts["RE0"]["status"] == "OK"
        assert facts["domain"] == ("example.net" if name == "compliant" else None)


def test_every_fact_is_available(opened: Device) -> None:
    opened.facts_refresh(exception_on_failure=True)
    assert opened.facts["HOME"] == "/var/home/admin"


def test_diff_check_commit_rollback(config: Config) -> None:
    config.lock()
    config.load(NAME, format="set")
    assert config.diff() == "\n[edit system]\n-  domain-name example.net;\n+  domain-name changed.example;\n"
    assert config.commit_check()
    assert config.commit(comment="from a test")
    assert config.diff() is None
    assert config.diff(rb_id=1) == "\n[edit system]\n-  domain-name example.net;\n+  domain-name changed.example;\n"
    config.rollback(1)
    assert config.commit()
    config.unlock()


def test_commit_detail(config: Config) -> None:
    config.load(NAME, format="set")
    reply = config.commit(detail=True)
    assert reply.find(".//commit-success") is not None


@pytest.mark.parametrize("mode", ["exclusive", "private"])
def test_modes(opened: Device, config: Config, mode: str) -> None:
    with Config(opened, mode=mode) as edited:
        edited.load(NAME, format="set")
        assert "+  domain-name changed.example;" in edited.diff()
        edited.commit()
    assert opened.rpc.get_config(filter_xml="system/domain-name").findtext(".//domain-name") == "changed.example"


def test_a_commit_confirms_the_pending_one(site: Site, config: Config) -> None:
    config.lock()
    config.load(NAME, format="set")
    config.commit(confirm=2)
    assert site.lab.status()["devices"]["hub"]["pending"] is not None
    config.commit()
    assert site.lab.status()["devices"]["hub"]["pending"] is None
    config.unlock()


def test_an_unconfirmed_commit_is_rolled_back(site: Site, opened: Device, config: Config) -> None:
    config.lock()
    config.load(NAME, format="set")
    config.commit(confirm=1)
    site.lab.time(advance=91)
    assert opened.rpc.get_config(filter_xml="system/domain-name").findtext(".//domain-name") == "example.net"
    config.unlock()


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ("system { domain-name changed.example; }", "text"),
        ("<configuration><system><domain-name>changed.example</domain-name></system></configuration>", "xml"),
        ('{"configuration": {"system": {"domain-name": "changed.example"}}}', "json"),
        (NAME, "set"),
    ],
)
def test_formats(config: Config, content: str, form: str) -> None:
    config.lock()
    config.load(content, format=form)
    assert "+  domain-name changed.example;" in config.diff()
    config.rollback(0)
    assert config.diff() is None
    config.unlock()


def test_overwrite_and_update(config: Config, opened: Device) -> None:
    config.lock()
    whole = opened.rpc.get_config(options={"format": "text", "database": "committed"}).text
    for how in ({"overwrite": True}, {"update": True}):
        config.load(whole.replace("example.net", "changed.example"), format="text", **how)
        assert config.diff() == "\n[edit system]\n-  domain-name example.net;\n+  domain-name changed.example;\n"
        config.rollback(0)
    config.unlock()


def test_syntax_error_raises_with_element(config: Config) -> None:
    config.lock()
    with pytest.raises(ConfigLoadError) as caught:
        config.load("set system nonsense", format="set")
    assert caught.value.errs[0]["bad_element"] == "nonsense"
    config.unlock()


def test_warning_raises_unless_ignored(config: Config) -> None:
    config.lock()
    with pytest.raises(ConfigLoadError, match="statement not found"):
        config.load("delete system time-zone", format="set")
    config.load("delete system time-zone", format="set", ignore_warning="statement not found")
    config.unlock()


def test_failed_check_raises_with_path(site: Site, config: Config) -> None:
    site.lab.fault("hub", "fail-check", count=1, message="no such thing", path="[edit security]", element="ike")
    config.lock()
    with pytest.raises(CommitError) as caught:
        config.commit_check()
    assert caught.value.errs[0]["edit_path"] == "[edit security]"
    config.unlock()


def test_lock_held_by_another(site: Site, opened: Device) -> None:
    site.lab.fault("hub", "hold-lock", user="mallory")
    with pytest.raises(LockError, match="configuration database locked by:\n  mallory terminal p0"):
        Config(opened).lock()


def test_unlock_without_lock(opened: Device) -> None:
    with pytest.raises(UnlockError, match="Configuration database is not open"):
        Config(opened).unlock()


def test_rescue(opened: Device, config: Config) -> None:
    assert config.rescue("save")
    config.load(NAME, format="set")
    assert config.rescue("reload") is not False
    assert config.diff() is None
    assert config.rescue("delete")
    assert config.rescue("get") is None


def test_cli(opened: Device) -> None:
    assert "set system services netconf ssh" in opened.cli("show configuration | display set", warning=False)
    assert "24.4R1.9" in opened.cli("show version", warning=False)
    assert opened.display_xml_rpc("show system storage").tag == "get-system-storage"


def test_unknown_rpc(opened: Device) -> None:
    with pytest.raises(RpcError) as caught:
        opened.rpc.get_system_storage_information()
    assert caught.value.rpc_error["bad_element"] == "get-system-storage-information"


def test_a_reply_without_closing_tag_is_an_error(site: Site) -> None:
    with device(site, "pair") as one, Config(one, mode="exclusive") as config:
        site.lab.fault("pair", "malformed-commit", count=1)
        with pytest.warns(RuntimeWarning), pytest.raises(etree.XMLSyntaxError):
            config.commit_check()
        assert config.commit_check()
