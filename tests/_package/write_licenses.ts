// Writes `docs/dependencies.md`: `deno run --allow-all tests/_package/write_licenses.ts`, after a package was added or another
// version taken.

import { formatLicensesPage, listDependencies } from "./licenses.ts";
import { root } from "./list_packed_files.ts";

const page = formatLicensesPage(await listDependencies());
await Deno.writeTextFile(`${root}docs/dependencies.md`, page);
console.log("docs/dependencies.md is written");
