"""Byte-pair tokens learnt from a text."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Tokenizer as Rules
from tokenizers import decoders, models, pre_tokenizers, trainers

from simtemp.arguments import whole_number
from simtemp.calm.tokenizer import Tokenizer

_SPECIAL = ["<pad>", "<bos>", "<eos>"]


def learn_subwords(texts: Iterable[str], size: int) -> Tokenizer:
    """A tokenizer of bytes and their most frequent pairs; the same texts give the same one.

    Parameters
    ----------
    texts : iterable of str
        Pairs are counted over all of them.
    size : int
        Of the vocabulary, >= 259: the bytes and three special tokens are always there. Fewer where the texts have too few pairs.

    Raises
    ------
    ValueError
        For a bad size.

    Examples
    --------
    >>> tokenizer = learn_subwords(["to be or not to be"], 262)
    >>> tokenizer.decode(tokenizer.encode("to be?"))
    'to be?'

    References
    ----------
    .. [1] Sennrich et al. (2016), Neural Machine Translation of Rare Words with Subword Units, arXiv:1508.07909.
    """
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    number = whole_number(size, "size", len(_SPECIAL) + len(alphabet))
    rules = Rules(models.BPE())
    rules.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    rules.decoder = decoders.ByteLevel()
    rules.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=number, special_tokens=_SPECIAL, initial_alphabet=alphabet, show_progress=False),
    )
    return Tokenizer(rules)
