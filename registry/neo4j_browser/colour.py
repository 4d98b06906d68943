"""Colours by how bright, how strong and which hue they look, as sRGB for screens."""

from __future__ import annotations

import math
from dataclasses import dataclass

_CHROMA_STEP = 0.002
_TOLERANCE = 0.002
"""Less than half a step of eight bits where they are finest."""
_DARK = "#1F2933"
_LIGHT = "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in OKLCH, where equal steps look equal: ``lightness`` 0 to 1, ``chroma`` 0 to about 0.3, ``hue`` in
    degrees (Björn Ottosson, "A perceptual color space for image processing", 2020; CSS Color 4, section 9)."""

    lightness: float
    chroma: float
    hue: float

    def darker(self, step: float) -> Colour:
        """The same hue, less bright by ``step``."""
        return Colour(max(0.0, self.lightness - step), self.chroma, self.hue)

    def hexadecimal(self) -> str:
        """``#RRGGBB``; a colour that no screen has loses strength until one has it, and keeps its hue."""
        chroma = self.chroma
        channels = _linear(self.lightness, chroma, self.hue)
        while chroma > 0 and not all(-_TOLERANCE <= channel <= 1 + _TOLERANCE for channel in channels):
            chroma = max(0.0, chroma - _CHROMA_STEP)
            channels = _linear(self.lightness, chroma, self.hue)
        return "#" + "".join(f"{round(255 * _encoded(channel)):02X}" for channel in channels)


def text_on(background: str) -> str:
    """The colour of text on a background: dark or white, whichever is easier to read."""
    return max((_DARK, _LIGHT), key=lambda text: contrast(text, background))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"); text should have 4.5."""
    darker, brighter = sorted((_luminance(one), _luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_decoded(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    # The two matrices are those of the paper.
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encoded(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _decoded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
