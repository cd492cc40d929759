/** The key of a counter-based random stream: two unsigned 32-bit words. The same key always gives the same draws. */
export type Key = readonly [number, number];
