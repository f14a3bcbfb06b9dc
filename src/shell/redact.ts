import { MASK } from '../model/secret.js'

/** Shorter lines are no secret worth the name, and hiding them would blot out ordinary words. */
const SHORTEST = 4

/** Takes secrets out of what a host printed. A secret of several lines is looked for line by line, as tools print it. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => secret.split(/\r?\n/))
    .filter((line) => line.length >= SHORTEST)
    .reduce((rest, line) => rest.replaceAll(line, MASK), text)
}
