import { Input } from "./_input.ts";
import type { Saved } from "./_saved.ts";
import type { Position } from "./position.ts";

/** The inputs of a stage that pulls from several sources by turns, those that had ended as such. */
export function inputsOf<T>(
  sources: readonly AsyncIterable<T>[],
  tracked: boolean,
  saved: Saved | undefined,
): Input<T>[] {
  const parts = saved?.parts("sources", sources.length) ?? [];
  return sources.map((source, i) =>
    parts[i] === null ? Input.ended() : new Input(source, tracked, parts[i])
  );
}

/** Their positions, nothing for those that have ended. */
export const positionsOf = (inputs: readonly Input<unknown>[]): (Position | null)[] =>
  inputs.map((input) => input.ended ? null : input.position());
