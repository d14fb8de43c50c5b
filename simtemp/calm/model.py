"""The language model: a Llama backbone over blocks, and a head that draws the latent of the next one.

Parameter names are those of the published model (`transformer`, `embed_proj`, `mlp_generator`, `ae_model`). Shapes in comments: B
sequences, L blocks, K tokens in a block, h `hidden_size`, z `latent_size`, k draws, D vectors of the codebook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import DynamicCache, LlamaConfig, LlamaModel

from simtemp.calm.autoencoder import Autoencoder, check_blocks
from simtemp.calm.config import CalmConfig
from simtemp.calm.diffusion_head import DiffusionHead
from simtemp.calm.energy_head import EnergyHead
from simtemp.calm.errors import ModelOutputError
from simtemp.calm.flow_head import FlowHead
from simtemp.calm.head import GenerativeHead
from simtemp.calm.residual_mlp import LAYER_NORM_EPS

_HEADS: dict[str, type[GenerativeHead]] = {"energy": EnergyHead, "flow": FlowHead, "diffusion": DiffusionHead}


class CalmModel(nn.Module):
    """A continuous autoregressive language model: from the blocks so far to draws of the next.

    The autoencoder's parameters take no gradient: it is trained first, on its own.

    Parameters
    ----------
    config : CalmConfig
        Its sizes.

    Attributes
    ----------
    config : CalmConfig
    transformer : transformers.LlamaModel
    embed_proj, mlp_generator, ae_model : torch.nn.Module
        Embedding of a block, the generative head, the block autoencoder.

    Examples
    --------
    >>> import torch
    >>> from simtemp.calm import CalmModel, tiny_config
    >>> model = CalmModel(tiny_config(vocab_size=50)).eval()
    >>> states, cache = model.hidden(torch.randint(50, (2, 6, 4)))  # 2 sequences of 6 blocks of 4 tokens
    >>> model.draw_blocks(states[:, -1], k=3).shape
    torch.Size([2, 3, 4])

    References
    ----------
    .. [1] Shao et al. (2025), Continuous Autoregressive Language Models, arXiv:2510.27688.
    """

    def __init__(self, config: CalmConfig) -> None:
        super().__init__()
        self.config = config
        h = config.hidden_size
        self.transformer = LlamaModel(_llama_config(config))
        self.embed_proj = nn.Sequential(
            nn.Linear(config.patch_size * h, 2 * h), nn.SiLU(), nn.Linear(2 * h, h), nn.LayerNorm(h, eps=LAYER_NORM_EPS)
        )
        self.mlp_generator = _HEADS[config.head](config)
        self.ae_model = Autoencoder(config.autoencoder).requires_grad_(False)

    @property
    def num_parameters(self) -> int:
        """How many numbers the model has learned, those of the autoencoder among them."""
        return sum(parameter.numel() for parameter in self.parameters())

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> CalmModel:
        """Move or convert the parameters, as `to` asks; buffers move and stay as exact as they are.

        Rounded to bfloat16, the frequencies of the positions and the vectors of a codebook would be others, and a state or a law with them.
        """
        exact = dict(self.named_buffers())
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]  # torch leaves it without annotations
        for name, buffer in exact.items():
            path, _, last = name.rpartition(".")
            module = self.get_submodule(path)
            setattr(module, last, buffer.to(getattr(module, last).device))
        return self

    def use_codebook(self, size: int | None, seed: int = 0) -> None:
        """Draw the noise of the head from `size` fixed vectors from now on, so that `block_law` exists; None is continuous noise.

        A model trained with continuous noise is as good with a codebook of thousands of vectors: they are a sample of its own noise.
        """
        self.config = replace(self.config, codebook_size=size, codebook_seed=seed)
        self.mlp_generator.use_codebook(size, seed)

    def generate(self, input_ids: Tensor, attention_mask: Tensor | None = None, **options: Any) -> Tensor:
        """Continue token sequences at a temperature, with the arguments of `transformers`: see `simtemp.calm.generate.generate`."""
        from simtemp.calm.generate import generate  # it imports this module

        return generate(self, input_ids, attention_mask, **options)

    def train(self, mode: bool = True) -> CalmModel:
        """Training mode for all but the autoencoder, whose dropout stays off: it is trained on its own."""
        super().train(mode)
        self.ae_model.eval()
        return self

    def hidden(
        self,
        blocks: Tensor,
        cache: DynamicCache | None = None,
        attention_mask: Tensor | None = None,
        positions: Tensor | None = None,
        use_cache: bool = True,
    ) -> tuple[Tensor, DynamicCache | None]:
        """The state after each block: what the head needs to draw the block that comes next.

        Parameters
        ----------
        blocks : int64[B, L, K]
            The blocks that follow what is in `cache`.
        cache : transformers.DynamicCache, optional
            What an earlier call gave; it is extended in place.
        attention_mask : [B, P + L], optional
            True (or 1) at blocks that are there, False at padding, over the P blocks in the cache and the L new ones. Pad on the left.
        positions : int64[B, L], optional
            Place of each block in its sequence; by default counted from the mask, or from the length of the cache.
        use_cache : bool
            False in training: no cache is made.

        Returns
        -------
        states : float[B, L, h]
        cache : transformers.DynamicCache, or None without `use_cache`

        Raises
        ------
        ValueError
            For blocks of another size, tokens outside of the vocabulary, or a mask of another shape.
        """
        if blocks.ndim != 3:
            raise ValueError(f"blocks must have three axes (sequence, block, token), got shape {tuple(blocks.shape)}")
        check_blocks(blocks, self.config.patch_size, self.config.vocab_size)
        batch, length, _ = blocks.shape
        if cache is None and use_cache:
            cache = DynamicCache(config=self.transformer.config)
        past = 0 if cache is None else cache.get_seq_length()
        if attention_mask is not None:
            if tuple(attention_mask.shape) != (batch, past + length):
                raise ValueError(
                    f"attention_mask must have shape {(batch, past + length)} (what is in the cache, and the new blocks), "
                    f"got {tuple(attention_mask.shape)}"
                )
            if positions is None:
                positions = (attention_mask.long().cumsum(-1) - 1).clamp(min=0)[:, past:]  # [B, P + L] -> [B, L]
        embedded = self.transformer.embed_tokens(blocks)  # [B, L, K] -> [B, L, K, h]
        embedded = self.embed_proj(embedded.flatten(-2))  # [B, L, K*h] -> [B, L, h]
        output = self.transformer(
            inputs_embeds=embedded,
            attention_mask=attention_mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=use_cache,
        )
        return output.last_hidden_state, cache

    @torch.no_grad()
    def draw_latents(self, state: Tensor, k: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw k latents of the next block for each state: float[B, h] to float[B, k, z].

        Raises
        ------
        ModelOutputError
            When the head gives NaN or infinity.
        """
        return _finite(self.mlp_generator.sample(state, k, generator))

    def draw_blocks(self, state: Tensor, k: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw k next blocks for each state: latents of the head, decoded to their likeliest block.

        Parameters
        ----------
        state : float[B, h]
            States, as `hidden` gives them.
        k : int
            Draws a state, >= 1.
        generator : torch.Generator, optional
            Where the noise comes from; on the device of the model.

        Returns
        -------
        int64[B, k, K]

        Raises
        ------
        ValueError
            For k below 1.
        ModelOutputError
            When the head gives NaN or infinity.
        """
        return self.ae_model.decode(self.draw_latents(state, k, generator))

    @torch.no_grad()
    def codebook_blocks(self, state: Tensor) -> Tensor:
        """The block of every vector of the codebook, each of weight 1 / D: float[B, h] to int64[B, D, K].

        Raises
        ------
        ValueError
            Without a codebook.
        ModelOutputError
            When the head gives NaN or infinity.
        """
        return self.ae_model.decode(_finite(self.mlp_generator.sample_codebook(state)))

    def block_law(self, state: Tensor) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """The exact law of the next block, by enumerating the codebook.

        Parameters
        ----------
        state : float[h]
            One state, as `hidden` gives it.

        Returns
        -------
        blocks : int64[S, K]
            The blocks of positive probability, sorted, each once.
        probs : float64[S]
            Their probabilities, multiples of 1 / D.

        Raises
        ------
        ValueError
            Without a codebook: continuous noise cannot be enumerated.
        ModelOutputError
            When the head gives NaN or infinity.
        """
        drawn = self.codebook_blocks(state[None])[0].cpu().numpy()  # [D, K]
        blocks, counts = np.unique(drawn, axis=0, return_counts=True)
        return blocks, counts / len(drawn)


def _llama_config(config: CalmConfig) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        intermediate_size=config.intermediate_size,
        num_hidden_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        num_key_value_heads=config.num_key_value_heads,
        max_position_embeddings=config.max_position_embeddings,
        rms_norm_eps=config.rms_norm_eps,
        rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
        pad_token_id=None,  # with one, its embedding would be held at zero
        bos_token_id=None,
        eos_token_id=None,
    )


def _finite(latents: Tensor) -> Tensor:
    """Refuse latents that are not finite: their argmax would be some block all the same."""
    if bool(torch.isfinite(latents).all()):
        return latents
    context, draw, _ = (~torch.isfinite(latents)).nonzero()[0].tolist()
    raise ModelOutputError(f"the generative head gave a latent that is not finite (context {context}, draw {draw})")
