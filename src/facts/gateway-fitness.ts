import { lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** What makes a gateway fit to carry the virtual IP, and is no unit's state; every path absolute. */
interface FitnessQuestion {
  /** The file in which NGINX's unit tells keepalived whether NGINX serves. */
  readonly stateFile: string
  /** The file in which the prober tells keepalived whether NGINX answers. */
  readonly livenessFile: string
  /** The interface that carries the virtual IP. */
  readonly interface: string
  /** The link to the published release. */
  readonly current: string
  /** Folders that gw and the gateway write to. */
  readonly folders: readonly string[]
}

interface FolderRoom {
  readonly path: string
  readonly writable: boolean
  readonly freeBytes: number
  /** null on a file system that does not count them. */
  readonly freeInodes: number | null
}

export interface GatewayFitness {
  /** What the state file says: 0 while NGINX serves; null without the file. */
  readonly nginxState: string | null
  /** What the prober's file says: 1 while NGINX hangs, else 0; null without the file. */
  readonly livenessState: string | null
  /** Whether the interface is up and has a carrier. */
  readonly linkUp: boolean
  /** The name of the release that is published; null for none. */
  readonly release: string | null
  /** Those of the folders that are there, in their order. */
  readonly folders: readonly FolderRoom[]
  /** The host's clock at the end of its answer, in seconds since 1970. */
  readonly now: number
}

/** Asks without writing anything: `[ -w ]` says of a file system that is mounted read-only that it is not writable. */
export const gatewayFitness: Fact<FitnessQuestion, GatewayFitness> = {
  name: 'gateway-fitness',
  script: (args) =>
    lines(
      args.map(
        ({ stateFile, livenessFile, interface: device, current, folders }) => sh`
          s=none
          [ ! -f ${stateFile} ] || IFS= read -r s <${stateFile} || :
          printf 'state %s\n' "$s"
          s=none
          [ ! -f ${livenessFile} ] || IFS= read -r s <${livenessFile} || :
          printf 'liveness %s\n' "$s"
          printf 'link %s\n' "$(ip -o link show dev ${device})"
          l=$(readlink -- ${current}) || l=
          printf 'release %s\n' "\${l##*/}"
          for f in ${folders}; do
            [ -d "$f" ] || continue
            w=no
            [ ! -w "$f" ] || w=yes
            printf 'folder %s %s %s\n' "$w" "$f" "$(df --block-size=1 --output=avail,itotal,iavail -- "$f" | tail -n 1)"
          done
          printf 'now %s\n' "$(date +%s.%N)"`,
      ),
    ),
  parse(output, args) {
    const answers = output.split(/(?<=^now .*\n)/m).filter((answer) => answer !== '')
    if (answers.length !== args.length) throw new Error('the answer about fitness is not whole')
    return answers.map(fitnessIn)
  },
}

function fitnessIn(answer: string): GatewayFitness {
  const text = (name: string): string => {
    const value = new RegExp(`^${name} (.*)$`, 'm').exec(answer)?.[1]
    if (value === undefined) throw new Error(`the answer about fitness has no ${name}`)
    return value
  }
  const flags = /<([A-Z0-9,_-]*)>/.exec(text('link'))?.[1]?.split(',') ?? []
  return {
    nginxState: text('state') === 'none' ? null : text('state'),
    livenessState: text('liveness') === 'none' ? null : text('liveness'),
    linkUp: flags.includes('UP') && flags.includes('LOWER_UP'),
    release: text('release') === '' ? null : text('release'),
    folders: [...answer.matchAll(/^folder (.*)$/gm)].map(([, line = '']) => folderIn(line)),
    now: numberIn(text('now')),
  }
}

function folderIn(line: string): FolderRoom {
  const [writable, path = '', bytes = '', inodes, freeInodes = ''] = line.split(/ +/)
  return {
    path,
    writable: writable === 'yes',
    freeBytes: numberIn(bytes),
    freeInodes: inodes === '0' || inodes === '-' ? null : numberIn(freeInodes),
  }
}

function numberIn(text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new Error(`"${text}" is no number`)
  return Number(text)
}
