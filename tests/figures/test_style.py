import itertools

import numpy as np
import pytest

from figures import style
from figures.report.theme import _to_oklab, dark_colour
from simtemp import SUITE

# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


def linear(colour):
    encoded = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def seen(colour, kind):
    rgb = np.clip(np.asarray(BLINDNESS[kind]) @ linear(colour), 0, 1)
    encoded = np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055)
    return _to_oklab("#" + "".join(f"{round(255 * x):02x}" for x in encoded))


def contrast(one, other):
    bright, dim = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("kind", BLINDNESS)
def test_the_colours_of_bases_stay_apart_for_colour_blind_readers(kind):
    gaps = [np.linalg.norm(seen(a, kind) - seen(b, kind)) for a, b in itertools.combinations(style.BASE_COLOURS, 2)]
    assert min(gaps) > 0.04  # OKLab: a difference of 0.02 is just visible


def test_two_colours_that_only_differ_in_red_and_green_would_be_caught():
    assert np.linalg.norm(seen("#8a8a00", "deuteranopia") - seen("#b07d00", "deuteranopia")) < 0.04


@pytest.mark.parametrize("colour", [*style.BASE_COLOURS, *style.METHOD_COLOURS.values(), style.INK, style.MUTED])
def test_lines_and_text_can_be_seen_on_light_and_on_dark_paper(colour):
    needed = 4.5 if colour in (style.INK, style.MUTED) else 2.5
    assert contrast(colour, style.PAPER) >= needed
    assert contrast(dark_colour(colour), dark_colour(style.PAPER)) >= needed


def test_a_base_has_the_same_colour_in_every_picture():
    alone = style.base_styles(["near"])["near"]
    assert style.base_styles([*SUITE, "text"])["near"] == alone
    assert style.base_styles(["zipf:5,1", "near"])["near"] == alone


def test_bases_outside_the_suite_take_colours_that_are_free():
    styles = style.base_styles(["zipf:5,1", "near", "uniform:3", "text"])
    assert len({colour for colour, _ in styles.values()}) == len({marker for _, marker in styles.values()}) == 4


def test_more_bases_than_colours_still_get_one():
    assert len(style.base_styles([f"uniform:{k}" for k in range(2, 14)])) == 12


def test_temperature_colours_pass_through_their_anchors():
    for heat, colour in style._HEAT:
        assert style.temperature_colour(heat) == colour


def test_temperature_colour_is_between_its_anchors():
    between = style.temperature_colour(0.3)
    assert between not in (style.temperature_colour(0.2), style.temperature_colour(0.5))
    with pytest.raises(ValueError, match="temperature"):
        style.temperature_colour(-1)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (0.1, "T = 0.1"),
        (1 / 3, "T = 1/3"),
        (1 / 7, "T = 1/7"),
        (float("inf"), "T = ∞"),
        (0.0, "T = 0"),
        (2.0, "T = 2"),
        (0.7, "T = 0.7"),
    ],
)
def test_temperature_name(value, name):
    assert style.temperature_name(value) == name


def test_settings_are_given_back():
    import matplotlib

    before = matplotlib.rcParams["svg.hashsalt"]
    with style.look():
        assert matplotlib.rcParams["svg.hashsalt"] == "simtemp"
    assert matplotlib.rcParams["svg.hashsalt"] == before
