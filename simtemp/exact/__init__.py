"""Known exactly over a known base: what the samplers cost, the law of the batch rules, how far laws are apart."""
