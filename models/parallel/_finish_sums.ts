// Gradients that all ranks have summed over a batch, each for its examples: every rank gets the parts that it owns.
import type { Network } from "../layers/network.ts";
import type { Contribution } from "../ops/_base/batch_sums.ts";
import * as ops from "../ops/_ops.ts";
import type { Tensor } from "../types/tensor.ts";
import { listParts, type Part } from "./_parts.ts";
import {
  addUp,
  copyPart,
  createRooms,
  listOwn,
  type SharedBatch,
  type Summed,
} from "./_shared_batch.ts";
import type { Communicator } from "./communicator.ts";

/** What is exchanged for one contribution to a parameter's gradient, step by step. */
interface Exchanged {
  /** The numbers for a rank of this one's group, and where those of one are put: what the group adds up. */
  readonly within: Numbers;
  /** Adds them up. */
  addUp(): void;
  /** The numbers for a rank, and where those of one are put. */
  readonly between: Numbers;
  /** Gives this rank's part of the sum, once all is there. */
  sum(): Tensor;
}

interface Numbers {
  give(to: number): Float32Array[];
  take(from: number): Float32Array[];
}

/** Where a rank is: which member of which group. Without groups each rank is one. */
interface Place {
  readonly rank: number;
  readonly members: number;
  readonly group: number;
  readonly member: number;
}

/** Gives each rank its parts of gradients. */
export function finishSums(
  contributions: Readonly<Record<string, readonly Contribution[]>>,
  network: Pick<Network, "parameters">,
  batch: SharedBatch,
  communicator: Communicator,
): Record<string, Tensor> {
  const { rank, size, group } = communicator;
  const ranks = Array.from({ length: size }, (_, rank) => rank);
  const members = group?.size ?? 1;
  const place = { rank, members, group: Math.floor(rank / members), member: rank % members };
  const parts = ranks.map((rank) =>
    new Map(listParts(network, { rank, size }).map((part) => [part.name, part]))
  );
  return ops.tidy(() => {
    const all = Object.entries(contributions).map(([name, list]) => ({
      name,
      exchanged: list.map((one) => {
        const own = parts.map((parts) => parts.get(name));
        return one.kind === "part" ? keepPart(one) : exchangeSums(one, own, batch, place);
      }),
    }));
    const list = all.flatMap(({ exchanged }) => exchanged);
    const exchange = (own: number, size: number, of: (one: Exchanged) => Numbers) => {
      const others = Array.from({ length: size }, (_, other) => other);
      return [
        others.map((to) => to === own ? [] : list.flatMap((one) => of(one).give(to))),
        others.map((from) => from === own ? [] : list.flatMap((one) => of(one).take(from))),
      ] as const;
    };
    group?.exchange(...exchange(place.member, members, ({ within }) => within));
    for (const one of list) one.addUp();
    communicator.exchange(...exchange(rank, size, ({ between }) => between));
    const owned = all.filter(({ name }) => parts[rank]!.has(name));
    return Object.fromEntries(
      owned.map(({ name, exchanged }) => [
        name,
        ops.tidy(() => exchanged.map((one) => one.sum()).reduce((sum, x) => ops.addTo(sum, x))),
      ]),
    );
  });
}

const NOTHING: Numbers = { give: () => [], take: () => [] };

/** Exchanges nothing: each rank has its part of the sum. */
const keepPart = ({ tensor }: Contribution & { readonly kind: "part" }): Exchanged => ({
  within: NOTHING,
  addUp() {},
  between: NOTHING,
  sum: () => tensor,
});

/**
 * Exchanges what has been summed. A member of a group adds up what its group has for the members of the same number in all groups;
 * these exchange the sums.
 */
function exchangeSums(
  one: Summed,
  parts: readonly (Part | undefined)[],
  { count, shares, groups }: SharedBatch,
  { rank, members, group, member }: Place,
): Exchanged {
  const own = listOwn(one, shares[rank]!);
  const find = (group: number, member: number) => {
    const { start = 0, end = 0 } = parts[group * members + member] ?? {};
    return { start, end, length: end - start };
  };
  const view = (group: number, member: number) => {
    const { start, end } = find(group, member);
    return own.map((x) => ops.viewNumbers(x).subarray(start, end));
  };
  const mates = shares.slice(group * members, (group + 1) * members).map(({ nodes }) => nodes);
  /** What the mates have for this one's counterpart in each group; then the sums of the group. */
  const rooms = groups.map((_, g) =>
    members > 1 && find(g, member).length > 0
      ? createRooms(one, find(g, member).length, mates, member)
      : []
  );
  let sums: (readonly Tensor[])[] | undefined;
  const part = find(group, member);
  const theirs = createRooms(one, part.length, groups, group);
  const isCounterpart = (other: number) => other % members === member;
  const toGroup = (other: number) => Math.floor(other / members);
  return {
    within: {
      give: (mate) => groups.flatMap((_, g) => view(g, mate)),
      take: (mate) => rooms.flatMap((room) => (room[mate] ?? []).map(ops.viewNumbers)),
    },
    addUp() {
      if (members === 1) return;
      sums = rooms.map((room, g) => {
        const { start, end, length } = find(g, member);
        if (length === 0) return [];
        const mine = own.map((x) => copyPart(x, start, end));
        const vectors = room.map((others, mate) => mate === member ? mine : others);
        return one.kind === "whole" ? [] : addUp(one, vectors, mates, groups[group]!);
      });
    },
    between: {
      give(to) {
        if (!isCounterpart(to)) return [];
        return sums ? sums[toGroup(to)]!.map(ops.viewNumbers) : view(toGroup(to), member);
      },
      take: (from) => isCounterpart(from) ? theirs[toGroup(from)]!.map(ops.viewNumbers) : [],
    },
    sum() {
      const { start, end } = part;
      if (one.kind === "whole") return copyPart(one.tensor, start, end);
      const mine = sums?.[group] ?? own.map((x) => copyPart(x, start, end));
      const vectors = theirs.map((others, g) => g === group ? mine : others);
      return addUp(one, vectors, groups, [[0, count]])[0]!;
    },
  };
}
