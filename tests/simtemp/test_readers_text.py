"""Blocks of text against a plain Counter, over all sizes of block, alphabet and chunk."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp import text_blocks as module
from simtemp.base import parse_base
from simtemp.errors import SpecificationError
from simtemp.text_blocks import python_manual, text_blocks


def plain_blocks(text, size):
    """The definition: count consecutive blocks; by falling count, then by first occurrence (`most_common` keeps it)."""
    tally = Counter(text[start : start + size] for start in range(0, len(text) // size * size, size))
    return tally.most_common()


def check(base, text, size):
    expected = plain_blocks(text, size)
    assert list(base.labels) == [block for block, _ in expected]
    total = len(text) // size
    np.testing.assert_allclose(base.probs, [count / total for _, count in expected], rtol=1e-14)


few_letters = st.text("ab\0\n\U0001f600", min_size=1, max_size=300)
any_letters = st.text(st.characters(), min_size=1, max_size=60)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.one_of(few_letters, any_letters), st.integers(1, 12))
def test_agrees_with_a_plain_counter(text, size):
    if len(text) >= size:
        check(text_blocks(text, size), text, size)


@settings(deadline=None)
@given(few_letters, st.integers(1, 5), st.integers(1, 5))
def test_chunks_do_not_show(text, size, chunk_bits):
    """With chunks of 2 to 32 characters, blocks of the same spelling meet across many chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK_BITS", chunk_bits)
        patch.setattr(module, "_CHUNK", 2**chunk_bits)
        if len(text) >= size:
            check(text_blocks(text, size), text, size)


@settings(deadline=None)
@given(few_letters, st.integers(2, 40), st.integers(20, 100))
def test_ranks_in_between_do_not_show(text, size, keys):
    """With few keys to go round, long blocks are ranked again and again; real texts need that from 7 characters on."""
    text = text * size
    blocks, letters = len(text) // size, len(set(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_KEYS", max(keys, blocks * letters))  # ranks times letters fit, as in a chunk of 2**20
        check(text_blocks(text, size), text, size)


@pytest.mark.parametrize("size", [1, 2, 4, 7, 30, 1000])
def test_the_python_manual(size):
    text = python_manual()
    check(text_blocks(text, size), text, size)


def test_the_manual_alone_is_read_in_blocks_of_four():
    base = parse_base("text")
    check(base, python_manual(), 4)
    assert base.name == "text"
    assert base.labels[0] == "    "


@settings(deadline=None)
@given(st.one_of(few_letters, any_letters.filter(lambda text: text.isprintable())), st.integers(1, 4), st.booleans())
def test_round_trip_through_a_file(tmp_path_factory, text, size, mark):
    path = tmp_path_factory.getbasetemp() / "some, text.txt"
    path.write_bytes(b"\xef\xbb\xbf" * mark + text.encode())
    if len(text) >= size:
        check(parse_base(f"text:{path},{size}"), text.removeprefix("\ufeff") if not mark else text, size)


def test_line_ends_are_characters(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\r\nb\r\n")
    assert parse_base(f"text:{path},3").labels == ("a\r\n", "b\r\n")


def test_blocks_written_to_a_file_come_back(tmp_path):
    """Blocks hold quotes, commas and line ends; JSON and a base of text agree on all of them."""
    base = parse_base("text")
    counts = np.rint(base.probs * (len(python_manual()) // 4)).astype(int).tolist()
    (tmp_path / "a.json").write_text(json.dumps(dict(zip(base.labels, counts, strict=True))))
    again = parse_base(f"file:{tmp_path / 'a.json'}")
    assert again.labels == base.labels
    np.testing.assert_array_equal(again.probs, base.probs)


@pytest.mark.parametrize(
    ("content", "size", "message"),
    [
        (b"abc", "4", "3 characters, less than one block of K = 4"),
        (b"", "1", "0 characters, less than one block of K = 1"),
        (b"abc", "0", "K must be an integer from 1 to 10000, got 0"),
        (b"abc", "-1", "K must be an integer from 1 to 10000, got -1"),
        (b"abc", "1.5", "K must be an integer from 1 to 10000, got 1.5"),
        (b"abc", "10001", "K must be an integer from 1 to 10000, got 10001"),
        (b"abc", "four", "K must be a number, got 'four'"),
        (b"abc", "", "K must be a number, got ''"),
        (b"a\nb\n\xe9", "1", "line 3: byte 0xe9 is not UTF-8 text"),
        (b"a\xed\xa0\x80", "1", "line 1: byte 0xed is not UTF-8 text"),
    ],
)
def test_refused(content, size, message, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(SpecificationError, match=message) as caught:
        parse_base(f"text:{path},{size}")
    assert str(caught.value).startswith(f"base 'text:{path},{size}': ")


def test_too_many_blocks_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_CATEGORIES", 3)
    assert text_blocks("abca", 1).size == 3
    with pytest.raises(ValueError, match="more than 3 different blocks of K = 1"):
        text_blocks("abcd", 1)


@pytest.mark.slow
def test_ten_million_characters():
    text = python_manual() * (10_000_000 // len(python_manual()))
    for size in (1, 4, 20):
        check(text_blocks(text, size), text, size)
