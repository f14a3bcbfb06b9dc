import { Flags } from '@oclif/core'
import { DEFAULT_LAB } from '../lab/topology.js'

/** The flag of every command on a lab. */
export const labNameFlag = {
  name: Flags.string({ default: DEFAULT_LAB, description: 'Name of the lab; labs do not touch each other.' }),
}
