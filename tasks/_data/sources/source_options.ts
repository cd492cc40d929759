/** What opening a data set is given, whatever its kind. */
export interface SourceOptions {
  /** The only folder to look for Fashion-MNIST in. */
  readonly dataDir?: string | undefined;
  /** Whether to leave out progress bars. */
  readonly quiet?: boolean | undefined;
  /** Takes the lines that tell what is done. */
  readonly log: (line: string) => void;
  /** How many records to train on: the first ones, or of pictures a part with the classes in proportion. */
  readonly images?: number | undefined;
  /** How many records to test on, likewise. */
  readonly testImages?: number | undefined;
  /** A file with a label for each record, where shards have none in them. */
  readonly labels?: string | undefined;
  /** Whether links may lead out of a folder. */
  readonly followLinks?: boolean | undefined;
}
