"""The key that signs sessions is made once, whole, by whoever comes first."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import settings
from lrs.errors import SetupError


def test_all_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    for number in range(30):
        folder = tmp_path / str(number)
        loaded = settings.load({"LRS_DATA_DIR": str(folder)})
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(lambda _, at=loaded: at.session_secret(), range(8)))
        assert len(keys) == 1
        assert len(keys.pop()) > 40
        assert [path.name for path in folder.iterdir()] == ["secret.key"]
        mode = (folder / "secret.key").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with pytest.raises(SetupError, match="is empty"):
        settings.load({"LRS_DATA_DIR": str(tmp_path)}).session_secret()
