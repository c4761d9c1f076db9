"""Files that a stranger may hand over: each gives an answer or a refusal in one line, never a traceback."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inmail_credits.calibration.examples import HEADER, ME, archive, as_csv, example_archive, row
from inmail_credits.cli import main

ROWS = archive(60, seed=5)
TEXT = as_csv(ROWS)
OPENED = [
    each
    for each in ROWS
    if each["FROM"] == ME
    and each["IS MESSAGE DRAFT"] == "No"
    and not each["CONVERSATION ID"].startswith(("2-in", "2-group"))
]


def dated(text: str) -> str:
    """The archive with one date for every message."""
    return as_csv([each | {"DATE": text} for each in ROWS])


def answered(hours: float) -> str:
    """Every message answered after so many hours."""
    answers = [
        row(
            each["CONVERSATION ID"],
            each["TO"],
            ME,
            datetime.strptime(each["DATE"], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
            + timedelta(hours=hours),
        )
        for each in OPENED
    ]
    return as_csv([*OPENED, *answers])


def locked(content: bytes) -> bytes:
    """A zip whose one member says that it is encrypted."""
    local, central = content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8
    damaged = bytearray(content)
    damaged[local] |= 1
    damaged[central] |= 1
    return bytes(damaged)


def zipped(**members: str) -> bytes:
    """A zip with these members; a double underscore stands for a slash."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive_:
        for name, text in members.items():
            archive_.writestr(name if "." in name else name.replace("__", "/") + ".csv", text)
    return out.getvalue()


