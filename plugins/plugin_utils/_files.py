# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Files on the controller: written whole or not at all, for their owner alone, never through a link."""

from __future__ import annotations

import os
import re
import shutil
import stat
import typing as t
import uuid
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePath

from ansible_collections.hubspoke.srx.plugins.module_utils._errors import HubspokeError, shortened

ARTIFACTS = "controller: nhtb_artifacts_dir"

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_ROOT = 0
# A slash would name another folder, a leading dot hides the file, and the percent sign marks the replaced characters.
_NOT_IN_A_FILE_NAME = re.compile(r"[/%\x00-\x1f\x7f]|^\.")
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
)


def file_name(name: str) -> str:
    """Return the file name for the name of a host or a file of a device: ``%XX`` where a character cannot be in one."""
    return _NOT_IN_A_FILE_NAME.sub(lambda found: f"%{ord(found[0]):02X}", name)


def check_folder(folder: str, names: t.Iterable[str], subject: str = ARTIFACTS) -> None:
    """Make the folder where it is missing, and try it. Raise HubspokeError where these texts cannot be written."""
    for name in names:
        with _folder_of(folder, name, subject) as (place, last):
            place.check(last)


def write_files(folder: str, files: t.Mapping[str, str | bytes], subject: str = ARTIFACTS) -> list[str]:
    """Write the files whose content differs, and return their names. Raise HubspokeError.

    A name may have folders in it. ``subject`` begins the messages: the host and the variable that names the folder.
    """
    written = []
    for name, content in files.items():
        with _folder_of(folder, name, subject) as (place, last):
            if place.write(last, content):
                written.append(name)
    return written


def write_new_folder(folder: str, files: t.Mapping[str, str], subject: str) -> list[str]:
    """Write the files of a folder that is missing or empty, all or none. Return their names. Raise HubspokeError."""
    path = Path(folder).expanduser()
    is_new = not path.exists()
    try:
        return write_files(folder, files, subject)
    except BaseException:
        for child in path.iterdir() if path.is_dir() else ():
            if child.is_dir() and not child.is_symlink():
                shutil.rmtree(child, ignore_errors=True)
            else:
                child.unlink(missing_ok=True)
        if is_new:
            with suppress(OSError):
                path.rmdir()
        raise


def remove_folder(base: str, name: str, subject: str = ARTIFACTS) -> None:
    """Remove a folder that has only files, with these, and the folders above it that are empty. Raise HubspokeError."""
    with _folder_of(base, name, subject) as (place, last):
        place.remove_folder(last)
    for above in list(PurePath(name).parents)[:-1]:
        with suppress(OSError):
            (Path(base).expanduser() / above).rmdir()


@contextmanager
def _folder_of(base: str, name: str, subject: str) -> t.Iterator[tuple[Folder, str]]:
    """Open the folder of a file; return it and the last part of the file's name."""
    *folders, last = name.split("/")
    with ExitStack() as stack:
        folder = stack.enter_context(Folder(Path(base).expanduser(), subject))
        for one in folders:
            folder = stack.enter_context(folder.subfolder(one))
        yield folder, last


