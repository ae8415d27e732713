# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Every error this collection raises on purpose: one root, few leaves, caught once in the action plugins."""

from __future__ import annotations

from dataclasses import dataclass


class HubspokeError(Exception):
    """Root of all errors that a user may see. C(reason) is a stable word for playbooks to test."""

    reason = "failed"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the inventory."""

    host: str
    variable: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.host}: {self.variable} = {self.value}: {self.message}. {self.remedy}."


class PlanError(HubspokeError):
    """The inventory cannot become a VPN. Carries every problem found, not only the first."""

    reason = "bad_inventory"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class SessionError(HubspokeError):
    """A device could not be reached, or refused what was asked. C(reason) says which."""

    def __init__(self, message: str, reason: str = "rejected") -> None:
        self.reason = reason
        super().__init__(message)

    @property
    def is_away(self) -> bool:
        """Whether the device is away from the network, or from us, so that nothing could be asked.

        A device whose host key is not trusted is there, and may be another one.
        """
        return self.reason in ("unreachable", "authentication")


class ConflictError(HubspokeError):
    """Statements outside of the configuration group defeat it."""

    reason = "conflict"


class BadArgument(HubspokeError):
    """What a module was asked for is nothing that can be done, or nothing that is there."""

    reason = "bad_argument"


class BadPair(HubspokeError):
    """There is no tunnel between the two sites that were named."""

    reason = "bad_pair"


class ReplyRefused(HubspokeError):
    """The device answered with an error instead of the table that was asked for."""

    reason = "refused"


class ReplyNotUnderstood(HubspokeError):
    """The device answered something that no known layout explains."""

    reason = "unexpected_reply"
