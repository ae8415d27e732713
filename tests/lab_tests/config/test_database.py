# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks, private copies, commits, confirmation and history (junos-truth 5.2 and 5.5)."""

from __future__ import annotations

import pytest

from tests.lab.config import setform, text
from tests.lab.config.candidate import ALREADY_OPEN, MODIFIED, NOT_OPEN, DatabaseError
from tests.lab.config.database import KEPT, Database
from tests.lab.config.secrets import decode9

BASE = """
system {
    host-name alpha;
    root-authentication {
        encrypted-password "$6$salt$hash";
    }
}
"""
START = 1_700_000_000.0
ONE, TWO = 4711, 4712


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> float:
        return self.time


@pytest.fixture(name="clock")
def clock_fixture() -> Hand:
    return Hand()


@pytest.fixture(name="database")
def database_fixture(clock: Hand) -> Database:
    database = Database("alpha", clock, configuration=BASE)
    database.desk.enter(ONE, "first")
    database.desk.enter(TWO, "second")
    return database


def name_in(database: Database) -> str | None:
    return database.committed.value("system", "host-name")


def rename(database: Database, session: int, name: str) -> None:
    assert database.load(session, f"set system host-name {name}", "set", "set").ok


def test_a_lock_names_its_holder_to_the_others(database: Database, clock: Hand) -> None:
    database.desk.lock(ONE)
    clock.time += 3725
    for attempt in (
        lambda: database.desk.lock(TWO),
        lambda: database.desk.open_private(TWO),
        lambda: database.load(TWO, "set system host-name beta", "set", "set"),
        lambda: database.rollback(0, TWO),
        lambda: database.commit("second", "netconf", session=TWO),
        lambda: database.check(TWO),
    ):
        with pytest.raises(DatabaseError) as refusal:
            attempt()
        assert refusal.value.problem.message == (
            "configuration database locked by:\n"
            f"  first terminal  (pid {ONE}) on since 2023-11-14 22:13:20 UTC, idle 01:02:05\n"
            "      exclusive [edit]"
        )


def test_opening_twice_and_closing_what_is_not_open(database: Database) -> None:
    database.desk.lock(ONE)
    with pytest.raises(DatabaseError, match=ALREADY_OPEN):
        database.desk.lock(ONE)
    with pytest.raises(DatabaseError, match=NOT_OPEN):
        database.desk.unlock(TWO)
    database.desk.unlock(ONE)
    with pytest.raises(DatabaseError, match=NOT_OPEN):
        database.desk.close(ONE)
    database.desk.open_private(ONE)
    with pytest.raises(DatabaseError, match=ALREADY_OPEN):
        database.desk.open_private(ONE)


@pytest.mark.parametrize("end", ["unlock", "leave"])
def test_changes_under_a_lock_go_with_it(database: Database, end: str) -> None:
    database.desk.lock(ONE)
    rename(database, ONE, "beta")
    assert database.compare() != ""
    getattr(database.desk, end)(ONE)
    assert database.compare() == ""
    database.desk.lock(TWO)


def test_unlocked_changes_stay_and_keep_others_from_locking(database: Database) -> None:
    rename(database, ONE, "beta")
    database.desk.leave(ONE)
    for attempt in (database.desk.lock, database.desk.open_private):
        with pytest.raises(DatabaseError, match=MODIFIED):
            attempt(TWO)
    rename(database, TWO, "alpha")
    database.desk.lock(TWO)


def test_private_copies_do_not_see_each_other_and_merge_at_commit(database: Database) -> None:
    database.desk.open_private(ONE)
    database.desk.open_private(TWO)
    rename(database, ONE, "beta")
    assert database.load(TWO, "set snmp location lab\nset system domain-name example.net", "set", "set").ok
    assert database.compare() == ""
    assert "snmp" not in database.compare(session=ONE)
    assert database.commit("first", "netconf", session=ONE) == []
    assert database.commit("second", "netconf", session=TWO) == []
    assert name_in(database) == "beta"
    assert database.committed.value("snmp", "location") == "lab"
    database.desk.close(ONE)
    assert database.desk.private.keys() == {TWO}


def test_a_private_copy_may_delete_what_another_left_alone(database: Database) -> None:
    assert database.load(0, "set snmp location lab\nset snmp contact ops", "set", "set").ok
    assert database.commit("root", "cli") == []
    database.desk.open_private(ONE)
    database.desk.open_private(TWO)
    assert database.load(ONE, "delete snmp location", "set", "set").ok
    assert database.load(TWO, "set snmp contact others", "set", "set").ok
    assert database.commit("second", "netconf", session=TWO) == []
    assert database.commit("first", "netconf", session=ONE) == []
    assert setform.render(database.committed).splitlines()[-1] == "set snmp contact others"
    assert not database.committed.has("snmp", "location")


