"""Writes the numbers that the tests of optimizers compare with, computed by PyTorch in float64 and rounded to float32.

    /usr/bin/python3 tests/models/optimizers/_references/make_references.py

Made with PyTorch 1.13 on CPU. The tests need the file only, not PyTorch.
"""

import base64
import json
import pathlib

import torch
from torch import nn
from torch.optim import lr_scheduler as schedulers
from torch.optim.swa_utils import AveragedModel

STEPS = 20
torch.set_default_dtype(torch.float64)
torch.manual_seed(12)


def rounded(*shape):
    """Random numbers that float32 holds exactly."""
    return torch.randn(*shape).float().double()


def stored(tensors):
    """The elements of all tensors, one after the other, as little-endian float32 in base64."""
    flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
    return base64.b64encode(flat.float().numpy().astype("<f4").tobytes()).decode()


# Gradients of very different sizes, some of which are 0.
START = {"fc.weight": rounded(3, 5), "fc.bias": rounded(5)}
GRADIENTS = [
    {name: (tensor := rounded(*value.shape)) * (tensor.abs() > 0.1) * scale for name, value in START.items()}
    for scale in [[0.25, 1, 4, 0.0625][step % 4] for step in range(STEPS)]
]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(5, 3)
        for name, value in START.items():
            parameter = nn.Parameter(value.clone())
            setattr(self.fc, name.split(".")[1], parameter)


def run(make, *, schedule=None, clip=None, weights=None, average=None, frozen=()):
    """The parameters after each step. With weights so many batches make a step, of sums that have these weights."""
    model = Model()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name not in frozen)
    optimizer = make(model)
    scheduler = schedule and schedule(optimizer)
    averaged = average and AveragedModel(
        model, avg_fn=lambda mean, new, _: average * mean + (1 - average) * new
    )
    batches = len(weights) if weights else 1
    after, means = [], []
    for step in range(STEPS):
        for name, parameter in model.named_parameters():
            if name in frozen:
                continue
            parts = [GRADIENTS[(step * batches + i) % STEPS][name] for i in range(batches)]
            parameter.grad = sum(parts) / (sum(weights) if weights else 1)
        parameters = [p for p in model.parameters() if p.requires_grad]
        if clip and "norm" in clip:
            nn.utils.clip_grad_norm_(parameters, clip["norm"])
        elif clip:
            nn.utils.clip_grad_value_(parameters, clip["value"])
        optimizer.step()
        if scheduler:
            scheduler.step()
        if averaged:
            averaged.update_parameters(model)
            means.append(stored(averaged.module.state_dict()[name] for name in START))
        after.append(stored(model.state_dict()[name] for name in START))
    return {"after": after, **({"average": means} if averaged else {})}


CASES = []


def add(name, options, make, pieces=None, **settings):
    CASES.append({"optimizer": name, "options": options, "pieces": pieces or {}, **run(make, **settings)})


def plain(name, kind, ours, **theirs):
    """An optimizer alone; then with weight decay, which is an option of the same name in both."""
    add(name, ours, lambda model: kind(model.parameters(), **theirs))
    if kind is not torch.optim.AdamW:
        add(
            name,
            ours,
            lambda model: kind(model.parameters(), **theirs, weight_decay=0.1),
            {"weightDecay": [0.1]},
        )


optim = torch.optim
for ours, theirs in [
    ({"learningRate": 0.1}, {}),
    ({"learningRate": 0.1, "momentum": 0.9}, {"momentum": 0.9}),
    ({"learningRate": 0.1, "momentum": 0.9, "dampening": 0.3}, {"momentum": 0.9, "dampening": 0.3}),
    ({"learningRate": 0.1, "momentum": 0.8, "nesterov": True}, {"momentum": 0.8, "nesterov": True}),
]:
    plain("sgd", optim.SGD, ours, lr=0.1, **theirs)
