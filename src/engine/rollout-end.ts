/** What becomes of the other hosts when one fails: they go back as well, or those that were proved stay changed. */
export type OnFailure = 'revert' | 'keep'

/**
 * How a play with a trial ended. `untouched`: no host was changed. `confirmed`: every host has its changes for good. `reverted`: every host is as it was.
 * `kept`: hosts that were proved have their changes, the others are as they were. `unsettled`: of some host it is not
 * known, or it could not be brought to the others' state; it undoes by itself what is not confirmed.
 */
export type RolloutEnd = 'untouched' | 'confirmed' | 'reverted' | 'kept' | 'unsettled'
