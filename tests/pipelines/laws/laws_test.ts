// What all stages promise together, in compositions that nobody thought of. RILL_LAWS=10000 tries so many, RILL_LAWS_SEED others.

import fc from "fast-check";
import { compose, type ComposeOptions, drawPlan, type Plan } from "./_composition.ts";
import { drawIndexed } from "./_indexed.ts";
import { checkEarlyEnds, checkOrder, checkRests, checkResumes, laws } from "./_laws.ts";
import { makeFileLinks, workerLinks } from "./_thread_links.ts";

const numRuns = Number(Deno.env.get("RILL_LAWS") ?? 150);
const seed = Number(Deno.env.get("RILL_LAWS_SEED") ?? 15);

async function checkPlan(
  check: typeof checkOrder,
  plan: Plan,
  options?: ComposeOptions,
): Promise<void> {
  const composition = await compose(plan, options);
  try {
    await check(composition);
  } catch (error) {
    // What shrinks is numbers, which tell nobody what they make.
    if (error instanceof Error) error.message = `${composition.text}: ${error.message}`;
    throw error;
  }
}

for (const [name, check] of Object.entries(laws)) {
  Deno.test(`compositions of stages ${name}`, async () => {
    const property = fc.asyncProperty(drawPlan(), (plan) => checkPlan(check, plan));
    await fc.assert(property, { numRuns, seed });
  });
}

Deno.test("compositions of stages keep the laws behind indexed sources", async () => {
  const property = fc.asyncProperty(drawIndexed(9), drawPlan(4), async (source, plan) => {
    for (const check of [checkOrder, checkEarlyEnds, checkResumes]) {
      await checkPlan(check, plan, { source });
    }
  });
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 3), seed });
});

Deno.test("compositions of stages keep the laws around a cache in a file", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const must = makeFileLinks(dir);
    const property = fc.asyncProperty(drawPlan(4), async (plan) => {
      for (const check of Object.values(laws)) await checkPlan(check, plan, { must });
    });
    await fc.assert(property, { numRuns: Math.ceil(numRuns / 30), seed });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("compositions of stages keep the laws around workers", async () => {
  const all = Object.values(laws);
  const property = fc.asyncProperty(drawPlan(3), fc.nat(all.length - 1), async (plan, law) => {
    // Each of the pipelines starts threads, so that there is one law for each composition, and few items.
    const short = { ...plan, length: 1 + plan.length % 4 };
    await checkPlan(all[law]!, short, { must: workerLinks });
  });
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 25), seed });
});

Deno.test("compositions of stages give the rest of an epoch that is read from its middle", async () => {
  const property = fc.asyncProperty(
    drawIndexed(9),
    drawPlan(4),
    (source, plan) => checkPlan(checkRests, plan, { source }),
  );
  await fc.assert(property, { numRuns: 2 * numRuns, seed });
});

Deno.test("compositions of stages give the rest of an epoch around workers", async () => {
  const property = fc.asyncProperty(
    drawIndexed(3),
    drawPlan(3),
    (source, plan) => checkPlan(checkRests, plan, { source, must: workerLinks }),
  );
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 25), seed });
});
