"""A pytest plugin: the fixture `assert_unbiased`, with a seed for each test that is the same in every run.

Each test's seed is the first 128 bits of SHA-256 of ``"SESSION_SEED TEST_ID"``, so it depends neither on other tests nor
on their order nor on the worker that runs it. The session's seed is 0; ``--vary-seed`` takes a fresh one from the
operating system, ``--replay-seed SEED`` a given one. Calls of the fixture in one test get children 0, 1, 2, ... of the
test's seed. pytest loads this module in every run, so it imports nothing but pytest and the standard library.
"""

from __future__ import annotations

import hashlib
import secrets
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import numpy as np

    from verify.verdict import Verdict

_SEED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the seed."""
    group = parser.getgroup("simtemp", "verified samplers")
    group.addoption(
        "--vary-seed",
        action="store_true",
        help="assert_unbiased: fresh seeds in this run, to see how often tests fail by chance",
    )
    group.addoption(
        "--replay-seed",
        type=seed,
        metavar="SEED",
        help="assert_unbiased: the seeds of an earlier run with --vary-seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Fix the session's seed: on a worker of pytest-xdist it is the controller's."""
    given = config.getoption("replay_seed")
    if hasattr(config, "workerinput"):
        config.stash[_SEED] = config.workerinput["simtemp_seed"]
    elif config.getoption("vary_seed"):
        if given is not None:
            raise pytest.UsageError("--vary-seed and --replay-seed exclude each other")
        config.stash[_SEED] = secrets.randbits(128)
    else:
        config.stash[_SEED] = given or 0


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the session's seed to a worker of pytest-xdist."""
    node.workerinput["simtemp_seed"] = node.config.stash[_SEED]


def pytest_report_header(config: pytest.Config) -> str | None:
    """Tell a seed that is not the usual one."""
    number = config.stash[_SEED]
    return f"assert_unbiased: --replay-seed {number}" if number else None


@pytest.fixture
def unbiased_seed(request: pytest.FixtureRequest) -> np.random.SeedSequence:
    """The test's seed sequence, fixed by its id: whatever else a test draws can come from a child of it."""
    import numpy as np

    return np.random.SeedSequence(seed_of_test(_test_id(request.node), request.config.stash[_SEED]))


@pytest.fixture
def assert_unbiased(request: pytest.FixtureRequest, unbiased_seed: np.random.SeedSequence) -> Callable[..., Verdict]:
    """`verify.assert_unbiased` with the test's own seed as the default of `rng`."""

    def check(*args: Any, **options: Any) -> Verdict:
        from verify import assertion

        __tracebackhide__ = True
        try:
            if len(args) < 7:
                options.setdefault("rng", unbiased_seed.spawn(1)[0])
            return assertion.assert_unbiased(*args, **options)
        except assertion.BiasError as error:
            message = f"{error}\n{_command(request)}"
            raise assertion.BiasError(message, error.verdict) from None

    return check


def seed_of_test(test_id: str, session_seed: int) -> int:
    """A test's seed, 128 bits."""
    return int.from_bytes(hashlib.sha256(f"{session_seed} {test_id}".encode()).digest()[:16], "big")


def _test_id(item: pytest.Item) -> str:
    """The node id without the group that `--dist loadgroup` appends to it."""
    assert item.parent is not None
    return f"{item.parent.nodeid}::{item.name}"


def _command(request: pytest.FixtureRequest) -> str:
    number = request.config.stash[_SEED]
    replay = f" --replay-seed {number}" if number else ""
    return f"this test again: pytest {shlex.quote(_test_id(request.node))}{replay}"


def seed(text: str) -> int:
    """A seed as it is given on the command line."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number
