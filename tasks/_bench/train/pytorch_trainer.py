"""The chapter's AlexNet in PyTorch, to be trained and measured by bench.ts.

Arguments: side, batch size, and cpu, cuda-float32 (without TF32) or cuda (with PyTorch's defaults). Prints what it is made
of as JSON, then for each line on standard input makes as many training steps as it says and prints what they took.
"""

import json
import resource
import sys
import time

import torch
from torch import nn


def alexnet(side):
    """As the chapter builds it, for any side from 67 on."""
    conv = nn.Sequential(
        nn.Conv2d(1, 96, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten())
    features = conv(torch.zeros(1, 1, side, side)).shape[1]
    return nn.Sequential(
        conv,
        nn.Linear(features, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 10))


def library():
    """Names the library that multiplies on the CPU, which makes a difference of ten times."""
    try:
        with open("/proc/self/maps") as maps:
            loaded = maps.read()
    except OSError:
        return ""
    names = {"mkl": "MKL", "openblas": "OpenBLAS", "blis": "BLIS", "libblas": "the reference BLAS"}
    return next((f", {name}" for key, name in names.items() if key in loaded), "")


def main():
    side, size, mode = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if mode == "cuda-float32":
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    device = torch.device("cpu" if mode == "cpu" else "cuda")
    threads = torch.get_num_threads()
    where = f"{threads} thread{'s'[:threads != 1]} of its own{library()}" if mode == "cpu" else torch.cuda.get_device_name()
    torch.manual_seed(0)
    net = alexnet(side).to(device)
    net.train()
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    batches = [(torch.rand(size, 1, side, side), torch.arange(size) % 10) for _ in range(2)]
    print(json.dumps({"about": f"PyTorch {torch.__version__}, {where}", "cuda": torch.cuda.is_available()}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        first = None
        for step in range(int(line)):
            images, labels = batches[step % 2]
            images, labels = images.to(device), labels.to(device)
            logits = net(images)
            loss = loss_of(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # The chapter adds these up at each step, which waits for the device.
            value, _ = float(loss), float((logits.argmax(1) == labels).sum())
            first = value if first is None else first
        if mode != "cpu":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        unit = 1 if sys.platform == "darwin" else 1024
        print(json.dumps({"seconds": seconds, "loss": first, "peakRss": peak * unit}), flush=True)


main()
