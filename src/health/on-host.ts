/** The command that runs `words` on a gateway, as it is typed; several of the shell's own stand in quotes. */
export function onHost(host: string, words: string): string {
  return `gw exec ENV ${host} -- ${words}`
}

/** What lets gw come through a host to what it serves, and to the servers behind it. */
export function allowForwarding(host: string): string {
  return `On ${host}: set \`AllowTcpForwarding local\` in /etc/ssh/sshd_config, then systemctl reload ssh`
}
