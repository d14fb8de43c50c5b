"""Text to tokens and back: characters, bytes, or any file of the `tokenizers` library, saved as such a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer as Rules
from tokenizers import decoders, models, pre_tokenizers

from simtemp.arguments import Integers, shown
from simtemp.utf8_file import read_utf8

FILE_NAME = "tokenizer.json"
"""In the directory of a checkpoint."""

_PAD, _BOS, _EOS, _UNKNOWN = "<pad>", "<bos>", "<eos>", "\ufffd"
_NAMES = {
    _PAD: (_PAD, "[PAD]", "<|pad|>", "<|finetune_right_pad_id|>"),
    _BOS: (_BOS, "<s>", "[CLS]", "[BOS]", "<|begin_of_text|>", "<|startoftext|>"),
    _EOS: (_EOS, "</s>", "[SEP]", "[EOS]", "<|end_of_text|>", "<|endoftext|>"),
}


class Tokenizer:
    """The tokens of a model; text that looks like a special token ("<pad>") is read as text.

    Parameters
    ----------
    rules : tokenizers.Tokenizer
        Special tokens that have none of the usual names are added at the end of the vocabulary.

    Attributes
    ----------
    vocab_size : int
    pad_id, bos_id, eos_id : int

    Examples
    --------
    >>> from simtemp.calm.tokenizer import character_tokenizer
    >>> tokenizer = character_tokenizer("to be or not")
    >>> tokenizer.decode(tokenizer.encode("not to be"))
    'not to be'
    """

    def __init__(self, rules: Rules) -> None:
        present = rules.get_vocab(with_added_tokens=True)
        found = {role: next((name for name in names if name in present), None) for role, names in _NAMES.items()}
        rules.add_special_tokens([name or role for role, name in found.items()])
        rules.encode_special_tokens = True
        rules.no_padding()
        rules.no_truncation()
        self._rules = rules
        ids = rules.get_vocab(with_added_tokens=True)
        self.pad_id, self.bos_id, self.eos_id = (ids[name or role] for role, name in found.items())
        self.vocab_size = 1 + max(ids.values())  # ids may have holes

    def encode(self, text: str) -> Integers:
        """The tokens of a text, int64 [tokens], without special ones.

        Raises
        ------
        ValueError
            For a text that the rules cannot read, as where they have no token for what is unknown.
        """
        try:
            ids = self._rules.encode(text, add_special_tokens=False).ids
        except Exception as error:  # the library raises bare Exceptions
            raise ValueError(f"the tokenizer cannot read {shown(text)}: {error}") from None
        return np.asarray(ids, np.int64)

    def decode(self, tokens: Integers) -> str:
        """The text of tokens; special ones are left out, a character unknown to the vocabulary is U+FFFD."""
        return str(self._rules.decode(np.asarray(tokens, np.int64).ravel().tolist(), skip_special_tokens=True))

    def save(self, directory: Path) -> None:
        """Write `tokenizer.json` into a directory."""
        (directory / FILE_NAME).write_text(self._rules.to_str(pretty=True), encoding="utf-8")


def character_tokenizer(text: str) -> Tokenizer:
    """One token for each different character of a text; any other character is the token U+FFFD.

    Raises
    ------
    ValueError
        For an empty text.
    """
    if not text:
        raise ValueError("the text is empty: it has no characters to make a vocabulary of")
    specials = [_PAD, _BOS, _EOS, _UNKNOWN]
    characters = sorted(set(text) - set(specials))
    ids = {token: index for index, token in enumerate([*specials, *characters])}
    rules = Rules(models.BPE(vocab=ids, merges=[], unk_token=_UNKNOWN))
    rules.decoder = decoders.Fuse()
    return Tokenizer(rules)


def byte_tokenizer() -> Tokenizer:
    """One token for each of the 256 bytes of UTF-8."""
    ids = {token: index for index, token in enumerate([_PAD, _BOS, _EOS, *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    rules = Rules(models.BPE(vocab=ids, merges=[]))
    rules.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    rules.decoder = decoders.ByteLevel()
    return Tokenizer(rules)


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a file of the `tokenizers` library, or the one in the directory of a checkpoint.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For a file that is no tokenizer.
    """
    file = path / FILE_NAME if path.is_dir() else path
    text = read_utf8(file)
    try:
        return Tokenizer(Rules.from_str(text))
    except Exception as error:  # the library raises bare Exceptions
        raise ValueError(f"{file} is not a file of the tokenizers library: {shown(str(error))}") from None


def make_tokenizer(specification: str, text: str) -> Tokenizer:
    """A tokenizer by name: `characters` (those of the text), `bytes`, or the path of a `tokenizers` file.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For an empty text, or a file that is no tokenizer.
    """
    if specification == "characters":
        return character_tokenizer(text)
    if specification == "bytes":
        return byte_tokenizer()
    if not Path(specification).exists():
        raise ValueError(f"tokenizer must be characters, bytes or an existing file, got {shown(specification)}")
    return load_tokenizer(Path(specification))
