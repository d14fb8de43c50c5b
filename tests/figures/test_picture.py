import re

import pytest

from figures.picture import picture_format, render, save_picture
from figures.shapes import draw_shapes, shapes_data


@pytest.fixture(scope="module")
def data():
    return shapes_data(["two:0.8"], [1.0, 0.5])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_picture_is_the_same_file(data, kind):
    one, other = (render(draw_shapes(data), kind) for _ in range(2))
    assert one == other
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert one.startswith(starts[kind])


def test_an_svg_keeps_its_text_and_has_no_date(data):
    svg = render(draw_shapes(data), "svg").decode()
    assert re.search(r"<text[^>]*>category, most probable first</text>", svg)
    assert "dc:date" not in svg


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf", ".SVG"])
def test_a_file_has_the_format_of_its_ending(tmp_path, data, ending):
    path = save_picture(draw_shapes(data), tmp_path / f"a{ending}")
    assert path.stat().st_size > 1000
    assert [file.name for file in tmp_path.iterdir()] == [f"a{ending}"]


@pytest.mark.parametrize("name", ["a.gif", "a", "a.jpeg", ".png", "a.svg.gz", ""])
def test_other_endings_are_refused(name):
    with pytest.raises(ValueError, match=r"output must end in \.png, \.svg or \.pdf"):
        picture_format(name)
