"""Settles biases: finds values near the seeded ones with which no rectifier's input is near 0 in any of the steps, and inputs
for which no pool has two maxima near each other. Near is a few times what float32 differs from float64.

    /usr/bin/python3 tests/models/networks/_references/settle.py NAME …

Writes `settled.json`; then run `make_networks.py`.
"""

import json
import sys

import numpy as np
import torch
from torch import nn

from make_networks import HERE, NETWORKS, batch_of, load, train

# What is near, as a multiple of the largest difference between float32 and float64 in the same layer.
NEAR = 4

# How far the maxima of a window are from each other at least, in units of twice that difference.
APART = 0.4


def watch(net):
    """Records what goes into rectifiers, with the name of the bias that was added last, and into pools of maxima."""
    last, rectified, pooled = [None], [], []

    def name_last(name):
        return lambda *_: last.__setitem__(0, f"{name}.bias")

    for name, module in net.named_modules():
        if isinstance(module, (nn.Conv2d, nn.BatchNorm2d, nn.Linear)) and module.bias is not None:
            module.register_forward_hook(name_last(name))
        if isinstance(module, (nn.ReLU, nn.ReLU6)):
            module.inplace = False
            module.register_forward_pre_hook(lambda _, inputs: rectified.append((last[0], inputs[0].detach().double())))
        if isinstance(module, nn.MaxPool2d):
            module.register_forward_pre_hook(lambda pool, inputs: pooled.append((pool, inputs[0].detach().double())))
    return rectified, pooled


def run(name, number, biases, dtype, steps):
    build, classes, _, shape, _ = NETWORKS[name]
    net = load(build, dtype, biases)
    rectified, pooled = watch(net)
    train(net, *batch_of(f"input {number}", shape, classes, dtype), steps, quiet=True)
    return rectified, pooled


def rows(tensor):
    """The numbers of each channel."""
    return tensor.transpose(0, 1).flatten(1).numpy()


def group(rectified):
    """The numbers of each channel in all steps, by the name of the bias."""
    groups = {}
    for bias, tensor in rectified:
        groups.setdefault(bias, []).append(rows(tensor))
    return {bias: np.concatenate(each, 1) for bias, each in groups.items()}


def shift(values, near):
    """The smallest shift after which no value is near 0, or the middle of the widest gap around."""
    ordered = np.sort(values)
    low, high = ordered[:-1], ordered[1:]
    wide = high - low > 4 * near
    if not wide.any():
        around = np.abs(low + high) < 0.2
        widest = np.argmax(np.where(around, high - low, 0))
        return -(low[widest] + high[widest]) / 2
    # The zero goes where it is at least twice as far from both.
    points = np.clip(0, low[wide] + 2 * near, high[wide] - 2 * near)
    return -points[np.argmin(np.abs(points))]


def least_gap(single, double):
    """How near two maxima of a window are, as a multiple of the difference; equal zeros of a rectifier stay equal."""
    least = np.inf
    for (pool, x), (_, y) in zip(single, double):
        padded = nn.functional.pad(y, [pool.padding] * 4, value=-1e9)
        windows = padded.unfold(2, pool.kernel_size, pool.stride).unfold(3, pool.kernel_size, pool.stride).flatten(4)
        top = windows.topk(2, -1).values
        gaps = (top[..., 0] - top[..., 1])[top[..., 0] > 0]
        least = min(least, gaps.min().item() / (2 * (x - y).abs().max().item()))
    return least


def settle(name):
    build, _, _, _, steps = NETWORKS[name]
    for number in range(1, 100):
        single, pooled = run(name, number, {}, torch.float32, steps)
        double, exact = run(name, number, {}, torch.float64, steps)
        if pooled and least_gap(pooled, exact) < APART:
            continue
        # A sign that differs already makes later steps differ by more than rounding: the first step's tell more.
        first = {}
        for (bias, x), (_, y) in zip(single, double):
            first.setdefault(bias, (x - y).abs().max().item())
        near = {bias: NEAR * first[bias] for bias in first}
        biases, start = {}, load(build, torch.float64, {}).state_dict()
        for turn in range(60):
            groups = group(double)
            todo = {
                bias: [c for c, values in enumerate(each) if np.abs(values).min() < near[bias] * (1 if turn else 1.5)]
                for bias, each in groups.items()
            }
            left = sum(map(len, todo.values()))
            print(name, number, turn, left, "left", flush=True)
            if left == 0:
                break
            # What comes after the first layers is changed by them: a few at a time.
            for bias in [bias for bias in todo if todo[bias]][:6]:
                for channel in todo[bias]:
                    own = biases.setdefault(bias, {})
                    value = own.get(str(channel), start[bias][channel].item())
                    own[str(channel)] = float(f"{value + shift(groups[bias][channel], near[bias]):.6g}")
            double, exact = run(name, number, biases, torch.float64, steps)
        single, pooled = run(name, number, biases, torch.float32, steps)
        double, exact = run(name, number, biases, torch.float64, steps)
        error = max((x - y).abs().max().item() / first[bias] for (bias, x), (_, y) in zip(single, double))
        gap = least_gap(pooled, exact) if pooled else np.inf
        print(name, number, f"differs by up to {error:.1f} of the first; maxima {gap:.1f}", sum(map(len, biases.values())), "settled")
        if left == 0 and gap > APART and error < NEAR:
            return {"input": number, "biases": biases}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        settled = settle(name)
        path = HERE / "settled.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), name: settled}) + "\n")
