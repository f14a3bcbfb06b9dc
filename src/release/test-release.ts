import { type Script, sh } from '../shell/script.js'

/** Judges a release in a folder. NGINX only warns of things that break a gateway, such as a pool that loses its idle connections. */
export function testRelease(folder: string): Script {
  return sh`
    warnings=$(nginx -t -q -c ${`${folder}/nginx/nginx.conf`} 2>&1) && [ -z "$warnings" ] || {
      printf '%s\n' "$warnings"
      exit 1
    }
    keepalived -t -f ${`${folder}/keepalived/keepalived.conf`}`
}
