/** One dispatch of a program. */
export interface Dispatch {
  /** The program's label. */
  readonly label: string;
  /** When it began and ended on the device, in nanoseconds. */
  readonly begin: number;
  readonly end: number;
}

/** Times each dispatch on the device. */
export interface PassProfiler {
  /** Dispatches since the beginning. */
  readonly count: number;
  /** Ends the profile, and reads the times of all dispatches, in their order. */
  stop(): Promise<readonly Dispatch[]>;
}

/** As many timestamps as WebGPU allows for in a set: a large network's step takes several. */
const MOST = 4096;

/** The timestamps of dispatches, two for each. */
interface Timestamps {
  readonly sets: GPUQuerySet[];
  readonly labels: string[];
  /** Makes another set. */
  createSet(): GPUQuerySet;
}

/**
 * Has each dispatch from now on recorded in a pass of its own with a timestamp at either end, whoever records it. That is slower
 * than passes of many dispatches, and tells where the time goes.
 *
 * @param device The device, opened with `timestamp-query`.
 */
export function profilePasses(device: GPUDevice): PassProfiler {
  const labels: string[] = [];
  const timestamps: Timestamps = {
    sets: [],
    labels,
    createSet: () => device.createQuerySet({ type: "timestamp", count: MOST }),
  };
  const prototype = GPUCommandEncoder.prototype;
  const { beginComputePass } = prototype;
  prototype.beginComputePass = function () {
    return splitPass(
      (timestampWrites) => beginComputePass.call(this, { timestampWrites }),
      timestamps,
    );
  };
  return {
    get count() {
      return labels.length;
    },
    async stop() {
      prototype.beginComputePass = beginComputePass;
      const times: bigint[] = [];
      for (const [i, set] of timestamps.sets.entries()) {
        const count = Math.min(2 * labels.length - i * MOST, MOST);
        times.push(...await readTimes(device, set, count));
      }
      return labels.map((label, i) => ({
        label,
        begin: Number(times[2 * i]),
        end: Number(times[2 * i + 1]),
      }));
    },
  };
}

/** Stands in for a pass: begins a real one for each dispatch. */
function splitPass(
  begin: (timestampWrites: GPUComputePassTimestampWrites) => GPUComputePassEncoder,
  { sets, labels, createSet }: Timestamps,
): GPUComputePassEncoder {
  let pipeline: GPUComputePipeline;
  const groups = new Map<number, GPUBindGroup>();
  const pass = {
    setPipeline(next: GPUComputePipeline) {
      pipeline = next;
    },
    setBindGroup(index: number, group: GPUBindGroup) {
      groups.set(index, group);
    },
    dispatchWorkgroups(x: number, y?: number, z?: number) {
      const first = 2 * labels.length % MOST;
      if (first === 0) sets.push(createSet());
      const querySet = sets.at(-1)!;
      labels.push(pipeline.label);
      const real = begin({
        querySet,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      });
      real.setPipeline(pipeline);
      for (const [index, group] of groups) real.setBindGroup(index, group);
      real.dispatchWorkgroups(x, y, z);
      real.end();
    },
    end() {},
  };
  return pass as unknown as GPUComputePassEncoder;
}

async function readTimes(
  device: GPUDevice,
  querySet: GPUQuerySet,
  count: number,
): Promise<BigUint64Array> {
  const size = 8 * count;
  const resolved = device.createBuffer({
    size,
    usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
  });
  const read = device.createBuffer({
    size,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, read, 0, size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const times = new BigUint64Array(read.getMappedRange().slice(0));
  for (const buffer of [resolved, read]) buffer.destroy();
  querySet.destroy();
  return times;
}
