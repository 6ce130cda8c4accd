/** Why something cannot be stored or read; the sentences are in `words/storage`. */
export type StorageFault = 'no-permission' | 'no-space' | 'not-a-folder' | 'unreadable' | 'locked' | 'other';
