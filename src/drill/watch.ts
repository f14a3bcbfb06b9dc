import { allOf } from '../engine/all-of.js'
import type { DrillOptions } from './drill-settings.js'
import { FleetSampler } from './fleet-sampler.js'
import { FORWARDED_KINDS, ForwardedAddress } from './forwarded-address.js'
import { Measurement } from './measurement.js'

/** Looks at a scenario from all sides: what clients see, and what the gateways do. */
export class Watch {
  readonly measurement: Measurement
  readonly sampler: FleetSampler
  /** Null where clients are on this machine. */
  readonly #way: ForwardedAddress | null

  private constructor(sampler: FleetSampler, way: ForwardedAddress | null, measurement: Measurement) {
    this.sampler = sampler
    this.#way = way
    this.measurement = measurement
  }

  /** Answers once every gateway looks, and the load has begun. Somebody must `close` it. @throws GwError why a host cannot take part */
  static async begin(holder: string, options: DrillOptions): Promise<Watch> {
    const { prober, reach, target, settings } = options
    const { rate } = settings
    const sampler = await FleetSampler.start(holder, options)
    let way: ForwardedAddress | null = null
    try {
      way = prober === null ? null : await ForwardedAddress.open(prober, { ...target, reach })
      const asked = way === null ? target : { ...target, address: way.address, port: way.port }
      const kinds = way === null ? {} : { kinds: FORWARDED_KINDS }
      return new Watch(sampler, way, await Measurement.begin(asked, { rate, ...kinds }))
    } catch (error) {
      await allOf([sampler.close(), way?.close() ?? Promise.resolve()])
      throw error
    }
  }

  /** Ends what still runs, all of it, before what one of them failed by is thrown. */
  async close(): Promise<void> {
    try {
      await allOf([this.measurement.abandon(), this.sampler.close()])
    } finally {
      await this.#way?.close()
    }
  }
}
