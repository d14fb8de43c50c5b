import pytest
import torch

from simtemp.calm.corpus import LEFT_PADDED_SHARE, Corpus, make_corpus, read_documents, split_documents
from simtemp.calm.tokenizer import character_tokenizer

ALPHA = 1e-6


def _numbers(count: int) -> str:
    return "".join(f"the line of number {number:06d} in a text\n" for number in range(count))


class TestSplit:
    def test_every_line_is_on_one_side(self):
        text = _numbers(2000)
        training, held_out = split_documents([text[:30000], text[30000:]])
        lines = [piece.text for piece in training], [piece.text for piece in held_out]
        together = sorted("".join(lines[0]).splitlines() + "".join(lines[1]).splitlines())
        assert len("".join(lines[0])) + len("".join(lines[1])) == len(text)
        assert set(together) >= set(text[30000:].splitlines()[1:])
        assert 0.09 < len("".join(lines[1])) / len(text) < 0.11

    def test_a_copy_of_a_held_out_line_is_not_learned(self):
        text = _numbers(1000)
        _, held_out = split_documents([text])
        secret = held_out[0].text.splitlines()[0]
        training, held_out = split_documents([text, f"   {secret}\nand more to say that is new\n" * 3])
        assert secret in "".join(piece.text for piece in held_out)
        assert secret not in "".join(piece.text for piece in training)

    def test_ends_are_those_of_documents(self):
        training, held_out = split_documents(["one\n" * 50, "two\n" * 50])
        assert sum(piece.ends for piece in training + held_out) == 2

    def test_the_manual(self):
        documents = read_documents(None)
        training, held_out = split_documents(documents)
        assert len(documents) > 50
        held = {line.strip() for piece in held_out for line in piece.text.splitlines() if len(line.strip()) >= 30}
        learned = {line.strip() for piece in training for line in piece.text.splitlines()}
        assert held
        assert not held & learned


def _corpus(tokens: int = 400, patch_size: int = 4) -> Corpus:
    return Corpus(torch.arange(1, tokens + 1), torch.arange(1001, 1101), patch_size, pad_id=0)


class TestWindows:
    def test_they_are_consecutive_from_anywhere(self):
        windows = _corpus().training_windows(500, 5, torch.Generator().manual_seed(0))
        assert windows.shape == (500, 5, 4)
        flat = windows.flatten(1)
        steps = flat[:, 4:].diff(dim=1)  # past the first block nothing is padded
        assert (steps == 1).all()
        assert flat[:, -1].max() <= 400
        assert len(set((flat[:, -1] % 4).tolist())) == 4  # every alignment

    def test_left_padding_only_inside_of_the_first_block(self):
        from scipy.stats import binomtest

        windows = _corpus().training_windows(4000, 3, torch.Generator().manual_seed(1))
        padding = (windows[:, 0] == 0).long()
        assert (padding.diff(dim=1) <= 0).all()  # on the left
        assert (windows[:, 1:] != 0).all()
        lengths = padding.sum(1)
        assert lengths.unique().tolist() == [0, 1, 2, 3]
        padded = int((lengths > 0).sum())
        assert binomtest(padded, 4000, LEFT_PADDED_SHARE).pvalue > ALPHA
        assert binomtest(padded, 4000, LEFT_PADDED_SHARE + 0.08).pvalue < ALPHA  # the check can fail

    def test_same_seed_same_windows(self):
        draw = [_corpus().training_windows(8, 5, torch.Generator().manual_seed(7)) for _ in range(2)]
        assert torch.equal(*draw)

    def test_held_out_windows_predict_every_block_once(self):
        windows = _corpus().held_out_windows(5)
        assert windows.shape == (6, 5, 4)
        predicted = windows[:, 1:].flatten()
        assert predicted.tolist() == list(range(1005, 1005 + 96))

    def test_a_short_text_has_short_windows(self):
        corpus = Corpus(torch.arange(1, 400), torch.arange(1, 14), 4, pad_id=0)
        assert corpus.held_out_windows(33).shape == (1, 3, 4)
        assert corpus.training_windows(2, 33, torch.Generator()).shape == (2, 3, 4)

    def test_a_block_of_one_token_is_never_padded(self):
        assert (_corpus(patch_size=1).training_windows(100, 3, torch.Generator().manual_seed(0)) > 0).all()


class TestBadInput:
    def test_an_empty_file(self, tmp_path):
        (tmp_path / "empty.txt").write_text("")
        with pytest.raises(ValueError, match=r"empty\.txt is empty"):
            read_documents(tmp_path / "empty.txt")

    def test_no_file(self, tmp_path):
        with pytest.raises(OSError, match="missing"):
            read_documents(tmp_path / "missing.txt")

    def test_not_a_text(self, tmp_path):
        (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
        with pytest.raises(ValueError, match="line 1: byte 0xe9 is not UTF-8"):
            read_documents(tmp_path / "latin.txt")

    @pytest.mark.parametrize("text", ["abc", "abcdefgh", "abcdefgh" * 5])
    def test_a_text_too_short(self, text):
        with pytest.raises(ValueError, match="the text is too short"):
            make_corpus([text], character_tokenizer(text), 4)


def test_documents_end_in_eos():
    documents = [_numbers(100), _numbers(100)]
    tokenizer = character_tokenizer(documents[0])
    corpus = make_corpus(documents, tokenizer, 4)
    ends = [(stream == tokenizer.eos_id).sum().item() for stream in (corpus.training, corpus.held_out)]
    assert sum(ends) == 2
