import fc from 'fast-check'

/** Any character of Unicode but halves of pairs. fast-check's own `binary` first makes a table of all 1.1 million of them. */
export const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0xd7_ff }), fc.integer({ min: 0xe0_00, max: 0x10_ff_ff }))
  .map((point) => String.fromCodePoint(point))
