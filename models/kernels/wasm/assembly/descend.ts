/**
 * Updates `count` numbers by gradient descent, in place: `parameter`, and `momentum`, its running sum, unless that is 0. Decay and
 * rounding are as in `adam`.
 */
export function descend(
  parameter: usize,
  gradient: usize,
  momentum: usize,
  count: usize,
  decay: f32,
  keep: f32,
  rate: f32,
  along: f32,
  rest: f32,
  nesterov: i32,
): void {
  const decays = f32x4.splat(decay);
  const keeps = f32x4.splat(keep);
  const rates = f32x4.splat(rate);
  const alongs = f32x4.splat(along);
  const rests = f32x4.splat(rest);
  for (const end = parameter + (count & ~3) * 4; parameter < end; parameter += 16) {
    const p = v128.load(parameter);
    let g = v128.load(gradient);
    if (decay != 0) g = f32x4.add(g, f32x4.mul(decays, p));
    if (momentum) {
      const next = f32x4.add(f32x4.mul(alongs, v128.load(momentum)), f32x4.mul(rests, g));
      v128.store(momentum, next);
      g = nesterov ? f32x4.add(g, f32x4.mul(alongs, next)) : next;
      momentum += 16;
    }
    v128.store(parameter, f32x4.sub(f32x4.mul(p, keeps), f32x4.mul(rates, g)));
    gradient += 16;
  }
  for (let left = count & 3; left; left--) {
    const p = load<f32>(parameter);
    let g = load<f32>(gradient);
    if (decay != 0) g += decay * p;
    if (momentum) {
      const next: f32 = along * load<f32>(momentum) + rest * g;
      store<f32>(momentum, next);
      g = nesterov ? g + along * next : next;
      momentum += 4;
    }
    store<f32>(parameter, p * keep - rate * g);
    parameter += 4;
    gradient += 4;
  }
}
