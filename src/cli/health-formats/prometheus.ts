import type { HostHealth, Judgement, Verdict } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'
import { countFindings } from '../../ui/health-findings.js'
import { absenceWord, type HealthView } from '../../ui/health-view.js'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

interface Metric {
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const VERDICTS: readonly Verdict[] = ['pass', 'fail', 'inconclusive']

/**
 * Pure: a judged environment in Prometheus's text format, for a node-exporter textfile. Its samples have no times, as the
 * collector wants it; how old they are is a metric. What is not known has no sample, and a verdict of it is inconclusive.
 */
export function prometheusText(view: HealthView, { now, ms }: { now: Date; ms: number }): string {
  return [...verdictMetrics(view), ...hostMetrics(view), ...runMetrics(now, ms)]
    .filter(({ samples }) => samples.length > 0)
    .map((metric) => metricText(metric, view.environment))
    .join('')
}

function verdictMetrics(view: HealthView): Metric[] {
  const { errors, warnings } = countFindings(view)
  const judged = new Map(view.hosts.map((host) => [host.host, host.state === 'judged' ? host.health : null]))
  return [
    {
      name: 'gw_health_verdict',
      help: 'Whether the verdict on the environment is this one.',
      samples: verdictSamples({}, view.verdict),
    },
    {
      name: 'gw_health_phase_verdict',
      help: 'Whether the verdict on this phase of a gateway is this one.',
      samples: [...judged].flatMap(([host, health]) =>
        view.phases.flatMap((phase) => verdictSamples({ host, phase }, verdictOf(health?.phases[phase]))),
      ),
    },
    {
      name: 'gw_health_fleet_check_verdict',
      help: 'Whether the verdict on this check of all gateways together is this one.',
      samples: view.checks.flatMap((check) =>
        verdictSamples({ check }, verdictOf(view.fleet?.checks[check])),
      ),
    },
    {
      name: 'gw_health_findings',
      help: 'Errors and warnings that were found.',
      samples: [
        [{ severity: 'error' }, errors],
        [{ severity: 'warning' }, warnings],
      ],
    },
  ]
}

function hostMetrics({ hosts }: HealthView): Metric[] {
  const judged = hosts.flatMap((host) => (host.state === 'judged' ? [host.health] : []))
  return [
    {
      name: 'gw_health_host_reachable',
      help: 'Whether the gateway could be reached over SSH.',
      samples: hosts.flatMap((host): Sample[] => {
        if (host.state === 'pending') return []
        const lost = host.state === 'unanswered' && absenceWord(host.error) === 'unreachable'
        return [[{ host: host.host }, lost ? 0 : 1]]
      }),
    },
    {
      name: 'gw_vip_holder',
      help: 'Whether the gateway has the virtual IP address.',
      samples: judged.map(({ host, holdsAddress }) => [{ host }, holdsAddress ? 1 : 0]),
    },
    {
      name: 'gw_certificate_not_after_timestamp_seconds',
      help: 'When the certificate that the gateway serves ends.',
      samples: judged.flatMap(certificateSamples),
    },
    {
      name: 'gw_clock_offset_seconds',
      help: "The gateway's clock minus that of the machine that gw ran on.",
      samples: judged.map(({ host, clockOffset }) => [{ host }, clockOffset]),
    },
    {
      name: 'gw_release_info',
      help: 'The release that the gateway answers with.',
      samples: judged.flatMap(({ host, release }): Sample[] =>
        release === null ? [] : [[{ host, release }, 1]],
      ),
    },
  ]
}

function runMetrics(now: Date, ms: number): Metric[] {
  return [
    {
      name: 'gw_health_last_run_timestamp_seconds',
      help: 'When gw health last came to a verdict.',
      samples: [[{}, now.getTime() / 1000]],
    },
    {
      name: 'gw_health_duration_seconds',
      help: 'How long that took.',
      samples: [[{}, ms / 1000]],
    },
  ]
}

/** No data never passes. */
function verdictOf(judgement: Judgement | undefined): Verdict {
  return judgement?.verdict ?? 'inconclusive'
}

function verdictSamples(labels: Labels, verdict: Verdict | null): Sample[] {
  return VERDICTS.map((each) => [{ ...labels, verdict: each }, each === (verdict ?? 'inconclusive') ? 1 : 0])
}

/** The first to end of each algorithm: a time series can be there only once. */
function certificateSamples({ host, certificates }: HostHealth): Sample[] {
  const ends = new Map<string, number>()
  for (const { algorithm, notAfter } of certificates) {
    const end = Date.parse(notAfter) / 1000
    if (!Number.isNaN(end)) ends.set(algorithm, Math.min(end, ends.get(algorithm) ?? end))
  }
  return [...ends].map(([algorithm, end]) => [{ host, algorithm }, end])
}

function metricText({ name, help, samples }: Metric, environment: string): string {
  const lines = samples.map(
    ([labels, value]) => `${name}{${labelText({ environment, ...labels })}} ${String(value)}`,
  )
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n')
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(cleanLine(value))}"`)
    .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
