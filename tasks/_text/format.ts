export { formatTable } from "../../models/_format_table.ts";

const BAR_WIDTH = 24;

/** Formats a share from 0 to 1 as a bar: `[######..................]`. */
export function formatBar(share: number): string {
  const full = Math.round(Math.min(Math.max(share, 0), 1) * BAR_WIDTH);
  return `[${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}]`;
}

/** Formats seconds for people: `8 s`, `3:05 min`, `1:02:03 h`. */
export function formatDuration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  const pad = (n: number) => String(n).padStart(2, "0");
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return `${minutes}:${pad(rounded % 60)} min`;
  return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(rounded % 60)} h`;
}
