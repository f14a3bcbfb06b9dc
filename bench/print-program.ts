import { loadInventory } from '../src/inventory/load-inventory.js'
import { compileInquiries, groupByFact } from '../src/engine/gather.js'
import { frameFunction } from '../src/shell/frames.js'
import tenHosts from './ten-hosts.js'

// Prints the program that gw sends for the benchmark's playbook, so that plain ssh can be given an equal one.
const inventory = await loadInventory(process.argv[2] ?? '', { projectDir: process.cwd(), env: process.env })
const [play] = tenHosts.plays
const [host] = inventory.hosts
if (play === undefined || host === undefined)
  throw new Error('the playbook has no play, or the inventory no host')
const questions = play.tasks({ inventory, host, hosts: [] }).flatMap(({ operation }) => operation.questions)
console.log(`${frameFunction('0123456789abcdef')}\n${compileInquiries(groupByFact(questions))}`)
