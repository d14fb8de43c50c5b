"""What a response is worth to a vote, against every vote counted one by one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.adaptive.tasks.votes import vote_credit, worth_to_votes


def counted(answers, right, size):
    """The mean credit of the subsets with each answer, by `vote_credit` itself."""
    places = range(len(answers))
    found = []
    for place in places:
        votes = [[answers[i] for i in chosen] for chosen in combinations(places, size) if place in chosen]
        found.append(np.mean([vote_credit(vote, right) for vote in votes]))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([None, 1, 2, 3]), min_size=2, max_size=7), st.integers(1, 4))
def test_every_vote_is_counted(answers, voters) -> None:
    size = max(1, min(voters, len(answers) // 2))
    assert worth_to_votes(answers, 2, voters) == pytest.approx(counted(answers, 2, size), abs=1e-11)


def test_a_common_error_costs_more_than_a_rare_one() -> None:
    right, _, common, *_, rare = worth_to_votes([6, 6, 7, 7, 7, 9], right=6, voters=3)
    assert right > rare > common


def test_nothing_is_at_stake_where_every_vote_comes_out_the_same() -> None:
    assert len(set(worth_to_votes([6] * 14 + [7, 8], right=6, voters=8))) == 1
    assert set(worth_to_votes([7] * 16, right=6, voters=8)) == {0.0}


def test_answers_that_are_worth_the_same_are_exactly_so() -> None:
    worth = worth_to_votes([6, 6, 6, 6, 6, 7, 8, 9, 7, 8, 9], right=6, voters=4)
    assert len(set(worth)) == 2


def test_its_mean_is_the_mean_credit_of_the_votes() -> None:
    answers = [6, 6, 7, 7, 8, None]
    votes = [vote_credit([answers[i] for i in chosen], 6) for chosen in combinations(range(6), 3)]
    assert np.mean(worth_to_votes(answers, 6, 3)) == pytest.approx(np.mean(votes), abs=1e-11)
