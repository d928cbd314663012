export { isEmptyAnswer, LookUp, type AddressQuestion, type AddressRecord } from './look-up.js';
export { defaultTimeout, lookupOf, type LocalNames } from './lookup-function.js';
