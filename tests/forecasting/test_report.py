"""Reports are one self-contained file; notebooks and ``print()`` show the same, escaped and compact."""

import re
from base64 import b64decode
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from inmail_credits import Plan, economies
from inmail_credits._display.card import Table
from inmail_credits._display.html import table_html
from inmail_credits.forecasting import Comparison, Forecast, compare, forecast
from inmail_credits.forecasting.report import chart, page, section
from inmail_credits.simulation import Outreach, Replies, Sends

START = date(2026, 1, 1)
VOID = {"meta", "img", "source", "br"}
PRICES = {"career": 30, "business": 60, "sales": 80, "recruiter-lite": 170}


class Reader(HTMLParser):
    """Reads a page: its text, its tags, and whether each that opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens; what it points to is kept."""
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "srcset", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The tag that closes is the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, that of styles left out."""
        if not self.open or self.open[-1] != "style":
            self.text += f" {data}"


def read(html: str) -> Reader:
    """The page, read to its end."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def compared(recruiter: Outreach) -> Comparison:
    """The four tiers of 2019, with prices."""
    return compare(economies.LINKEDIN_2019, recruiter, start=START, months=3, rng=7, paths=200, prices=PRICES)


@pytest.fixture(scope="module")
def reports(year: Forecast, compared: Comparison) -> dict[str, str]:
    """Both kinds of report."""
    return {"forecast": year.to_html(), "comparison": compared.to_html()}


@pytest.mark.parametrize("kind", ["forecast", "comparison"])
def test_a_report_is_whole_and_fetches_nothing(reports: dict[str, str], kind: str) -> None:
    """Every tag closes; all that is pointed to is inline; there is no script; no picture points elsewhere."""
    html = reports[kind]
    found = read(html)
    assert html.startswith("<!DOCTYPE html>")
    assert found.addresses
    assert all(address.startswith("data:image/svg+xml;base64,") for address in found.addresses)
    assert not {"script", "link", "iframe"} & set(found.tags)
    assert "url(" not in html
    for address in found.addresses:
        drawn = ET.fromstring(b64decode(address.partition(",")[2]))  # noqa: S314 - our own
        points_to = [
            value for one in drawn.iter() for name, value in one.attrib.items() if name.endswith("href")
        ]
        assert all(target.startswith("#") for target in points_to)


def test_a_report_of_a_forecast_says_what_it_rests_on(year: Forecast, reports: dict[str, str]) -> None:
    """The verdict, the seed, the paths, the version, each unsure term with what is known of it."""
    text = " ".join(read(reports["forecast"]).text.split())
    assert year.answer() in text
    assert "seed 7" in text
    assert "3,000 simulated paths" in text
    assert re.search(r"Made by inmail-credits (\d+\.\d+|unknown)", text)
    for name, row in year.assumptions().iterrows():
        assert str(name).replace("_", " ") in text
        assert str(row["note"]).rstrip(".") in text
        assert str(row["page"]) in text


def test_charts_suit_light_and_dark_wide_and_narrow_pages_and_print() -> None:
    """Four drawings; the one that is shown in print and without any preference is light and wide."""
    sizes = []

    def draw(figure: Figure) -> None:
        sizes.append(tuple(figure.get_size_inches()))
        figure.subplots().plot([1, 2])

    html = chart(draw, alt='a "line"', wide=(9, 4), narrow=(4, 5))
    assert sorted(sizes) == [(4, 5), (4, 5), (9, 4), (9, 4)]
    media = re.findall(r'media="([^"]+)"', html)
    assert len(media) == 3
    assert all("screen" in one for one in media)
    assert sum("prefers-color-scheme:dark" in one for one in media) == 2
    assert 'alt="a &quot;line&quot;"' in html
    plain = b64decode(html.partition('src="data:image/svg+xml;base64,')[2].partition('"')[0]).decode()
    assert "#ffffff" in plain
    assert "#121212" not in plain


def test_the_style_in_force_does_not_change_a_report(year: Forecast, reports: dict[str, str]) -> None:
    """A report is for others: the same bytes whatever the caller's style; and the caller's style stays."""
    with plt.style.context("dark_background"):
        assert year.to_html() == reports["forecast"]
        assert plt.rcParams["text.color"] == "white"


