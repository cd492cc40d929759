import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Decoder } from "../../tasks/_fuzz/decoder.ts";
import { decoders } from "../../tasks/_fuzz/decoders.ts";
import { formatTallies } from "../../tasks/_fuzz/format_tallies.ts";
import { decodeFrames, encodeFrame, type RoundRequest } from "../../tasks/_fuzz/frames.ts";
import { runDecoder } from "../../tasks/_fuzz/run_decoder.ts";
import { runFuzz } from "../../tasks/_fuzz/run_fuzz.ts";
import { saveFailure } from "../../tasks/_fuzz/save_failure.ts";
import { TargetProcess } from "../../tasks/_fuzz/target_process.ts";
import { decoders as badDecoders } from "./_bad_decoders.ts";
import { runTask, withFolder } from "./_task.ts";

Deno.test("every decoder reads or refuses damaged files", async () => {
  await using target = new TargetProcess();
  const runs = { decoders, target, seed: 0, rounds: 1, runsPerRound: 200 };
  const { tallies, failure } = await runFuzz(runs);
  assertEquals(failure, undefined);
  for (const [i, { name, runs, read, refused }] of tallies.entries()) {
    const wanted = 200 * (decoders[i]!.share ?? 1);
    assertEquals([runs, read + refused], [wanted, wanted], name);
    assert(read > 0 && refused > 0, name);
  }
});

Deno.test("every decoder reads the files that the damaged ones are made of", async () => {
  await withFolder(async (dir) => {
    for (const decoder of decoders) {
      assert(decoder.files.length > 0);
      for (const file of decoder.files) {
        assertEquals(await runDecoder(decoder, file, dir), "read", decoder.name);
      }
    }
  });
});

Deno.test("inputs that were decoded wrongly once are refused", async () => {
  // An image of a gigabyte, of which there are four bytes: asked for before they had come, it was.
  const image = [0, 0, 8, 3, 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4];
  const labels = [0, 0, 8, 1, 0, 0, 0, 1, 7];
  const training = JSON.parse(
    new TextDecoder().decode(decoders.find(({ name }) => name === "training")!.files[0]!),
  );
  const withPosition = (change: object) => {
    const position = { ...training.position, ...change };
    return new TextEncoder().encode(JSON.stringify({ ...training, position }));
  };
  const { sums, history: [result] } = training.position;
  const inputs: [string, Uint8Array][] = [
    ["idx-examples", Uint8Array.from([image.length, ...image, ...labels])],
    ["training", withPosition({ history: [{ ...result, training: { loss: { a: 1 } } }] })],
    ["training", withPosition({ history: [{ ...result, validation: [] }] })],
    ["training", withPosition({ sums: { ...sums, metrics: { loss: { sum: 1, weight: "2" } } } })],
    ["training", withPosition({ sums: { ...sums, metrics: { loss: null } } })],
  ];
  await using target = new TargetProcess();
  for (const [name, input] of inputs) assertEquals(await target.run(name, input), "refused");
});

Deno.test("runFuzz() finds what a decoder must not do, and the smallest input for it", async () => {
  const module = import.meta.resolve("./_bad_decoders.ts");
  await using target = new TargetProcess({ module });
  const problems: Record<string, RegExp> = {
    untyped: /^TypeError: undefined is not a function$/,
    crash: /^a crash, the process ended with code 7$/,
    buffer: /^AllocationError: it asks for 8589934592 bytes: the limit is 16777216$/,
    caught: /^AllocationError: it asks for 1073741824 bytes/,
    later: /^RangeError: nobody waits for it$/,
    chunks: /^Error: read as one chunk, refused as chunks of \d+$/,
  };
  for (const [name, problem] of Object.entries(problems)) {
    const chosen = badDecoders.filter((decoder) => decoder.name === name);
    const { failure } = await runFuzz({ decoders: chosen, target, seed: 1, rounds: 5 });
    assertEquals(failure?.decoder, name);
    assertMatch(failure!.problem, problem);
    assert(failure!.input.includes(0) && failure!.input.length <= 8, `${failure!.input}`);
  }
});

Deno.test("a decoder that hangs or fills the heap is ended, and the next input gets a new process", async () => {
  const module = import.meta.resolve("./_bad_decoders.ts");
  await using target = new TargetProcess({ module, timeLimit: 1500 });
  const problemOf = (name: string, zero: number): Promise<string> =>
    target.run(name, Uint8Array.of(1, zero)).catch(({ message }) => message);
  for (const name of ["hang", "wait"]) {
    assertEquals(await problemOf(name, 0), "a hang, 1.5 s without an answer");
    assertEquals(await problemOf(name, 1), "read");
  }
  await using patient = new TargetProcess({ module, heapLimit: 32 });
  const full = await patient.run("heap", Uint8Array.of(0)).catch(({ message }) => message);
  assertMatch(full, /^a crash, the process ended with (?:SIG\w+|code \d+)$/);
});

Deno.test("runFuzz() damages the same files for the same seed, and others in the next round", async () => {
  const run = async (seed: number, rounds: number) => {
    const seen: string[] = [];
    const target = {
      runRound: () => Promise.resolve(undefined),
      run: (_: string, input: Uint8Array) => {
        seen.push(input.join());
        return Promise.resolve("read" as const);
      },
    } as Partial<TargetProcess> as TargetProcess;
    const chosen = decoders.slice(0, 1);
    const report = await runFuzz({ decoders: chosen, target, seed, rounds, runsPerRound: 9 });
    return { seen, report };
  };
  const { seen: two } = await run(5, 2);
  const { seen: one } = await run(6, 1);
  const { seen: again, report } = await run(6, 1);
  assertEquals(one, again);
  assertEquals(two.slice(9), one);
  assert(two.slice(0, 9).join() !== one.join());
  assertEquals(report.tallies.map(({ runs }) => runs), [9]);
});

