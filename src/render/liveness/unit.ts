/** The prober's unit, as systemctl names it. */
export const LIVENESS_UNIT = 'gw-liveness.service'
