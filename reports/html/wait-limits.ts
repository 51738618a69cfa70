/** A request that was served faster was never queued. */
export const QUEUED_MS = 1;

/** What held less of a wait's connections is no reason for it. */
export const LEAST_SHARE = 0.05;
