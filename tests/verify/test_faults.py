"""The planted faults: each sampler has exactly the law that is stated for it.

Judged by the e-value and the certificate, with the stated law in the place of the target: 1e-6 for each fault.
"""

import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

import simtemp
from simtemp.batch_rules import plug_in_log_weight
from verify import log_e_value, tv_upper_bound
from verify.faults import GALLERY, Fault, batch, tables

KNOWN_LAW = [fault for fault in GALLERY if fault.exact is not None]
BY_NAME = {fault.name: fault for fault in GALLERY}


def named(faults):
    return pytest.mark.parametrize("fault", faults, ids=lambda fault: fault.name)


def test_there_are_enough_and_each_says_what_it_is() -> None:
    kinds = Counter(fault.kind for fault in GALLERY)
    assert kinds["law"] + kinds["dependence"] + kinds["cost"] >= 60
    assert kinds["none"] >= 10
    assert len(BY_NAME) == len(GALLERY)
    for fault in GALLERY:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.name), fault.name
        assert fault.mistake and not fault.mistake.endswith(".")
        assert fault.missed_by


@named(KNOWN_LAW)
def test_laws_are_laws(fault: Fault) -> None:
    assert fault.law.shape == (fault.base.size,)
    assert fault.law.min() >= 0
    assert fault.law.sum() == pytest.approx(1, abs=1e-12)
    if fault.kind == "law":
        assert fault.tv > 1e-4
    else:
        assert fault.tv == 0
    if "off by less than 0.01" in fault.mistake:
        assert fault.tv < 0.01


def test_few_faults_are_small() -> None:
    """Three by design: two say so themselves, one needs no distance because it hits a category of probability zero."""
    small = [fault.name for fault in GALLERY if fault.kind == "law" and fault.tv < 0.01]
    assert sorted(small) == ["exponent-1-percent-high-on-few", "modulo-bias-on-few", "uniform-that-is-zero"]


def counts_of(fault: Fault, n: int = 60_000):
    result = fault.sampler(n, np.random.default_rng(7))
    values = result[0] if isinstance(result, tuple) else result
    return np.bincount(values, minlength=fault.base.size)


@named(KNOWN_LAW)
def test_the_sampler_has_the_law_that_is_stated(fault: Fault) -> None:
    """The e-value of the counts under the stated law is below 1e6, and the certificate (1e-6) puts the sampler close to it:
    within 0.02 on ten categories, 0.04 on a thousand; 960,000 are too many for that."""
    size = fault.base.size
    n, closest = (60_000, 0.02) if size <= 10 else (120_000, 0.04) if size <= 1000 else (20_000, 1.0)
    counts = counts_of(fault, n)
    assert log_e_value(counts, fault.law) < np.log(1e6)
    assert tv_upper_bound(counts, fault.law, 1e-6) <= closest


def test_a_wrongly_stated_law_would_be_seen() -> None:
    """The test above is not empty: two mistakes in the coin with laws 0.02 apart, one's sampler against the other's law."""
    one, other = BY_NAME["capped-coin-accepts"], BY_NAME["capped-coin-rejects"]
    assert 0.01 < simtemp.total_variation(one.law, other.law) < 0.05
    assert log_e_value(counts_of(one), other.law) > np.log(1e6)


@named(GALLERY)
def test_samplers_keep_the_contract(fault: Fault) -> None:
    """Any size, category indices; the same generator gives the same outputs."""
    for size in (1, 3, 130):
        first, again = (fault.sampler(size, np.random.default_rng(5)) for _ in range(2))
        values = first[0] if isinstance(first, tuple) else first
        assert values.shape == (size,)
        assert values.dtype.kind in "iu"
        assert 0 <= values.min() <= values.max() < fault.base.size
        np.testing.assert_array_equal(first, again)
        if isinstance(first, tuple):
            assert first[1].shape == (size,)
            assert first[1].min() > 0


@named([fault for fault in GALLERY if fault.kind == "cost"])
def test_costs_are_wrong(fault: Fault) -> None:
    """The mean cost that is told is off by more than a fiftieth, three standard deviations of the mean."""
    _, draws = fault.sampler(20_000, np.random.default_rng(1))
    assert abs(draws.mean() / fault.expected_cost.mean - 1) > 0.02


def test_enumerated_laws_agree_with_the_exact_law_of_batch_rules() -> None:
    plug_in = simtemp.rule_law(batch.P, plug_in_log_weight(2.0, 10), 10)
    np.testing.assert_allclose(BY_NAME["powers-for-binomials"].law, plug_in, atol=1e-12)


def test_single_precision_law_is_that_of_the_sums() -> None:
    """The analysis by powers of two against the sums themselves: equal but for one addition, a tie that goes to even."""
    edges = tables._single_precision_edges().astype(np.float64)
    law = np.diff(edges, prepend=0.0)
    law[-1] += 1 - edges[-1]
    np.testing.assert_allclose(BY_NAME["single-precision-sums"].law, law, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_importing_the_gallery_compiles_and_loads_little() -> None:
    code = "import sys, verify.faults; print('numba' in sys.modules, 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
