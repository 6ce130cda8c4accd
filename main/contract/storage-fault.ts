/** Why something cannot be stored or read; the sentences are in `words/storage`. */
export type StorageFault = 'no-permission' | 'no-space' | 'not-a-folder' | 'unreadable' | 'locked' | 'other';

/**
 * What is missing where a file cannot be used. `latest`: the last good version takes its place. `entries`: only damaged
 * ones. `openings`: which ports an earlier run left open. `all`: everything that was in it.
 */
export type LostContent = (typeof LOST_CONTENTS)[number];
export const LOST_CONTENTS = ['latest', 'entries', 'openings', 'all'] as const;
