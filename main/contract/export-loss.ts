/** Something of the profiles that a format cannot say; the sentences are in `words/export-losses`. */
export interface ExportLoss {
  readonly what:
    /** There are several, or one with a name of its own: the format has one list without. */
    | 'profiles'
    | 'settings'
    /** Outside and inside port differ; such forwards are not written, for they would mean something else. */
    | 'inside-port'
    /** Over IPv6 alone; not written. */
    | 'ipv6'
    /** Over IPv6 as well; written for IPv4. */
    | 'ipv6-too'
    /** Another profile has some of its outside ports, too; those are written once. */
    | 'ports-claimed'
    /** Through one router only; written without. */
    | 'router'
    /** Or the next free port; written without. */
    | 'if-taken';
  /** How many forwards it concerns; 0 when it concerns the whole. */
  readonly forwards: number;
}
