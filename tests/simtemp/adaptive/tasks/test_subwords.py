"""Byte-pair tokens: the same from the same text, and every text comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.adaptive.tasks.subwords import learn_subwords
from simtemp.calm.tokenizer import load_tokenizer

_TEXT = "the cat sat on the mat, the rat sat on the cat\n" * 3
_TOKENIZER = learn_subwords([_TEXT], 280)


def test_the_same_texts_give_the_same_tokenizer(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    for file in files:
        file.mkdir()
        learn_subwords([_TEXT], 280).save(file)
    first, second = [(file / "tokenizer.json").read_bytes() for file in files]
    assert first == second
    assert load_tokenizer(files[0]).encode(_TEXT).tolist() == _TOKENIZER.encode(_TEXT).tolist()


def test_frequent_pairs_are_one_token() -> None:
    assert 259 < _TOKENIZER.vocab_size <= 280
    assert len(_TOKENIZER.encode(_TEXT)) < len(_TEXT) / 2
    assert len(_TOKENIZER.encode(" the")) == 1


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30))
def test_any_text_comes_back(text: str) -> None:
    assert _TOKENIZER.decode(_TOKENIZER.encode(text)) == text


def test_a_vocabulary_without_room_for_the_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="size must be an integer >= 259, got 100"):
        learn_subwords([_TEXT], 100)
