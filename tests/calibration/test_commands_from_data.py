"""The commands that start from one's own data: ``forecast --messages``, ``backtest``, ``calibrate``."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from inmail_credits import wire
from inmail_credits.calibration.examples import ME, example_archive
from inmail_credits.cli import main
from tests.calibration.accounts import made_account

FORECAST = ("--economy", "linkedin-2026", "--months", "1", "--paths", "50")
BALANCE = ("--balance", "12", "--renews-on", "2026-12-05")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A made-up archive in a file."""
    path = tmp_path_factory.mktemp("export") / "messages.csv"
    path.write_text(example_archive(200), encoding="utf-8", newline="")
    return str(path)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Six months of an account of known behaviour."""
    path = tmp_path_factory.mktemp("log") / "facts.jsonl"
    account = made_account(seed=3, plan="recruiter-lite", per_week=5.0, days=180)
    path.write_text(wire.dumps(account.facts), encoding="utf-8", newline="")
    return str(path)


class Page(HTMLParser):
    """How many pictures a page has, and whatever it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.drawings = 0
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a drawing; note an address outside the page."""
        self.drawings += tag == "picture"
        values = [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]
        self.fetched += [
            value for value in values if not value.startswith(("#", "data:image/svg+xml;base64,"))
        ]


def test_a_forecast_from_messages_starts_where_they_end(
    export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Volume and replies as fitted; several plans as before."""
    assert main(["forecast", "--messages", export, "--me", ME, *FORECAST, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) > 2
    assert {one["start"][:10] for one in found} == {found[0]["start"][:10]}
    assert found[0]["start"] > "2026-07"
    assert "reply rate from 200 messages" in found[0]["rests_on"]
    assert main(["forecast", "--messages", export, "--me", ME, *FORECAST, "--plan", "business"]) == 0
    text = capsys.readouterr().out
    assert "sends a week (as fitted)" in text
    assert "fitted to messages.csv: 200 conversations" in text
    assert "90 %:" in text


def test_what_is_given_replaces_what_is_fitted(export: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The volume alone, or the rate alone."""
    words = ["forecast", "--messages", export, *FORECAST, "--plan", "business", "--json"]
    assert main([*words, "--sends-per-week", "3"]) == 0
    assert "3 sends a week" in json.loads(capsys.readouterr().out)[0]["behaviour"]
    assert main([*words, "--reply-rate", "0.5"]) == 0
    found = json.loads(capsys.readouterr().out)[0]
    assert found["reply_rate"] == 0.5
    assert "more on some weekdays" in found["behaviour"]


def test_a_balance_brings_the_messages_in_flight_and_the_range_over_ages(
    export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twelve credits, and silent messages of the last 90 days that may still be answered."""
    words = ["forecast", "--messages", export, *FORECAST, "--plan", "business", *BALANCE]
    assert main([*words, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["figures"]["opening"]["mean"] == 12
    assert {"newest", "spread", "oldest", "range"} <= set(found["over_ages"])
    assert main(words) == 0
    assert "Which grants the balance is left of is not known" in capsys.readouterr().out
    quiet = ["forecast", "--sends-per-week", "0", "--reply-rate", "0.5", "--start", "2026-11-20", *FORECAST]
    assert main([*quiet, "--plan", "business", *BALANCE, "--json"]) == 0
    (alone,) = json.loads(capsys.readouterr().out)
    assert alone["figures"]["refunded"]["mean"] == 0


def test_a_forecast_writes_its_report(
    export: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One forecast, one page; of several none, said before the work."""
    page = tmp_path / "forecast.html"
    words = ["forecast", "--messages", export, *FORECAST, "--html", str(page)]
    assert main([*words, "--plan", "business"]) == 0
    assert f"wrote {page}" in capsys.readouterr().out
    assert Page(page.read_text(encoding="utf-8")).fetched == []
    assert main(words) == 2
    assert "--html is" in capsys.readouterr().err


def test_plans_that_cannot_hold_the_balance_are_left_out_unless_named(
    export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Career holds 15 at most; a plan that was named must hold it."""
    words = ["forecast", "--messages", export, *FORECAST, "--balance", "40", "--renews-on", "2026-12-05"]
    assert main([*words, "--json"]) == 0
    plans = {one["plan"] for one in json.loads(capsys.readouterr().out)}
    assert "business" in plans
    assert "career" not in plans
    assert main([*words, "--plan", "career"]) == 2
    assert "balance is 40" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--plan", "business"], "--per-week is None, but must be given, or --messages"),
        (["--sends-per-week", "3", "--balance", "3"], "--renews-on is None"),
        (
            ["--messages", "EXPORT", "--start", "2026-01-01"],
            "--start is '2026-01-01T00:00:00Z', but must be at",
        ),
        (["--messages", "EXPORT", "--zone", "Mars"], "--zone is 'Mars'"),
        (["--messages", "EXPORT", "--me", "Nobody"], "Nobody"),
        (["--messages", "EXPORT", "--as-of", "2026-01-06"], "at least 10"),
        (["--messages", "no.csv"], "no.csv"),
        (["--messages", "EXPORT", "--facts", "LOG", "--balance", "3"], "--balance is 3"),
    ],
)
def test_bad_requests_are_one_line(
    words: list[str], match: str, export: str, log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, value, limit."""
    known = {"EXPORT": export, "LOG": log}
    arguments = [known.get(word, word) for word in words]
    more = [] if "--facts" in words else ["--economy", "linkedin-2026"]
    assert main(["forecast", *arguments, *more]) == 2
    error = capsys.readouterr().err
    assert match in error
    assert len(error.splitlines()) == 1


def test_a_log_may_be_forecast_with_behaviour_from_messages(
    export: str, log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The account comes from the log, volume and replies from the export."""
    words = ["forecast", "--facts", log, "--messages", export, "--months", "1", "--paths", "50", "--json"]
    assert main(words) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["plan"] == "recruiter-lite"
    assert "from 200 messages" in found["behaviour"]


def test_a_backtest_prints_draws_and_writes_a_page(
    log: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scores beside those of the span before; a picture; a page that fetches nothing."""
    picture, page = tmp_path / "b.png", tmp_path / "b.html"
    words = ["backtest", log, "--paths", "100", "--png", str(picture), "--html", str(page)]
    assert main(words) == 0
    text = capsys.readouterr().out
    for part in ("Backtest of 2 forecasts of 1M", "spent", "run_dry", "as before", f"wrote {page}"):
        assert part in text
    assert picture.read_bytes().startswith(b"\x89PNG")
    read = Page(page.read_text(encoding="utf-8"))
    assert (read.drawings, read.fetched) == (5, [])


def test_a_backtest_as_plain_data_by_its_own_origins(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Weekly origins of two weeks each, from a date; the same seed gives the same."""
    words = ["backtest", log, "--from", "2026-05-01", "--every", "2W", "--horizon", "2W", "--paths", "100"]
    assert main([*words, "--json"]) == 0
    first = capsys.readouterr().out
    found = json.loads(first)
    origins = sorted({one["origin"] for one in found["forecasts"]})
    assert origins[:2] == ["2026-05-01T00:00:00Z", "2026-05-15T00:00:00Z"]
    assert main([*words, "--json"]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--horizon", "9M"], "must be so early that 9M later is known"),
        (["--every", "1D", "--horizon", "soon"], "horizon is 'soon'"),
        (["--figure", "wanted"], "figure of a backtest 'wanted'"),
        (["--png", "b.txt"], "--png is 'b.txt'"),
        (["--html", "b.png"], "--html is 'b.png'"),
        (["--zone", "Mars"], "--zone is 'Mars'"),
        (["--paths", "5"], "paths is 5"),
    ],
)
def test_bad_requests_of_a_backtest_are_one_line(
    words: list[str], match: str, log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before any work that would be lost."""
    assert main(["backtest", log, *words]) == 2
    error = capsys.readouterr().err
    assert match in error
    assert len(error.splitlines()) == 1


def test_an_empty_log_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to go back to."""
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    assert main(["backtest", str(empty)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_calibrate_writes_a_page(export: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both fits with their charts; text is escaped; a bad name is refused before the work."""
    page = tmp_path / "fit.html"
    assert main(["calibrate", export, "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    read = Page(text)
    assert (read.drawings, read.fetched) == (2, [])
    assert "mixture cure model" in text
    assert main(["calibrate", export, "--html", str(tmp_path / "fit.txt")]) == 2
    assert "--html is" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plans", "forecast", "calibrate", "backtest", "replay", "diff"])
def test_help_fits_a_screen_and_ends_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 100 columns, at most 50 lines."""
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 50
    assert any(line.startswith("example: inmail-credits " + command) for line in lines[-4:])
