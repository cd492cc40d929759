"""torchvision's loading of photos, and Pillow's decoding of them, to be measured by bench.ts.

Prints the versions, then answers each line on standard input: to "make FOLDER COUNT QUALITY" how many pictures it made there; to
"load FOLDER WORKERS PICTURES" and "decode FOLDER - PICTURES" the seconds that it took, and those of processors, workers' included.
"""

import glob
import io
import multiprocessing
import os
import resource
import sys
import time

import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Subset
from torchvision import transforms

sys.dont_write_bytecode = True
from made_photos import photo

BATCH_SIZE, SIDE = 64, 224
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TRANSFORM = transforms.Compose([
    transforms.RandomResizedCrop(SIDE),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize(MEAN, STD),
])


def make(folder, count, quality):
    random = np.random.default_rng(5)
    for kind in ("jpg", "png"):
        for label in ("a", "b"):
            os.makedirs(f"{folder}/{kind}/{label}")
    for i in range(count):
        image = photo(random, 375, 500)
        label = "ab"[i % 2]
        image.save(f"{folder}/jpg/{label}/{i}.jpg", quality=quality)
        image.save(f"{folder}/png/{label}/{i}.png")


loaders = {}


def load(folder, workers, pictures):
    if (folder, workers, pictures) not in loaders:
        images = torchvision.datasets.ImageFolder(folder, TRANSFORM)
        order = Subset(images, [i % len(images) for i in range(pictures)])
        loaders[folder, workers, pictures] = DataLoader(
            order, batch_size=BATCH_SIZE, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
    for _ in loaders[folder, workers, pictures]:
        pass


files = {}


def decode(folder, pictures):
    if folder not in files:
        files[folder] = [open(path, "rb").read() for path in sorted(glob.glob(f"{folder}/*/*"))]
    for i in range(pictures):
        Image.open(io.BytesIO(files[folder][i % len(files[folder])])).convert("RGB")


def processors():
    """Those of this process and of the loaders' workers, which go on."""
    use = resource.getrusage(resource.RUSAGE_SELF)
    ticks = 0
    for child in multiprocessing.active_children():
        with open(f"/proc/{child.pid}/stat") as stat:
            ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
    return use.ru_utime + use.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


torch.set_num_threads(1)
print(f"torchvision {torchvision.__version__}, PyTorch {torch.__version__}, Pillow {PIL.__version__}", flush=True)
for line in sys.stdin:
    verb, folder, *rest = line.split()
    start, used = time.perf_counter(), processors()
    if verb == "make":
        make(folder, *map(int, rest))
    elif verb == "load":
        load(folder, *map(int, rest))
    else:
        decode(folder, int(rest[1]))
    print(time.perf_counter() - start, processors() - used, flush=True)
