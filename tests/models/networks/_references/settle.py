"""Settles biases: finds values near the seeded ones with which no rectifier's input is near 0 in any of the steps, and inputs
for which no pool has two maxima near each other. Near is a few times what float32 differs from float64.

    /usr/bin/python3 tests/models/networks/_references/settle.py NAME …

Writes `settled.json`; then run `make_networks.py`.
"""

import json
import sys
from unittest import mock

import numpy as np
import torch
from torch import nn

from make_networks import HERE, NETWORKS, batch_of, load, train

# What is near, as a multiple of the largest difference between float32 and float64 in the same layer.
NEAR = 4

# How often biases are moved for one input.
TURNS = 500

# Of how many layers before a pool weights are changed to have other maxima.
WINDOW = 12

# How far the maxima of a window are from each other at least, in units of twice that difference.
APART = 0.4


def run(name, number, biases, dtype, steps):
    """
    Trains, and records what goes into rectifiers, with the name of the bias that was added last, and into pools of maxima: each with
    the number of rectifiers before it in a step.
    """
    _, classes, _, shape, _ = NETWORKS[name]
    net = load(name, dtype, biases)
    last, rectified, pooled = [None], [], []

    def name_last(name):
        return lambda *_: last.__setitem__(0, f"{name}.bias")

    def watch(function):
        """Watches a function, as layers call it and as some networks do themselves."""

        def rectify(x, *options, **_):
            rectified.append((last[0], x.detach().double()))
            return function(x, *options)

        return mock.patch.object(nn.functional, function.__name__, rectify)

    def pool(name):
        return lambda pool, inputs: pooled.append((name, len(dict(rectified)), pool, inputs[0].detach().double()))

    for name, module in net.named_modules():
        if isinstance(module, (nn.Conv2d, nn.BatchNorm2d, nn.Linear)) and module.bias is not None:
            module.register_forward_hook(name_last(name))
        if isinstance(module, nn.MaxPool2d):
            module.register_forward_pre_hook(pool(name))
    with watch(nn.functional.relu), watch(nn.functional.hardtanh):
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


def find_gap(pool, x):
    """How near two maxima of a window are. Equal ones stay equal: zeros of a rectifier, and what a pool before took from windows
    that overlap, which is one number."""
    padded = nn.functional.pad(x, [pool.padding] * 4, value=-1e9)
    windows = padded.unfold(2, pool.kernel_size, pool.stride).unfold(3, pool.kernel_size, pool.stride).flatten(4)
    top = windows.max(-1, keepdim=True).values
    gaps = (top - windows.masked_fill(windows == top, -1e9).max(-1, keepdim=True).values)[top > 0]
    return gaps.min().item() if gaps.numel() > 0 else np.inf


def find_first_tie(pooled, apart):
    """How many rectifiers come before the first pool that has two maxima near each other, if there is one."""
    return next((before for name, before, pool, x in pooled if find_gap(pool, x) < apart[name]), None)


def least_gap(single, double):
    """How near two maxima are in any pool, as a multiple of twice the difference."""
    return min((
        find_gap(pool, y) / (2 * (x - y).abs().max().item())
        for (*_, x), (_, _, pool, y) in zip(single, double)
    ), default=np.inf)


def settle(name):
    *_, steps = NETWORKS[name]
    for number in range(1, 100):
        single, pooled = run(name, number, {}, torch.float32, steps)
        double, exact = run(name, number, {}, torch.float64, steps)
        # A sign that differs already makes later steps differ by more than rounding: the first step's tell more.
        first, apart = {}, {}
        for (bias, x), (_, y) in zip(single, double):
            first.setdefault(bias, (x - y).abs().max().item())
        for (pool, *_, x), (*_, y) in zip(pooled, exact):
            apart.setdefault(pool, 1.5 * APART * 2 * (x - y).abs().max().item())
        near = {bias: NEAR * first[bias] for bias in first}
        biases, start = {}, load(name, torch.float64, {}).state_dict()
        generator = np.random.default_rng(number)

        def move(name, index, by):
            own = biases.setdefault(name, {})
            value = own.get(str(index), start[name].flatten()[index].item())
            own[str(index)] = float(f"{value + by:.6g}")

        for turn in range(TURNS):
            groups = group(double)
            todo = {
                bias: [c for c, values in enumerate(each) if np.abs(values).min() < near[bias] * (1 if turn else 1.5)]
                for bias, each in groups.items()
            }
            left = sum(map(len, todo.values()))
            tie = find_first_tie(exact, apart)
            print(name, number, turn, left, "left; first tie behind", tie, flush=True)
            if left == 0 and tie is None:
                break
            # What comes after the first layers is changed by them: a few at a time, and none behind a tie.
            for bias in [bias for bias in list(groups)[:tie] if todo[bias]][:6]:
                for channel in todo[bias]:
                    move(bias, channel, shift(groups[bias][channel], near[bias]))
            if tie is not None and not any(todo[bias] for bias in list(groups)[:tie]):
                # Other numbers: one of the weights before it becomes another one. A bias would mostly move both maxima alike.
                weight = generator.choice(list(groups)[max(0, tie - WINDOW):tie]).replace(".bias", ".weight")
                move(weight, generator.integers(start[weight].numel()), generator.choice([-0.05, 0.05]))
            double, exact = run(name, number, biases, torch.float64, steps)
        single, pooled = run(name, number, biases, torch.float32, steps)
        double, exact = run(name, number, biases, torch.float64, steps)
        error = max((x - y).abs().max().item() / first[bias] for (bias, x), (_, y) in zip(single, double))
        gap = least_gap(pooled, exact)
        print(name, number, f"differs by up to {error:.1f} of the first; maxima {gap:.1f}", sum(map(len, biases.values())), "settled")
        if left == 0 and tie is None and gap > APART and error < NEAR:
            return {"input": number, "biases": biases}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        settled = settle(name)
        path = HERE / "settled.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), name: settled}) + "\n")
