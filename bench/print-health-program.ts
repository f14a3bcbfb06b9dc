import { compileInquiries, groupByFact } from '../src/engine/gather.js'
import { hostInquiry } from '../src/health/questions.js'
import { loadInventory } from '../src/inventory/load-inventory.js'
import { frameFunction } from '../src/shell/frames.js'

// Prints the program that `gw health` sends to each gateway, so that plain ssh can be given an equal one.
const { gateway } = await loadInventory(process.argv[2] ?? '', {
  projectDir: process.cwd(),
  env: process.env,
})
if (gateway === null) throw new Error('the inventory has no gateway')
const { questions } = hostInquiry(gateway)
console.log(`${frameFunction('0123456789abcdef')}\n${compileInquiries(groupByFact(questions))}`)
