# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks, private copies, commits, confirmation and history."""

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


class ManualClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> float:
        return self.time


@pytest.fixture(name="clock")
def clock_fixture() -> ManualClock:
    return ManualClock()


@pytest.fixture(name="database")
def database_fixture(clock: ManualClock) -> Database:
    database = Database("alpha", clock, configuration=BASE)
    database.desk.enter(ONE, "first")
    database.desk.enter(TWO, "second")
    return database


def name_in(database: Database) -> str | None:
    return database.committed.value("system", "host-name")


def rename(database: Database, session: int, name: str) -> None:
    assert database.load(session, f"set system host-name {name}", "set", "set").ok


def test_a_lock_names_its_holder_to_the_others(database: Database, clock: ManualClock) -> None:
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
def test_the_end_of_a_lock_discards_the_changes_under_it(database: Database, end: str) -> None:
    database.desk.lock(ONE)
    rename(database, ONE, "beta")
    assert database.compare() != ""
    getattr(database.desk, end)(ONE)
    assert database.compare() == ""
    database.desk.lock(TWO)


def test_unlocked_changes_stay_and_prevent_the_lock_of_others(database: Database) -> None:
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


def test_a_private_copy_deletes_what_another_has_not_changed(database: Database) -> None:
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


def test_a_private_commit_needs_an_unmodified_shared_candidate(database: Database) -> None:
    database.desk.open_private(ONE)
    rename(database, ONE, "beta")
    rename(database, TWO, "gamma")
    with pytest.raises(DatabaseError, match=MODIFIED):
        database.commit("first", "netconf", session=ONE)
    with pytest.raises(DatabaseError, match="private"):
        database.commit("first", "netconf", confirmed_minutes=5, session=ONE)


def test_commits_are_listed_newest_first_with_user_and_comment(database: Database, clock: ManualClock) -> None:
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


def test_an_unconfirmed_commit_is_rolled_back(database: Database, clock: ManualClock) -> None:
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


def test_a_second_commit_confirmed_restarts_the_window(database: Database, clock: ManualClock) -> None:
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", confirmed_minutes=3) == []
    clock.time += 120
    rename(database, ONE, "gamma")
    assert database.commit("first", "netconf", confirmed_minutes=3) == []
    assert database.pending is not None
    assert database.pending.deadline == START + 300
    assert database.expire()
    assert name_in(database) == "alpha"


def test_a_window_of_seconds_shows_as_0_minutes(database: Database) -> None:
    rename(database, ONE, "beta")
    assert database.commit("first", "netconf", confirmed_minutes=10 / 60) == []
    assert database.pending is not None
    assert database.pending.deadline == pytest.approx(START + 10)
    assert database.history[0].comment == "commit confirmed, rollback in 0mins"


def test_a_plain_key_is_salted_anew_at_each_load_and_an_encoded_one_kept(database: Database) -> None:
    """The text that a client reads back differs, although the key is the same."""
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


def test_an_invalid_start_configuration_is_refused(clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="alpha: start configuration, line 1"):
        Database("alpha", clock, configuration="nonsense;")
