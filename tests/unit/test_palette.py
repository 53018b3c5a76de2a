"""The colours of all outputs, measured: contrast, and what colour-blind readers see."""

import subprocess
import sys
from itertools import combinations

import numpy as np

from togglframe.text.palette import DARK, LIGHT, contrast

STATES = ("over", "at_risk", "within", "not_billable", "forecast", "unknown")

# Machado, Oliveira and Fernandes 2009, complete deficiency, on linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(color):
    channels = np.array([int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    x, y, z = TO_XYZ @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def distance(one, other, vision):
    seen = [lab(VISIONS[vision] @ linear(color)) for color in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_all_readers_can_tell_states_and_categories_apart(subtests):
    for palette in (LIGHT, DARK):
        states = {name: getattr(palette, name).fill for name in STATES}
        categories = dict(enumerate((*palette.categories, palette.others)))
        assert len(palette.categories) == 5
        for colors in (states, categories):
            for one, other in combinations(colors, 2):
                with subtests.test(palette.name, one=one, other=other):
                    for vision in VISIONS:
                        assert distance(colors[one], colors[other], vision) >= 20, vision


def test_texts_and_marks_stand_out_from_their_background(subtests):
    for palette in (LIGHT, DARK):
        for name in STATES:
            with subtests.test(palette.name, state=name):
                tone = getattr(palette, name)
                assert contrast(tone.text, palette.surface) >= 4.5
                outlined = tone.text if tone.hatch else tone.fill
                assert max(contrast(tone.fill, palette.surface),
                           contrast(outlined, palette.surface)) >= 3  # fmt: skip
        assert contrast(palette.text, palette.surface) >= 7
        assert contrast(palette.muted, palette.surface) >= 4.5


def test_contrast_is_that_of_wcag():
    assert round(contrast("#FFFFFF", "#000000"), 6) == 21
    assert round(contrast("#777777", "#FFFFFF"), 2) == 4.48


def test_no_state_is_pure_red_and_only_within_and_not_billable_are_plain():
    for palette in (LIGHT, DARK):
        tones = {name: getattr(palette, name) for name in STATES}
        for tone in tones.values():
            for color in (tone.fill, tone.text):
                assert (linear(color)[1:] > 0.02).any()
        hatches = [tone.hatch for tone in tones.values() if tone.hatch]
        assert len(set(hatches)) == len(hatches) == 4
        assert not tones["within"].hatch + tones["not_billable"].hatch


def test_the_palette_needs_no_matplotlib():
    code = "import sys, togglframe.text.palette; print('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
