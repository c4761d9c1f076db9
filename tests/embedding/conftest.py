"""A PostgreSQL server for the tests of this folder, where one is installed."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.embedding.databases import server, server_programs


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server for the session; its connection string."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: PostgreSQL is not tried")
    programs = server_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed: it is not tried")
    with TemporaryDirectory(prefix="inmail-") as folder, server(programs, Path(folder)) as target:
        yield target