def test_a_report_is_written_where_it_is_told(
    year: Forecast, reports: dict[str, str], tmp_path: Path
) -> None:
    """The file has what is returned, in UTF-8; a place that is not there is an error of the system."""
    assert year.to_html(tmp_path / "report.html") == reports["forecast"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == reports["forecast"]
    with pytest.raises(FileNotFoundError):
        year.to_html(str(tmp_path / "none" / "report.html"))


def test_everything_a_caller_may_name_is_escaped(recruiter: Outreach) -> None:
    """Titles of plans and labels of candidates are text, in notebooks and in reports."""
    evil = Plan(name="evil", title='<script>alert("1")</script>', grant_credits=3)
    one = forecast(evil, recruiter, start=START, months=1, rng=7, paths=20)
    both = compare({"<b>a": evil, "b&c": evil}, recruiter, start=START, months=1, rng=7, paths=20)
    for html in (one.to_html(), one._repr_html_(), both.to_html(), both._repr_html_()):
        assert not {"script", "b"} & set(read(html).tags)
        assert "evil" in html or "&lt;" in html


def test_notebooks_show_odds_as_per_cent_and_fold_rows_of_zeros(year: Forecast) -> None:
    """No row of zeros, one line that names them; the odds by period are folded away."""
    html = year._repr_html_()
    found = read(html)
    assert re.search(r"odds of running dry \d+\.\d %", " ".join(found.text.split()))
    assert "messages withdrawn" not in html.partition("0 on every path")[0]
    assert "0 on every path: messages held back, messages withdrawn" in html
    assert found.tags.count("details") == 1
    assert "±" in html
    assert year.answer() in found.text


def test_print_has_the_same_figures(year: Forecast, compared: Comparison) -> None:
    """Lines of a width that terminals have; verdict, figures with errors, what they rest on."""
    text = str(year)
    assert year.answer().split(".", maxsplit=1)[0] in " ".join(text.split())
    assert re.search(r"messages sent +\d+\.\d+ \+-0\.\d+", text)
    for line in (*text.splitlines(), *str(compared).splitlines()):
        assert len(line) <= 100
    assert "The cheapest that sends 95 % of the messages wanted: " in " ".join(str(compared).split())


def test_many_candidates_stand_one_below_the_other(recruiter: Outreach) -> None:
    """Up to five stand side by side; more would not fit a page."""
    plans = [Plan(name=f"p{k}", grant_credits=k + 3) for k in range(6)]
    few = compare(plans[:5], recruiter, start=START, months=1, rng=7, paths=20)
    many = compare(plans, recruiter, start=START, months=1, rng=7, paths=20)
    assert '<th class="figure">p4</th>' in few._repr_html_()
    assert '<th class="figure">p4</th>' not in many._repr_html_()
    assert '<td class="text">p4</td>' in many._repr_html_()
    assert "Odds of running dry: p0 100 %, p1 100 %, " in str(few)
    assert str(many).splitlines()[1].startswith("Odds of running dry: from ")


def test_the_title_of_a_report_is_no_list_of_long_labels(recruiter: Outreach) -> None:
    """Few short names stand in it; many, or long ones, are counted."""
    plans = [Plan(name=f"a-plan-with-a-long-name-{k}", grant_credits=k + 3) for k in range(4)]
    two = compare(plans[:2], recruiter, start=START, months=1, rng=7, paths=20).to_html()
    four = compare(plans, recruiter, start=START, months=1, rng=7, paths=20).to_html()
    assert "<title>Compared: a-plan-with-a-long-name-0, a-plan-with-a-long-name-1</title>" in two
    assert "<title>4 candidates compared</title>" in four


def test_rows_with_long_names_have_room_for_them() -> None:
    """Several words a line: the name of a row is not squeezed to one below the other."""
    rows = [("a plan and a behaviour with a long name", "1"), ("short", "2")]
    shown = table_html(Table(headers=("", "mean"), rows=rows))
    assert '<td class="text long">a plan and' in shown
    assert '<td class="text">short' in shown


def test_a_tidy_frame_of_a_comparison_has_every_figure_with_its_error(compared: Comparison) -> None:
    """One row a candidate and figure; costs have no error."""
    frame, summary = compared.to_frame(), compared.summary()
    sent = frame.xs("sent", level="figure")
    assert sent["value"].to_dict() == summary["sent"].to_dict()
    assert sent["error"].to_dict() == summary["sent_error"].to_dict()
    assert frame["error"].isna().groupby("figure").all().loc[["cost", "granted", "sent"]].tolist() == [
        True,
        True,
        False,
    ]


def test_differing_behaviours_are_not_given_as_one(recruiter: Outreach) -> None:
    """A comparison of behaviours does not carry the first one's name."""
    other = Outreach(sends=Sends.poisson(per_week=9), replies=Replies(rate=0.5))
    both = compare(
        economies.LINKEDIN_2019["career"],
        {"a": recruiter, "b": other},
        start=START,
        months=1,
        rng=7,
        paths=20,
    )
    assert both.subtitle()[0] == "2 behaviours"
    assert "2 behaviours" in both._repr_html_()
    assert both.plot(Figure().subplots()).get_title("left") == "2 behaviours"


def test_parts_make_pages_of_other_results() -> None:
    """A page of one's own: sections under headings, in order."""
    found = read(page("<T>", [section("One", "<p>a</p>"), section("Two")]))
    assert found.tags.count("section") == 2
    assert found.text.split() == ["<T>", "One", "a", "Two"]
