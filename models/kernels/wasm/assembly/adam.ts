/**
 * Updates `count` numbers by Adam, in place: `parameter`, and `m` and `v`, its running means. So much of the parameter as `decay`
 * says is added to the gradient, and so much as `keep` says is kept of it. Multiplications and additions are rounded one by one
 * in every build, so that the same numbers come out on every machine.
 */
export function adam(
  parameter: usize,
  gradient: usize,
  m: usize,
  v: usize,
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
  const decays = f32x4.splat(decay);
  const keeps = f32x4.splat(keep);
  const beta1s = f32x4.splat(beta1);
  const beta2s = f32x4.splat(beta2);
  const rest1s = f32x4.splat(rest1);
  const rest2s = f32x4.splat(rest2);
  const stepSizes = f32x4.splat(stepSize);
  const scales = f32x4.splat(scale);
  const epsilons = f32x4.splat(epsilon);
  for (const end = parameter + (count & ~3) * 4; parameter < end; parameter += 16) {
    const p = v128.load(parameter);
    let g = v128.load(gradient);
    if (decay != 0) g = f32x4.add(g, f32x4.mul(decays, p));
    const mean = f32x4.add(f32x4.mul(beta1s, v128.load(m)), f32x4.mul(rest1s, g));
    const square = f32x4.add(
      f32x4.mul(beta2s, v128.load(v)),
      f32x4.mul(f32x4.mul(rest2s, g), g),
    );
    v128.store(m, mean);
    v128.store(v, square);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(square), scales), epsilons);
    const change = f32x4.mul(stepSizes, f32x4.div(mean, denominator));
    v128.store(parameter, f32x4.sub(f32x4.mul(p, keeps), change));
    gradient += 16;
    m += 16;
    v += 16;
  }
  for (let left = count & 3; left; left--) {
    const p = load<f32>(parameter);
    let g = load<f32>(gradient);
    if (decay != 0) g += decay * p;
    const mean: f32 = beta1 * load<f32>(m) + rest1 * g;
    const square: f32 = beta2 * load<f32>(v) + rest2 * g * g;
    store<f32>(m, mean);
    store<f32>(v, square);
    const denominator: f32 = sqrt<f32>(square) * scale + epsilon;
    store<f32>(parameter, p * keep - stepSize * (mean / denominator));
    parameter += 4;
    gradient += 4;
    m += 4;
    v += 4;
  }
}
