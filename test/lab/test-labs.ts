/** Names of the labs that the lab's tests run on side by side, a file at a time in each. */
export const TEST_LABS: readonly string[] = (process.env['GW_TEST_LABS'] ?? 'test').split(/[ ,]+/)
