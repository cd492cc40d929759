"""torchvision's DataLoader in the main process, to be measured by bench.ts.

Prints the versions, then for each line "side images" on standard input the seconds that loading them took.
"""

import sys
import time

import numpy
import PIL
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

STORED_SIDE, BATCH_SIZE, MEAN, STD = 28, 128, 0.5, 0.5


class Images(Dataset):
    """As torchvision.datasets.FashionMNIST, but with the images made before the clock runs."""

    def __init__(self, count):
        noise = numpy.random.default_rng(1).integers(0, 256, (count, STORED_SIDE, STORED_SIDE), numpy.uint8)
        self.images = [Image.fromarray(pixels, mode="L") for pixels in noise]
        self.transform = None

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(self.images[index]), index % 10


def load(images, side):
    steps = [transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))]
    if side != STORED_SIDE:
        steps.insert(0, transforms.Resize((side, side)))
    images.transform = transforms.Compose(steps)
    start = time.perf_counter()
    for _ in DataLoader(images, batch_size=BATCH_SIZE, shuffle=True, num_workers=0):
        pass
    return time.perf_counter() - start


def main():
    torch.set_num_threads(1)
    print(f"torchvision {torchvision.__version__}, PyTorch {torch.__version__}, Pillow {PIL.__version__}", flush=True)
    images = {}
    for line in sys.stdin:
        side, count = map(int, line.split())
        if count not in images:
            images[count] = Images(count)
        print(load(images[count], side), flush=True)


main()
