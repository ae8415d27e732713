# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NAPALM's Junos driver, unmodified, against the lab."""

from __future__ import annotations

import typing as t

import pytest
from napalm import get_network_driver
from napalm.base.exceptions import CommitError, LockError, MergeConfigException, ReplaceConfigException

from tests.lab_tests.netconf.conftest import Site

CHANGE = "set system domain-name changed.example"
DIFF = "[edit system]\n-  domain-name example.net;\n+  domain-name changed.example;"


def connect(site: Site, **optional: t.Any) -> t.Any:
    settings = {"port": site.ports["hub"], "key_file": site.lab.client_key, "ssh_config_file": site.lab.ssh_config}
    driver = get_network_driver("junos")("127.0.0.1", "admin", "", optional_args=settings | optional)
    driver.open()
    return driver


@pytest.fixture(scope="module")
def driver(site: Site) -> t.Iterator[t.Any]:
    opened = connect(site)
    yield opened
    opened.close()


@pytest.fixture
def rolled_back(site: Site) -> t.Iterator[None]:
    yield
    site.lab.fault("hub", "commit", statement="set system domain-name example.net")


def test_facts_and_liveness(driver: t.Any) -> None:
    facts = driver.get_facts()
    assert (facts["vendor"], facts["hostname"], facts["fqdn"]) == ("Juniper", "hub", "hub.example.net")
    assert (facts["model"], facts["os_version"]) == ("VSRX", "24.4R1.9")
    assert {"ge-0/0/0", "ge-0/0/1"} <= set(facts["interface_list"])
    assert driver.is_alive() == {"is_alive": True}


def test_get_config(driver: t.Any) -> None:
    config = driver.get_config()
    assert "domain-name example.net;" in config["running"]
    assert "domain-name example.net;" in config["candidate"]
    assert "set system domain-name example.net" in driver.get_config(format="set")["running"]


def test_cli(driver: t.Any) -> None:
    assert "24.4R1.9" in driver.cli(["show version"])["show version"]


@pytest.mark.usefixtures("rolled_back")
def test_merge_compare_commit_rollback(driver: t.Any) -> None:
    driver.load_merge_candidate(config=CHANGE)
    assert driver.compare_config() == DIFF
    driver.commit_config(message="by napalm")
    assert driver.compare_config() == ""
    driver.rollback()
    assert "domain-name example.net;" in driver.get_config(retrieve="running")["running"]


def test_merge_discard(driver: t.Any) -> None:
    driver.load_merge_candidate(config=CHANGE)
    driver.discard_config()
    assert driver.compare_config() == ""


def test_replace(driver: t.Any) -> None:
    whole = driver.get_config(retrieve="running")["running"]
    driver.load_replace_candidate(config=whole.replace("example.net", "changed.example"))
    assert driver.compare_config() == DIFF
    driver.discard_config()


@pytest.mark.usefixtures("rolled_back")
def test_commit_confirm(site: Site, driver: t.Any) -> None:
    driver.load_merge_candidate(config=CHANGE)
    driver.commit_config(revert_in=120)
    assert driver.has_pending_commit()
    driver.confirm_commit()
    assert not driver.has_pending_commit()
    driver.load_merge_candidate(config="set system domain-name again.example")
    driver.commit_config(revert_in=60)
    site.lab.time(advance=91)
    assert "changed.example" in driver.get_config(retrieve="running")["running"]


@pytest.mark.usefixtures("rolled_back")
def test_private_candidate(site: Site) -> None:
    driver = connect(site, config_private=True)
    driver.load_merge_candidate(config=CHANGE)
    assert driver.compare_config() == DIFF
    driver.commit_config()
    driver.close()
    assert "changed.example" in site.lab.show("hub")


def test_errors(site: Site, driver: t.Any) -> None:
    with pytest.raises(MergeConfigException):
        driver.load_merge_candidate(config="set nonsense")
    with pytest.raises(ReplaceConfigException):
        driver.load_replace_candidate(config="nonsense { }")
    site.lab.fault("hub", "hold-lock")
    with pytest.raises(LockError):
        driver.load_merge_candidate(config=CHANGE)
    site.lab.fault("hub", "clear")
    site.lab.fault("hub", "fail-check", count=1)
    driver.load_merge_candidate(config=CHANGE)
    with pytest.raises(Exception, match="configuration check-out failed") as caught:
        driver.commit_config()
    assert isinstance(caught.value, CommitError) or type(caught.value).__name__ == "CommitError"
    driver.discard_config()
