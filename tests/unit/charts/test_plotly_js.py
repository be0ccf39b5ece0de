"""plotly.js from the package: versioned, compressed once, its styles known."""

from __future__ import annotations

import re

from analytics.charts.plotly_js import GLOBAL_STYLE_ID, plotly_js


def test_the_script_is_the_packages_and_its_version_is_in_its_name() -> None:
    script = plotly_js()
    assert script.plain()[:400].count(script.version.split("-")[0].encode()) == 1
    assert len(script.compressed) < len(script.plain()) / 2


def test_the_script_is_compressed_once() -> None:
    assert plotly_js() is plotly_js()


def test_the_ids_that_keep_it_from_adding_styles_are_the_ones_it_looks_for() -> None:
    script = plotly_js()
    plain = script.plain().decode()
    assert re.fullmatch("[0-9a-f]{64}", script.map_style_id)
    assert f'getElementById("{script.map_style_id}")' in plain
    prefix = GLOBAL_STYLE_ID.removesuffix("global")
    assert f'"{prefix}"' in plain
    assert ".no-inline-styles" in plain
