"""The reader of messages.csv: every variant of the export gives the same conversations, or says why not."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inmail_credits.calibration import Messages, Source, read_linkedin_messages
from inmail_credits.calibration.examples import HEADER, ME, START, archive, as_csv, row, url
from inmail_credits.errors import InMailCreditsError, InvalidValueError, UnreadableTableError

ROWS = archive(60, seed=3)
PLAIN = as_csv(ROWS)


def read(text: str | bytes, **terms: object) -> Messages:
    """Read an export given as text or bytes."""
    source = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return read_linkedin_messages(source, **terms)  # type: ignore[arg-type] # keyword by keyword


def adds_up(messages: Messages) -> bool:
    """Whether every row is used or left out, once."""
    report = messages.report
    return report.rows == report.used + sum(len(lines) for lines in report.left_out.values())


def test_conversations_with_their_first_answer_are_found_as_they_were_made() -> None:
    """One row for each conversation opened, with sending, first answer and subject."""
    messages = read(PLAIN)
    sent = {
        each["CONVERSATION ID"]: each
        for each in ROWS
        if each["FROM"] == ME and "in-" not in each["CONVERSATION ID"]
    }
    opened = [each for name, each in sent.items() if "group" not in name and "draft" not in name]
    assert len(messages.frame) == len(opened) == 60
    answers = {each["CONVERSATION ID"] for each in ROWS if each["CONTENT"].startswith("Thanks")}
    assert int(messages.frame["replied"].sum()) == len(answers)
    assert sorted(messages.frame["sent_at"].dt.strftime("%Y-%m-%d %H:%M:%S UTC")) == sorted(
        each["DATE"] for each in opened
    )
    assert int(messages.frame["subject"].sum()) == sum(bool(each.get("SUBJECT")) for each in opened)
    assert (messages.frame["channel"] == "inmail").equals(messages.frame["subject"])
    assert adds_up(messages)
    assert {reason: len(lines) for reason, lines in messages.report.left_out.items()} == {
        "a draft": 6,
        "a conversation of several people": 6,
        "a conversation that somebody else opened": 12,
    }


def without(*names: str) -> Sequence[str]:
    """The header of an older vintage."""
    return [name for name in HEADER if name not in names]


def zipped(text: str, *names: str) -> bytes:
    """An archive as downloaded."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive_:
        for name in names:
            archive_.writestr(name, text)
    return out.getvalue()


