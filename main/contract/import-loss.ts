/** Something of a list of ports that a profile cannot say; the sentences are in `words/import-losses`. */
export interface ImportLoss {
  readonly what:
    /** Meant for one network only; taken without, so open wherever the profile is on. */
    | 'network'
    /** A comment of several lines, or a long one; cut. */
    | 'comment';
  /** How many entries of the list it concerns. */
  readonly entries: number;
}
