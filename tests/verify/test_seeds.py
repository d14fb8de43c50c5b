"""Streams of randomness: what a seed, a SeedSequence and a Generator give."""

import numpy as np

from verify.seeds import generator, roles


def test_a_sequence_and_its_number_give_the_same_stream() -> None:
    expected = np.random.default_rng(3).random(4).tolist()
    assert generator(3).random(4).tolist() == expected
    assert generator(np.random.SeedSequence(3)).random(4).tolist() == expected
    given = np.random.default_rng(3)
    assert generator(given) is given


def test_roles_are_the_children_of_the_root() -> None:
    children = [np.random.default_rng(child).random() for child in np.random.SeedSequence(3).spawn(3)]
    assert [role.random() for role in roles(3, 3)] == children
    root = np.random.SeedSequence(3)
    assert [role.random() for role in roles(root, 2)] == children[:2]
    assert roles(root, 1)[0].random() == children[2]
    both = [[role.random() for role in roles(np.random.default_rng(3), 2)] for _ in range(2)]
    assert both[0] == both[1]
    assert len({*children, *both[0]}) == 5
