import { assert, assertEquals } from "@std/assert";
import { listModules } from "../tasks/_exports/modules.ts";
import {
  formatLicensesPage,
  listDependencies,
  PERMISSIVE,
  TEST_TOOLS,
} from "./_package/licenses.ts";
import { root } from "./_package/list_packed_files.ts";

Deno.test("each package has a permissive license, and docs/dependencies.md lists them all", async () => {
  const dependencies = await listDependencies();
  assert(dependencies.length > 20);
  for (const { name, license } of dependencies) {
    const all = license.replace(/^\((.*)\)$/, "$1").split(" AND ");
    const isFree = all.every((one) => PERMISSIVE.includes(one)) || TEST_TOOLS[name] === license;
    assert(isFree, `${name} has the license ${license}`);
  }
  assertEquals(
    await Deno.readTextFile(`${root}docs/dependencies.md`),
    formatLicensesPage(dependencies),
    "deno run --allow-all tests/_package/write_licenses.ts writes it anew",
  );
});

Deno.test("tools of other licenses are the tests' alone", async () => {
  const product = await listModules("pipelines", "models", "tasks");
  assert(product.some(({ packages }) => packages.includes("pako")));
  for (const { path, packages } of product) {
    const tools = packages.filter((name) => Object.hasOwn(TEST_TOOLS, name));
    assertEquals(tools, [], path);
  }
});

Deno.test("the lock has a checksum for each package and holds all that is imported", async () => {
  const { npm } = JSON.parse(await Deno.readTextFile(`${root}deno.lock`));
  for (const [name, { integrity }] of Object.entries<{ integrity?: string }>(npm)) {
    assert(integrity?.startsWith("sha512-"), name);
  }
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--frozen"],
    cwd: root,
    stderr: "piped",
    stdout: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
});

Deno.test("CI takes the lock as it is, and looks for known vulnerabilities each night", async () => {
  assert((await Deno.readTextFile(`${root}.ci/run`)).includes("install --frozen"));
  const workflows = `${root}.github/workflows/`;
  for (const name of ["ci.yml", "publish.yml"]) {
    assert((await Deno.readTextFile(workflows + name)).includes("install --frozen"), name);
  }
  assert((await Deno.readTextFile(`${workflows}nightly.yml`)).includes("deno@2.9.6 audit"));
});
