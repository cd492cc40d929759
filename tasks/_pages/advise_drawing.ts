import { classes as clothes } from "../_data/fetch/fashion_mnist.ts";

const ADVICE =
  "Clothes are filled, not outlined, and shoes point to the left, as on Fashion-MNIST's pictures.";

/**
 * Advises how to draw so that a network knows what it sees: as the pictures are on which it has learned. Those of Fashion-MNIST are
 * photos of clothes, of which an outline has nothing, and their shoes point to one side.
 *
 * @param classes The names of the network's classes, if they are known.
 * @returns A sentence; nothing where nothing is known of the pictures.
 */
export function adviseDrawing(classes: readonly string[] = []): string {
  const isOfClothes = classes.length === clothes.length &&
    classes.every((name, i) => name === clothes[i]);
  return isOfClothes ? ADVICE : "";
}