Deno.test("runFuzz() ends after so many runs", async () => {
  const target = {
    runRound: ({ numRuns }: RoundRequest) => Promise.resolve({ read: 0, refused: numRuns }),
  } as TargetProcess;
  const report = await runFuzz({ decoders, target, seed: 0, runs: 57, runsPerRound: 5 });
  assertEquals(report.tallies.reduce((sum, { refused }) => sum + refused, 0), 57);
});

Deno.test("damaged JSON has other values, and is JSON nearly as often as not", async () => {
  const decoder = { ...decoders.find(({ name }) => name === "training")!, name: "json" };
  const inputs: string[] = [];
  const target = {
    runRound: () => Promise.resolve(undefined),
    run: (_: string, input: Uint8Array) => {
      inputs.push(new TextDecoder().decode(input));
      return Promise.resolve("read" as const);
    },
  } as Partial<TargetProcess> as TargetProcess;
  await runFuzz({ decoders: [decoder], target, seed: 3, runs: 500 });
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const whole = inputs.filter(isJson);
  assert(whole.length > 200, `${whole.length} of ${inputs.length}`);
  const originals = decoder.files.map((file) => new TextDecoder().decode(file));
  assert(whole.filter((text) => !originals.includes(text)).length > 100);
  for (const part of ["null", "1e999", "epochs", "__proto__"]) {
    assert(whole.some((text) => text.includes(part)), part);
  }
});

Deno.test("runFuzz() ends when its time is up", async () => {
  const target = {
    runRound: ({ numRuns }: RoundRequest) => Promise.resolve({ read: numRuns, refused: 0 }),
  } as TargetProcess;
  const start = performance.now();
  let rounds = 0;
  await runFuzz({
    decoders,
    target,
    seed: 0,
    seconds: 0.2,
    runsPerRound: 5,
    onRound: () => rounds++,
  });
  assert(rounds > 0);
  assert(performance.now() - start < 2000);
});

Deno.test("decodeFrames() reads what encodeFrame() wrote, however it is cut", async () => {
  const frames = [["tar", [1, 2, 3]], ["", []], ["csv", [255]]] as const;
  const bytes = frames.flatMap(([name, input]) => [...encodeFrame(name, Uint8Array.from(input))]);
  for (const size of [1, 2, 5, 100]) {
    const chunks = Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => Uint8Array.from(bytes.slice(i * size, (i + 1) * size)),
    );
    const decoded = await Array.fromAsync(decodeFrames(ReadableStream.from(chunks)));
    assertEquals(
      decoded.map(({ name, input }) => [name, [...input]]),
      frames.map(([n, i]) => [n, [...i]]),
    );
  }
});

Deno.test("a repair gets a damaged file past its checksum", async () => {
  // Another name in the archive, under the old checksum; another width of the image, under the old one of its chunk.
  for (const [name, at] of [["tar", 0], ["png", 19]] as const) {
    const decoder = decoders.find((decoder) => decoder.name === name)!;
    const file = Uint8Array.from(decoder.files[0]!);
    file[at]!++;
    assertEquals(await reasonOf(decoder, file), "checksum");
    decoder.repair!(file);
    assertEquals(await reasonOf(decoder, file), name === "tar" ? "" : "data");
  }
});

/** The word in a refusal's message that tells what is wrong. */
const reasonOf = (decoder: Decoder, file: Uint8Array<ArrayBuffer>): Promise<string> =>
  decoder.decode([file], "").then(
    () => "",
    ({ message }) => /checksum|data/.exec(message)?.[0] ?? message,
  );

Deno.test("saveFailure() keeps the input and names all that is needed to see it again", async () => {
  await withFolder(async (dir) => {
    const failure = { decoder: "tar", seed: 3, input: Uint8Array.of(1, 0), problem: "a hang" };
    const { message } = await saveFailure(failure, dir);
    assertEquals(
      message,
      "Cannot trust the decoder of tar as seed 3 shows: a hang; " +
        `saved for: deno task fuzz --decoder tar --input ${dir}/fuzz-tar-3.bin`,
    );
    assertEquals(await Deno.readFile(`${dir}/fuzz-tar-3.bin`), failure.input);
  });
});

Deno.test("formatTallies() shows each decoder's runs", () => {
  assertEquals(
    formatTallies([{ name: "tar", runs: 1500, read: 500, refused: 1000, seconds: 2 }]),
    "decoder   runs  read  refused  runs/s\n" +
      "-------  -----  ----  -------  ------\n" +
      "tar      1,500   500    1,000     750",
  );
});

Deno.test("deno task fuzz prints its counts, and tries a saved input", async () => {
  const { code, stdout, stderr } = await runTask(["fuzz", "--seconds", "1", "--seed", "7"]);
  assertEquals(code, 0, stderr);
  for (const { name } of decoders) assertStringIncludes(stdout, `${name} `);
  assertMatch(stdout, /^seed 7, [\d,]+ runs, [\d,]+ runs\/s$/m);
  await withFolder(async (dir) => {
    const { name, files } = decoders[0]!;
    await Deno.writeFile(`${dir}/input.bin`, files[0]!);
    const args = ["fuzz", "--decoder", name, "--input", `${dir}/input.bin`];
    assertEquals((await runTask(args)).stdout, `${name}: read\n`);
  });
});
