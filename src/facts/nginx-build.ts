import type { NginxBuild } from '../model/nginx-build.js'
import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** There is one NGINX on a host, so there is nothing to say about it. */
type NginxQuestion = Readonly<Record<string, never>>

/**
 * The NGINX of a host: the installed one with the modules that lie beside it, else the one that apt would install; null
 * when neither is known, or it is another program's version.
 */
export const nginxBuild: Fact<NginxQuestion, NginxBuild | null> = {
  name: 'nginx-build',
  script: () => sh`
    if nginx -v 2>&1; then
      for module in /usr/lib/nginx/modules/*.so; do
        [ ! -e "$module" ] || printf 'module %s\n' "\${module##*/}"
      done
    else
      LC_ALL=C apt-cache policy -- nginx || :
    fi`,
  parse(output, args) {
    // An epoch (`1:`) and the Debian revision are no part of the version.
    const version = /^(?:nginx version: nginx\/| {2}Candidate: (?:\d+:)?)(\d+\.\d+\.\d+)/m.exec(output)?.[1]
    const modules = [...output.matchAll(/^module (\S+)\.so$/gm)].flatMap((match) => match[1] ?? [])
    return args.map(() => (version === undefined ? null : { version, modules }))
  },
}
