import re

import pytest

from figures.picture import render
from figures.report.theme import colour_rules, dark_colour, readable_colour, themed_svg
from figures.shapes import draw_shapes, shapes_data
from figures.style import BASE_COLOURS, FAINT, INK, METHOD_COLOURS, PAPER


def test_greys_are_turned_around_and_keep_their_order():
    greys = ["#000000", INK, "#5f6b7a", "#98a2b3", "#e3e7ed", PAPER]
    bright = [sum(int(dark_colour(grey)[i : i + 2], 16) for i in (1, 3, 5)) for grey in greys]
    assert bright == sorted(bright, reverse=True)


def test_colours_that_are_light_already_stay():
    assert dark_colour("#ffcc00") == "#ffcc00"


def test_a_picture_becomes_part_of_a_page():
    svg, colours = themed_svg(render(draw_shapes(shapes_data(["peaked9", "zipf:50,1"])), "svg").decode(), "first")
    assert svg.startswith("<svg ")
    assert "max-width" in svg.split(">", 1)[0]
    assert "http" not in svg
    assert not re.search(r"#[0-9a-f]{6}", svg)
    used = set(re.findall(r"var\(--([ct]-[0-9a-f]{6})\)", svg))
    assert used == set(colours)
    assert not re.search(r"<text[^>]*--c-", svg)
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert ids
    assert all(name.startswith("first-") for name in ids)
    for target in re.findall(r'(?:href="#|url\(#)([^")]*)', svg):
        assert target in ids


def test_every_colour_has_its_two_values():
    light, dark = colour_rules({"c-1d2530": ("#1d2530", "#ffffff"), "t-c2352b": ("#c2352b", "#ff8877")})
    assert light == "--c-1d2530:#1d2530;--t-c2352b:#c2352b"
    assert dark == "--c-1d2530:#ffffff;--t-c2352b:#ff8877"


@pytest.mark.parametrize("colour", [*BASE_COLOURS, *METHOD_COLOURS.values(), FAINT, "#ffcc00"])
def test_text_has_the_contrast_it_needs_on_both_papers(colour):
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), and colours of lines stay as they are."""

    def luminance(text):
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert 1.05 / (luminance(readable_colour(colour)) + 0.05) >= 4.5
    if colour != FAINT:  # of axes and their ticks
        assert (luminance(dark_colour(colour)) + 0.05) / (luminance(dark_colour(PAPER)) + 0.05) >= 4.5
