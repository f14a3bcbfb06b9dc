/** The 32 bits of an IPv4 address (four numbers with dots) as one number. */
export function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
