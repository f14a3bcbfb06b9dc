import { aptPackage, directory, file, play, playbook, sysctl, task, unit } from 'gw'

const numbers = Array.from({ length: 10 }, (_each, index) => index + 1)

/** The playbook that the benchmark runs: 23 tasks a host, all of which have nothing to do the second time. */
export default playbook({
  name: 'ten-hosts',
  plays: [
    play({
      name: 'Twenty-three tasks',
      hosts: 'plain',
      tasks: () => [
        task('Folder', directory({ path: '/srv/bench' })),
        ...numbers.map((number) => task(`Folder ${number}`, directory({ path: `/srv/bench/${number}` }))),
        ...numbers.map((number) =>
          task(
            `File ${number}`,
            file({ path: `/srv/bench/${number}/file`, content: `the content of file ${number}\n` }),
          ),
        ),
        task('Package', aptPackage({ name: 'sudo' })),
        task('Unit', unit({ name: 'ssh.service', enabled: true, running: true })),
        task('Kernel setting', sysctl({ key: 'net.ipv4.ip_forward', value: '1' })),
      ],
    }),
  ],
})
