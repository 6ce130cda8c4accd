import { documentStoreSuite } from './document-store-suite.ts';

documentStoreSuite('documents in files of our own writing', {});
