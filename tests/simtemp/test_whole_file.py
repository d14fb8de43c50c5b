"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simtemp.whole_file import check_folder, replace_whole, write_whole


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(tmp_path / "none" / "a.png", b"x")
    assert caught.value.filename == str(tmp_path / "none")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        check_folder(tmp_path)


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_bytes(b"old")

    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    with pytest.raises(OSError, match="No space") as caught:
        replace_whole(target, full)
    assert caught.value.filename == str(target)  # and not the unfinished file, which nobody knows
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_file_left_by_a_killed_process_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-a").write_bytes(b"half")
    write_whole(tmp_path / "a", b"x")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a", b"x")]


def test_a_written_file_can_be_read_by_others(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        path = write_whole(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644
