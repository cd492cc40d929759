/**
 * The purposes of random bits, each a number that is hashed first. Without them two stages with one seed would draw the
 * same bits, and an order would be correlated with the augmentations.
 *
 * The numbers are part of the contract, as the orders and draws made of them stay the same in every version: a number
 * never changes and is never used again. What is new takes one that is free: below 100 for orders, from 101 for
 * augmentations.
 */
export const PURPOSES = {
  indexPermutation: 1,
  shuffle: 2,
  mix: 3,
  sampleIndexed: 4,
  stratifyIndexed: 5,
  // Comes before the purpose of a stage that has its seed from the pipeline.
  place: 100,
  randomCrop: 101,
  randomResizedCrop: 102,
  flipHorizontal: 103,
  colorJitter: 104,
  pcaLighting: 105,
  randomErasing: 106,
  mixup: 107,
  cutMix: 108,
  randAugment: 109,
  trivialAugment: 110,
  randomRotation: 111,
  randomAffine: 112,
  randomPerspective: 113,
  randomBlur: 114,
  randomAutoContrast: 115,
  randomEqualize: 116,
  randomInvert: 117,
  randomPosterize: 118,
  randomSolarize: 119,
  randomSharpness: 120,
  chooseStage: 121,
  randomStageOf: 122,
} as const;
