import type { StageReport } from "./meter.ts";

/** Counts for a line of a report. Times are in milliseconds. */
export class MeterRow {
  readonly name: string;
  readonly isSource: boolean;
  /** When it was first asked, and when something last happened. */
  first: number | undefined;
  last = 0;
  taken = 0;
  given = 0;
  own = 0;
  upstream = 0;
  downstream = 0;
  /** Whether it was ever seen to pull when it wasn't asked. */
  worksAhead = false;
  /** How often it was asked, and how many items it held then, added up. */
  asked = 0;
  held = 0;
  readonly #probes = new Set<Probe>();

  constructor(name: string, isSource: boolean) {
    this.name = name;
    this.isSource = isSource;
  }

  /** Keeps those that are at work, for {@linkcode catchUp}. */
  watch(probe: Probe): void {
    this.#probes.add(probe);
  }

  unwatch(probe: Probe): void {
    this.#probes.delete(probe);
  }

  /** Counts the time since the last event. */
  catchUp(now: number): void {
    for (const probe of this.#probes) probe.mark(now);
  }

  report(seconds: number): StageReport {
    return {
      name: this.name,
      items: this.given,
      itemsPerSecond: seconds > 0 ? this.given / seconds : 0,
      itemsPerSecondAlone: this.own > 0 ? this.given / this.own * 1000 : undefined,
      ownSeconds: this.own / 1000,
      upstreamSeconds: this.upstream / 1000,
      downstreamSeconds: this.downstream / 1000,
      queued: this.#hasQueue() ? this.held / this.asked : undefined,
    };
  }

  /** Tells whether items wait in it. A stage that makes one item of many, as a batch, only gathers them. */
  #hasQueue(): boolean {
    return this.worksAhead || this.held > 0 && this.taken === this.given;
  }
}

/** Tells the time in one use of a stage apart. */
export class Probe {
  readonly #row: MeterRow;
  readonly #now: () => number;
  /** Iterations that have begun and not ended. */
  #iterations = 0;
  /** Outputs that are being waited for, and inputs. */
  #asks = 0;
  #pulls = 0;
  /** Inputs that have come to no output yet, where one makes one. */
  #held = 0;
  #last = 0;

  constructor(row: MeterRow, now: () => number) {
    this.#row = row;
    this.#now = now;
  }

  begin(): void {
    const now = this.#now();
    if (this.#iterations++ === 0) {
      this.#last = now;
      this.#row.watch(this);
    } else this.mark(now);
    this.#row.first ??= now;
  }

  end(): void {
    this.mark(this.#now());
    if (--this.#iterations > 0) return;
    this.#row.unwatch(this);
    this.#held = 0;
  }

  ask(): void {
    this.mark(this.#now());
    this.#asks++;
    this.#row.asked++;
    this.#row.held += Math.max(this.#held, 0);
  }

  answer(isItem: boolean): void {
    this.mark(this.#now());
    this.#asks--;
    if (!isItem) return;
    this.#held--;
    this.#row.given++;
    if (this.#pulls > 0) this.#row.worksAhead = true;
  }

  pull(): void {
    this.mark(this.#now());
    this.#pulls++;
    if (this.#asks === 0 && this.#iterations > 0) this.#row.worksAhead = true;
  }

  take(isItem: boolean): void {
    this.mark(this.#now());
    this.#pulls--;
    if (!isItem) return;
    this.#held++;
    this.#row.taken++;
  }

  /** Counts the time since the last event for what the stage has been doing since. */
  mark(now: number): void {
    if (this.#iterations === 0) return;
    const time = now - this.#last;
    this.#last = now;
    const row = this.#row;
    row.last = Math.max(row.last, now);
    if (this.#asks === 0) row.downstream += time;
    else if (this.#pulls > 0) row.upstream += time;
    else row.own += time;
  }
}
