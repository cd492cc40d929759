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

/** As many timestamps as WebGPU allows for in a set. */
const MOST = 4096;

/**
 * Has each dispatch from now on recorded in a pass of its own with a timestamp at either end, whoever records it. That is slower
 * than passes of many dispatches, and tells where the time goes.
 *
 * @param device The device, opened with `timestamp-query`.
 */
export function profilePasses(device: GPUDevice): PassProfiler {
  const querySet = device.createQuerySet({ type: "timestamp", count: MOST });
  const labels: string[] = [];
  const prototype = GPUCommandEncoder.prototype;
  const { beginComputePass } = prototype;
  prototype.beginComputePass = function () {
    return splitPass((timestampWrites) => beginComputePass.call(this, { timestampWrites }), {
      querySet,
      labels,
    });
  };
  return {
    get count() {
      return labels.length;
    },
    async stop() {
      prototype.beginComputePass = beginComputePass;
      const times = await readTimes(device, querySet, 2 * labels.length);
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
  { querySet, labels }: { readonly querySet: GPUQuerySet; readonly labels: string[] },
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
      const first = 2 * labels.length;
      if (first + 2 > MOST) {
        throw new RangeError(`Cannot time more than ${MOST / 2} dispatches at once`);
      }
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
  if (count === 0) return new BigUint64Array();
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