READ: dict[str, Callable[[], str | bytes]] = {
    "NUL in a text": lambda: TEXT.replace("Hello", "He\0llo"),
    "old line ends and a mark": lambda: "\ufeff" + TEXT.replace("\r\n", "\r"),
    "UTF-16": lambda: TEXT.encode("utf-16"),
    "Windows-1252": lambda: TEXT.encode("cp1252"),
    "a line that names the delimiter": lambda: "sep=,\r\n" + TEXT,
    "a quotation that never ends": lambda: TEXT + '"abc',
    "cut in the middle": lambda: TEXT[: len(TEXT) * 2 // 3],
    "columns without a name": lambda: TEXT.replace("\r\n", ",,\r\n"),
    "a very long text": lambda: TEXT.replace("Hello", "x" * 200_000, 1),
    "bytes of no encoding at the end": lambda: TEXT.encode() + b"\xff\xfe,\x80\r\n",
    "nobody answered": lambda: as_csv(OPENED),
    "everybody answered": lambda: answered(5),
    "everybody answered at once": lambda: answered(0),
    "the zip as downloaded": lambda: zipped(Complete__messages=TEXT, Connections="a,b\n"),
    "instants to the day": lambda: as_csv([each | {"DATE": each["DATE"][:10]} for each in ROWS]),
    "names that are hidden": lambda: as_csv(
        [each | {"FROM": ME if each["FROM"] == ME else "LinkedIn Member"} for each in ROWS]
    ),
}
REFUSED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "nothing": (lambda: "", "line 1: the file is empty"),
    "blank lines": (lambda: "\n\n\n", "line 1: the file is empty"),
    "a header only": (lambda: ",".join(HEADER), "line 1: there is no row below the header"),
    "NUL bytes": (lambda: b"\0" * 5_000, "line 1: no column 'CONVERSATION ID'"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "line 1: no column"),
    "the connections": (
        lambda: 'Notes:\n"When"\n\nFirst Name,Last Name,URL,Connected On\nAda,L,https://x,01 Jan 2026\n',
        "no column 'CONVERSATION ID'",
    ),
    "a page that asks to log in": (lambda: "<!doctype html><html></html>", "no column"),
    "headers of another language": (
        lambda: TEXT.replace("CONVERSATION ID", "UNTERHALTUNG").replace(",FROM,", ",VON,", 1),
        "no column 'CONVERSATION ID', 'FROM'; found 'UNTERHALTUNG'",
    ),
    "one message": (lambda: as_csv(OPENED[:1]), "is 1, but must be at least 10"),
    "one broken row": (lambda: "CONVERSATION ID,FROM,DATE\nx\n", "first on line 2"),
    "one day": (lambda: dated("2026-01-05 08:00:00 UTC"), "but must be at least 14"),
    "numbers for dates": (lambda: dated("1767600000000"), "a date that cannot be read (first on line 2)"),
    "dates that may be of two months": (
        lambda: dated("01/02/2026 08:00"),
        "say day_first= (first on line 2)",
    ),
    "dates of another form": (lambda: dated("1 Feb 2026"), "the first such date is '1 Feb 2026'"),
    "dates as a narrow column shows them": (lambda: dated("#####"), "the first such date is '#####'"),
    "another zip": (
        lambda: zipped(Connections="a,b\n"),
        "no file named messages.csv; found 'Connections.csv'",
    ),
    "a workbook": (lambda: zipped(**{"[Content_Types].xml": "<x/>"}), "a workbook of Excel"),
    "a workbook of old": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a workbook of Excel"),
    "gzip": (lambda: gzip.compress(TEXT.encode()), "this is gzip data: unpack it first"),
    "bzip2": (lambda: bz2.compress(TEXT.encode()), "this is bzip2 data: unpack it first"),
    "xz": (lambda: lzma.compress(TEXT.encode()), "this is xz data: unpack it first"),
    "an empty zip": (zipped, "this is an empty zip file"),
    "a zip in a zip": (lambda: zipped(export="PK"), "found 'export.csv'"),
    "a zip with a password": (
        lambda: locked(zipped(messages=TEXT)),
        "messages.csv, line 1: the zip file cannot",
    ),
    "UTF-16 cut within a letter": (lambda: TEXT.encode("utf-16")[:-1], "the text cannot be decoded"),
    "one conversation for all": (
        lambda: as_csv([each | {"CONVERSATION ID": "2E+15"} for each in ROWS]),
        "is 0, but must be at least 10",
    ),
    "only drafts": (
        lambda: as_csv([each | {"IS MESSAGE DRAFT": "Yes"} for each in ROWS]),
        "x a draft (first",
    ),
    "JSON": (lambda: json.dumps(ROWS), "no column 'CONVERSATION ID'"),
    "an empty file in a zip": (lambda: zipped(messages=""), "line 1: the file is empty"),
    "a zip cut short": (lambda: zipped(messages=TEXT)[:-30], "the zip file cannot be read"),
    "a very long line": (lambda: "a" * 5_000_000, "line 1: no column"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", READ)
def test_it_is_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With every row used or left out for a reason."""
    content = READ[name]()
    path = tmp_path / "messages.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["calibrate", str(path), "--me", ME, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)["report"]
    assert report["rows"] == report["used"] + sum(map(len, report["left_out"].values()))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By both commands that read an export, with what was found where."""
    make, match = REFUSED[name]
    content = make()
    path = tmp_path / "messages.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for words in (["calibrate", str(path)], ["forecast", "--messages", str(path)]):
        assert main([*words, "--me", ME]) == 2
        error = capsys.readouterr().err
        assert match in error
        assert len(error.splitlines()) == 1


def test_columns_of_another_language_are_named_by_the_caller(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line as in the library; a pair without its sign is refused, a folder too."""
    path = tmp_path / "messages.csv"
    german = example_archive(60).replace("CONVERSATION ID", "UNTERHALTUNG", 1).replace(",FROM,", ",VON,", 1)
    path.write_text(german, encoding="utf-8", newline="")
    words = ["calibrate", str(path), "--json", "--column", "VON=FROM", "--column"]
    assert main([*words, "Unterhaltung=conversation id"]) == 0
    assert json.loads(capsys.readouterr().out)["replies"]["messages"] == 60
    assert main([*words, "UNTERHALTUNG"]) == 2
    assert "--column is 'UNTERHALTUNG', but must be OLD=NEW" in capsys.readouterr().err
    assert main([*words[:3]]) == 2
    assert "(on the command line --column)" in capsys.readouterr().err
    assert main(["calibrate", str(tmp_path)]) == 2
    assert "must be the name of a file" in capsys.readouterr().err


def test_dates_of_a_spreadsheet_are_read_where_the_caller_says_what_comes_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--day-first`` and ``--no-day-first`` read the same file as two others."""
    path = tmp_path / "messages.csv"
    written = [each | {"DATE": f"0{1 + n % 9}/0{1 + n % 7}/2026 0{n % 9}:00"} for n, each in enumerate(ROWS)]
    path.write_text(as_csv(written), encoding="utf-8", newline="")
    ends = []
    for word in ("--day-first", "--no-day-first"):
        assert main(["calibrate", str(path), "--me", ME, "--json", word]) == 0
        ends.append(json.loads(capsys.readouterr().out)["replies"]["as_of"][:10])
    assert ends == ["2026-07-09", "2026-09-07"]


def test_an_archive_that_ends_after_today_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line on standard error: the library has no clock, the command has."""
    path = tmp_path / "messages.csv"
    path.write_text(TEXT, encoding="utf-8", newline="")
    for day, noted in ((datetime(2025, 1, 1, tzinfo=UTC), True), (datetime(2027, 1, 1, tzinfo=UTC), False)):
        monkeypatch.setattr("inmail_credits.cli._messages.today", lambda day=day: day)
        assert main(["calibrate", str(path), "--me", ME, "--json"]) == 0
        error = capsys.readouterr().err
        assert ("after today" in error) is noted
        assert len(error.splitlines()) == noted


def test_an_owner_of_two_names_is_named_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--me`` may be repeated."""
    path = tmp_path / "messages.csv"
    path.write_text(TEXT, encoding="utf-8", newline="")
    assert main(["calibrate", str(path), "--me", ME, "--me", "maya-haddad", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["replies"]["messages"] == 60
