"""Networks of ten classes in PyTorch, the chapter's AlexNet and others, to be trained and measured by bench_train.ts.

Arguments: network, channels, side, batch size, cpu, cuda-float32 (without TF32) or cuda (with PyTorch's defaults), and the environment's
variables that it is to tell of. Prints what it is made of as JSON, then for each line on standard input makes as many training steps as it says
and prints what they took; for the line "product" it multiplies matrices of 1024 x 1024 and prints the rate.
"""

import json
import os
import resource
import sys
import time

import torch
from torch import nn


def alexnet(side, channels):
    """As the chapter builds it, for any side from 67 on."""
    conv = nn.Sequential(
        nn.Conv2d(channels, 96, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten())
    features = conv(torch.zeros(1, channels, side, side)).shape[1]
    return nn.Sequential(
        conv,
        nn.Linear(features, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 10))


def lenet(side, channels, activation=nn.Sigmoid):
    """As Dive into Deep Learning builds it, for any side from 12 on."""
    conv = nn.Sequential(
        nn.Conv2d(channels, 6, 5, padding=2), activation(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), activation(), nn.AvgPool2d(2),
        nn.Flatten())
    features = conv(torch.zeros(1, channels, side, side)).shape[1]
    return nn.Sequential(
        conv, nn.Linear(features, 120), activation(), nn.Linear(120, 84), activation(), nn.Linear(84, 10))


def alexnet2012(side, channels):
    """The original, in two groups; the paper's alpha isn't divided by the number of channels, as PyTorch's is."""
    norm = lambda: nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)
    conv = nn.Sequential(
        nn.Conv2d(channels, 96, 11, 4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, 1, 2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, 1, 1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, 1, 1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten())
    features = conv(torch.zeros(1, channels, side, side)).shape[1]
    return nn.Sequential(
        conv,
        nn.Linear(features, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 10))


def of_torchvision(name, **options):
    """torchvision's, with a first convolution for the channels."""
    def make(side, channels):
        import torchvision
        net = getattr(torchvision.models, name)(num_classes=10, **options)
        if channels != 3:
            first, conv = next((n, m) for n, m in net.named_modules() if isinstance(m, nn.Conv2d))
            parent, _, last = first.rpartition(".")
            window = conv.kernel_size, conv.stride, conv.padding
            other = nn.Conv2d(channels, conv.out_channels, *window, bias=conv.bias is not None)
            setattr(net.get_submodule(parent), last, other)
        return net
    return make


def nin(side, channels):
    """As Dive into Deep Learning builds it, for any side from 67 on."""
    block = lambda inputs, filters, *window: [
        nn.Conv2d(inputs, filters, *window), nn.ReLU(),
        nn.Conv2d(filters, filters, 1), nn.ReLU(), nn.Conv2d(filters, filters, 1), nn.ReLU()]
    return nn.Sequential(
        *block(channels, 96, 11, 4, 0), nn.MaxPool2d(3, 2), *block(96, 256, 5, 1, 2), nn.MaxPool2d(3, 2),
        *block(256, 384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(0.5), *block(384, 10, 3, 1, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Residual(nn.Module):
    """What goes in, added to what comes out."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


def resnet8(side, channels, filters=32):
    """A small residual network, for any side from 8 on."""
    def convolve(inputs, outputs, *pool):
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return [conv, *pool, nn.BatchNorm2d(outputs), nn.ReLU()]

    def residual(filters):
        return Residual(nn.Sequential(*convolve(filters, filters), *convolve(filters, filters)))

    return nn.Sequential(
        *convolve(channels, filters, nn.MaxPool2d(2)),
        *convolve(filters, 2 * filters, nn.MaxPool2d(2)), residual(2 * filters),
        *convolve(2 * filters, 4 * filters, nn.MaxPool2d(2)), residual(4 * filters),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * filters, 10))


NETWORKS = {
    "alexnet": alexnet,
    "alexnet2012": alexnet2012,
    "lenet": lenet,
    "lenet-relu": lambda side, channels: lenet(side, channels, nn.ReLU),
    "resnet8": resnet8,
    "nin": nin,
    "alexnet-torchvision": of_torchvision("alexnet"),
    "googlenet": of_torchvision("googlenet", aux_logits=False, init_weights=False),
    **{name: of_torchvision(name.replace("-", "_")) for name in (
        "densenet121", "mobilenet-v2", "resnet18", "resnet34", "resnet50", "squeezenet1-1",
        "vgg11", "vgg11-bn", "vgg16", "vgg16-bn")},
}


def library():
    """Names the library that multiplies on the CPU, which makes a difference of ten times."""
    try:
        with open("/proc/self/maps") as maps:
            loaded = maps.read()
    except OSError:
        return ""
    names = {"mkl": "MKL", "openblas": "OpenBLAS", "blis": "BLIS", "libblas": "the reference BLAS"}
    return next((f", {name}" for key, name in names.items() if key in loaded), "")


def processor():
    """Finds what the processor can do, and how many cores of it the process may use, threads of one core counted once."""
    try:
        with open("/proc/cpuinfo") as file:
            records = [dict(line.split("\t:", 1) if "\t:" in line else (line, "") for line in
                            record.replace("\t\t", "\t").splitlines()) for record in file.read().strip().split("\n\n")]
        allowed = {str(cpu) for cpu in os.sched_getaffinity(0)}
    except (OSError, AttributeError):
        return [], None
    fields = [{key.strip(): value.strip() for key, value in record.items()} for record in records]
    own = [field for field in fields if field.get("processor") in allowed]
    known = own and all("core id" in field for field in own)
    cores = len({(field.get("physical id"), field["core id"]) for field in own}) if known else None
    return own[0].get("flags", "").split() if own else [], cores


def rate():
    """Measures the rate of a product of 1024^3 in GFLOP/s: the best of those that fit into a third of a second, but of two at least."""
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    a @ b
    seconds = []
    while len(seconds) < 2 or sum(seconds) < 1 / 3:
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * 1024 ** 3 / min(seconds) / 1e9


def main():
    name, mode = sys.argv[1], sys.argv[5]
    channels, side, size = (int(arg) for arg in sys.argv[2:5])
    if mode == "cuda-float32":
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    device = torch.device("cpu" if mode == "cpu" else "cuda")
    threads = torch.get_num_threads()
    used = library()
    given = "".join(f", {name}={os.environ[name]}" for name in sys.argv[6:] if name in os.environ)
    where = f"{threads} thread{'s'[:threads != 1]} of its own{used}{given}" if mode == "cpu" else torch.cuda.get_device_name()
    flags, cores = processor()
    torch.manual_seed(0)
    net = NETWORKS[name](side, channels).to(device)
    net.train()
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    batches = [(torch.rand(size, channels, side, side), torch.arange(size) % 10) for _ in range(2)]
    print(json.dumps({
        "about": f"PyTorch {torch.__version__}, {where}", "cuda": torch.cuda.is_available(),
        "openblas": "OpenBLAS" in used, "cores": cores, "flags": flags}), flush=True)
    for line in sys.stdin:
        if line.strip() == "product":
            print(json.dumps({"gflops": rate()}), flush=True)
            continue
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