def test_a_private_commit_waits_for_the_shared_candidate(database: Database) -> None:
    database.desk.open_private(ONE)
    rename(database, ONE, "beta")
    rename(database, TWO, "gamma")
    with pytest.raises(DatabaseError, match=MODIFIED):
        database.commit("first", "netconf", session=ONE)
    with pytest.raises(DatabaseError, match="private"):
        database.commit("first", "netconf", confirmed_minutes=5, session=ONE)


def test_commits_are_listed_newest_first_with_who_and_why(database: Database, clock: Hand) -> None:
    clock.time += 60
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", "new name", session=ONE) == []
    newest, oldest = database.history
    assert (newest.user, newest.client, newest.log, newest.comment) == ("first", "netconf", "new name", "")
    assert newest.seconds == START + 60
    assert (oldest.user, oldest.client) == ("root", "other")


def test_fifty_configurations_are_kept(database: Database) -> None:
    for number in range(KEPT + 5):
        rename(database, ONE, f"name{number}")
        assert database.commit("first", "cli") == []
    assert len(database.history) == KEPT
    database.rollback(KEPT - 1)
    assert database.candidate.value("system", "host-name") == "name5"
    assert f"-  host-name name5;\n+  host-name name{KEPT + 4};" in database.compare(KEPT - 1, source="committed")
    with pytest.raises(DatabaseError):
        database.rollback(KEPT)


def test_a_refused_commit_changes_nothing(database: Database) -> None:
    assert database.load(ONE, "set security ipsec vpn v bind-interface st0.9", "set", "set").ok
    before = text.render(database.committed)
    problems = database.commit("first", "netconf")
    assert [problem.message for problem in problems] == [
        "Referenced interface must be configured under [edit interfaces] hierarchy"
    ]
    assert text.render(database.committed) == before
    assert len(database.history) == 1
    assert database.compare() != ""


def test_an_unconfirmed_commit_is_undone(database: Database, clock: Hand) -> None:
    before = text.render(database.committed)
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", "try", confirmed_minutes=3, session=ONE) == []
    assert database.pending is not None
    assert database.pending.deadline == START + 180
    assert database.history[0].comment == "commit confirmed, rollback in 3mins"
    database.desk.leave(ONE)
    assert database.pending is not None, "a native confirmed commit outlives its session"
    clock.time += 215
    assert database.expire()
    assert text.render(database.committed) == before
    assert database.compare() == ""
    assert [(entry.user, entry.client, entry.comment) for entry in database.history] == [
        ("root", "other", ""),
        ("first", "netconf", "commit confirmed, rollback in 3mins"),
        ("root", "other", ""),
    ]
    assert not database.expire()


@pytest.mark.parametrize("how", ["commit", "check"])
def test_any_commit_or_check_confirms(database: Database, how: str) -> None:
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", confirmed_minutes=3, session=ONE) == []
    problems = database.check(TWO) if how == "check" else database.commit("second", "cli", session=TWO)
    assert problems == []
    assert database.pending is None
    assert not database.expire()
    assert name_in(database) == "beta"


def test_a_second_confirmed_commit_starts_the_time_anew(database: Database, clock: Hand) -> None:
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", confirmed_minutes=3) == []
    clock.time += 120
    rename(database, ONE, "gamma")
    assert database.commit("first", "netconf", confirmed_minutes=3) == []
    assert database.pending is not None
    assert database.pending.deadline == START + 300
    assert database.expire()
    assert name_in(database) == "alpha"


def test_seconds_of_the_other_protocol_show_as_no_minutes(database: Database) -> None:
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", confirmed_minutes=10 / 60) == []
    assert database.pending is not None
    assert database.pending.deadline == pytest.approx(START + 10)
    assert database.history[0].comment == "commit confirmed, rollback in 0mins"


def test_a_plain_key_is_salted_anew_at_each_load_and_an_encoded_one_kept(database: Database) -> None:
    """junos-truth 3.8 and 7: what is read back differs, although the key is the same."""
    kept = []
    for _turn in range(2):
        line = 'set security ike policy p pre-shared-key ascii-text "a key"'
        assert database.load(ONE, line, "set", "set").ok
        value = database.candidate.value("security", "ike", "policy", "p", "pre-shared-key", "ascii-text")
        assert value is not None
        assert "a key" not in text.render(database.candidate)
        kept.append(value)
    assert kept[0] != kept[1]
    assert {decode9(value) for value in kept} == {"a key"}
    assert database.load(ONE, setform.render(database.candidate), "set", "set").ok
    assert database.candidate.value("security", "ike", "policy", "p", "pre-shared-key", "ascii-text") == kept[1]


def test_effective_follows_the_commit(database: Database) -> None:
    assert not database.effective().has("snmp")
    assert database.load(ONE, "set groups g snmp location lab\nset apply-groups g", "set", "set").ok
    assert not database.effective().has("snmp")
    assert database.commit("first", "netconf") == []
    assert database.effective().value("snmp", "location") == "lab"
    assert database.effective() is database.effective()


def test_a_start_configuration_that_cannot_be_read_is_refused(clock: Hand) -> None:
    with pytest.raises(ValueError, match="alpha: start configuration, line 1"):
        Database("alpha", clock, configuration="nonsense;")
