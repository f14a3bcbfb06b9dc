/** The command that runs `words` on a gateway, as it is typed; several of the shell's own stand in quotes. */
export function onHost(host: string, words: string): string {
  return `gw exec ENV ${host} -- ${words}`
}
