// Writes `docs/bytes.md`, with what it measures.
import { root } from "../_package/list_packed_files.ts";
import { formatBytesPage } from "./format_bytes_page.ts";
import { measureBytes } from "./measure_bytes.ts";

const path = `${root}docs/bytes.md`;
await Deno.writeTextFile(path, formatBytesPage(await measureBytes()));
console.log(`${path}: written`);
