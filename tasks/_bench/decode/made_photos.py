"""Pictures for benchmarks, with colors that vary as those of photos do."""

import numpy as np
from PIL import Image


def photo(random, height, width):
    """The less they vary, the finer; with a little noise."""
    y, x = np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij")
    scale = 1 / np.maximum(np.hypot(y, x), 1 / max(height, width))
    layers = [np.fft.irfft2(np.fft.rfft2(random.standard_normal((height, width))) * scale, (height, width)) for _ in range(3)]
    light, *colors = [layer / layer.std() for layer in layers]
    shades = np.stack([light * 55 + color * 18 for color in (colors[0], -colors[0] / 2, colors[1])], 2)
    return Image.fromarray((shades + 128 + random.normal(0, 2, shades.shape)).clip(0, 255).astype(np.uint8))
