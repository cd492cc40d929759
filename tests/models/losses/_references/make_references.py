"""Writes the numbers that the tests of losses compare with, computed by PyTorch in float64.

    /usr/bin/python3 tests/models/losses/_references/make_references.py

Then `deno fmt` them. Made with PyTorch 1.13 on CPU. The tests need the file only, not PyTorch.
"""

import json
import pathlib

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)
torch.manual_seed(12)


def flat(tensor):
    """The elements as float32 numbers with no more digits than they need."""
    return [float(f"{v:.9g}") for v in tensor.detach().float().double().flatten().tolist()]


def rounded(tensor):
    """The numbers that float32 holds exactly."""
    return tensor.float().double()


def measured(output, loss):
    """The value of a loss and its gradient for the outputs."""
    (gradient,) = torch.autograd.grad(loss, output)
    return {
        "shape": list(output.shape),
        "output": flat(output),
        "loss": loss.item(),
        "gradient": flat(gradient),
    }


def cross_entropies():
    cases = []
    weights = [0.5, 2.0, 0.0, 1.25]
    for smoothing in [0.0, 0.1]:
        for weighted in [False, True]:
            options = {
                "labelSmoothing": smoothing,
                **({"classWeights": weights} if weighted else {}),
            }
            settings = {
                "label_smoothing": smoothing,
                "weight": torch.tensor(weights) if weighted else None,
            }
            logits = rounded(torch.randn(6, 4) * 3).requires_grad_()
            labels = torch.tensor([0, 3, 1, 2, 3, 0])
            loss = nn.CrossEntropyLoss(**settings)(logits, labels)
            cases.append({"options": options, "labels": labels.tolist(), **measured(logits, loss)})

            for ignored, labels in [(-100, [0, -100, 1, 2, -100, 3]), (1, [1, 0, 3, 1, 3, 0])]:
                loss = nn.CrossEntropyLoss(**settings, ignore_index=ignored)(
                    logits, torch.tensor(labels)
                )
                cases.append(
                    {
                        "options": {**options, "ignoredLabel": ignored},
                        "labels": labels,
                        **measured(logits, loss),
                    }
                )

            soft = rounded(torch.softmax(torch.randn(6, 4), 1))
            loss = nn.CrossEntropyLoss(**settings)(logits, soft)
            cases.append({"options": options, "soft": flat(soft), **measured(logits, loss)})

            pixels = rounded(torch.randn(2, 3, 2, 4)).requires_grad_()
            maps = torch.randint(0, 4, (2, 3, 2))
            loss = nn.CrossEntropyLoss(**settings)(pixels.permute(0, 3, 1, 2), maps)
            cases.append(
                {"options": options, "maps": maps.flatten().tolist(), **measured(pixels, loss)}
            )

    # Mixed as mixup's users do it, each example with a share of its own.
    for smoothing in [0.0, 0.2]:
        logits = rounded(torch.randn(5, 3)).requires_grad_()
        first, second = torch.tensor([0, 1, 2, 2, 1]), torch.tensor([1, 1, 0, 2, 0])
        share = rounded(torch.tensor([1.0, 0.7, 0.25, 0.0, 0.5]))
        each = nn.CrossEntropyLoss(reduction="none", label_smoothing=smoothing)
        loss = (share * each(logits, first) + (1 - share) * each(logits, second)).mean()
        cases.append(
            {
                "options": {"labelSmoothing": smoothing},
                "labels": first.tolist(),
                "mixed": second.tolist(),
                "weights": flat(share),
                **measured(logits, loss),
            }
        )
        loss = (share * each(logits, first)).sum() / share.sum()
        cases.append(
            {
                "options": {"labelSmoothing": smoothing},
                "labels": first.tolist(),
                "weights": flat(share),
                **measured(logits, loss),
            }
        )
    return cases


def regressions():
    cases = []
    for shape in [(7,), (5, 1), (4, 3), (2, 3, 2, 2)]:
        targets = rounded(torch.randn(*shape) * 2)
        outputs = rounded(torch.randn(*shape) * 2).requires_grad_()
        weights = rounded(torch.rand(shape[0]) * 2)
        for name, options, loss in [
            ("meanSquaredError", {}, nn.MSELoss),
            ("meanAbsoluteError", {}, nn.L1Loss),
            ("huber", {}, nn.HuberLoss),
            ("huber", {"delta": 0.3}, lambda **more: nn.HuberLoss(delta=0.3, **more)),
        ]:
            case = {"name": name, "options": options, "targets": flat(targets)}
            cases.append({**case, **measured(outputs, loss()(outputs, targets))})
            each = loss(reduction="none")(outputs, targets).reshape(shape[0], -1).mean(1)
            weighted = (each * weights).sum() / weights.sum()
            cases.append({**case, "weights": flat(weights), **measured(outputs, weighted)})
    return cases


def binary_cross_entropies():
    cases = []
    for shape in [(8,), (5, 3), (2, 2, 2, 3)]:
        logits = rounded(torch.randn(*shape) * 6).requires_grad_()
        targets = (torch.rand(*shape) < 0.4).double()
        soft = rounded(torch.rand(*shape))
        positive = [0.5, 3.0, 1.0]
        for numbers in [targets, soft]:
            for weight in [None, 2.5, positive]:
                if weight is positive and shape[-1] != 3:
                    continue
                loss = nn.BCEWithLogitsLoss(
                    pos_weight=None if weight is None else torch.tensor(weight)
                )(logits, numbers)
                cases.append(
                    {
                        "options": {} if weight is None else {"posWeight": weight},
                        "targets": flat(numbers),
                        **measured(logits, loss),
                    }
                )
    return cases


(HERE / "losses.json").write_text(
    json.dumps(
        {
            "crossEntropy": cross_entropies(),
            "regression": regressions(),
            "binaryCrossEntropy": binary_cross_entropies(),
        }
    )
    + "\n"
)
