export declare function computeStatistics(split: unknown, p: unknown, o: unknown): Promise<{ mean: number[]; std: number[] }>;