VARIANTS: dict[str, Callable[[], str | bytes]] = {
    "a byte-order mark": lambda: "\ufeff" + PLAIN,
    "UTF-16 with its mark": lambda: PLAIN.encode("utf-16"),
    "UTF-16 without its mark": lambda: PLAIN.encode("utf-16-le"),
    "UTF-16, the other way round": lambda: PLAIN.encode("utf-16-be"),
    "UTF-32": lambda: PLAIN.encode("utf-32"),
    "line feeds only": lambda: PLAIN.replace("\r\n", "\n"),
    "every field quoted": lambda: (
        "\n".join(",".join(f'"{cell}"' for cell in line) for line in [HEADER]) + PLAIN[PLAIN.index("\r\n") :]
    ),
    "semicolons": lambda: as_csv(ROWS, delimiter=";"),
    "tabs": lambda: as_csv(ROWS, delimiter="\t"),
    "bars": lambda: as_csv(ROWS, delimiter="|"),
    "oldest first": lambda: as_csv(ROWS[::-1]),
    "notes above the header": lambda: 'Notes:\r\n"Some dates, and\r\nwhat they mean"\r\n\r\n' + PLAIN,
    "another order of columns": lambda: as_csv(ROWS, header=HEADER[::-1]),
    "dates without a zone": lambda: PLAIN.replace(" UTC", ""),
    "dates as ISO 8601": lambda: as_csv(
        [each | {"DATE": each["DATE"][:19].replace(" ", "T") + "Z"} for each in ROWS]
    ),
    "dates with an offset": lambda: as_csv([each | {"DATE": each["DATE"][:19] + "+00:00"} for each in ROWS]),
    "no blank at the end": PLAIN.rstrip,
    "blank lines": lambda: PLAIN + "\r\n\r\n",
    "the same file twice": lambda: PLAIN + PLAIN,
    "the zip as downloaded": lambda: zipped(PLAIN, "messages.csv"),
    "the zip with a folder": lambda: zipped(PLAIN, "Basic_Export/Messages.csv"),
    "the zip as macOS makes it": lambda: zipped(PLAIN, "a/messages.csv", "__MACOSX/a/messages.csv"),
    "headers in lower case": lambda: PLAIN.replace(
        ",".join(HEADER), ",".join(HEADER).lower().replace(" ", "_"), 1
    ),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_gives_the_same_conversations(variant: str) -> None:
    """What the export looks like does not matter, what it says does."""
    messages = read(VARIANTS[variant]())
    pd.testing.assert_frame_equal(messages.frame, read(PLAIN).frame)
    assert adds_up(messages)


VINTAGES = (
    without("ATTACHMENTS", "IS MESSAGE DRAFT", "IS CONVERSATION DRAFT"),
    without("RECIPIENT PROFILE URLS", "ATTACHMENTS", "IS MESSAGE DRAFT", "IS CONVERSATION DRAFT"),
    without("SENDER PROFILE URL", "RECIPIENT PROFILE URLS"),
    without("CONVERSATION TITLE", "FOLDER"),
)


@pytest.mark.parametrize("header", VINTAGES, ids=len)
def test_every_vintage_of_columns_gives_the_same_conversations(header: Sequence[str]) -> None:
    """Older exports lack columns; conversations and answers are found all the same."""
    rows = [each for each in ROWS if each["IS MESSAGE DRAFT"] == "No"]
    rows = [each | {"TO": each["TO"].replace(";", ", ")} for each in rows]
    frame = read(as_csv(rows, header=header)).frame
    expected = read(PLAIN).frame
    for name in ("conversation", "sent_at", "answered_at", "replied", "subject", "messages"):
        assert frame[name].equals(expected[name]), name


def test_a_path_an_open_file_and_a_frame_are_read_alike(tmp_path: Path) -> None:
    """What holds the table does not matter."""
    expected = read(PLAIN).frame
    path = tmp_path / "messages.csv"
    path.write_text(PLAIN, encoding="utf-8", newline="")
    with path.open("rb") as binary, path.open(encoding="utf-8", newline="") as text:
        sources: list[Source] = [str(path), path, binary, text, io.StringIO(PLAIN), pd.read_csv(path)]
        for source in sources:
            pd.testing.assert_frame_equal(read_linkedin_messages(source).frame, expected)
        assert not binary.closed
    frame = pd.read_csv(path)
    frame["DATE"] = pd.to_datetime(frame["DATE"].str[:19])
    pd.testing.assert_frame_equal(read_linkedin_messages(frame).frame, expected)


def test_lines_of_what_is_left_out_count_quoted_line_breaks() -> None:
    """The line reported is the line an editor shows."""
    rows = [row("1", ME, "Ana", START, CONTENT="one\ntwo\nthree"), row("2", ME, "Ben", START, DATE="soon")]
    assert dict(read(as_csv(rows), me=ME).report.left_out) == {"a date that cannot be read": (5,)}


def test_only_what_was_known_then_is_used() -> None:
    """``as_of`` leaves out later messages, and an answer that came later is none."""
    rows = [
        row("1", ME, "Ana", START),
        row("1", "Ana", ME, START + timedelta(days=3)),
        row("2", ME, "Ben", START),
    ]
    then = read(as_csv(rows), as_of=START + timedelta(days=2))
    assert then.frame["replied"].tolist() == [False, False]
    assert dict(then.report.left_out) == {"later than as_of": (3,)}
    assert read(as_csv(rows)).frame["replied"].sum() == 1


def test_the_owner_is_who_takes_part_in_most_conversations() -> None:
    """Whoever opens, the owner is in every conversation of the archive."""
    rows = [row(str(n), f"Seller {n}", ME, START) for n in range(5)]
    rows += [row("mine", ME, "Ana", START)]
    assert len(read(as_csv(rows)).frame) == 1


def test_an_owner_that_cannot_be_told_is_asked_for() -> None:
    """In one conversation both take part alike; a name or an address settles it."""
    rows = [row("1", ME, "Ana", START), row("1", "Ana", ME, START + timedelta(hours=1))]
    with pytest.raises(UnreadableTableError, match="say me="):
        read(as_csv(rows))
    for me in (ME, "maya  HADDAD", url(ME), "linkedin.com/in/maya-haddad/", "maya-haddad"):
        assert len(read(as_csv(rows), me=me).frame) == 1
    assert len(read(as_csv(rows), me="Ana").frame) == 0
    with pytest.raises(UnreadableTableError, match="'Nobody' takes no part"):
        read(as_csv(rows), me="Nobody")


def test_an_owner_of_two_names_or_addresses_is_named_by_both() -> None:
    """Where half was sent under another name, the report says what to do; ``me`` takes both."""
    bare = without("SENDER PROFILE URL", "RECIPIENT PROFILE URLS")
    renamed = [
        each | {"FROM": "Maya Silber"} if number % 2 and each["FROM"] == ME else each
        for number, each in enumerate(ROWS)
    ]
    one, both = (read(as_csv(renamed, header=bare), me=me) for me in (ME, [ME, "maya silber"]))
    assert any("say both: me=" in note for note in one.report.notes)
    assert len(one.frame) < 60
    plain = read(as_csv(ROWS, header=bare), me=ME)
    pd.testing.assert_frame_equal(both.frame, plain.frame)
    assert both.report == plain.report
    for me in ([], [""], 7, [7], b"maya"):
        with pytest.raises(InvalidValueError, match=r"me is .*, but must be a name or a profile URL"):
            read(PLAIN, me=me)


def test_somebody_whose_name_is_hidden_never_owns_the_archive() -> None:
    """However many conversations "LinkedIn Member" takes part in."""
    hidden = {"SENDER PROFILE URL": "", "RECIPIENT PROFILE URLS": ""}
    rows = [row(str(number), "LinkedIn Member", ME, START, **hidden) for number in range(3)]
    assert len(read(as_csv([*rows, row("mine", ME, "Ana", START)])).frame) == 1
    nobody = [row("1", "LinkedIn Member", "LinkedIn Member", START, **hidden)]
    with pytest.raises(UnreadableTableError, match="everybody's name is hidden"):
        read(as_csv(nobody))


def test_a_conversation_with_oneself_is_nobodys_silence() -> None:
    """A note to oneself waits for no answer; with no recipient at all it may have gone to anybody."""
    rows = [row("1", ME, "Ana", START), row("2", ME, ME, START), row("3", ME, "", START)]
    messages = read(as_csv(rows), me=ME)
    assert len(messages.frame) == 2
    assert dict(messages.report.left_out) == {"a conversation with oneself": (3,)}


def test_a_report_shows_as_one_line_and_prints_as_a_table() -> None:
    """However many lines were left out."""
    report = read(PLAIN).report
    assert repr(report) == f"<ReadReport {str(report).splitlines()[0]}>"
    assert len(str(report).splitlines()) == 4


def test_a_file_of_which_much_cannot_be_read_is_noted() -> None:
    """Quotation marks that something turned into single ones: what is left need not stand for the whole."""
    notes = read(PLAIN.replace('"', "'"), me=ME).report.notes
    assert any("rows cannot be read; rates from the others may be far off" in note for note in notes)
    assert read(PLAIN).report.notes == ()


def test_two_people_of_one_name_are_told_apart_by_address() -> None:
    """A name that several people bear does not say who the owner is."""
    rows = [row("1", ME, "Ana", START), row("2", ME, "Ben", START, **{"SENDER PROFILE URL": url("maya 2")})]
    with pytest.raises(UnreadableTableError, match="the name of 2 people"):
        read(as_csv(rows), me=ME)
    assert len(read(as_csv(rows), me=url(ME)).frame) == 1


def test_a_name_may_hold_a_comma() -> None:
    """A comma before a title does not make two people of one."""
    header = without("SENDER PROFILE URL", "RECIPIENT PROFILE URLS")
    rows = [row("1", ME, "Jane Doe, PhD", START), row("2", ME, "Ana Li, Ben Ode", START)]
    messages = read(as_csv(rows, header=header), me=ME)
    assert len(messages.frame) == 1
    assert dict(messages.report.left_out) == {"a conversation of several people": (3,)}


def test_several_messages_to_one_person_are_counted() -> None:
    """A follow-up in one conversation, and a second conversation with the same person."""
    rows = [
        row("1", ME, "Ana", START),
        row("1", ME, "Ana", START + timedelta(days=7)),
        row("1", "Ana", ME, START + timedelta(days=8)),
        row("1", ME, "Ana", START + timedelta(days=9)),
        row("2", ME, "Ana", START + timedelta(days=90)),
    ]
    frame = read(as_csv(rows), me=ME).frame
    assert frame["sent_before_answer"].tolist() == [2, 1]
    assert frame["messages"].tolist() == [4, 1]
    assert frame["nth_to_person"].tolist() == [1, 2]


def test_an_automatic_answer_is_marked_and_the_personal_one_kept_beside_it() -> None:
    """The first answer may be a machine's."""
    rows = [
        row("1", ME, "Ana", START),
        row("1", "Ana", ME, START + timedelta(minutes=1), CONTENT="Automatic reply: I am out of the office."),
        row("1", "Ana", ME, START + timedelta(days=2)),
        row("2", ME, "Ben", START + timedelta(days=1)),
    ]
    frame = read(as_csv(rows)).frame
    assert frame["automatic"].tolist() == [True, False]
    assert frame["answered_at"][0] == START + timedelta(minutes=1)
    assert frame["answered_in_person_at"][0] == START + timedelta(days=2)
    assert frame["answered_in_person_at"].isna()[1]


def test_messages_of_one_second_stay_in_the_order_of_the_file() -> None:
    """Whether the export lists the newest first or last, the opener is the opener."""
    rows = [row("1", ME, "Ana", START), row("1", "Ana", ME, START), row("2", ME, "Ben", START)]
    rows += [row("2", "Ben", ME, START + timedelta(days=1))]
    for each in (rows, rows[::-1]):
        assert len(read(as_csv(each)).frame) == 2


def test_nothing_personal_is_kept_but_salted_ids() -> None:
    """No name, no address and no text of a message stands in the result."""
    plain, salted = read(PLAIN), read(PLAIN, salt=b"pepper")
    for messages in (plain, salted):
        text = messages.frame.to_csv() + str(messages.report) + repr(messages)
        assert not any(word in text for word in ("Silva", "Haddad", "linkedin.com", "colleague", "role for"))
    assert not set(plain.frame["person"]) & set(salted.frame["person"])


def test_hidden_members_are_never_taken_for_one_person() -> None:
    """Several people stand behind the name LinkedIn Member."""
    hidden = {"SENDER PROFILE URL": "", "RECIPIENT PROFILE URLS": ""}
    rows = [row(str(number), ME, "LinkedIn Member", START, **hidden) for number in range(3)]
    frame = read(as_csv(rows), me=ME).frame
    assert frame["person"].tolist() == ["", "", ""]
    assert frame["nth_to_person"].tolist() == [1, 1, 1]


REFUSED = {
    "": "the file is empty",
    "\n\n": "the file is empty",
    ",".join(HEADER): "no row below the header",
    "First Name,Last Name,URL\nA,B,C\n": "no column 'CONVERSATION ID', 'FROM', 'DATE'; found 'First Name'",
    "KONVERSATION,VON,AN,DATUM\n1,A,B,2026-01-01\n": "say which is which: columns=",
    as_csv([row("1", ME, "Ana", START, DATE="tomorrow")]): "a date that cannot be read \\(first on line 2\\)",
    "PK\x03\x04 broken": "the zip file cannot be read",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_export_is_refused_by_line(text: str) -> None:
    """In one sentence that says what is missing."""
    with pytest.raises(UnreadableTableError, match=REFUSED[text]):
        read(text)


def test_other_languages_are_read_where_the_columns_are_named() -> None:
    """The caller says which column is which."""
    text = (
        "KONVERSATION,VON,AN,DATUM\n1,Maya,Ana,2026-01-01 10:00:00 UTC\n2,Maya,Ben,2026-01-02 10:00:00 UTC\n"
    )
    names = {"KONVERSATION": "CONVERSATION ID", "VON": "FROM", "AN": "TO", "DATUM": "DATE"}
    assert len(read(text, columns=names).frame) == 2


def test_a_zip_without_messages_or_with_two_is_refused() -> None:
    """It says how many there are."""
    with pytest.raises(UnreadableTableError, match=r"no file named messages\.csv; found 'Connections\.csv'"):
        read(zipped(PLAIN, "Connections.csv", "folder/"))
    with pytest.raises(UnreadableTableError, match=r"2 files named messages\.csv; found .*'a/messages\.csv'"):
        read(zipped(PLAIN, "messages.csv", "a/messages.csv"))
    whole = zipped(PLAIN, "messages.csv")
    with pytest.raises(UnreadableTableError, match="the zip file cannot be read"):
        read(whole[:200] + bytes(200) + whole[400:])


def test_a_quotation_that_never_ends_costs_its_own_rows_only() -> None:
    """What comes before it is read, what it swallows is named."""
    lines = as_csv([row(str(n), ME, f"P {n}", START + timedelta(hours=n)) for n in range(3_000)]).split(
        "\r\n"
    )
    lines[1_000] = lines[1_000].replace("Hello", '"Hello')
    messages = read("\r\n".join(lines))
    assert len(messages.frame) >= 2_000
    assert (
        messages.report.left_out[
            "the number of fields is not that of the header, or quotation marks are broken"
        ][0]
        == 1_001
    )
    assert adds_up(messages)
    assert "lines 1001 to " in str(messages.report)


def test_text_that_is_not_utf_8_is_read_and_noted() -> None:
    """A spreadsheet may have saved it as Windows-1252."""
    rows = [row(str(n), "Zoë Núñez", f"P {n}", START) for n in range(3)]
    messages = read(as_csv(rows).encode("cp1252"), me="Zoë Núñez")
    assert len(messages.frame) == 3
    assert "Windows-1252" in str(messages.report)


def test_memory_does_not_depend_on_the_length_of_messages() -> None:
    """Forty times the text takes no more memory at its peak, beyond what is read at once."""
    rows = archive(1_500, seed=5)
    peaks = []
    for times in (1, 40):
        text = io.BytesIO(as_csv([each | {"CONTENT": "Hello, " * 20 * times} for each in rows]).encode())
        tracemalloc.start()
        read_linkedin_messages(text)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**20


def sound(error: InMailCreditsError) -> None:
    """An error of ours says something, in one line."""
    assert len(str(error).splitlines()) == 1


CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "2", ME, "Ana", "Yes", "2026-01-05 08:00:00 UTC", "2026-01-06", "8/1/26, 2:00 AM"]
    ),
    st.text(max_size=12),
)
ODD_CELLS = st.one_of(
    CELLS,
    st.none(),
    st.floats(),
    st.integers(),
    st.datetimes(),
    st.dates(),
    st.binary(max_size=4),
    st.booleans(),
)


