import { type Script, sh } from '../shell/script.js'

/** Has `cleaning` run whenever the script ends, by a signal too. A script has one such cleaning. */
export function atExit(cleaning: Script): Script {
  return sh`
    trap ${cleaning.text} EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM`
}
