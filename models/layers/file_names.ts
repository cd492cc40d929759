/** What a layer knows of tensors in files of its weights that aren't called as its variables are. */
export interface FileNames {
  /**
   * Gives the name here of a variable that a file calls otherwise, such as an earlier version's; `undefined` where there is none.
   * Names are those within the layer.
   */
  readonly rename?: (name: string) => string | undefined;
  /** Tells whether a tensor of a file is of a part that the layer does without, such as an auxiliary classifier. */
  readonly isLeftOver?: (name: string) => boolean;
}
