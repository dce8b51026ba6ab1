"""`backfocus app`: where it listens, whom it tells, and the icon to double-click."""

from __future__ import annotations

import configparser
import shlex
import socket
from pathlib import Path

import pytest

from backfocus.targets.errors import OutputError, UserError
from backfocus.web import serving
from backfocus.web.app import qr_path


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="Cannot listen"):
        serving.listening("127.0.0.1", taken.getsockname()[1])


def test_the_next_port_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(serving, "USUAL_PORT", taken.getsockname()[1])
        with serving.listening("127.0.0.1", None) as found:
            assert found.getsockname()[1] != taken.getsockname()[1]


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(UserError, match="Cannot listen on 192"):
        serving.listening("192.0.2.1", 0)


def test_one_server_has_a_data_folder(data_folder: Path) -> None:
    with serving.only_one() as first:
        assert first is not None
        first.write('{"address": "http://127.0.0.1:8472/"}')
        first.flush()
        with serving.only_one() as second:
            assert second is None
            assert serving.running_place() == "http://127.0.0.1:8472/"
    with serving.only_one() as third:
        assert third is not None
    assert (data_folder / "app.lock").exists()


def test_the_icon_starts_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    (tmp_path / "Desktop").mkdir()
    written = serving.write_shortcut(Path("/opt/a b/python"))
    assert written == [
        tmp_path / ".local/share/applications/backfocus.desktop",
        tmp_path / "Desktop/backfocus.desktop",
    ]
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(written[0], encoding="utf-8")
    told = entry["Desktop Entry"]
    assert (told["Type"], told["Name"], told["Terminal"]) == ("Application", "backfocus", "true")
    assert shlex.split(told["Exec"]) == ["/opt/a b/python", "-c", "from backfocus.cli import main; main()", "app"]
    assert all(path.stat().st_mode & 0o111 for path in written)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_icons_for_other_systems_name_the_program(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.sys, "platform", platform)
    (text,) = serving.shortcut_files(Path("/opt/python")).values()
    assert "/opt/python" in text
    assert text.rstrip().endswith(" app")


def test_the_code_for_a_phone_can_be_read() -> None:
    import numpy as np
    import zxingcpp

    address = "http://192.168.1.7:8472/enter/abcdefghijklmnop"
    path, size = qr_path(address)
    picture = np.full((size, size), 255, np.uint8)
    for module in path.split("M")[1:]:
        x, y = map(int, module.split("h")[0].split())
        picture[y, x] = 0
    (found,) = zxingcpp.read_barcodes(np.kron(picture, np.ones((8, 8), np.uint8)))
    assert found.text == address


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BACKFOCUS_DATA", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="Choose another folder with BACKFOCUS_DATA"), serving.only_one():
        pass
