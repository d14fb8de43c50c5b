"""Storage with room: the same keys and values as the library's own layer, through growth and dropped sequences."""

import torch
from transformers import LlamaConfig
from transformers.cache_utils import DynamicLayer

from simtemp.adaptive.growing_cache import GrowingLayer, growing_cache


def test_it_is_the_layer_of_the_library() -> None:
    generator = torch.Generator().manual_seed(0)
    own, library, batch = GrowingLayer(), DynamicLayer(), 5
    for step in range(90):
        new = torch.randn(2, batch, 3, 7 if step == 0 else 1, 4, generator=generator)
        given = own.update(*new)
        expected = library.update(*new)
        assert all(torch.equal(one, other) for one, other in zip(given, expected, strict=True))
        assert own.get_seq_length() == library.get_seq_length() == 7 + step
        if step in (20, 21, 70):
            kept = torch.arange(1, batch)
            own.batch_select_indices(kept)
            library.batch_select_indices(kept)
            batch -= 1
        if step == 50:  # keys that were taken away are written over
            own.crop(-3)
            library.crop(-3)
            for layer in (own, library):
                layer.update(*torch.ones(2, batch, 3, 3, 4))


def test_most_steps_copy_nothing() -> None:
    layer = GrowingLayer()
    places = {layer.update(*torch.zeros(2, 1, 1, 1, 1))[0].data_ptr() for _ in range(60)}
    assert len(places) <= 2


def test_layers_of_another_kind_stay() -> None:
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8}
    config = LlamaConfig(**sizes, sliding_window=4, layer_types=["sliding_attention", "full_attention"])
    kinds = [type(layer) for layer in growing_cache(config).layers]
    assert kinds[1] is GrowingLayer
    assert kinds[0] is not GrowingLayer
