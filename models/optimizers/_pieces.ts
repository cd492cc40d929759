import type { Optimizer } from "./optimizer.ts";

/** Sets a field of an optimizer. Throws a RangeError if it is set already. */
export function setField<Field extends keyof Optimizer>(
  optimizer: Optimizer,
  field: Field,
  value: NonNullable<Optimizer[Field]>,
): Optimizer {
  const before = optimizer[field];
  const isSet = Array.isArray(before) ? before.length > 0 : before !== undefined;
  if (!isSet) return { ...optimizer, [field]: value };
  throw new RangeError(
    `Cannot set ${field} of ${optimizer.rule.name} to ${
      JSON.stringify(value)
    }: it is set already, to ${JSON.stringify(before)}`,
  );
}
