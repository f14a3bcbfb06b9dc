/** Whether the `node` of a /health is the host that calls itself `nodeName`: NGINX tells names in small letters. */
export function isNode(node: string, nodeName: string): boolean {
  return node.toLowerCase() === nodeName.toLowerCase()
}
