import { lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface SystemQuestion {
  /** Names of programs that the host should have. */
  readonly programs: readonly string[]
}

/** What a host is, before anything is trusted to be there; what it did not tell is null. */
export interface HostSystem {
  readonly distribution: {
    /** As in /etc/os-release: `debian`, `12`. */
    readonly id: string
    readonly version: string
    readonly name: string
  } | null
  /** systemd's version, where systemd is what runs the host. */
  readonly systemd: number | null
  /** Those of the programs that are not there, and `find -printf` where `find` is not GNU's. */
  readonly missing: readonly string[]
  /** What programs could have without swapping. */
  readonly memoryBytes: number | null
  /** Whether the host's clock is kept right from outside; null in a container, whose clock is its machine's. */
  readonly clockKept: boolean | null
}

/** Asks with nothing but what every Unix has, and takes no answer for granted. */
export const hostSystem: Fact<SystemQuestion, HostSystem> = {
  name: 'host-system',
  script: (args) =>
    lines(
      args.map(
        ({ programs }) => sh`
          sed -n -e 's/^ID=/os id /p' -e 's/^VERSION_ID=/os version /p' -e 's/^PRETTY_NAME=/os name /p' /etc/os-release
          [ ! -d /run/systemd/system ] || printf 'systemd %s\n' "$(systemctl --version | head -n 1)"
          for p in ${programs}; do command -v "$p" >/dev/null || printf 'missing %s\n' "$p"; done
          find / -prune -printf '' || echo 'missing find -printf'
          sed -n 's/^MemAvailable: *\([0-9]*\) kB$/memory \1/p' /proc/meminfo
          printf 'container %s\n' "$(systemd-detect-virt --container)"
          printf 'kept %s\n' "$(timedatectl show --property=NTPSynchronized --value)"
          echo end`,
      ),
    ),
  parse(output, args) {
    const answers = output.split(/^end\n/m)
    if (answers.pop() !== '' || answers.length !== args.length) {
      throw new Error('the answer about the system is not whole')
    }
    return answers.map(systemIn)
  },
}

function systemIn(answer: string): HostSystem {
  const word = (pattern: RegExp): string | null => pattern.exec(answer)?.[1] ?? null
  const id = word(/^os id "?([^"\n]+)/m)
  const version = word(/^os version "?([^"\n]+)/m) ?? ''
  const systemd = word(/^systemd systemd (\d+)/m)
  const memory = word(/^memory (\d+)$/m)
  const container = word(/^container (\S+)$/m) ?? 'none'
  const kept = word(/^kept (yes|no)$/m)
  return {
    distribution:
      id === null ? null : { id, version, name: word(/^os name "?([^"\n]+)/m) ?? `${id} ${version}`.trim() },
    systemd: systemd === null ? null : Number(systemd),
    missing: [...answer.matchAll(/^missing (.+)$/gm)].flatMap(([, name]) => name ?? []),
    memoryBytes: memory === null ? null : Number(memory) * 1024,
    clockKept: kept === null || container !== 'none' ? null : kept === 'yes',
  }
}
