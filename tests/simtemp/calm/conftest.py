"""Tests of the language model use one thread, so that workers do not fight for cores."""

import torch

torch.set_num_threads(1)
