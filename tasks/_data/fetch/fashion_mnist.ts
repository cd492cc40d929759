import type { Manifest } from "./dataset.ts";

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017). The hashes are of the decompressed files, since several gzip streams of
 * the same content are in use, and files of the same names hold plain MNIST.
 */
export const fashionMnist: Manifest = {
  title: "Fashion-MNIST",
  folder: "fashion-mnist",
  files: {
    trainImages: {
      name: "train-images-idx3-ubyte",
      items: 60_000,
      bytes: 47_040_016,
      sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    },
    trainLabels: {
      name: "train-labels-idx1-ubyte",
      items: 60_000,
      bytes: 60_008,
      sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    },
    testImages: {
      name: "t10k-images-idx3-ubyte",
      items: 10_000,
      bytes: 7_840_016,
      sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    },
    testLabels: {
      name: "t10k-labels-idx1-ubyte",
      items: 10_000,
      bytes: 10_008,
      sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
  },
  systemDir: "/usr/share/datasets/fashion-mnist",
  debianPackage: "dataset-fashion-mnist",
  // The project's page gives the first; its repository holds the same files.
  addresses: [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
  ],
};

/** The names of Fashion-MNIST's classes, in the order of their indices. */
export const classes: readonly string[] = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];
