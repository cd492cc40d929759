/**
 * The state of loss scaling, as programs declare it: the scale, after how many steps without overflow it doubles, how many
 * there were, and 1 where a gradient of this step is infinite or no number.
 */
export const scalingStruct = (overflow: "f32" | "atomic<u32>"): string =>
  `struct Scaling { scale : f32, interval : f32, steps : f32, overflow : ${overflow} }`;