plain("adam", optim.Adam, {})
plain("adam", optim.Adam, {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
      lr=0.1, betas=(0.8, 0.95), eps=1e-3)
plain("adam", optim.Adam, {"learningRate": 0.1, "beta2": 0.5, "amsgrad": True}, lr=0.1, betas=(0.9, 0.5), amsgrad=True)
plain("adamw", optim.AdamW, {})
plain("adamw", optim.AdamW, {"learningRate": 0.1, "weightDecay": 0.2}, lr=0.1, weight_decay=0.2)
plain("adamw", optim.AdamW, {"learningRate": 0.1, "beta2": 0.5, "amsgrad": True}, lr=0.1, betas=(0.9, 0.5), amsgrad=True)
plain("rmsprop", optim.RMSprop, {})
plain("rmsprop", optim.RMSprop, {"alpha": 0.9, "centered": True}, alpha=0.9, centered=True)
plain("rmsprop", optim.RMSprop, {"momentum": 0.9}, momentum=0.9)
plain("rmsprop", optim.RMSprop, {"centered": True, "momentum": 0.5, "epsilon": 1e-2}, centered=True, momentum=0.5, eps=1e-2)
plain("adagrad", optim.Adagrad, {})
plain("adagrad", optim.Adagrad, {"learningRate": 0.1, "learningRateDecay": 0.1, "initialSum": 0.5},
      lr=0.1, lr_decay=0.1, initial_accumulator_value=0.5)
plain("adadelta", optim.Adadelta, {})
plain("adadelta", optim.Adadelta, {"learningRate": 0.5, "rho": 0.7, "epsilon": 1e-3}, lr=0.5, rho=0.7, eps=1e-3)

adam = {"learningRate": 0.1}
adam_of = lambda model: optim.Adam(model.parameters(), lr=0.1)
sgd = {"learningRate": 0.1, "momentum": 0.9}
sgd_of = lambda model: optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
add("sgd", sgd, sgd_of, {"clipByGlobalNorm": [1.5]}, clip={"norm": 1.5})
add("sgd", sgd, sgd_of, {"clipByValue": [0.5]}, clip={"value": 0.5})
add("sgd", sgd, sgd_of, {"averaged": [0.9]}, average=0.9)
add("adam", adam, adam_of, {"accumulate": [3], "weights": [2, 1, 5]}, weights=[2, 1, 5])
add("sgd", sgd, lambda model: optim.SGD([model.fc.weight], lr=0.1, momentum=0.9), {"frozen": ["*.bias"]}, frozen=["fc.bias"])
add(
    "adamw",
    {"learningRate": 0.1},
    lambda model: optim.AdamW([
        {"params": [model.fc.weight], "weight_decay": 0.01},
        {"params": [model.fc.bias], "weight_decay": 0, "lr": 0.5},
    ], lr=0.1),
    {"byName": [[{"names": ["*.bias"], "weightDecay": 0, "learningRate": 5}]]},
)
# All at once.
add(
    "adam",
    {"learningRate": 0.1, "amsgrad": True},
    lambda model: optim.Adam([
        {"params": [model.fc.weight], "weight_decay": 0.1},
        {"params": [model.fc.bias], "weight_decay": 0},
    ], lr=0.1, amsgrad=True),
    {
        "averaged": [0.8],
        "byName": [[{"names": ["*.bias"], "weightDecay": 0}]],
        "clipByGlobalNorm": [0.3],
        "weightDecay": [0.1],
        "accumulate": [2],
        "weights": [3, 4],
    },
    clip={"norm": 0.3},
    weights=[3, 4],
    average=0.8,
)

SCHEDULES = []


def schedule(name, options, make, steps=STEPS, warm=None):
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = optim.SGD([parameter], lr=options["peak"])
    scheduler = make(optimizer)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(values) < steps:
            scheduler.step()
    SCHEDULES.append({"schedule": name, "options": options, "values": values, **({"warmup": warm} if warm else {})})


schedule("constant", {"peak": 0.3}, lambda o: schedulers.ConstantLR(o, 1))
schedule("stepDecay", {"peak": 0.3, "every": 3, "factor": 0.5}, lambda o: schedulers.StepLR(o, 3, 0.5))
schedule("stepDecay", {"peak": 0.3, "every": 7}, lambda o: schedulers.StepLR(o, 7))
schedule("exponentialDecay", {"peak": 0.3, "factor": 0.9}, lambda o: schedulers.ExponentialLR(o, 0.9))
schedule("cosineDecay", {"peak": 0.3, "steps": 19}, lambda o: schedulers.CosineAnnealingLR(o, 19))
schedule("cosineDecay", {"peak": 0.3, "steps": 25, "end": 0.1}, lambda o: schedulers.CosineAnnealingLR(o, 25, 0.1))
schedule("cosineRestarts", {"peak": 0.3, "steps": 4}, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 4))
schedule("cosineRestarts", {"peak": 0.3, "steps": 3, "factor": 2, "end": 0.01},
         lambda o: schedulers.CosineAnnealingWarmRestarts(o, 3, 2, 0.01), 40)
schedule("oneCycle", {"peak": 0.3, "steps": 20}, lambda o: schedulers.OneCycleLR(o, 0.3, 20))
schedule("oneCycle", {"peak": 0.3, "steps": 15, "rise": 0.45, "startDivisor": 10, "endDivisor": 100, "shape": "linear"},
         lambda o: schedulers.OneCycleLR(o, 0.3, 15, pct_start=0.45, div_factor=10, final_div_factor=100, anneal_strategy="linear"), 15)
schedule("polynomialDecay", {"peak": 0.3, "steps": 15}, lambda o: schedulers.PolynomialLR(o, 15))
schedule("polynomialDecay", {"peak": 0.3, "steps": 30, "power": 2.5}, lambda o: schedulers.PolynomialLR(o, 30, 2.5))
schedule("cosineDecay", {"peak": 0.3, "steps": 16}, lambda o: schedulers.SequentialLR(o, [
    schedulers.LinearLR(o, total_iters=4), schedulers.CosineAnnealingLR(o, 16)], [4]), warm={"steps": 4})
schedule("stepDecay", {"peak": 0.3, "every": 5}, lambda o: schedulers.SequentialLR(o, [
    schedulers.LinearLR(o, 0.01, total_iters=6), schedulers.StepLR(o, 5)], [6]), warm={"steps": 6, "start": 0.01})

here = pathlib.Path(__file__).parent
values = {
    "shapes": {name: list(tensor.shape) for name, tensor in START.items()},
    "start": stored(START.values()),
    "gradients": [stored(gradients.values()) for gradients in GRADIENTS],
    "cases": CASES,
    "schedules": SCHEDULES,
}
(here / "optimizers.json").write_text(json.dumps(values) + "\n")
