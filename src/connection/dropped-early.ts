/** The host closed the connection before we said who we are: sshd does so when too many do so at once. */
export class DroppedEarly extends Error {
  override readonly name = 'DroppedEarly'
}
