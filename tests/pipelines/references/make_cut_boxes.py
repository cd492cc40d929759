"""Writes cut_boxes.json: rectangles as torchvision's CutMix finds them, written again by its formula.

Run with any Python; torchvision has it from 0.16 on, in `torchvision.transforms.v2.CutMix.make_params`:

    python3 tests/pipelines/references/make_cut_boxes.py
"""

import json
import math
import random
from pathlib import Path

random.seed(20261)


def clamp(value, least, most):
    return min(max(value, least), most)


def find_box(height, width, share, row, column):
    r = 0.5 * math.sqrt(1.0 - share)
    half_width = int(r * width)
    half_height = int(r * height)
    left = clamp(column - half_width, 0, width)
    right = clamp(column + half_width, 0, width)
    top = clamp(row - half_height, 0, height)
    bottom = clamp(row + half_height, 0, height)
    return [top, left, bottom - top, right - left]


def main():
    cases = []
    for height, width in ((1, 1), (2, 5), (28, 28), (32, 17), (224, 224)):
        for share in (0, 0.25, 0.5, 0.75, 1, *(random.random() for _ in range(12))):
            row, column = random.randrange(height), random.randrange(width)
            cases.append([height, width, share, row, column, find_box(height, width, share, row, column)])
    path = Path(__file__).with_name("cut_boxes.json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
