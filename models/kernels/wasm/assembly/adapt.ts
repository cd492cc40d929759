// Updates by rules that keep running means of squares. They take `count` numbers, a multiple of four, and update all but the
// gradient in place. Decay and rounding are as in `adam`.

/** Updates by Adam with the largest mean of squares so far in its denominator. */
export function amsgrad(
  parameter: usize,
  gradient: usize,
  m: usize,
  v: usize,
  vMax: usize,
  count: usize,
  decay: f32,
  keep: f32,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  stepSize: f32,
  scale: f32,
  epsilon: f32,
): void {
  for (const end = parameter + count * 4; parameter < end; parameter += 16) {
    const g = addDecay(gradient, parameter, decay);
    const mean = follow(m, g, beta1, rest1);
    const square = f32x4.max(v128.load(vMax), follow(v, f32x4.mul(g, g), beta2, rest2));
    v128.store(vMax, square);
    const root = f32x4.mul(f32x4.sqrt(square), f32x4.splat(scale));
    move(parameter, f32x4.div(mean, f32x4.add(root, f32x4.splat(epsilon))), keep, stepSize);
    gradient += 16;
    m += 16;
    v += 16;
    vMax += 16;
  }
}

/** Updates by RMSprop. `mean` and `momentum` are 0 where there are none. */
export function rmsprop(
  parameter: usize,
  gradient: usize,
  square: usize,
  mean: usize,
  momentum: usize,
  count: usize,
  decay: f32,
  keep: f32,
  rate: f32,
  alpha: f32,
  rest: f32,
  epsilon: f32,
  along: f32,
): void {
  for (const end = parameter + count * 4; parameter < end; parameter += 16) {
    const g = addDecay(gradient, parameter, decay);
    let variance = follow(square, f32x4.mul(g, g), alpha, rest);
    if (mean) {
      const next = follow(mean, g, alpha, rest);
      variance = f32x4.max(f32x4.sub(variance, f32x4.mul(next, next)), f32x4.splat(0));
      mean += 16;
    }
    let step = f32x4.div(g, f32x4.add(f32x4.sqrt(variance), f32x4.splat(epsilon)));
    if (momentum) {
      step = follow(momentum, step, along, 1);
      momentum += 16;
    }
    move(parameter, step, keep, rate);
    gradient += 16;
    square += 16;
  }
}

/** Updates by Adagrad. */
export function adagrad(
  parameter: usize,
  gradient: usize,
  sum: usize,
  count: usize,
  decay: f32,
  keep: f32,
  rate: f32,
  epsilon: f32,
): void {
  for (const end = parameter + count * 4; parameter < end; parameter += 16) {
    const g = addDecay(gradient, parameter, decay);
    const root = f32x4.sqrt(follow(sum, f32x4.mul(g, g), 1, 1));
    move(parameter, f32x4.div(g, f32x4.add(root, f32x4.splat(epsilon))), keep, rate);
    gradient += 16;
    sum += 16;
  }
}

/** Updates by Adadelta. */
export function adadelta(
  parameter: usize,
  gradient: usize,
  square: usize,
  delta: usize,
  count: usize,
  decay: f32,
  keep: f32,
  rate: f32,
  rho: f32,
  rest: f32,
  epsilon: f32,
): void {
  const epsilons = f32x4.splat(epsilon);
  for (const end = parameter + count * 4; parameter < end; parameter += 16) {
    const g = addDecay(gradient, parameter, decay);
    const root = f32x4.sqrt(f32x4.add(follow(square, f32x4.mul(g, g), rho, rest), epsilons));
    const before = f32x4.sqrt(f32x4.add(v128.load(delta), epsilons));
    const step = f32x4.mul(f32x4.div(before, root), g);
    follow(delta, f32x4.mul(step, step), rho, rest);
    move(parameter, step, keep, rate);
    gradient += 16;
    square += 16;
    delta += 16;
  }
}

/** Gives the gradient with so much of the parameter added to it. */
@inline
function addDecay(gradient: usize, parameter: usize, decay: f32): v128 {
  const g = v128.load(gradient);
  return decay == 0
    ? g
    : f32x4.add(g, f32x4.mul(f32x4.splat(decay), v128.load(parameter)));
}

/** Computes `kept * mean + added * x` in the place of `mean`, and gives it. */
@inline
function follow(mean: usize, x: v128, kept: f32, added: f32): v128 {
  const next = f32x4.add(
    f32x4.mul(f32x4.splat(kept), v128.load(mean)),
    f32x4.mul(f32x4.splat(added), x),
  );
  v128.store(mean, next);
  return next;
}

/** Computes `parameter * keep - step * rate` in the place of `parameter`. */
@inline
function move(parameter: usize, step: v128, keep: f32, rate: f32): void {
  const kept = f32x4.mul(v128.load(parameter), f32x4.splat(keep));
  v128.store(parameter, f32x4.sub(kept, f32x4.mul(step, f32x4.splat(rate))));
}
