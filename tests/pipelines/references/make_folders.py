"""Writes folders.json: folders of images, and what torchvision's ImageFolder finds in them.

Run with a Python that has torchvision; the file in use was made with torchvision 0.14.1:

    python3 tests/pipelines/references/make_folders.py
"""

import json
import pathlib
import tempfile

import torchvision
from torchvision.datasets import ImageFolder

FOLDERS = {
    "digits": [f"{digit}/{number}.png" for digit in (10, 9, 2, 1, 0) for number in (10, 9, 1)],
    "upper and lower case": ["b/x.png", "B/x.PNG", "a/B.Jpg", "a/b.JPEG", "a/A.webp", "a/a.WebP", "A/_.png"],
    "nested": [
        "cat/b.png",
        "cat/a/z.webp",
        "cat/a-b/y.jpeg",
        "cat/a/a/x.png",
        "cat/a b/x.png",
        "cat/a.png",
        "cat/a.b/x.png",
        "dog/a/1/2/3.png",
    ],
    "other scripts": [
        "ä/1.png",
        "z/1.png",
        "a\u0308/1.png",
        "日本/1.png",
        "日本/２.png",
        "ﬀ/1.png",
        "🎒/1.png",
        "🎒/\uffee.png",
        "🎒/🎒.png",
        "🎒/\ue000.png",
        "𐀀/1.png",
    ],
    "other files": ["readme.png", "a/1.png", "a/notes.txt", "a/2.png.bak", "a/png", "b/x.y.png", "b/1.gif"],
    "odd names": ["a b/1.png", "a/ .png", "a/1 (2).png", "a/1 2.png", "a/1,2.png", "a/#1.png", "a/~1.png", "-/-.png"],
}

listing = []
for name, files in FOLDERS.items():
    with tempfile.TemporaryDirectory() as root:
        for file in files:
            path = pathlib.Path(root, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
        folder = ImageFolder(root)
        samples = [[str(pathlib.Path(path).relative_to(root)), label] for path, label in folder.samples]
        listing.append({"name": name, "files": files, "classes": folder.classes, "samples": samples})

content = {"torchvision": torchvision.__version__, "folders": listing}
output = pathlib.Path(__file__).parent / "folders.json"
output.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
