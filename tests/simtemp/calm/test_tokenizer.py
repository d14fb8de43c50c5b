import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simtemp.calm.tokenizer import byte_tokenizer, character_tokenizer, load_tokenizer, make_tokenizer

TEXT = "To be, or not to be: ünï <pad> 😀\r\n\tthat is\n"


@pytest.mark.parametrize("tokenizer", [character_tokenizer(TEXT), byte_tokenizer()], ids=["characters", "bytes"])
class TestRoundTrip:
    def test_text_comes_back(self, tokenizer):
        tokens = tokenizer.encode(TEXT)
        assert tokens.dtype == np.int64
        assert tokens.min() >= 0
        assert tokens.max() < tokenizer.vocab_size
        assert tokenizer.decode(tokens) == TEXT

    def test_special_tokens_are_three_and_never_in_text(self, tokenizer):
        specials = {tokenizer.pad_id, tokenizer.bos_id, tokenizer.eos_id}
        assert len(specials) == 3
        assert not specials & set(tokenizer.encode("<pad><bos><eos>").tolist())

    def test_special_tokens_are_left_out_of_text(self, tokenizer):
        padded = [tokenizer.pad_id, tokenizer.bos_id, *tokenizer.encode("be"), tokenizer.eos_id]
        assert tokenizer.decode(np.array(padded)) == "be"

    def test_saved_and_loaded_it_is_the_same(self, tokenizer, tmp_path):
        tokenizer.save(tmp_path)
        again = load_tokenizer(tmp_path)
        assert again.vocab_size == tokenizer.vocab_size
        assert (again.pad_id, again.bos_id, again.eos_id) == (tokenizer.pad_id, tokenizer.bos_id, tokenizer.eos_id)
        np.testing.assert_array_equal(again.encode(TEXT), tokenizer.encode(TEXT))
        assert again.decode(again.encode(TEXT)) == TEXT

    def test_an_empty_text_has_no_tokens(self, tokenizer):
        assert tokenizer.encode("").shape == (0,)
        assert tokenizer.decode(np.array([], np.int64)) == ""


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_every_text_survives_bytes(text):
    tokenizer = byte_tokenizer()
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_a_character_is_one_token_and_an_unknown_one_too():
    tokenizer = character_tokenizer("abc")
    assert tokenizer.decode(tokenizer.encode("a?b?")) == "a\ufffdb\ufffd"
    assert len(tokenizer.encode("a?b??")) == 5


def test_any_tokenizers_file(tmp_path):
    from tokenizers import Tokenizer, models, pre_tokenizers

    rules = Tokenizer(models.WordLevel({"to": 0, "be": 1, "[UNK]": 2, "</s>": 3}, unk_token="[UNK]"))
    rules.pre_tokenizer = pre_tokenizers.Whitespace()
    rules.save(str(tmp_path / "words.json"))
    tokenizer = make_tokenizer(str(tmp_path / "words.json"), "unused")
    assert tokenizer.encode("to be to see").tolist() == [0, 1, 0, 2]
    assert tokenizer.eos_id == 3
    assert tokenizer.vocab_size == 6  # pad and bos are added


def test_what_is_no_tokenizer_is_refused_in_one_line(tmp_path):
    (tmp_path / "not.json").write_text("{}")
    with pytest.raises(ValueError, match="not a file of the tokenizers library"):
        load_tokenizer(tmp_path / "not.json")
    with pytest.raises(ValueError, match="characters, bytes or an existing file"):
        make_tokenizer("words", "text")
    with pytest.raises(ValueError, match="empty"):
        character_tokenizer("")
