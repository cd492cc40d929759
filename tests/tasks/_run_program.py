"""Runs a program that loads a network in PyTorch, as `deno task export --pytorch` prints it, and predicts with it.

Arguments: the program; a file of images, bytes in the order NCHW; and their shape. Prints the predictions as JSON.
"""
import contextlib
import json
import runpy
import sys

import numpy
import torch

program, images, *shape = sys.argv[1:]
with contextlib.redirect_stdout(sys.stderr):
    module = runpy.run_path(program)
pixels = numpy.fromfile(images, dtype=numpy.uint8).reshape([int(size) for size in shape])
print(json.dumps(module["predict"](module["prepare"](torch.from_numpy(pixels))).tolist()))
