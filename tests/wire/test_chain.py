"""The chain of hashes: nothing can change, go missing, double or move without an error."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from inmail_credits import Account, Plan, wire
from inmail_credits.errors import InvalidValueError, WireError
from inmail_credits.facts import Fact, Replied, Sent, Subscribed

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)
FACTS: tuple[Fact, ...] = (
    Subscribed(at=AT, plan=Plan(name="team", grant_credits=4), recorded=1),
    Sent(at=AT + timedelta(days=1), message_id="m-漢", recorded=2),
    Replied(at=AT + timedelta(days=2), message_id="m-漢", kind="declined", recorded=3),
)
LOG = wire.dumps(FACTS, after="").encode()
LINES = LOG.splitlines(keepends=True)
HEAD = wire.head(LOG)


def is_refused(log: bytes, *, ends: str | None = None) -> bool:
    """Whether reading a log raises an error of ours."""
    try:
        wire.loads(log, ends=ends)
    except WireError:
        return True
    return False


def test_a_chained_log_reads_as_the_same_facts() -> None:
    """The chain is no part of a fact."""
    assert wire.loads(LOG) == list(FACTS) == wire.loads(wire.dumps(FACTS))
    assert wire.loads(LOG, ends=HEAD) == list(FACTS)
    assert len(HEAD) == 64


def changed(flips: Iterable[int], cases: Counter[str]) -> None:
    """Each byte of the log with each of these patterns of bits flipped is an error."""
    for place in range(len(LOG)):
        for flip in flips:
            damaged = LOG[:place] + bytes([LOG[place] ^ flip]) + LOG[place + 1 :]
            assert is_refused(damaged), (place, flip)
            cases["chain: bytes changed"] += 1


def test_every_flipped_bit_is_found(cases: Counter[str]) -> None:
    """Each bit of each byte."""
    changed([1, 2, 4, 8, 16, 32, 64, 128], cases)


@pytest.mark.campaign
def test_every_change_of_one_byte_is_found(cases: Counter[str]) -> None:
    """Each byte of the log replaced by each other byte."""
    changed(range(1, 256), cases)


def test_every_byte_missing_or_doubled_is_found() -> None:
    """But the last line feed, without which the last line is whole."""
    for place in range(len(LOG) - 1):
        assert is_refused(LOG[:place] + LOG[place + 1 :]), place
        assert is_refused(LOG[:place] + LOG[place : place + 1] + LOG[place:]), place


def test_every_missing_doubled_or_moved_line_is_found() -> None:
    """Every choice and order of the lines but the log itself and its beginnings; these the head finds."""
    for count in range(1, len(LINES) + 1):
        for lines in permutations(LINES, count):
            log = b"".join(lines)
            begins = LOG.startswith(log)
            assert is_refused(log) is not begins
            assert is_refused(log, ends=HEAD) is (log != LOG)
    for place in range(len(LINES)):
        assert is_refused(b"".join([*LINES[: place + 1], *LINES[place:]]))


def test_a_line_without_its_chain_is_found() -> None:
    """A log is chained on all lines or on none."""
    plain = [wire.dump_line(fact).encode() for fact in FACTS]
    for place in range(1, len(LINES)):
        with pytest.raises(WireError, match=rf"^line {place + 1}: has no chain, but the lines before"):
            wire.loads(b"".join([*LINES[:place], plain[place], *LINES[place + 1 :]]))
        with pytest.raises(WireError, match=rf"^line {place + 1}: has a chain, but the lines before"):
            wire.loads(b"".join([*plain[:place], *LINES[place:]]))


def test_a_part_of_a_log_is_read_after_its_head() -> None:
    """The lines that follow a kept head are checked against it."""
    head = wire.head(LINES[0])
    assert wire.loads(LINES[1] + LINES[2], after=head) == list(FACTS[1:])
    with pytest.raises(WireError, match=r"^line 1: its chain does not follow from the line before it"):
        wire.loads(LINES[2], after=head)
    with pytest.raises(WireError, match=r"^line 1: has no chain"):
        wire.loads(wire.dump_line(FACTS[1]), after=head)


@pytest.mark.parametrize("head", ["x", "A" * 64, None, 7, b"a" * 64])
def test_a_head_is_64_digits_or_nothing(head: str) -> None:
    """Anything else is refused by name."""
    with pytest.raises(InvalidValueError, match=r"^after is "):
        wire.loads(LOG, after=head)
    with pytest.raises(InvalidValueError, match=r"^last line of the log is"):
        wire.head(wire.dump_line(FACTS[0]))


# To write on.


@pytest.mark.parametrize("after", [None, ""])
def test_writing_on_after_a_cut_at_any_byte_loses_nothing(after: str | None) -> None:
    """Cut to its intact part and continued, a log reads as its whole lines and what was written on."""
    log = wire.dumps(FACTS[:2], after=after).encode()
    for end in range(len(log) + 1):
        kept = log[: wire.salvage(log[:end]).intact_bytes]
        on = kept + wire.continued(kept, FACTS[2:]).encode()
        whole = wire.salvage(log[:end]).facts
        if kept:
            assert wire.loads(on) == [*whole, FACTS[2]]
            assert (b'"chain"' in on.splitlines()[-1]) is (after is not None)
    bare = log[:-1]
    assert wire.loads(bare + wire.continued(bare, FACTS[2:]).encode()) == list(FACTS)


def test_writing_on_after_a_torn_line_is_refused() -> None:
    """The torn line would swallow the first fact."""
    with pytest.raises(WireError, match=r"the last line of the log is no whole fact .*intact_bytes"):
        wire.continued(LOG[:-20], FACTS[:1])


def test_writing_on_needs_the_last_line_only() -> None:
    """Its cost does not grow with the log."""
    assert wire.continued(LINES[1], FACTS[2:]).encode() == LINES[2]


# To save what is there.


@pytest.mark.parametrize("after", [None, ""])
def test_whole_lines_behind_a_wrong_one_are_kept_apart(after: str | None) -> None:
    """They are marked with their lines, and the caller decides what to do with them."""
    lines = wire.dumps(FACTS, after=after).encode().splitlines(keepends=True)
    damaged = lines[0] + lines[1].replace(b"sent", b"cent") + lines[2]
    salvaged = wire.salvage(damaged)
    assert salvaged.facts == FACTS[:1]
    assert salvaged.intact_bytes == len(lines[0])
    assert salvaged.apart == ((3, FACTS[2]),)
    assert [error.line for error in salvaged.errors] == [2]
    assert salvaged.error is salvaged.errors[0]
    assert salvaged.error.byte == len(lines[0])
    assert "1 wrong lines, 1 facts on whole lines behind" in str(salvaged)


def test_a_glued_line_costs_itself_alone() -> None:
    """Two facts on one line, as careless appending leaves them: the lines behind are still read, apart."""
    log = wire.dumps(FACTS[:1]).removesuffix("\n") + wire.dumps(FACTS[1:])
    salvaged = wire.salvage(log)
    assert salvaged.facts == ()
    assert salvaged.apart == ((2, FACTS[2]),)


def test_a_chained_line_behind_a_gap_is_not_taken_as_following() -> None:
    """Without the chain of a line nothing shows what the next follows; it is listed as wrong."""
    salvaged = wire.salvage(LINES[0] + b"rubbish\n" + LINES[2])
    assert salvaged.facts == FACTS[:1]
    assert [error.line for error in salvaged.errors] == [2, 3]


def test_an_account_replays_from_a_chained_log() -> None:
    """As from any."""
    assert Account.replay(wire.loads(LOG)) == Account.replay(FACTS)
