/** The notebooks, by their paths in the project. */
export const NOTEBOOKS: readonly string[] = ["docs/alexnet.ipynb", "docs/own_pictures.ipynb"];
