// Starts the one demo program that all specs read; nothing is written to it but sessions.
import { startProgram } from './program.ts'

export default async function setup() {
  const program = await startProgram({ demo: true })
  process.env.QDEI_END2END_DEMO = program.url
  return () => program.stop()
}