@given(
    st.lists(st.lists(CELLS, max_size=14), max_size=12), st.sampled_from([HEADER, VINTAGES[1], HEADER[2:]])
)
def test_any_cells_give_an_answer_or_a_refusal(cells: list[list[str]], header: Sequence[str]) -> None:
    """Never a traceback: a frame and a report that adds up, or an error of ours."""
    text = ",".join(header) + "\n" + "\n".join(",".join(line) for line in cells)
    try:
        assert adds_up(read(text.encode("utf-8", "surrogatepass")))
    except InMailCreditsError as error:
        sound(error)


@given(st.binary(max_size=400), st.integers(0, 2_000), st.sampled_from(["plain", "utf-16", "zip"]))
def test_any_bytes_in_the_file_give_an_answer_or_a_refusal(damage: bytes, at: int, form: str) -> None:
    """A file cut, overwritten or made of anything is read as far as it goes, or refused."""
    rows = as_csv(ROWS[:12])
    whole = {"plain": rows.encode(), "utf-16": rows.encode("utf-16"), "zip": zipped(rows, "messages.csv")}[
        form
    ]
    for text in (damage, whole[:at] + damage + whole[at + len(damage) :], whole[:at] + damage):
        try:
            assert adds_up(read(text))
        except InMailCreditsError as error:
            sound(error)


@given(st.lists(st.lists(ODD_CELLS, min_size=7, max_size=7), max_size=6))
def test_any_frame_gives_an_answer_or_a_refusal(cells: list[list[object]]) -> None:
    """Whatever objects a DataFrame holds."""
    header = ["CONVERSATION ID", "FROM", "TO", "DATE", "SUBJECT", "CONTENT", "IS MESSAGE DRAFT"]
    frame = pd.DataFrame(
        {name: pd.Series([line[at] for line in cells], dtype=object) for at, name in enumerate(header)}
    )
    try:
        assert adds_up(read_linkedin_messages(frame))
    except InMailCreditsError as error:
        sound(error)
