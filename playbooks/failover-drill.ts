import type { Drill } from '../src/drill/drill.js'
import type { ScenarioRun } from '../src/drill/scenario-run.js'

/** Disturbs gateways on purpose, in one scenario after the other, and sees that clients are served and all comes back. */
export async function failoverDrill(drill: Drill): Promise<void> {
  await drill.lock()
  for (const scenario of drill.scenarios) {
    if (!drill.mayGoOn) return
    const run = await drill.begin(scenario)
    try {
      await exercise(run)
    } catch (error) {
      run.fail(error)
      throw error
    } finally {
      await drill.end(run)
    }
  }
}

async function exercise(run: ScenarioRun): Promise<void> {
  try {
    await run.arm()
    await run.disturb()
    await run.watch()
  } catch (error) {
    // Before the undo, which may fail as well.
    run.fail(error)
    throw error
  } finally {
    await run.undo()
  }
  await run.steadyAgain()
  await run.failBack()
}
