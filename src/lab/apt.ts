/** The Debian release that the lab's hosts run. */
export const SUITE = 'bookworm'

/** `apt-get indextargets` prints with this format what `debianSources` reads. */
export const INDEX_TARGET_FORMAT = '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)'

/**
 * One-line apt sources for the lab's hosts from where this machine itself gets Debian's packages, so that a mirror
 * chosen for the machine serves the lab too. A machine with another release of Debian has the same mirrors.
 * @param indexTargets lines in `INDEX_TARGET_FORMAT`.
 * @returns an empty list on a machine that is not Debian or whose package lists were never loaded.
 */
export function debianSources(indexTargets: string): string[] {
  const sources = indexTargets.split('\n').flatMap((line) => {
    const [origin, codename = '', component, uri = ''] = line.split(' ')
    const kind = /^[a-z]+(-updates|-security)?$/.exec(codename)
    if (origin !== 'Debian' || component !== 'main' || kind === null || uri === '') return []
    return [`deb ${uri} ${SUITE}${kind[1] ?? ''} main`]
  })
  return [...new Set(sources)]
}

const KEPT_OPTION = /^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) "[^"\n]+";$/i

/** Of the lines of `apt-config dump`, those without which the same mirrors could not be used. */
export function aptOptions(dump: string): string[] {
  return dump.split('\n').filter((line) => KEPT_OPTION.test(line))
}