class Folder:
    """A folder that no other user can change. Use as a context manager; names are those of files in it.

    It is made where it is missing, for the owner alone, and is held open: no other folder and no link can take its
    place meanwhile. Every method raises HubspokeError; ``subject`` begins the messages.
    """

    def __init__(self, path: Path, subject: str, within: Folder | None = None) -> None:
        self.path = path
        self._subject = subject
        self._within = within
        self._descriptor = -1

    def __enter__(self) -> Folder:
        with self._errors(self.path, "a folder to write to"):
            self._descriptor = self._opened()
        try:
            self._check_owner()
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(self, *_details: object) -> None:
        os.close(self._descriptor)

    def subfolder(self, name: str) -> Folder:
        """Return a folder in this one, not open yet."""
        return Folder(self.path / self._valid(name), self._subject, self)

    def check(self, name: str) -> None:
        """Raise where a text of this name cannot be written."""
        self._before(self._valid(name), text=True)
        trial = _temporary_name()
        self.create(trial, b"\0", final=name)
        self.remove(trial)

    def write(self, name: str, content: str | bytes) -> bool:
        """Write a file in place of the one that has its name; return whether that had another content."""
        data = content.encode() if isinstance(content, str) else content
        before = self._before(self._valid(name), text=isinstance(content, str))
        if before != (data, _PRIVATE_FILE):
            temporary = _temporary_name()
            self.create(temporary, data, final=name)
            try:
                self.rename(temporary, name)
            except BaseException:
                self.remove(temporary)
                raise
        return before is None or before[0] != data

    def create(self, name: str, data: bytes, *, sync: bool = False, final: str = "") -> None:
        """Write a new file. With ``sync`` it is on the disk afterwards; ``final`` is its name in an error."""
        with self._errors(self.path / (final or name)):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            descriptor = os.open(self._valid(name), flags, _PRIVATE_FILE, dir_fd=self._descriptor)
            try:
                with open(descriptor, "wb") as file:
                    # The mode whatever the umask.
                    os.fchmod(descriptor, _PRIVATE_FILE)
                    file.write(data)
                    file.flush()
                    if sync:
                        os.fsync(descriptor)
                        os.fsync(self._descriptor)
            except BaseException:
                with suppress(OSError):
                    os.unlink(name, dir_fd=self._descriptor)
                raise

    def rename(self, name: str, to: str, *, sync: bool = False) -> None:
        """Give a file another name, in place of the file that has it."""
        with self._errors(self.path / name, f"to be renamed to {to}", "Remove the file or folder of that name."):
            os.replace(name, self._valid(to), src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
            if sync:
                os.fsync(self._descriptor)

    def names(self) -> list[str]:
        """Return the names of all that is in the folder."""
        with self._errors(self.path, "to be read", "Let its owner read it."):
            return os.listdir(self._descriptor)

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, ``None`` where there is none."""
        before = self._before(self._valid(name))
        return before[0] if before is not None else None

    def check_link(self, name: str) -> None:
        """Raise where something that is no symbolic link has a name."""
        with self._errors(self.path / name), suppress(FileNotFoundError):
            mode = os.stat(self._valid(name), dir_fd=self._descriptor, follow_symlinks=False).st_mode
            if not stat.S_ISLNK(mode):
                raise HubspokeError(
                    f"{self._subject} {self.path / name}: expected a symbolic link or nothing, actual another file."
                    " Move it away, or choose another folder."
                )

    def link(self, name: str, to: str) -> None:
        """Make a symbolic link to a file of this folder, in place of the link that has its name."""
        self.check_link(name)
        temporary = _temporary_name()
        with self._errors(self.path / name):
            os.symlink(self._valid(to), temporary, dir_fd=self._descriptor)
            try:
                os.replace(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
            except BaseException:
                os.unlink(temporary, dir_fd=self._descriptor)
                raise

    def remove(self, name: str) -> None:
        """Remove a file, where it exists."""
        with self._errors(self.path / name, "to be removed", "Remove it by hand."), suppress(FileNotFoundError):
            os.unlink(self._valid(name), dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove a folder in this one, with its files."""
        with self._errors(self.path / name, "to be removed", "Remove it by hand."):
            with self.subfolder(name) as folder:
                for file in os.listdir(folder._descriptor):
                    os.unlink(file, dir_fd=folder._descriptor)
            os.rmdir(name, dir_fd=self._descriptor)

    def _opened(self) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        if self._within is None:
            _make(self.path)
            return os.open(self.path, flags)
        with suppress(FileExistsError):
            os.mkdir(self.path.name, _PRIVATE_FOLDER, dir_fd=self._within._descriptor)
        return os.open(self.path.name, flags, dir_fd=self._within._descriptor)

    def _check_owner(self) -> None:
        """Raise where another user could put a file or a link in place of ours. Root can anyway.

        A folder that its group may write to is accepted: with umask 002 that is every folder of a user.
        """
        status = os.fstat(self._descriptor)
        if status.st_uid not in (os.geteuid(), _ROOT):
            raise HubspokeError(
                f"{self._subject} {self.path}: expected a folder of user {os.geteuid()}, actual of user"
                f" {status.st_uid}. Run as that user, or choose another folder."
            )
        if status.st_mode & stat.S_IWOTH:
            raise HubspokeError(
                f"{self._subject} {self.path}: expected a folder that other users cannot write to, actual mode"
                f" {stat.S_IMODE(status.st_mode):04o}. Run 'chmod o-w' on it, or choose another folder."
            )

    def _before(self, name: str, *, text: bool = False) -> tuple[bytes, int] | None:
        """Return content and mode of the file that has a name, ``None`` where there is none.

        Raise where it is no plain file, or no text where ``text`` is to take its place: then it is none of ours.
        """
        path = self.path / name
        with self._errors(path):
            try:
                mode = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False).st_mode
            except FileNotFoundError:
                return None
            if not stat.S_ISREG(mode):
                raise self._not_ours(path, next((words for is_kind, words in _KINDS if is_kind(mode)), "a device"))
            # Should it be a FIFO by now, opening it does not wait for a writer.
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._descriptor)
            with open(descriptor, "rb") as file:
                content = file.read()
        if text and not _is_text(content):
            raise self._not_ours(path, "a binary file")
        return content, stat.S_IMODE(mode)

    def _not_ours(self, path: Path, actual: str) -> HubspokeError:
        return HubspokeError(
            f"{self._subject} {path}: expected a file or nothing, actual {actual}. Move it away, or choose another"
            " folder."
        )

    def _valid(self, name: str) -> str:
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise HubspokeError(
                f"{self._subject} {self.path}: expected the name of a file, actual {shortened(repr(name))}."
                " Rename the host."
            )
        return name

    @contextmanager
    def _errors(
        self, path: Path, expected: str = "to be written", remedy: str = "Choose another folder."
    ) -> t.Iterator[None]:
        try:
            yield
        except OSError as error:
            actual = "a symbolic link" if self.path.is_symlink() else error.strerror or str(error)
            raise HubspokeError(f"{self._subject} {path}: expected {expected}, actual {actual}. {remedy}") from None


def _make(path: Path) -> None:
    """Make a folder and the missing ones above it, each for the owner alone."""
    if not path.is_dir():
        _make(path.parent)
        with suppress(FileExistsError):
            path.mkdir(mode=_PRIVATE_FOLDER)


def _temporary_name() -> str:
    return f".{uuid.uuid4().hex}.tmp"


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
