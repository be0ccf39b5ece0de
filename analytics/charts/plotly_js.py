"""The plotly.js that ships in the plotly package, compressed once for serving.

plotly.js adds style elements to a page, which a strict Content-Security-Policy
forbids. It leaves that be where an element with the style's id is there already, so
the ids are part of what this module gives: ``GLOBAL_STYLE_ID`` (on the link to our
own copy of the few rules that our charts need, with the class ``no-inline-styles``)
and ``map_style_id`` (of the maps, which we do not draw).
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

GLOBAL_STYLE_ID = "plotly.js-style-global"
_VERSION = re.compile(rb"plotly\.js v([0-9][0-9A-Za-z.+-]*)")
_MAP_STYLE = re.compile(
    rb'getElementById\("([0-9a-f]{64})"\)\)\{var \w+=document\.createElement\("style"\)'
)


@dataclass(frozen=True, slots=True)
class PlotlyJs:
    """The script: its version with a digest, its gzip bytes, the id of map styles."""

    version: str
    compressed: bytes
    map_style_id: str

    def plain(self) -> bytes:
        """Return the script for the rare client that takes no gzip."""
        return gzip.decompress(self.compressed)


@cache
def plotly_js() -> PlotlyJs:
    """Return plotly.js (1.5 MB compressed, about a third of a second, once)."""
    script = (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    version = _VERSION.search(script[:400])
    style = _MAP_STYLE.search(script)
    digest = sha256(script).hexdigest()[:8]
    return PlotlyJs(
        version=f"{version[1].decode() if version else 'js'}-{digest}",
        compressed=gzip.compress(script, 6, mtime=0),
        map_style_id=style[1].decode() if style else "",
    )
